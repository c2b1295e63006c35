"""The issuance cycle: one function that advances a version by one step, under a lease, killed anywhere.

The order and its reasons are in docs/ISSUANCE-CYCLE.md.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from certwright.core.audit import record
from certwright.core.authority import ISSUED, MAY_EXIST, certificate_of, issuing_authority, reserve_serial
from certwright.core.certificates import view_certificate
from certwright.core.clock_guard import check_clock
from certwright.core.context import Core
from certwright.core.leases import held
from certwright.core.lint import lint
from certwright.core.profiles import Expected, ProfileName, build, leaf_subject, leaf_validity
from certwright.core.records import validation_records
from certwright.core.renewal import decide_renewal
from certwright.core.signing import Prepared, prepare
from certwright.core.validation.control import QUERY_BUDGET, Control, check_control
from certwright.errors import Cancelled, NotFound
from certwright.model.arns import CertificateArn
from certwright.model.authorities import Authority
from certwright.model.certificates import (
    CertificateVersion,
    CertificateView,
    FailureReason,
    KeyRotation,
    VersionState,
)
from certwright.model.keys import KeyBinding, KeyPurpose, ManagedKey
from certwright.model.lease import Lease
from certwright.model.linted import Linted
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation
from certwright.ports.store import Transaction

LEASE_LIFE = timedelta(seconds=120)
PROOF_LIFE = timedelta(hours=8)
_PATIENCE = 60.0
_FRACTION = 2**32


@dataclass(frozen=True, slots=True)
class _Work:
    """One step's surroundings."""

    core: Core
    caller: Caller
    lease: Lease
    cancellation: Cancellation
    budget: float

    def store(self, version: CertificateVersion, action: str, detail: dict[str, str]) -> CertificateVersion:
        """Store a version and its audit event under the lease."""

        def write(tx: Transaction) -> None:
            tx.leases.require(self.lease)
            tx.certificates.update_version(version)
            described = {"version": str(version.number), "state": version.state.value, **detail}
            record(tx, self.caller, self.core.clock.now(), action, str(version.arn), described)

        self.core.store.write(write)
        return version


def advance(
    core: Core,
    caller: Caller,
    arn: CertificateArn,
    number: int,
    cancellation: Cancellation,
    budget: float = QUERY_BUDGET,
) -> CertificateVersion:
    """Advance a version by one step and return it; one that is not pending stays as it is.

    `budget` bounds each DNS question in seconds.

    Any number of callers may call it for the same version, and be killed anywhere: one works, the others wait up to
    60 s and then raise `LeaseTaken`.
    """
    with held(core, f"version:{arn}#{number}", LEASE_LIFE, _PATIENCE, cancellation) as lease:
        version = _load(core, arn, number)
        work = _Work(core, caller, lease, cancellation, budget)
        match version.state:
            case VersionState.REQUESTED | VersionState.VALIDATING:
                return _validate(work, version)
            case VersionState.READY:
                return _issue(work, version)
            case VersionState.SIGNING:
                return _abandon_signature(work, version)
            case _:
                return version


def drive(
    core: Core,
    caller: Caller,
    arn: CertificateArn,
    number: int,
    cancellation: Cancellation,
    budget: float = QUERY_BUDGET,
) -> CertificateVersion:
    """Advance a version until it ends or waits for DNS, and return it."""
    version = advance(core, caller, arn, number, cancellation, budget)
    while version.state in {VersionState.READY, VersionState.SIGNING}:
        if cancellation.is_cancelled():
            msg = f"stopped before {arn} version {number} was signed; the next run goes on"
            raise Cancelled(msg)
        version = advance(core, caller, arn, number, cancellation, budget)
    return version


def _load(core: Core, arn: CertificateArn, number: int) -> CertificateVersion:
    version = core.store.read(lambda tx: tx.certificates.version(arn, number))
    if version is None:
        msg = f"{arn} has no version {number}"
        raise NotFound(msg)
    return version


def _validate(work: _Work, version: CertificateVersion) -> CertificateVersion:
    """Read proofs and CAA for all names; nothing is kept from an earlier attempt."""
    now = work.core.clock.now()
    if now - version.requested_at > work.core.policy.validation_timeout:
        timed_out = replace(version, state=VersionState.TIMED_OUT)
        return work.store(timed_out, "TimeOutVersion", {"waitingFor": version.waiting_for})
    validations = validation_records(work.core, work.caller, version.spec.names)
    is_first = version.state is VersionState.REQUESTED
    control = check_control(
        work.core, version.spec.names, validations, work.cancellation, work.budget, is_first=is_first
    )
    return _judge(work, version, control)


def _judge(work: _Work, version: CertificateVersion, control: Control) -> CertificateVersion:
    now = work.core.clock.now()
    waiting = [proof.sentence for proof in control.unproven]
    errors = [verdict.sentence for verdict in control.forbidden if verdict.is_error]
    forbidden = [verdict.sentence for verdict in control.forbidden if not verdict.is_error]
    if forbidden:
        reasons = " ".join(forbidden)
        failed = replace(
            version, state=VersionState.FAILED, failure_reason=FailureReason.CAA_ERROR, waiting_for=reasons
        )
        return work.store(failed, "FailVersion", {"reason": reasons})
    if waiting or errors:
        sentence = "\n".join(waiting + errors)
        waits = replace(version, state=VersionState.VALIDATING, waiting_for=sentence)
        return version if waits == version else work.store(waits, "AwaitValidation", {"waitingFor": sentence})
    ready = replace(version, state=VersionState.READY, waiting_for="", validated_at=now)
    proof = "; ".join(item.sentence for item in control.proofs)
    caa = "; ".join(item.sentence for item in control.caa)
    return work.store(ready, "ValidateVersion", {"proof": proof, "caa": caa, "dnssec": "not checked"})


def _issue(work: _Work, version: CertificateVersion) -> CertificateVersion:
    """Sign in the order of docs/ISSUANCE-CYCLE.md: intent is durable before the key is used."""
    core = work.core
    if version.validated_at is None or core.clock.now() - version.validated_at > PROOF_LIFE:
        return work.store(replace(version, state=VersionState.VALIDATING), "RepeatValidation", {})
    view = view_certificate(core, work.caller, version.arn)
    issuer = issuing_authority(core, work.caller, work.cancellation)
    key = _key(work, view, version)
    subject = f"{version.arn}#{version.number}"
    serial = core.store.write(lambda tx: reserve_serial(tx, core, issuer.id, subject))
    expected = _expected(core, version, issuer, key, serial)
    prepared = prepare(build(expected), expected.issuer_spki)
    linted = lint(prepared, expected)
    signing = replace(
        version,
        state=VersionState.SIGNING,
        key=key,
        serial=serial,
        authority_id=issuer.id,
        profile_hash=expected.profile_hash,
        tbs=prepared.tbs,
        not_before=expected.validity.not_before,
        not_after=expected.validity.not_after,
    )
    _store_intent(work, signing)
    return _sign(work, signing, issuer, prepared, linted)


def _key(work: _Work, view: CertificateView, version: CertificateVersion) -> ManagedKey:
    """Return a fresh key, or the last one where keyRotation is NEVER and the algorithm is the same."""
    current = view.current
    last = current.key if current is not None and view.certificate.key_rotation is KeyRotation.NEVER else None
    if last is not None and last.algorithm is version.spec.key_algorithm:
        return last
    binding = KeyBinding(KeyPurpose.CERTIFICATE_KEY, version.arn.scope, str(version.arn), version.number)
    return work.core.signer.generate(version.spec.key_algorithm, binding)


def _expected(core: Core, version: CertificateVersion, issuer: Authority, key: ManagedKey, serial: int) -> Expected:
    issuer_certificate = certificate_of(issuer)
    return Expected(
        profile=ProfileName.LEAF,
        subject=leaf_subject(version.spec.names),
        names=version.spec.names,
        spki=key.public_key,
        issuer=issuer_certificate,
        issuer_spki=issuer.key.public_key,
        serial=serial,
        validity=leaf_validity(core.clock.now(), version.spec.lifetime, issuer_certificate),
    )


def _store_intent(work: _Work, signing: CertificateVersion) -> None:
    def write(tx: Transaction) -> None:
        check_clock(tx, work.core.clock.now())
        tx.leases.require(work.lease)
        tx.certificates.update_version(signing)
        detail = {"version": str(signing.number), "serial": f"{signing.serial:x}"}
        record(tx, work.caller, work.core.clock.now(), "SignCertificate", str(signing.arn), detail)

    work.core.store.write(write)


def _sign(
    work: _Work, signing: CertificateVersion, issuer: Authority, prepared: Prepared, linted: Linted
) -> CertificateVersion:
    core = work.core
    certificate = prepared.finish(core.signer.sign(issuer.key, linted))
    chance = int.from_bytes(core.randomness.token(4), "big") / _FRACTION
    issued = replace(signing, state=VersionState.ISSUED, certificate=certificate, issued_at=core.clock.now())
    return core.store.write(lambda tx: _store_issued(tx, work, issued, chance))


def _store_issued(tx: Transaction, work: _Work, issued: CertificateVersion, chance: float) -> CertificateVersion:
    """Make the version the current one and retire the one before; all of it, or nothing."""
    tx.leases.require(work.lease)
    view = tx.certificates.view(issued.arn)
    if view is None or issued.not_before is None or issued.not_after is None or issued.serial is None:
        msg = f"{issued.arn} is not in the store any more"
        raise NotFound(msg)
    renewal = decide_renewal(issued.not_before, issued.not_after, view.certificate.early_renewal, chance)
    issued = replace(issued, renewal=renewal)
    tx.certificates.update_version(issued)
    if view.current is not None and view.current.state is VersionState.ISSUED and view.current.number != issued.number:
        tx.certificates.update_version(replace(view.current, state=VersionState.RETIRED))
    tx.certificates.update(replace(view.certificate, current_version=issued.number))
    tx.serials.mark(str(issued.authority_id), issued.serial or 0, ISSUED)
    record(tx, work.caller, work.core.clock.now(), "IssueCertificate", str(issued.arn), _issue_detail(issued))
    return issued


def _issue_detail(issued: CertificateVersion) -> dict[str, str]:
    return {
        "version": str(issued.number),
        "serial": f"{issued.serial or 0:x}",
        "notAfter": issued.not_after.isoformat() if issued.not_after else "",
        "names": " ".join(name.text for name in issued.spec.names),
    }


def _abandon_signature(work: _Work, version: CertificateVersion) -> CertificateVersion:
    """Go on after a crash around the signature: that serial may exist and is never used again."""
    ready = replace(
        version, state=VersionState.READY, key=None, serial=None, authority_id=None, profile_hash=None, tbs=None
    )

    def write(tx: Transaction) -> None:
        tx.leases.require(work.lease)
        tx.certificates.update_version(ready)
        tx.serials.mark(str(version.authority_id), version.serial or 0, MAY_EXIST)
        detail = {"version": str(version.number), "serial": f"{version.serial or 0:x}"}
        record(tx, work.caller, work.core.clock.now(), "AbandonSignature", str(version.arn), detail)

    work.core.store.write(write)
    return ready
