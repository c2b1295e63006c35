"""What a preview knows of a Certificate: everything that stays, its records, and unknown what `up` will make."""

from dataclasses import replace

from certwright.core.authority import require_fitting_root
from certwright.core.certificates import as_wished, claim_certificate
from certwright.core.changes import Plan, Step, plan_change
from certwright.core.pinning import moves_outputs, pin_trouble
from certwright.core.records import validation_records
from certwright.core.root_sealing import outlook_while_sealed
from certwright.core.status import version_status
from certwright.errors import Refused
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    CertificateSpec,
    CertificateStatus,
    CertificateView,
    VersionCause,
    tags_in_force,
)
from certwright.resources.certificate_inputs import wish_of
from certwright.resources.certificate_meaning import may_export_key, names_are_known, names_of, version_is_known
from certwright.resources.certificate_state import (
    Options,
    options_of,
    outputs_now,
    outputs_of,
    planned_state,
    state_now,
    state_to_be,
)
from certwright.resources.certificate_types import CertificateArgs, CertificateState
from certwright.resources.fields import Decoded, copies_of, encode
from certwright.resources.preflight import preflight
from certwright.resources.session import Hidden, Planned, Session
from certwright.resources.values import UNKNOWN, Properties, Unknown

_ISSUED = CertificateStatus.ISSUED


def preview_of_new(session: Session, decoded: Decoded[CertificateArgs]) -> Properties:
    """Return what is known of a certificate that `up` will request."""
    options: Options | Unknown = UNKNOWN
    _look_at_root(session)
    if names_are_known(decoded):
        names = names_of(decoded)
        validations = validation_records(session.core, session.caller, names.names)
        preflight(session, names, validations)
        options = options_of(validations)
    return _with_unknown_inputs(encode(state_to_be(decoded.args, options, session.default_tags)), decoded)


def preview_of_update(
    session: Session, arn: CertificateArn, hidden: Hidden, decoded: Decoded[CertificateArgs], *, keeps_pem: bool
) -> Properties:
    """Return what is known of a certificate that `up` will change; note what its CertificateValidation shall show."""
    view, exports = claim_certificate(session.core, session.caller, arn), may_export_key(decoded)
    if not version_is_known(decoded):
        reason = "what decides on a new version is not known yet"
        _note(session, view, Planned(reason, makes_version=True, moves=True, exports=exports))
        return _planned(session, view, hidden, decoded, keeps_pem=keeps_pem)
    wish = wish_of(session, decoded)
    plan = plan_of(session, view, wish.spec)
    wished = as_wished(view, wish, plan)
    require_usable_pin(session, wished)
    if moves_outputs(wished, plan):
        _look_at_dns(session, decoded, only_warns=_may_be_late(session, view, plan))
        _note(session, view, Planned(plan.reason, makes_version=True, moves=True, exports=exports))
        return _planned(session, view, replace(hidden, digest=wish.digest), decoded, keeps_pem=keeps_pem)
    if _goes_on_renewing(wished, plan):
        _note(session, view, Planned(plan.reason, makes_version=True, moves=True, exports=exports))
    else:
        _note_what_stays(session, view, wished, exports=exports)
    if view.newest.state.is_pending:
        return _planned(session, view, hidden, decoded, keeps_pem=keeps_pem)
    outputs = outputs_now(session, decoded.args, wished, hidden, keeps_pem=keeps_pem)
    return _with_unknown_inputs(outputs, decoded)


def plan_of(session: Session, view: CertificateView, wish: CertificateSpec) -> Plan:
    """Return what `up` would do now to bring the certificate to a wish."""
    return plan_change(view, wish, session.core.clock.now(), session.core.policy.validation_timeout)


def require_usable_pin(session: Session, wished: CertificateView) -> None:
    """Raise `Refused` when the outputs would stay at a version that nothing may serve any more."""
    trouble = pin_trouble(session.core, wished)
    if trouble is not None and trouble.is_final:
        raise Refused(trouble.sentence)


def _goes_on_renewing(wished: CertificateView, plan: Plan) -> bool:
    follows = wished.certificate.pinned_version is None
    return follows and plan.step is Step.GO_ON and wished.newest.cause is VersionCause.RENEWAL


def _may_be_late(session: Session, view: CertificateView, plan: Plan) -> bool:
    """Say whether the old version serves on when the new one cannot be issued yet."""
    is_valid = view.current is not None and version_status(view.current, session.core.clock.now()) is _ISSUED
    return is_valid and plan.cause is VersionCause.RENEWAL


def _look_at_dns(session: Session, decoded: Decoded[CertificateArgs], *, only_warns: bool) -> None:
    _look_at_root(session)
    names = names_of(decoded)
    preflight(session, names, validation_records(session.core, session.caller, names.names), only_warns=only_warns)


def _look_at_root(session: Session) -> None:
    """Refuse what no root signs, or none can; warn when a sealed root's key will be needed soon."""
    roots = require_fitting_root(session.core, session.caller)
    outlook = outlook_while_sealed(session.core, session.caller, roots)
    if outlook is not None and outlook.is_final:
        raise Refused(outlook.sentence)
    if outlook is not None:
        session.log.warning(outlook.sentence)


def _planned(
    session: Session, view: CertificateView, hidden: Hidden, decoded: Decoded[CertificateArgs], *, keeps_pem: bool
) -> Properties:
    names = names_of(decoded).names if names_are_known(decoded) else ()
    state = state_now(session, decoded.args, view, None, names)
    options = state.domain_validation_options if names else UNKNOWN
    tags = tags_in_force(session.default_tags, decoded.args.tags)
    planned = replace(planned_state(state, options, keeps_pem=keeps_pem), tags_all=tags)
    return _with_unknown_inputs(outputs_of(planned, hidden), decoded)


def _note(session: Session, view: CertificateView, planned: Planned) -> None:
    session.planned.note(str(view.certificate.arn), planned)


def _note_what_stays(session: Session, view: CertificateView, wished: CertificateView, *, exports: bool) -> None:
    """Let the CertificateValidation of this preview show what changes its outputs without a new version."""
    before, after = view.certificate.pinned_version, wished.certificate.pinned_version
    current = view.current
    target = after if after is not None or current is None else current.number
    if before is not None and target != before:
        reason = f"the outputs move to version {target}"
        _note(session, view, Planned(reason, makes_version=False, moves=True, exports=exports))
    elif exports != view.certificate.export_enabled:
        _note(session, view, Planned("options.export changes", makes_version=False, moves=False, exports=exports))


def _with_unknown_inputs(outputs: Properties, decoded: Decoded[CertificateArgs]) -> Properties:
    roots = {path.replace("[", ".").partition(".")[0] for path in decoded.unknown}
    roots.update(name for name, copied in copies_of(CertificateState).items() if copied in roots)
    return {**outputs, **dict.fromkeys(roots, UNKNOWN)}
