"""How a serial stands: good, revoked or unknown; never good when its revocation may have been lost (T9)."""

from dataclasses import dataclass

from certwright.core.authority import ISSUED
from certwright.core.certificates import known_certificate
from certwright.core.context import Core
from certwright.core.keyring import account_scope
from certwright.core.revocation_logs import StoredRevocations, replay, require_complete, stored_revocations
from certwright.errors import NotFound
from certwright.model.arns import CertificateArn
from certwright.model.authorities import AuthorityRole
from certwright.model.revocations import ReservedSerial, Revocation, Standing, StandingKind
from certwright.model.scope import Caller
from certwright.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class _Found:
    """What one read of the store says of a serial."""

    revocation: Revocation | None
    serial: ReservedSerial | None
    stored: StoredRevocations


def standing(core: Core, caller: Caller, issuer_id: str, serial: int) -> Standing:
    """Return how a serial of an issuer of the caller's account stands.

    What stands in the log and not in the store is stored before anything is called good. Raises `RevocationsUnknown`
    instead of calling good what may have been revoked without a trace. A serial that was reserved and never known to
    be issued is UNKNOWN.
    """
    found = core.store.read(lambda tx: _find(tx, caller, issuer_id, serial))
    if found.revocation is None and replay(core, caller):
        found = core.store.read(lambda tx: _find(tx, caller, issuer_id, serial))
    if found.revocation is not None:
        return Standing(StandingKind.REVOKED, found.revocation)
    if found.serial is None or found.serial.outcome != ISSUED:
        return Standing(StandingKind.UNKNOWN)
    require_complete(core, found.stored, found.serial.reserved_at)
    return Standing(StandingKind.GOOD)


def standing_of_certificate(core: Core, caller: Caller, arn: CertificateArn) -> Standing:
    """Return how the current version of a certificate stands, also of a deleted one; raise `NotFound` without one."""
    current = core.store.read(lambda tx: known_certificate(tx, caller, arn)).current
    if current is None or current.authority_id is None or current.serial is None:
        msg = f"{arn} is not issued: there is nothing to say of it"
        raise NotFound(msg)
    return standing(core, caller, current.authority_id, current.serial)


def standing_of_serial(core: Core, caller: Caller, serial: int) -> Standing:
    """Return how a serial stands, whichever authority of the caller's account and Region gave it out."""
    replay(core, caller)
    for issuer_id in core.store.read(lambda tx: _issuers(tx, caller, serial)):
        found = standing(core, caller, issuer_id, serial)
        if found.kind is not StandingKind.UNKNOWN:
            return found
    return Standing(StandingKind.UNKNOWN)


def _issuers(tx: Transaction, caller: Caller, serial: int) -> tuple[str, ...]:
    """Return issuers that revoked the serial, which a restored store may have lost, and all that it has."""
    revoking = [item.issuer_id for item in tx.revocations.all() if item.serial == serial]
    scopes = ((account_scope(caller.account), AuthorityRole.ROOT), (caller.scope, AuthorityRole.ISSUING))
    return (*revoking, *(item.id for scope, role in scopes for item in tx.authorities.all(scope, role)))


def _find(tx: Transaction, caller: Caller, issuer_id: str, serial: int) -> _Found:
    revocation = tx.revocations.get(issuer_id, serial)
    if revocation is not None and revocation.arn.account != caller.account:
        revocation = None
    is_own = tx.authorities.get(caller.account, issuer_id) is not None
    return _Found(revocation, tx.serials.get(issuer_id, serial) if is_own else None, stored_revocations(tx))
