"""The CertificateValidation resource: waits for the issue and hands out chain and, if opted in, key."""

from dataclasses import dataclass

from certwright.core.audit import record
from certwright.core.certificates import Gone, claim_certificate
from certwright.core.status import certificate_status, serving_version
from certwright.core.waiting import NotIssued, Progress, wait_for_issue
from certwright.errors import Fault, InvalidArn, InvalidInput
from certwright.model.arns import CertificateArn, parse_certificate_arn
from certwright.model.certificates import CertificateVersion, CertificateView, RenewalOutputs
from certwright.model.secret import SecretBytes
from certwright.ports.store import Transaction
from certwright.resources.certificate_state import chain_pem, instant, leaf_pem, outputs_hidden, serial_text
from certwright.resources.fields import decode, encode, prop
from certwright.resources.session import (
    HIDDEN,
    ChangeKind,
    CheckResult,
    Created,
    DiffResult,
    Hidden,
    InitFailed,
    PropertyChange,
    ReadResult,
    Session,
    require_same_installation,
)
from certwright.resources.values import UNKNOWN, Properties, Unknown

DEFAULT_SECONDS = 75 * 60.0
_ROTATING = ("serial", "notAfter", "certificatePem", "chainPem")


@dataclass(frozen=True, slots=True)
class CertificateValidationArgs:
    """Inputs of a CertificateValidation, named as in `aws.acm.CertificateValidation`."""

    certificate_arn: str | None = prop("ARN of the certificate to wait for.", required=True, replaces=True)
    validation_record_fqdns: tuple[str, ...] = prop(
        "Names of the records created, so that the engine makes them first. Not compared and not kept."
    )


@dataclass(frozen=True, slots=True)
class CertificateValidationState:
    """Outputs of a CertificateValidation."""

    certificate_arn: str | Unknown | None = prop("ARN of the certificate.", required=True, replaces=True)
    status: str | Unknown | None = prop("`ISSUED` once done.", required=True)
    serial: str | Unknown | None = prop("Serial number, hex.")
    not_after: str | Unknown | None = prop("End of validity, RFC 3339 in UTC.")
    certificate_pem: str | Unknown | None = prop("The certificate, PEM.")
    chain_pem: str | Unknown | None = prop("Its issuers, nearest first, without the root, PEM.")
    private_key_pem: SecretBytes | Unknown | None = prop(
        "The private key, PKCS#8 PEM, a secret; only with options.export ENABLED on the Certificate."
    )


def check(session: Session, news: Properties) -> CheckResult:  # noqa: ARG001 - the handler's shape
    """Check the ARN's shape."""
    decoded = decode(CertificateValidationArgs, news)
    faults = list(decoded.faults)
    if decoded.args.certificate_arn is not None:
        try:
            parse_certificate_arn(decoded.args.certificate_arn)
        except InvalidArn as error:
            faults.append(Fault("certificateArn", error.faults[0].code, error.faults[0].message, error.faults[0].fix))
    return CheckResult(dict(news), tuple(faults))


def diff(session: Session, resource_id: str, state: Properties, old_inputs: Properties, news: Properties) -> DiffResult:
    """Compare the version in the state with what the store has and with what this preview plans."""
    hidden = require_same_installation(session, state)
    new_arn = news.get("certificateArn")
    if new_arn != (old_inputs.get("certificateArn") or resource_id):
        return DiffResult((PropertyChange("certificateArn", ChangeKind.UPDATE, replaces=True),))
    reason = _reason_to_update(session, resource_id, state, hidden)
    if reason is None:
        return DiffResult(stables=("certificateArn",))
    return DiffResult(_rotating(), (reason,), ("certificateArn",))


def create(session: Session, inputs: Properties, seconds: float, *, preview: bool) -> Created:
    """Wait for the certificate; keep the id when the time is not enough."""
    decoded = decode(CertificateValidationArgs, inputs)
    if preview and not decoded.is_known("certificateArn"):
        return Created("", encode(_unknown(UNKNOWN)))
    arn = _arn(decoded.args)
    if preview:
        return Created("", _preview(session, arn))
    return Created(str(arn), _wait(session, arn, seconds, "create"))


def read(session: Session, resource_id: str, state: Properties, inputs: Properties) -> ReadResult:
    """Return the certificate as issued; one that is not issued is unfinished, a tombstone gone."""
    hidden = require_same_installation(session, state)
    arn = parse_certificate_arn(resource_id)
    try:
        view = claim_certificate(session.core, session.caller, arn)
    except Gone:
        return ReadResult(None)
    kept: Properties = {"certificateArn": inputs.get("certificateArn", str(arn))}
    version = _version_to_show(session, view, hidden)
    if version is None:
        reason = f"{arn} is {certificate_status(view, session.core.clock.now()).value}: {view.newest.waiting_for}"
        return ReadResult(resource_id, _unfinished_outputs(session, view), kept, (reason,))
    return ReadResult(resource_id, _outputs(session, view, version), kept)


def update(
    session: Session, resource_id: str, state: Properties, inputs: Properties, seconds: float, *, preview: bool
) -> Properties:
    """Wait for the version that matches the certificate's present inputs; they changed nothing else."""
    del inputs
    require_same_installation(session, state)
    arn = parse_certificate_arn(resource_id)
    return _preview(session, arn) if preview else _wait(session, arn, seconds, "update")


def delete(session: Session, resource_id: str, state: Properties) -> None:
    """Forget the wait; the certificate stays."""
    del resource_id
    require_same_installation(session, state)


def _arn(args: CertificateValidationArgs) -> CertificateArn:
    if args.certificate_arn is None:
        fix = "Set it to the Certificate's arn."
        raise InvalidInput([Fault("certificateArn", "MISSING", "this property is required", fix)])
    return parse_certificate_arn(args.certificate_arn)


def _reason_to_update(session: Session, resource_id: str, state: Properties, hidden: Hidden) -> str | None:
    planned = session.planned.of(resource_id)
    if planned is not None:
        return f"new version planned for this ARN: {planned.reason}" if planned.makes_version else planned.reason
    view = claim_certificate(session.core, session.caller, parse_certificate_arn(resource_id))
    if state.get("status") != "ISSUED" or not hidden.version:
        return f"not issued yet: {view.newest.waiting_for or 'waiting goes on'}"
    is_pinned = view.certificate.renewal_outputs is RenewalOutputs.PIN
    if is_pinned and hidden.digest == view.certificate.input_digest:
        return None
    return _difference(view, state, hidden)


def _difference(view: CertificateView, state: Properties, hidden: Hidden) -> str | None:
    serving = serving_version(view, view.certificate.spec.digest)
    if serving is None:
        return f"version {view.newest.number} is to be issued: {view.newest.reason}"
    if serving.number != hidden.version:
        return f"version {serving.number} is in force: {serving.reason}"
    return "options.export changed" if view.certificate.export_enabled != ("privateKeyPem" in state) else None


def _preview(session: Session, arn: CertificateArn) -> Properties:
    """Return real values of a version that exists already, unknown ones for what `up` will make."""
    view = claim_certificate(session.core, session.caller, arn)
    serving, planned = serving_version(view, view.certificate.spec.digest), session.planned.of(str(arn))
    exports = planned.exports if planned is not None else view.certificate.export_enabled
    if serving is None or (planned is not None and planned.makes_version):
        return {**encode(_unknown(str(arn), exports=exports)), HIDDEN: outputs_hidden(session, view, 0)}
    return _outputs(session, view, serving, exports=False) | ({"privateKeyPem": UNKNOWN} if exports else {})


def _unknown(arn: str | Unknown, *, exports: bool = False) -> CertificateValidationState:
    return CertificateValidationState(
        certificate_arn=arn,
        status=UNKNOWN,
        serial=UNKNOWN,
        not_after=UNKNOWN,
        certificate_pem=UNKNOWN,
        chain_pem=UNKNOWN,
        private_key_pem=UNKNOWN if exports else None,
    )


def _wait(session: Session, arn: CertificateArn, seconds: float, operation: str) -> Properties:
    try:
        view, version = wait_for_issue(
            session.core,
            session.caller,
            arn,
            seconds or DEFAULT_SECONDS,
            session.cancellation,
            lambda progress: session.log.status(_status_line(progress)),
        )
    except NotIssued as error:
        raise InitFailed(str(arn), _unfinished_outputs(session, error.view), (_reason(error, operation),)) from error
    return _outputs(session, view, version)


def _reason(error: NotIssued, operation: str) -> str:
    if error.is_final:
        return f"{error} Mend the cause and run `pulumi up` again: it tries with a new version under the same ARN."
    return (
        f"{error} The next `pulumi up` goes on with the same version, as an update under customTimeouts.update"
        f"{'' if operation == 'update' else ' (this was a create)'}."
    )


def _status_line(progress: Progress) -> str:
    first, _, more = progress.waiting_for.partition("\n")
    others = f" (and {more.count(chr(10)) + 1} more)" if more else ""
    minutes, seconds = divmod(int(max(progress.seconds_left, 0)), 60)
    return f"{first}{others} - {minutes}:{seconds:02d} left"


def _version_to_show(session: Session, view: CertificateView, hidden: Hidden) -> CertificateVersion | None:
    serving = serving_version(view, view.certificate.spec.digest)
    is_pinned = view.certificate.renewal_outputs is RenewalOutputs.PIN and hidden.version > 0
    if serving is None or not is_pinned or serving.number == hidden.version:
        return serving
    pinned = session.core.store.read(lambda tx: tx.certificates.version(view.certificate.arn, hidden.version))
    return pinned if pinned is not None and pinned.state.has_certificate else serving


def _outputs(
    session: Session, view: CertificateView, version: CertificateVersion, *, exports: bool = True
) -> Properties:
    state = CertificateValidationState(
        certificate_arn=str(version.arn),
        status=certificate_status(view, session.core.clock.now()).value,
        serial=serial_text(version),
        not_after=instant(version.not_after),
        certificate_pem=leaf_pem(version),
        chain_pem=chain_pem(session.core, version),
        private_key_pem=_export(session, view, version) if exports and view.certificate.export_enabled else None,
    )
    return {**encode(state), HIDDEN: outputs_hidden(session, view, version.number)}


def _export(session: Session, view: CertificateView, version: CertificateVersion) -> SecretBytes | None:
    """Hand out the private key of a certificate that opted in; the audit event is stored first (R22, T4)."""
    if version.key is None:
        return None

    def audit(tx: Transaction) -> None:
        detail = {"version": str(version.number), "urn": session.urn}
        record(tx, session.caller, session.core.clock.now(), "ExportPrivateKey", str(view.certificate.arn), detail)

    session.core.store.write(audit)
    return session.core.signer.export(version.key)


def _unfinished_outputs(session: Session, view: CertificateView) -> Properties:
    state = CertificateValidationState(
        certificate_arn=str(view.certificate.arn),
        status="PENDING_VALIDATION" if view.newest.state.is_pending else view.newest.state.value,
    )
    return {**encode(state), HIDDEN: outputs_hidden(session, view, 0)}


def _rotating() -> tuple[PropertyChange, ...]:
    return tuple(PropertyChange(name, ChangeKind.UPDATE, is_input=False) for name in _ROTATING)
