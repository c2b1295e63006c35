"""Revoke a version of a certificate: durable in the log first, then in the store; nothing ever undoes it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from certwright.core.certificates import known_certificate
from certwright.core.context import Core
from certwright.core.revocation_logs import replay, store_revocation, usable_log
from certwright.errors import NotFound, Refused
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion, CertificateView, VersionState
from certwright.model.revocations import Revocation, RevocationReason
from certwright.model.scope import Caller
from certwright.ports.store import Transaction


def revoke_version(
    core: Core, caller: Caller, arn: CertificateArn, reason: RevocationReason, number: int | None = None
) -> tuple[Revocation, ...]:
    """Revoke the current version, or that of a number (ACM RevokeCertificate), and return what stands revoked.

    Safe to repeat: the first reason and instant stay. KEY_COMPROMISE concerns every version with the same key, one
    that is being signed included. A deleted certificate can be revoked; the next `pulumi up` replaces a live one.
    """
    log = usable_log(core, caller)
    replay(core, caller)
    wanted = core.store.read(lambda tx: _wanted(tx, caller, arn, reason, number, core.clock.now()))
    fresh = core.store.read(lambda tx: [item for item in wanted if tx.revocations.get(*item.key) is None])
    if fresh:
        core.revocation_log.append(log.id, fresh)
        core.store.write(lambda tx: _store(tx, core, caller, fresh))
    return core.store.read(lambda tx: tuple(tx.revocations.get(*item.key) or item for item in wanted))


def _store(tx: Transaction, core: Core, caller: Caller, revocations: Sequence[Revocation]) -> None:
    for revocation in revocations:
        store_revocation(tx, caller, revocation, core.clock.now(), "RevokeCertificate")


def _wanted(
    tx: Transaction,
    caller: Caller,
    arn: CertificateArn,
    reason: RevocationReason,
    number: int | None,
    now: datetime,
) -> list[Revocation]:
    view = known_certificate(tx, caller, arn)
    chosen = _chosen(tx, view, number)
    versions = _with_its_key(tx, view, chosen) if reason is RevocationReason.KEY_COMPROMISE else iter((chosen,))
    return [
        Revocation(item.authority_id, item.serial, arn, item.number, reason, now)
        for item in versions
        if item.authority_id is not None and item.serial is not None
    ]


def _chosen(tx: Transaction, view: CertificateView, number: int | None) -> CertificateVersion:
    arn = view.certificate.arn
    version = view.current if number is None else tx.certificates.version(arn, number)
    if version is None:
        msg = f"{arn} has no version {number}" if number is not None else f"{arn} is not issued: nothing to revoke"
        raise NotFound(msg)
    if not version.state.has_certificate:
        msg = f"Version {version.number} of {arn} is {version.state.value}: it has no certificate to revoke."
        raise Refused(msg)
    return version


def _with_its_key(tx: Transaction, view: CertificateView, chosen: CertificateVersion) -> Iterator[CertificateVersion]:
    """Yield every version with the key of the chosen one; keyRotation NEVER gives several the same."""
    for number in range(1, view.certificate.newest_version + 1):
        version = tx.certificates.version(view.certificate.arn, number)
        if version is None or version.key is None or chosen.key is None:
            continue
        is_signed = version.state.has_certificate or version.state is VersionState.SIGNING
        if is_signed and version.key.public_key == chosen.key.public_key:
            yield version
