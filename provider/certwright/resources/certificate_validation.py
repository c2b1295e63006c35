"""The CertificateValidation resource: waits for the issue and hands out chain and, if opted in, key."""

from dataclasses import dataclass

from certwright.core.audit import record
from certwright.core.certificates import Gone, claim_certificate
from certwright.core.pinning import pin_trouble, shown_version
from certwright.core.signature import require_own_key
from certwright.core.status import version_status
from certwright.core.waiting import NotIssued, Progress, usable_version, wait_for_issue
from certwright.errors import Fault, InvalidArn, InvalidInput
from certwright.model.arns import CertificateArn, parse_certificate_arn
from certwright.model.certificates import CertificateStatus, CertificateVersion, CertificateView
from certwright.model.secret import SecretBytes
from certwright.ports.store import Transaction
from certwright.resources.certificate_state import chain_pem, instant, leaf_pem, serial_text
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
from certwright.resources.values import UNKNOWN, Properties, Unknown, Value

DEFAULT_SECONDS = 75 * 60.0
# The PEMs change with these; naming them would draw both in full as deletions in `preview --diff`.
_ROTATING = ("serial", "notAfter")


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
            parse_certificate_arn(decoded.args.certificate_arn, "certificateArn")
        except InvalidArn as error:
            faults.extend(error.faults)
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
        return Created("", encode(_unknown(UNKNOWN, exports=True)))
    arn = _arn(decoded.args)
    if preview:
        return Created("", _preview(session, arn))
    return Created(str(arn), _wait(session, arn, seconds, "create", {}))


def read(session: Session, resource_id: str, state: Properties, inputs: Properties) -> ReadResult:
    """Return the certificate as issued; one that is not issued is unfinished, a tombstone gone."""
    require_same_installation(session, state)
    arn = parse_certificate_arn(resource_id)
    try:
        view = claim_certificate(session.core, session.caller, arn)
    except Gone:
        return ReadResult(None)
    kept: Properties = {"certificateArn": inputs.get("certificateArn", str(arn))}
    version = shown_version(session.core, view)
    if version is None:
        return ReadResult(resource_id, _unfinished_outputs(session, view, state), kept, _awaited(session, view))
    return ReadResult(resource_id, _outputs(session, view, version), kept)


def update(
    session: Session, resource_id: str, state: Properties, inputs: Properties, seconds: float, *, preview: bool
) -> Properties:
    """Wait for the version that matches the certificate's present inputs; they changed nothing else."""
    del inputs
    require_same_installation(session, state)
    arn = parse_certificate_arn(resource_id)
    return _preview(session, arn) if preview else _wait(session, arn, seconds, "update", state)


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
    trouble = pin_trouble(session.core, view)
    if trouble is not None and trouble.is_final:
        return trouble.sentence
    return _difference(session, view, state, hidden)


def _difference(session: Session, view: CertificateView, state: Properties, hidden: Hidden) -> str | None:
    shown = shown_version(session.core, view)
    if shown is None:
        return f"version {view.newest.number} is to be issued: {view.newest.reason}"
    if shown.number != hidden.version:
        return f"version {shown.number} is in force: {shown.reason}"
    return "options.export changed" if view.certificate.export_enabled != ("privateKeyPem" in state) else None


def _preview(session: Session, arn: CertificateArn) -> Properties:
    """Return real values of a version that exists already, unknown ones for what `up` will make."""
    view = claim_certificate(session.core, session.caller, arn)
    planned = session.planned.of(str(arn))
    exports = planned.exports if planned is not None else view.certificate.export_enabled
    # What `up` leaves may be of no more use: only the version that stays is judged.
    shown = None if planned is not None and planned.moves else usable_version(session.core, view)
    if shown is None:
        unknown = _unknown(str(arn), exports=exports)
        return {**encode(unknown), HIDDEN: _hidden(session, view, 0)}
    return _outputs(session, view, shown, exports=False) | ({"privateKeyPem": UNKNOWN} if exports else {})


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


def _wait(session: Session, arn: CertificateArn, seconds: float, operation: str, state: Properties) -> Properties:
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
        outputs = _unfinished_outputs(session, error.view, state)
        missing = tuple(str(error).split("\n"))
        advice = _advice(operation, is_final=error.is_final)
        raise InitFailed(str(arn), outputs, missing, advice, is_final=error.is_final) from error
    return _outputs(session, view, version)


def _advice(operation: str, *, is_final: bool) -> str:
    """Say what to do next."""
    if is_final:
        return "Mend the cause and run `pulumi up` again: it tries with a new version under the same ARN."
    was = "" if operation == "update" else " (this was a create)"
    return f"The next `pulumi up` goes on with the same version, as an update under customTimeouts.update{was}."


def _awaited(session: Session, view: CertificateView) -> tuple[str, ...]:
    status = version_status(view.newest, session.core.clock.now()).value
    sentences = view.newest.waiting_for.split("\n") if view.newest.waiting_for else []
    return (f"{view.certificate.arn} version {view.newest.number} is {status}.", *sentences)


def _status_line(progress: Progress) -> str:
    first, _, more = progress.waiting_for.partition("\n")
    others = f" (and {more.count(chr(10)) + 1} more)" if more else ""
    minutes, seconds = divmod(int(max(progress.seconds_left, 0)), 60)
    return f"{first}{others} - {minutes}:{seconds:02d} left"


def _outputs(
    session: Session, view: CertificateView, version: CertificateVersion, *, exports: bool = True
) -> Properties:
    state = CertificateValidationState(
        certificate_arn=str(version.arn),
        status=version_status(version, session.core.clock.now()).value,
        serial=serial_text(version),
        not_after=instant(version.not_after),
        certificate_pem=leaf_pem(version),
        chain_pem=chain_pem(session.core, version),
        private_key_pem=_export(session, view, version) if exports and view.certificate.export_enabled else None,
    )
    return {**encode(state), HIDDEN: _hidden(session, view, version.number)}


def _export(session: Session, view: CertificateView, version: CertificateVersion) -> SecretBytes | None:
    """Hand out the private key of a certificate that opted in; the audit event is stored first (R22, T4)."""
    if version.key is None:
        return None
    require_own_key(version)

    def audit(tx: Transaction) -> None:
        detail = {"version": str(version.number), "urn": session.urn}
        record(tx, session.caller, session.core.clock.now(), "ExportPrivateKey", str(view.certificate.arn), detail)

    session.core.store.write(audit)
    return session.core.signer.export(version.key)


def _unfinished_outputs(session: Session, view: CertificateView, state: Properties) -> Properties:
    """Return the outputs while a version is awaited: those of the old one as long as it is in force."""
    now = session.core.clock.now()
    status, old = version_status(view.newest, now).value, view.current
    if old is None or version_status(old, now) is not CertificateStatus.ISSUED:
        bare = CertificateValidationState(certificate_arn=str(view.certificate.arn), status=status)
        return {**encode(bare), HIDDEN: _hidden(session, view, 0)}
    kept = _outputs(session, view, old, exports=False)
    is_same = state.get("serial") == kept.get("serial")
    if view.certificate.export_enabled and "privateKeyPem" in state and is_same:
        kept["privateKeyPem"] = state["privateKeyPem"]
    return {**kept, "status": status, HIDDEN: _hidden(session, view, 0)}


def _hidden(session: Session, view: CertificateView, version: int) -> dict[str, Value]:
    return Hidden(session.core.installation_id, view.certificate.input_digest, version, version).encode()


def _rotating() -> tuple[PropertyChange, ...]:
    return tuple(PropertyChange(name, ChangeKind.UPDATE, is_input=False) for name in _ROTATING)
