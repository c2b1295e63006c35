"""The log of revocations beside the store: which one is in use, what the store lacks of it, and when it has a gap (T9).

A revocation is durable in the log before its row commits, and a log begins with every revocation of the store. So a
store that went back in time lacks what its log holds, and a store without its log may lack anything.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from certwright.core.audit import record
from certwright.core.authority import MAY_EXIST
from certwright.core.context import Core
from certwright.errors import Refused, RevocationsUnknown
from certwright.model.certificates import VersionState
from certwright.model.revocations import LoggedRevocations, Revocation, RevocationLogEntry
from certwright.model.scope import Caller
from certwright.ports.store import Transaction

ACCEPT = "certwright restore --accept-lost-revocations"


@dataclass(frozen=True, slots=True)
class StoredRevocations:
    """What a store knows: its logs, oldest first, and the issuer and serial of every revocation."""

    logs: tuple[RevocationLogEntry, ...]
    keys: frozenset[tuple[str, int]]

    @property
    def log(self) -> RevocationLogEntry | None:
        """Return the log in use, None where nothing was ever revoked or backed up."""
        return self.logs[-1] if self.logs else None


def stored_revocations(tx: Transaction) -> StoredRevocations:
    """Return what the store knows."""
    return StoredRevocations(tuple(tx.revocations.logs()), frozenset(item.key for item in tx.revocations.all()))


def begin_log(core: Core, caller: Caller) -> None:
    """Give an installation without a log one, in this home; a backup knows it and a restore looks for it."""
    if core.store.read(stored_revocations).log is None:
        usable_log(core, caller)


def usable_log(core: Core, caller: Caller) -> LoggedRevocations:
    """Return the log that revocations go to, begun where there was none; raise `Refused` when it is in another home."""
    stored, logged = core.store.read(stored_revocations), own_log(core)
    if stored.log is None:
        logged = logged or _open(core)
        core.store.write(partial(_register, core=core, caller=caller, log=_entry(core, logged, 1, None)))
    elif logged is None or logged.id != stored.log.id:
        msg = (
            f"{_elsewhere(stored.log, core)} Revoke there. If that home is lost, `certwright revoke --new-log` begins "
            f"another log here, and what was issued before is called good only after `{ACCEPT}`."
        )
        raise Refused(msg)
    return logged


def replace_log(core: Core, caller: Caller) -> None:
    """Begin a log in this home in place of one that is lost; what was issued until now is not called good any more."""
    replay(core, caller)
    core.revocation_log.set_aside()
    logged, stored = _open(core), core.store.read(stored_revocations)
    # A clock that was ahead may have issued what looks later than now.
    lost_before = max(core.clock.now(), core.store.read(lambda tx: tx.installations.clock_mark()))
    log = _entry(core, logged, len(stored.logs) + 1, lost_before)
    core.store.write(lambda tx: _add_log(tx, caller, log))


def settle_restored(core: Core, caller: Caller) -> str | None:
    """Bring a store that was just restored up to the log of this home, and begin another log where that is not here.

    Return why some certificates are not called good, None when the log held everything.
    """
    replay(core, caller)
    if _lost(core, core.store.read(stored_revocations)) is not None:
        replace_log(core, caller)
    return lost_sentence(core)


def accept_lost_revocations(core: Core, caller: Caller) -> int:
    """Take the operator's word that nothing revoked is lost; return how many gaps that closes."""
    if _lost(core, core.store.read(stored_revocations)) is not None:
        replace_log(core, caller)
    return core.store.write(lambda tx: _accept(tx, caller, core.clock.now()))


def recover_lost_log(core: Core, caller: Caller, lost: LoggedRevocations) -> int:
    """Take over what a lost log holds, and close the gap that it left; return how many revocations were not known.

    A loss that was accepted meanwhile keeps nothing from being recovered. Raise `Refused` for a log that none was.
    """
    log = usable_log(core, caller)
    replay(core, caller)
    stored = core.store.read(stored_revocations)
    gap = _gap_after(stored, lost.id)
    if gap is None or lost.installation_id != core.installation_id:
        msg = f"Log {lost.id} of installation {lost.installation_id} is not the one that is missing here."
        raise Refused(msg)
    missing = [revocation for revocation in lost.revocations if revocation.key not in stored.keys]
    core.revocation_log.append(log.id, missing)
    replay(core, caller)
    closed = replace(gap, accepted_at=gap.accepted_at or core.clock.now())
    core.store.write(lambda tx: _close(tx, caller, closed, core.clock.now(), "RecoverLostRevocations"))
    return len(missing)


def replay(core: Core, caller: Caller) -> int:
    """Store what the log of this home holds and the store does not; return how many there were."""
    logged = own_log(core)
    if logged is None:
        return 0
    keys = core.store.read(stored_revocations).keys
    missing = [revocation for revocation in logged.revocations if revocation.key not in keys]
    if not missing:
        return 0
    return core.store.write(lambda tx: sum(_replay(tx, core, caller, item) for item in missing))


def replay_if_longer(core: Core, caller: Caller) -> int:
    """Replay when the log has more revocations than the store: a glance that every opening can afford."""
    if core.revocation_log.count() <= core.store.read(lambda tx: tx.revocations.count()):
        return 0
    return replay(core, caller)


def store_revocation(tx: Transaction, caller: Caller, revocation: Revocation, at: datetime, action: str) -> bool:
    """Store a revocation with its audit event and mark its version; return False when it was there."""
    if not tx.revocations.add(revocation):
        return False
    version = tx.certificates.version(revocation.arn, revocation.version)
    if version is not None and (version.authority_id, version.serial) == revocation.key:
        if version.state is VersionState.SIGNING:
            tx.serials.mark(revocation.issuer_id, revocation.serial, MAY_EXIST)
        tx.certificates.update_version(replace(version, state=VersionState.REVOKED))
    detail = {
        "version": str(revocation.version),
        "serial": f"{revocation.serial:x}",
        "issuer": revocation.issuer_id,
        "reason": revocation.reason.value,
        "revokedAt": revocation.revoked_at.isoformat(),
    }
    record(tx, caller, at, action, str(revocation.arn), detail)
    return True


def require_complete(core: Core, stored: StoredRevocations, issued_at: datetime) -> None:
    """Raise `RevocationsUnknown` when a revocation of something issued at that instant may be lost.

    Ask the store before this reads the log: the log is written first, so it holds at least as much.
    """
    sentence = _lost(core, stored) or _gap(stored, issued_at)
    if sentence is not None:
        raise RevocationsUnknown(sentence)


def lost_sentence(core: Core) -> str | None:
    """Return why some certificates are not called good, None when all revocations are known."""
    stored = core.store.read(stored_revocations)
    return _lost(core, stored) or _gap(stored, None)


def own_log(core: Core) -> LoggedRevocations | None:
    """Return the log of this home, None when there is none or it is another installation's."""
    logged = core.revocation_log.read()
    return logged if logged is not None and logged.installation_id == core.installation_id else None


def _lost(core: Core, stored: StoredRevocations) -> str | None:
    if stored.log is None:
        return None
    logged = own_log(core)
    if logged is None or logged.id != stored.log.id:
        return f"{_elsewhere(stored.log, core)} Nothing issued until now is called good. {_PUT_BACK}"
    if stored.keys - {revocation.key for revocation in logged.revocations}:
        return f"The log of revocations {core.revocation_log.place} lacks some that the store has. {_PUT_BACK}"
    return None


def _gap(stored: StoredRevocations, issued_at: datetime | None) -> str | None:
    gaps = [log.lost_before for log in stored.logs if log.is_gap and log.lost_before is not None]
    lost_before = max(gaps, default=None)
    if lost_before is None or (issued_at is not None and issued_at > lost_before):
        return None
    return (
        f"This store was restored, or its log of revocations lost, on {lost_before:%Y-%m-%d %H:%M} UTC: what was "
        f"issued before may have been revoked, and is not called good. If you have the log of the old home, run: "
        f"certwright restore --lost-log FILE. {_OTHERWISE}"
    )


_OTHERWISE = f"Otherwise revoke again what you know was revoked; when nothing is lost any more, run: {ACCEPT}"
_PUT_BACK = f"Put the log back in its place. {_OTHERWISE}"


def _elsewhere(log: RevocationLogEntry, core: Core) -> str:
    return (
        f"Revocations of installation {core.installation_id} are logged in {log.place} (log {log.id}), which is not "
        f"the log of this home ({core.revocation_log.place})."
    )


def _open(core: Core) -> LoggedRevocations:
    """Open the log of this home; one of another installation is moved out of the way."""
    if core.revocation_log.read() is not None and own_log(core) is None:
        core.revocation_log.set_aside()
    log_id = str(uuid.UUID(bytes=core.randomness.token(16), version=4))
    return core.revocation_log.open(log_id, core.installation_id, core.store.read(lambda tx: tx.revocations.all()))


def _entry(core: Core, logged: LoggedRevocations, number: int, lost_before: datetime | None) -> RevocationLogEntry:
    return RevocationLogEntry(number, logged.id, core.revocation_log.place, core.clock.now(), lost_before, None)


def _register(tx: Transaction, core: Core, caller: Caller, log: RevocationLogEntry) -> None:
    """Register the first log; of two homes at once, one is the log's."""
    found = stored_revocations(tx).log
    if found is None:
        _add_log(tx, caller, log)
    elif found.id != log.id:
        raise Refused(_elsewhere(found, core))


def _add_log(tx: Transaction, caller: Caller, log: RevocationLogEntry) -> None:
    tx.revocations.add_log(log)
    detail = {"place": log.place, "lostBefore": log.lost_before.isoformat() if log.lost_before else ""}
    record(tx, caller, log.opened_at, "BeginRevocationLog", log.id, detail)


def _accept(tx: Transaction, caller: Caller, now: datetime) -> int:
    gaps = [log for log in tx.revocations.logs() if log.is_gap]
    for log in gaps:
        _close(tx, caller, replace(log, accepted_at=now), now, "AcceptLostRevocations")
    return len(gaps)


def _close(tx: Transaction, caller: Caller, gap: RevocationLogEntry, now: datetime, action: str) -> None:
    tx.revocations.update_log(gap)
    record(tx, caller, now, action, gap.id, {"lostBefore": gap.lost_before.isoformat() if gap.lost_before else ""})


def _gap_after(stored: StoredRevocations, log_id: str) -> RevocationLogEntry | None:
    """Return the log that was begun because the one of that id was lost."""
    pairs = zip(stored.logs, stored.logs[1:], strict=False)
    return next((log for lost, log in pairs if lost.id == log_id and log.lost_before is not None), None)


def _replay(tx: Transaction, core: Core, caller: Caller, revocation: Revocation) -> bool:
    owner = Caller(caller.actor, revocation.arn.scope)
    return store_revocation(tx, owner, revocation, core.clock.now(), "ReplayRevocation")
