"""The issuance cycle: advance a version step by step under a lease, killed anywhere.

The order and its reasons are in docs/ISSUANCE-CYCLE.md.
"""

from dataclasses import replace
from datetime import timedelta

from certwright.core.context import Core
from certwright.core.leases import held
from certwright.core.records import validation_records
from certwright.core.signature import PROOF_LIFE, StaleProof, abandon_signature, issue
from certwright.core.validation.control import QUERY_BUDGET, Control, check_control
from certwright.core.validation.deadline import within
from certwright.core.work import LEASE_LIFE, Work
from certwright.errors import Cancelled, NotFound, Superseded
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion, FailureReason, VersionState
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation

STEP_SECONDS = 110.0
_PATIENCE = 60.0
_BETWEEN = frozenset({VersionState.READY, VersionState.SIGNING})


def advance(
    core: Core,
    caller: Caller,
    arn: CertificateArn,
    number: int,
    cancellation: Cancellation,
    seconds: float | None = None,
) -> CertificateVersion:
    """Advance a version by one step and return it; one that is not pending, or was superseded, stays as it is.

    `seconds` bounds the step's look at DNS, 110 s by default. Any number of callers may call it for the same version,
    and be killed anywhere: one works, the others wait up to 60 s, or `seconds`, and then raise `LeaseTaken`.
    """
    with held(core, f"version:{arn}#{number}", LEASE_LIFE, _patience(seconds), cancellation) as lease:
        return _step(Work(core, caller, lease, cancellation, seconds or STEP_SECONDS), _load(core, caller, arn, number))


def drive(
    core: Core,
    caller: Caller,
    arn: CertificateArn,
    number: int,
    cancellation: Cancellation,
    seconds: float | None = None,
) -> CertificateVersion:
    """Advance a version under one lease until it ends or waits for DNS, and return it; see `advance`."""
    with held(core, f"version:{arn}#{number}", LEASE_LIFE, _patience(seconds), cancellation) as lease:
        work = Work(core, caller, lease, cancellation, seconds or STEP_SECONDS)
        version = _step(work, _load(core, caller, arn, number))
        while version.state in _BETWEEN:
            if cancellation.is_cancelled():
                msg = f"stopped before {arn} version {number} was signed; the next run goes on"
                raise Cancelled(msg)
            before, version = version, _step(work, version)
            if version == before:
                break
        return version


def _patience(seconds: float | None) -> float:
    return _PATIENCE if seconds is None else min(_PATIENCE, seconds)


def _load(core: Core, caller: Caller, arn: CertificateArn, number: int) -> CertificateVersion:
    version = None
    if arn.scope == caller.scope:
        version = core.store.read(lambda tx: tx.certificates.version(arn, number))
    if version is None:
        msg = f"{arn} has no version {number} in this account and Region"
        raise NotFound(msg)
    return version


def _step(work: Work, version: CertificateVersion) -> CertificateVersion:
    try:
        return _step_of_state(work, version)
    except Superseded:
        return _load(work.core, work.caller, version.arn, version.number)


def _step_of_state(work: Work, version: CertificateVersion) -> CertificateVersion:
    match version.state:
        case VersionState.REQUESTED | VersionState.VALIDATING:
            return _validate(work, version)
        case VersionState.READY:
            return _issue(work, version)
        case VersionState.SIGNING:
            return abandon_signature(work, version)
        case _:
            return version


def _issue(work: Work, version: CertificateVersion) -> CertificateVersion:
    """Issue on a fresh proof; one that is older than `PROOF_LIFE`, by whatever clock, is read again first."""
    validated = version.validated_at
    age = work.core.clock.now() - validated if validated is not None else None
    if age is None or not timedelta(0) <= age <= PROOF_LIFE:
        return _validate(work, version)
    try:
        return issue(work, version)
    except StaleProof:
        return _validate(work, version)


def _validate(work: Work, version: CertificateVersion) -> CertificateVersion:
    """Read proofs and CAA for all names; nothing is kept from an earlier attempt, and age counts from its start."""
    now = work.core.clock.now()
    if now - version.requested_at > work.core.policy.validation_timeout:
        timed_out = replace(version, state=VersionState.TIMED_OUT)
        return work.store(version, timed_out, "TimeOutVersion", {"waitingFor": version.waiting_for})
    control = _control(work, version)
    if control.forbidden or control.unproven:
        return _refuse(work, version, control)
    ready = replace(version, state=VersionState.READY, waiting_for="", validated_at=now)
    return work.store(version, ready, "ValidateVersion", _evidence(control))


def _control(work: Work, version: CertificateVersion) -> Control:
    validations = validation_records(work.core, work.caller, version.spec.names)
    return check_control(
        within(work.core, work.seconds),
        version.spec.names,
        validations,
        work.cancellation,
        QUERY_BUDGET,
        is_first=version.state is VersionState.REQUESTED,
    )


def _refuse(work: Work, version: CertificateVersion, control: Control) -> CertificateVersion:
    """Fail what CAA forbids; let everything else wait, with a sentence for each name."""
    forbidden = [verdict.sentence for verdict in control.forbidden if not verdict.is_error]
    if forbidden:
        reasons = "\n".join(forbidden)
        failed = replace(
            version, state=VersionState.FAILED, failure_reason=FailureReason.CAA_ERROR, waiting_for=reasons
        )
        return work.store(version, failed, "FailVersion", {"reason": reasons})
    unread = [verdict.sentence for verdict in control.forbidden]
    sentences = "\n".join([proof.sentence for proof in control.unproven] + unread)
    waits = replace(version, state=VersionState.VALIDATING, waiting_for=sentences)
    if waits == version:
        return version
    return work.store(version, waits, "AwaitValidation", {"waitingFor": sentences})


def _evidence(control: Control) -> dict[str, str]:
    return {
        "proof": "; ".join(proof.sentence for proof in control.proofs),
        "caa": "; ".join(verdict.sentence for verdict in control.caa),
        "dnssec": control.dnssec.value,
    }
