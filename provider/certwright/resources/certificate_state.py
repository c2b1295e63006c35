"""A certificate as outputs of its resources."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certwright.core.authority import authority_pem, chain_of
from certwright.core.context import Core
from certwright.core.pinning import shown_version, version_of
from certwright.core.records import validation_records
from certwright.core.renewal import eligibility, renewal_summary
from certwright.core.status import certificate_status
from certwright.model.certificates import (
    CertificateType,
    CertificateVersion,
    CertificateView,
    VersionCause,
    tags_in_force,
)
from certwright.model.names import DomainName
from certwright.model.records import DomainValidation
from certwright.resources.certificate_types import (
    CertificateArgs,
    CertificateState,
    DomainValidationOption,
    RenewalSummaryState,
)
from certwright.resources.fields import encode, properties_of
from certwright.resources.session import HIDDEN, Hidden, Session
from certwright.resources.values import UNKNOWN, Properties, Unknown

Options = tuple[DomainValidationOption, ...]


def options_of(validations: Sequence[DomainValidation]) -> Options:
    """Return the records as outputs."""
    return tuple(
        DomainValidationOption(
            domain_name=item.domain_name.text,
            resource_record_name=item.record.name,
            resource_record_type=item.record.type.value,
            resource_record_value=item.record.value,
        )
        for item in validations
    )


def state_to_be(
    args: CertificateArgs, options: Options | Unknown, default_tags: tuple[tuple[str, str], ...]
) -> CertificateState:
    """Return what is known in preview of a certificate that does not exist yet: its records."""
    return CertificateState(
        **_inputs(args),
        arn=UNKNOWN,
        status=UNKNOWN,
        type=CertificateType.VALIDATED.value,
        domain_validation_options=options,
        not_before=UNKNOWN,
        not_after=UNKNOWN,
        serial=UNKNOWN,
        renewal_eligibility=UNKNOWN,
        renewal_summary=UNKNOWN,
        validation_emails=(),
        in_use_by=(),
        tags_all=tags_in_force(default_tags, args.tags),
        certificate_pem=UNKNOWN,
        chain_pem=UNKNOWN,
    )


def state_of(
    args: CertificateArgs, view: CertificateView, shown: CertificateVersion | None, options: Options, now: datetime
) -> CertificateState:
    """Return the outputs of a certificate, showing one of its issued versions (None before the first issue)."""
    summary = renewal_summary(view)
    return CertificateState(
        **_inputs(args),
        arn=str(view.certificate.arn),
        status=certificate_status(view, now).value,
        type=view.certificate.type.value,
        domain_validation_options=options,
        not_before=instant(shown.not_before) if shown else None,
        not_after=instant(shown.not_after) if shown else None,
        serial=serial_text(shown) if shown else None,
        renewal_eligibility=eligibility(view, now).value,
        renewal_summary=RenewalSummaryState(
            renewal_status=summary.status.value,
            renewal_status_reason=summary.reason,
            updated_at=instant(summary.updated_at),
        )
        if summary
        else None,
        validation_emails=(),
        in_use_by=(),
        tags_all=view.certificate.all_tags,
    )


def with_pem(core: Core, state: CertificateState, version: CertificateVersion) -> CertificateState:
    """Add leaf and chain of an issued version."""
    return replace(state, certificate_pem=leaf_pem(version), chain_pem=chain_pem(core, version))


def planned_state(state: CertificateState, options: Options | Unknown | None, *, keeps_pem: bool) -> CertificateState:
    """Return what stays known of a certificate when `up` may make a new version: ARN, type and records.

    The rest is unknown where it is, or may become, part of the outputs.
    """
    return replace(
        state,
        status=UNKNOWN,
        domain_validation_options=options,
        not_before=UNKNOWN,
        not_after=UNKNOWN,
        serial=UNKNOWN,
        renewal_eligibility=UNKNOWN,
        renewal_summary=UNKNOWN,
        certificate_pem=UNKNOWN if keeps_pem else None,
        chain_pem=UNKNOWN if keeps_pem else None,
    )


def state_now(
    session: Session,
    args: CertificateArgs,
    view: CertificateView,
    shown: CertificateVersion | None,
    names: Sequence[DomainName],
) -> CertificateState:
    """Return the outputs of a certificate with the records of its names."""
    options = options_of(validation_records(session.core, session.caller, names))
    return state_of(args, view, shown, options, session.core.clock.now())


def outputs_now(
    session: Session, args: CertificateArgs, view: CertificateView, hidden: Hidden, *, keeps_pem: bool
) -> Properties:
    """Return the outputs after an operation; `hidden` is that of the state before it."""
    shown = _shown(session, view, hidden)
    state = state_now(session, args, view, shown, view.certificate.spec.names)
    if keeps_pem and shown is not None:
        state = with_pem(session.core, state, shown)
    return outputs_of(state, _hidden(session, view, shown))


def _shown(session: Session, view: CertificateView, hidden: Hidden) -> CertificateVersion | None:
    """Return the version to show: the one to be shown now, else the one shown before.

    While the next one is not issued there is none: dependents never get the values of the version it replaces. Outputs
    that show no version begin with one that the state does not stand for.
    """
    if _is_next_awaited(view):
        return None
    target = shown_version(session.core, view)
    if target is not None and (hidden.shown or target.number != hidden.version):
        return target
    return version_of(session.core, view, hidden.shown) if hidden.shown else None


def _is_next_awaited(view: CertificateView) -> bool:
    newest, pinned = view.newest, view.certificate.pinned_version
    is_next = newest.cause is not VersionCause.RENEWAL if pinned is None else newest.number == pinned
    return is_next and newest.state.is_pending


def shown_by_read(session: Session, view: CertificateView, hidden: Hidden) -> Hidden:
    """Return the hidden output that lets a refresh show the version in force, whatever the state showed."""
    target = shown_version(session.core, view) or view.current
    return replace(hidden, shown=target.number if target is not None else 0)


def _hidden(session: Session, view: CertificateView, shown: CertificateVersion | None) -> Hidden:
    return Hidden(
        installation=session.core.installation_id,
        digest=view.certificate.input_digest,
        version=applied_version(view),
        shown=shown.number if shown is not None else 0,
    )


def outputs_of(state: CertificateState, hidden: Hidden) -> Properties:
    """Write the state with its hidden part."""
    return {**encode(state), HIDDEN: hidden.encode()}


def applied_version(view: CertificateView) -> int:
    """Return the version that the present inputs stand for: a renewal counts once it is issued."""
    newest = view.newest
    if newest.cause is VersionCause.RENEWAL and not newest.state.has_certificate and view.current is not None:
        return view.current.number
    return newest.number


def leaf_pem(version: CertificateVersion) -> str:
    """Return an issued version's certificate in PEM."""
    return x509.load_der_x509_certificate(version.certificate or b"").public_bytes(Encoding.PEM).decode()


def chain_pem(core: Core, version: CertificateVersion) -> str:
    """Return an issued version's issuers in PEM, nearest first, without the root."""
    chain = chain_of(core, version.arn.account, version.authority_id or "")
    return "".join(authority_pem(authority) for authority in chain if authority.issuer_id != authority.id)


def serial_text(version: CertificateVersion) -> str:
    """Return the serial in lower-case hex pairs with colons, as ACM prints it."""
    digits = f"{version.serial or 0:x}"
    return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)).hex(":")


def instant(at: datetime | None) -> str:
    """Return RFC 3339 in UTC, whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _inputs(args: CertificateArgs) -> dict[str, Any]:
    return {item.attribute: getattr(args, item.attribute) for item in properties_of(CertificateArgs)}
