"""The Certificate resource: handlers that call the core."""

from certwright.core.certificates import (
    Gone,
    as_wished,
    change_certificate,
    claim_certificate,
    delete_certificate,
    request_certificate,
    view_certificate,
)
from certwright.core.changes import Plan
from certwright.core.issuance import drive
from certwright.core.pinning import pin_trouble, shown_version
from certwright.core.records import names_were_handed_out
from certwright.errors import Cancelled, LeaseLost, LeaseTaken, LookupFailed
from certwright.model.arns import parse_certificate_arn
from certwright.model.certificates import CertificateView, VersionCause
from certwright.resources.certificate_diff import (
    Rotation,
    default_tags_changed,
    input_changes,
    not_applied,
    rotating,
    rotation,
)
from certwright.resources.certificate_inputs import check_certificate, valid_wish, wish_of
from certwright.resources.certificate_live import inputs_now, only_inputs
from certwright.resources.certificate_meaning import version_is_known
from certwright.resources.certificate_preview import plan_of, preview_of_new, preview_of_update, require_usable_pin
from certwright.resources.certificate_state import outputs_now, shown_by_read
from certwright.resources.certificate_types import CertificateArgs
from certwright.resources.fields import decode, properties_of
from certwright.resources.session import (
    CheckResult,
    Created,
    DiffResult,
    Hidden,
    ReadResult,
    Session,
    require_same_installation,
)
from certwright.resources.values import Properties

_QUICK_SECONDS = 1.5
_UNTRUSTED = (
    "Validated certificates of the built-in authority are not trusted by browsers: install getTrustBundle where they "
    "are used."
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
    return CheckResult({**news, **defaults}, found.faults, found.warnings)


def diff(session: Session, resource_id: str, state: Properties, old_inputs: Properties, news: Properties) -> DiffResult:
    """Compare the declaration with what was declared before and with what the store knows."""
    hidden = require_same_installation(session, state)
    new = decode(CertificateArgs, news)
    old = decode(CertificateArgs, only_inputs(old_inputs or state)).args
    view = claim_certificate(session.core, session.caller, parse_certificate_arn(resource_id))
    changes = input_changes(old, new, session.core.policy)
    if not version_is_known(new):
        return DiffResult(changes, stables=_STABLES)
    wish = wish_of(session, new)
    plan = plan_of(session, view, wish.spec)
    if changes:
        return DiffResult(changes, _reasons(session, view, hidden, plan), _STABLES)
    found = _store_change(session, view, hidden, plan, wish.digest)
    changed, reasons = (found[0], (found[1],)) if found is not None else ((), ())
    return DiffResult(changed, reasons, (*_STABLES, "domainValidationOptions"))


def create(session: Session, inputs: Properties, seconds: float, *, preview: bool) -> Created:
    """Request the certificate and return at once, with its records; `seconds` is not needed."""
    del seconds
    decoded = decode(CertificateArgs, inputs)
    if preview:
        return Created("", preview_of_new(session, decoded))
    wish = valid_wish(session, decoded)
    is_known = names_were_handed_out(session.core, session.caller, wish.spec.names)
    requested = request_certificate(session.core, session.caller, session.urn, wish)
    if requested.is_first:
        session.log.warning(_UNTRUSTED)
    view = _try(session, requested.view) if is_known else requested.view
    unborn = Hidden(session.core.installation_id)
    return Created(str(view.certificate.arn), outputs_now(session, decoded.args, view, unborn, keeps_pem=True))


def read(session: Session, resource_id: str, state: Properties, inputs: Properties) -> ReadResult:
    """Return the certificate as it is; gone only where the store has its tombstone."""
    hidden = require_same_installation(session, state)
    try:
        view = claim_certificate(session.core, session.caller, parse_certificate_arn(resource_id))
    except Gone:
        return ReadResult(None)
    kept = inputs_now(session, view.certificate, inputs)
    args = decode(CertificateArgs, kept).args
    shown = shown_by_read(session, view, hidden)
    outputs = outputs_now(session, args, view, shown, keeps_pem="certificatePem" in state)
    return ReadResult(resource_id, outputs, kept)


def update(
    session: Session, resource_id: str, state: Properties, inputs: Properties, seconds: float, *, preview: bool
) -> Properties:
    """Bring the certificate to its declaration under the same ARN; `seconds` is not needed."""
    del seconds
    hidden = require_same_installation(session, state)
    decoded = decode(CertificateArgs, inputs)
    arn = parse_certificate_arn(resource_id)
    keeps_pem = "certificatePem" in state
    if preview:
        return preview_of_update(session, arn, hidden, decoded, keeps_pem=keeps_pem)
    wish = valid_wish(session, decoded)
    before = claim_certificate(session.core, session.caller, arn)
    require_usable_pin(session, as_wished(before, wish, plan_of(session, before, wish.spec)))
    is_known = names_were_handed_out(session.core, session.caller, wish.spec.names)
    view = change_certificate(session.core, session.caller, arn, wish)
    if view.newest.state.is_pending and (is_known or view.newest.cause is VersionCause.RENEWAL):
        view = _try(session, view)
    return outputs_now(session, decoded.args, view, hidden, keeps_pem=keeps_pem)


def delete(session: Session, resource_id: str, state: Properties) -> None:
    """Delete the certificate; gone already is success."""
    require_same_installation(session, state)
    delete_certificate(session.core, session.caller, parse_certificate_arn(resource_id))


def _reasons(session: Session, view: CertificateView, hidden: Hidden, plan: Plan) -> tuple[str, ...]:
    """Return what the declared change means and what the store causes besides."""
    found = rotation(view, hidden, plan, shown_version(session.core, view))
    caused = found[1] if found is not None else ""
    return tuple(reason for reason in (plan.reason if plan.reason not in caused else "", caused) if reason)


def _store_change(session: Session, view: CertificateView, hidden: Hidden, plan: Plan, digest: str) -> Rotation | None:
    """Return what the store causes to change though the declaration is as it was.

    A pinned version of no more use is a change too: then `up` and preview call Update, which refuses; a refresh, which
    calls Diff alone, goes on.
    """
    trouble = pin_trouble(session.core, view)
    if trouble is not None and trouble.is_final:
        return rotating(), trouble.sentence
    if trouble is not None:
        session.log.warning(trouble.sentence)
    return (
        rotation(view, hidden, plan, shown_version(session.core, view))
        or default_tags_changed(view, session.default_tags)
        or not_applied(view, hidden, digest)
    )


def _try(session: Session, view: CertificateView) -> CertificateView:
    """Try to issue now; where that is not possible yet, say so and leave it pending. A renewal may take its time."""
    newest = view.newest
    is_renewal = newest.cause is VersionCause.RENEWAL
    seconds = None if is_renewal else _QUICK_SECONDS
    try:
        version = drive(session.core, session.caller, newest.arn, newest.number, session.cancellation, seconds)
    except (Cancelled, LeaseTaken, LeaseLost, LookupFailed) as error:
        session.log.info(f"Not issued at once: {error}")
        return view
    if is_renewal and not version.state.has_certificate:
        session.log.warning(f"Not renewed yet. {_old_version(session, view)} {version.waiting_for}")
    return view_certificate(session.core, session.caller, newest.arn)


def _old_version(session: Session, view: CertificateView) -> str:
    current = view.current
    if current is None or current.not_after is None:
        return ""
    if current.not_after <= session.core.clock.now():
        return f"The old version expired on {current.not_after:%Y-%m-%d}."
    return f"The old version stays in force until {current.not_after:%Y-%m-%d}."
