"""The Certificate resource: handlers that call the core."""

from certwright.core.certificates import (
    Gone,
    change_certificate,
    claim_certificate,
    delete_certificate,
    expire_unclaimed,
    request_certificate,
)
from certwright.core.changes import Plan, Step, plan_change
from certwright.core.issuance import drive
from certwright.core.records import names_were_handed_out, validation_records
from certwright.core.renewal import pin_trouble
from certwright.errors import Cancelled, InvalidInput, LeaseTaken, LookupFailed, Refused
from certwright.model.arns import CertificateArn, parse_certificate_arn
from certwright.model.certificates import (
    Certificate,
    CertificateVersion,
    CertificateView,
    KeyRotation,
    RenewalOutputs,
    ValidationMethod,
    VersionCause,
)
from certwright.model.keys import KeyAlgorithm
from certwright.resources.certificate_diff import input_changes, output_changes
from certwright.resources.certificate_inputs import check_certificate, names_are_known, parsed_names, wish_of
from certwright.resources.certificate_state import (
    applied_version,
    options_of,
    outputs_of,
    planned_state,
    state_of,
    state_to_be,
    with_pem,
)
from certwright.resources.certificate_types import (
    CertificateArgs,
    CertificateOptionsArgs,
    ValidityArgs,
)
from certwright.resources.fields import Decoded, decode, encode, properties_of
from certwright.resources.preflight import preflight
from certwright.resources.session import (
    CheckResult,
    Created,
    DiffResult,
    Hidden,
    Planned,
    ReadResult,
    Session,
    require_same_installation,
)
from certwright.resources.values import UNKNOWN, Properties
from certwright.settings import EMBEDDED_ISSUER

_QUICK = 1.5
_UNTRUSTED = (
    "Validated certificates of the built-in authority are not trusted by browsers: install getTrustBundle where they "
    "are used, or set issuer."
)
_STABLES = ("arn", "type")


def check(session: Session, news: Properties) -> CheckResult:
    """Check inputs and fill in defaults; inputs stay as written otherwise."""
    decoded = decode(CertificateArgs, news)
    found = check_certificate(decoded, session.core.policy)
    defaults = {
        item.name: item.meta.default
        for item in properties_of(CertificateArgs)
        if item.meta.default is not None and news.get(item.name) is None
    }
    return CheckResult({**news, **defaults}, found.faults, found.names.warnings)


def diff(session: Session, resource_id: str, state: Properties, old_inputs: Properties, news: Properties) -> DiffResult:
    """Compare the declaration with what was declared before and with what the store knows."""
    hidden = require_same_installation(session, state)
    new = decode(CertificateArgs, news)
    old = decode(CertificateArgs, _inputs_only(old_inputs or state)).args
    view = claim_certificate(session.core, session.caller, parse_certificate_arn(resource_id))
    changes = input_changes(old, new, session.core.policy)
    if new.unknown:
        return DiffResult(changes, stables=_STABLES)
    plan, outputs, digest = _plan(session, view, new.args)
    repinned = (old.repin or "") != (new.args.repin or "")
    if changes:
        return DiffResult(changes, (plan.reason,) if plan.reason else (), _STABLES)
    _require_usable_pin(session, view, hidden, outputs)
    rotated, reasons = output_changes(view, hidden, plan, digest, outputs, repinned=repinned)
    return DiffResult(rotated, reasons, (*_STABLES, "domainValidationOptions"))


def create(session: Session, inputs: Properties, seconds: float, *, preview: bool) -> Created:
    """Request the certificate and return at once, with its records; `seconds` is not needed."""
    del seconds
    decoded = _decoded(session, inputs)
    if preview:
        return Created("", _preview_of_new(session, decoded))
    expire_unclaimed(session.core, session.caller)
    names = parsed_names(decoded.args)
    wish = wish_of(decoded.args, names, session.core.policy, session.default_tags)
    is_known = names_were_handed_out(session.core, session.caller, names.names)
    requested = request_certificate(session.core, session.caller, session.urn, wish)
    if requested.is_first:
        session.log.warning(_UNTRUSTED)
    view = _try(session, requested.view, _QUICK) if is_known else requested.view
    outputs = _outputs(session, decoded.args, view, applied_version(view), keeps_pem=True)
    return Created(str(view.certificate.arn), outputs)


def read(session: Session, resource_id: str, state: Properties, inputs: Properties) -> ReadResult:
    """Return the certificate as it is; gone only where the store has its tombstone."""
    hidden = require_same_installation(session, state)
    try:
        view = claim_certificate(session.core, session.caller, parse_certificate_arn(resource_id))
    except Gone:
        return ReadResult(None)
    live = _live_inputs(session, view.certificate)
    kept = inputs if inputs and _means_the_same(session, inputs, view) else live
    version = hidden.version if _is_pinned(view, hidden) else applied_version(view)
    outputs = _outputs(session, decode(CertificateArgs, kept).args, view, version, keeps_pem="certificatePem" in state)
    return ReadResult(resource_id, outputs, kept)


def update(
    session: Session, resource_id: str, state: Properties, inputs: Properties, seconds: float, *, preview: bool
) -> Properties:
    """Bring the certificate to its declaration under the same ARN; `seconds` is not needed."""
    del seconds
    hidden = require_same_installation(session, state)
    decoded = _decoded(session, inputs)
    arn = parse_certificate_arn(resource_id)
    if preview:
        return _preview_of_update(session, arn, state, hidden, decoded)
    names = parsed_names(decoded.args)
    wish = wish_of(decoded.args, names, session.core.policy, session.default_tags)
    is_known = names_were_handed_out(session.core, session.caller, names.names)
    view = change_certificate(session.core, session.caller, arn, wish)
    if view.newest.state.is_pending and (is_known or view.newest.cause is VersionCause.RENEWAL):
        view = _try(session, view, None if view.newest.cause is VersionCause.RENEWAL else _QUICK)
    return _outputs(session, decoded.args, view, applied_version(view), keeps_pem="certificatePem" in state)


def delete(session: Session, resource_id: str, state: Properties) -> None:
    """Delete the certificate; gone already is success."""
    require_same_installation(session, state)
    delete_certificate(session.core, session.caller, parse_certificate_arn(resource_id))


def _decoded(session: Session, inputs: Properties) -> Decoded[CertificateArgs]:
    """Decode inputs that the engine has checked; unknown ones occur in preview only."""
    decoded = decode(CertificateArgs, inputs)
    faults = check_certificate(decoded, session.core.policy).faults if not decoded.unknown else decoded.faults
    if faults and not decoded.unknown:
        raise InvalidInput(faults)
    return decoded


def _preview_of_new(session: Session, decoded: Decoded[CertificateArgs]) -> Properties:
    if not names_are_known(decoded):
        return _with_unknown_inputs(encode(state_to_be(decoded.args, UNKNOWN)), decoded)
    names = parsed_names(decoded.args).names
    validations = validation_records(session.core, session.caller, names)
    preflight(session, names, validations)
    return _with_unknown_inputs(encode(state_to_be(decoded.args, options_of(validations))), decoded)


def _with_unknown_inputs(outputs: Properties, decoded: Decoded[CertificateArgs]) -> Properties:
    roots = {path.replace("[", ".").partition(".")[0] for path in decoded.unknown}
    return {**outputs, **dict.fromkeys(roots, UNKNOWN)}


def _preview_of_update(
    session: Session, arn: CertificateArn, state: Properties, hidden: Hidden, decoded: Decoded[CertificateArgs]
) -> Properties:
    view = claim_certificate(session.core, session.caller, arn)
    now = session.core.clock.now()
    if decoded.unknown:
        unplanned = state_of(decoded.args, view, view.current, (), now)
        session.planned.note(str(arn), Planned("names are not known yet", makes_version=True))
        return _with_unknown_inputs(outputs_of(planned_state(unplanned, UNKNOWN), hidden), decoded)
    names = parsed_names(decoded.args).names
    plan, _, digest = _plan(session, view, decoded.args)
    validations = validation_records(session.core, session.caller, names)
    known = state_of(decoded.args, view, view.current, options_of(validations), now)
    if plan.step is not Step.NEW_VERSION:
        _note_what_validation_shows(session, view, decoded.args, hidden)
        return _outputs(session, decoded.args, view, applied_version(view), keeps_pem="certificatePem" in state)
    preflight(session, names, validations)
    exports = _exports(decoded.args)
    session.planned.note(str(arn), Planned(plan.reason, makes_version=True, exports=exports))
    planned = planned_state(known, options_of(validations))
    return outputs_of(planned, Hidden(session.core.installation_id, digest, hidden.version))


def _note_what_validation_shows(session: Session, view: CertificateView, args: CertificateArgs, hidden: Hidden) -> None:
    """Let the CertificateValidation of this preview show what changes its outputs without a new version."""
    arn, exports = str(view.certificate.arn), _exports(args)
    if exports != view.certificate.export_enabled:
        session.planned.note(arn, Planned("options.export changes", makes_version=False, exports=exports))
    elif view.current is not None and hidden.version < view.current.number:
        reason = f"the outputs move to version {view.current.number}"
        session.planned.note(arn, Planned(reason, makes_version=False, exports=exports))


def _exports(args: CertificateArgs) -> bool:
    return args.options is not None and args.options.export == "ENABLED"


def _plan(session: Session, view: CertificateView, args: CertificateArgs) -> tuple[Plan, RenewalOutputs, str]:
    wish = wish_of(args, parsed_names(args), session.core.policy, session.default_tags)
    return plan_change(view, wish.spec, session.core.clock.now()), wish.renewal_outputs, wish.digest


def _try(session: Session, view: CertificateView, budget: float | None) -> CertificateView:
    """Try to issue now; where that is not possible yet, say so and leave it pending."""
    newest = view.newest
    try:
        if budget is None:
            version = drive(session.core, session.caller, newest.arn, newest.number, session.cancellation)
        else:
            version = drive(session.core, session.caller, newest.arn, newest.number, session.cancellation, budget)
    except (Cancelled, LeaseTaken, LookupFailed) as error:
        session.log.info(f"Not issued at once: {error}")
        return view
    if version.cause is VersionCause.RENEWAL and not version.state.has_certificate:
        session.log.warning(f"Not renewed yet; the old version stays in force. {version.waiting_for}")
    return claim_certificate(session.core, session.caller, newest.arn)


def _outputs(
    session: Session, args: CertificateArgs, view: CertificateView, version: int, *, keeps_pem: bool
) -> Properties:
    validations = validation_records(session.core, session.caller, parsed_names(args).names)
    shown = _shown(session, view, version)
    state = state_of(args, view, shown, options_of(validations), session.core.clock.now())
    if keeps_pem and shown is not None:
        state = with_pem(session.core, state, shown)
    return outputs_of(state, Hidden(session.core.installation_id, view.certificate.input_digest, version))


def _shown(session: Session, view: CertificateView, version: int) -> CertificateVersion | None:
    """Return the issued version to show: the wanted one, else the one in force."""
    if view.current is None or view.current.number == version:
        return view.current
    wanted = session.core.store.read(lambda tx: tx.certificates.version(view.certificate.arn, version))
    return wanted if wanted is not None and wanted.state.has_certificate else view.current


def _is_pinned(view: CertificateView, hidden: Hidden) -> bool:
    return view.certificate.renewal_outputs is RenewalOutputs.PIN and hidden.version > 0


def _require_usable_pin(session: Session, view: CertificateView, hidden: Hidden, outputs: RenewalOutputs) -> None:
    """Warn of a pinned version that nears its end; raise `Refused` once it is of no use."""
    pinned = _shown(session, view, hidden.version) if outputs is RenewalOutputs.PIN else None
    trouble = pin_trouble(pinned, session.core.clock.now()) if pinned is not None else None
    if trouble is not None and trouble.is_final:
        raise Refused(trouble.sentence)
    if trouble is not None:
        session.log.warning(trouble.sentence)


def _means_the_same(session: Session, inputs: Properties, view: CertificateView) -> bool:
    args = decode(CertificateArgs, _inputs_only(inputs)).args
    wish = wish_of(args, parsed_names(args), session.core.policy, session.default_tags)
    return wish.digest == view.certificate.input_digest


def _inputs_only(values: Properties) -> Properties:
    names = {item.name for item in properties_of(CertificateArgs)}
    return {name: value for name, value in values.items() if name in names}


def _live_inputs(session: Session, certificate: Certificate) -> Properties:
    """Return the fewest inputs that mean what the store holds, in the order of the request."""
    spec, default = certificate.spec, session.core.policy.default_lifetime
    args = CertificateArgs(
        domain_name=spec.names[0].text,
        subject_alternative_names=tuple(name.text for name in spec.names[1:]),
        validation_method=certificate.validation_method
        if certificate.validation_method is not ValidationMethod.DNS
        else None,
        key_algorithm=spec.key_algorithm if spec.key_algorithm is not KeyAlgorithm.RSA_2048 else None,
        issuer=spec.issuer if spec.issuer != EMBEDDED_ISSUER else None,
        validity=ValidityArgs(type="DAYS", value=spec.lifetime.days) if spec.lifetime != default else None,
        options=CertificateOptionsArgs(export="ENABLED") if certificate.export_enabled else None,
        early_renewal_duration=f"P{certificate.early_renewal.days}D" if certificate.early_renewal else None,
        key_rotation=certificate.key_rotation if certificate.key_rotation is not KeyRotation.ON_RENEWAL else None,
        renewal_outputs=certificate.renewal_outputs
        if certificate.renewal_outputs is not RenewalOutputs.FOLLOW
        else None,
        repin=None,
        tags=tuple(pair for pair in certificate.tags if pair not in session.default_tags),
    )
    encoded = encode(args)
    return {name: value for name, value in encoded.items() if value not in ([], {})}
