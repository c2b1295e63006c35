"""From a fresh proof to a stored certificate: build, lint, store the intent, sign once, store."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certwright.core.authority import ISSUED, MAY_EXIST, certificate_of, issuing_authority
from certwright.core.certificates import view_certificate
from certwright.core.context import Core
from certwright.core.lint import lint
from certwright.core.profiles import (
    SERIAL_SIZE,
    Expected,
    ProfileName,
    build,
    leaf_subject,
    leaf_validity,
    serial_from,
)
from certwright.core.renewal import renewal_of
from certwright.core.signing import Prepared, prepare
from certwright.core.work import Work
from certwright.errors import IntegrityError
from certwright.model.authorities import Authority
from certwright.model.certificates import (
    CertificateVersion,
    CertificateView,
    KeyRotation,
    VersionState,
)
from certwright.model.keys import ManagedKey, certificate_key_binding
from certwright.model.linted import Linted
from certwright.ports.store import Transaction

# Far inside the 8 hours that a proof may be old (Baseline Requirements 3.2.2.8 for CAA): time enough for a key.
PROOF_LIFE = timedelta(minutes=10)


class StaleProof(Exception):
    """Say that proof or key do not serve any more when the intent is to be stored; nothing was signed."""


@dataclass(frozen=True, slots=True)
class _Intent:
    """A version about to be signed, with the permission for the one signature."""

    signing: CertificateVersion
    issuer: Authority
    key: ManagedKey
    prepared: Prepared
    linted: Linted


def issue(work: Work, version: CertificateVersion) -> CertificateVersion:
    """Issue a READY version in the order of docs/ISSUANCE-CYCLE.md: the intent is durable before the key is used."""
    view = view_certificate(work.core, work.caller, version.arn)
    issuer = issuing_authority(work.core, work.caller, work.cancellation)
    key = _key(work, view, version)
    while True:
        intent = _intend(work, version, issuer, key)
        if work.core.store.write(partial(_store_intent, work=work, before=version, intent=intent)):
            return _sign(work, intent)


def has_own_key(version: CertificateVersion) -> bool:
    """Say whether the stored key is the one that the stored certificate was issued for."""
    if version.certificate is None or version.key is None:
        return False
    key = x509.load_der_x509_certificate(version.certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == version.key.public_key


def require_own_key(version: CertificateVersion) -> None:
    """Raise `IntegrityError` unless key and certificate of an issued version belong together."""
    if not has_own_key(version):
        msg = f"key and certificate of version {version.number} of {version.arn} do not belong together"
        raise IntegrityError(msg)


def _key(work: Work, view: CertificateView, version: CertificateVersion) -> ManagedKey:
    """Return a fresh key, or the last one where keyRotation is NEVER, the algorithm the same and nothing revoked."""
    current = view.current
    keeps = view.certificate.key_rotation is KeyRotation.NEVER
    last = current.key if keeps and current is not None and current.state is VersionState.ISSUED else None
    if last is not None and last.algorithm is version.spec.key_algorithm:
        work.core.signer.require_pair(last)
        return last
    return work.core.signer.generate(version.spec.key_algorithm, certificate_key_binding(version.arn, version.number))


def _intend(work: Work, version: CertificateVersion, issuer: Authority, key: ManagedKey) -> _Intent:
    expected = _expected(work.core, version, issuer, key, serial_from(work.core.randomness.token(SERIAL_SIZE)))
    prepared = prepare(build(expected), expected.issuer_spki)
    signing = replace(
        version,
        state=VersionState.SIGNING,
        key=key,
        serial=expected.serial,
        authority_id=issuer.id,
        profile_hash=expected.profile_hash,
        tbs=prepared.tbs,
        not_before=expected.validity.not_before,
        not_after=expected.validity.not_after,
    )
    return _Intent(signing, issuer, key, prepared, lint(prepared, expected))


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


def _store_intent(tx: Transaction, work: Work, before: CertificateVersion, intent: _Intent) -> bool:
    """Store what will be signed; return False when the issuer gave that serial out before (T7)."""
    signing, now = intent.signing, work.core.clock.now()
    view = work.require_unchanged(tx, before)
    is_stale = before.validated_at is None or now - before.validated_at > PROOF_LIFE
    if is_stale or _is_revoked(view, intent.key):
        raise StaleProof
    subject = f"{signing.arn}#{signing.number}"
    if not tx.serials.reserve(intent.issuer.id, _serial(signing), subject, now):
        return False
    tx.serials.intend(intent.issuer.id, _serial(signing), intent.prepared.tbs, intent.key.public_key)
    tx.certificates.update_version(signing)
    work.audit(tx, signing, "SignCertificate", {"serial": f"{_serial(signing):x}"})
    return True


def _is_revoked(view: CertificateView, key: ManagedKey) -> bool:
    """Say whether the last key, which this one uses again, was revoked since it was chosen."""
    last = view.current
    is_last = last is not None and last.key is not None and last.key.public_key == key.public_key
    return is_last and last is not None and last.state is VersionState.REVOKED


def _sign(work: Work, intent: _Intent) -> CertificateVersion:
    core, signing = work.core, intent.signing
    certificate = intent.prepared.finish(core.signer.sign(intent.issuer.key, intent.linted))
    issued = replace(signing, state=VersionState.ISSUED, certificate=certificate, issued_at=core.clock.now())
    return core.store.write(lambda tx: _store_issued(tx, work, signing, issued))


def _store_issued(
    tx: Transaction, work: Work, signing: CertificateVersion, issued: CertificateVersion
) -> CertificateVersion:
    """Make the version the current one and retire the one before; all of it, or nothing."""
    view = work.require_unchanged(tx, signing)
    renewal = renewal_of(issued, view.certificate.early_renewal, work.core.randomness)
    issued = replace(issued, renewal=renewal)
    tx.certificates.update_version(issued)
    if view.current is not None and view.current.state is VersionState.ISSUED:
        tx.certificates.update_version(replace(view.current, state=VersionState.RETIRED))
    tx.certificates.update(replace(view.certificate, current_version=issued.number))
    tx.serials.mark(str(issued.authority_id), _serial(issued), ISSUED)
    work.audit(tx, issued, "IssueCertificate", _detail(issued))
    return issued


def abandon_signature(work: Work, version: CertificateVersion) -> CertificateVersion:
    """Go on after a crash around the signature: that serial may exist and is never used again."""
    ready = replace(
        version, state=VersionState.READY, key=None, serial=None, authority_id=None, profile_hash=None, tbs=None
    )

    def write(tx: Transaction) -> None:
        work.require_unchanged(tx, version)
        tx.certificates.update_version(ready)
        tx.serials.mark(str(version.authority_id), _serial(version), MAY_EXIST)
        work.audit(tx, version, "AbandonSignature", {"serial": f"{_serial(version):x}"})

    work.core.store.write(write)
    return ready


def _serial(version: CertificateVersion) -> int:
    if version.serial is None:
        msg = f"version {version.number} of {version.arn} is {version.state.value} without a serial"
        raise IntegrityError(msg)
    return version.serial


def _detail(issued: CertificateVersion) -> dict[str, str]:
    return {
        "serial": f"{_serial(issued):x}",
        "notAfter": issued.not_after.isoformat() if issued.not_after else "",
        "names": " ".join(name.text for name in issued.spec.names),
    }
