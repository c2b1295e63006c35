"""Refuse to sign by a clock that went wrong (T33), until an operator says that it is right now."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from certwright.core.audit import record
from certwright.core.context import Core
from certwright.errors import IntegrityError, SigningRefused
from certwright.model.arns import CertificateArn
from certwright.model.certificates import RenewalDecision
from certwright.model.scope import Caller
from certwright.ports.store import Transaction

TOLERANCE = timedelta(seconds=30)
# Longer than the longest leaf lives: whoever renews at all signs something within that time.
LONGEST_SLEEP = timedelta(days=1096)
_RESET = "`certwright clock reset`"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the clock says, the latest instant that the store has seen, and why nothing is signed, None when it is."""

    now: datetime
    mark: datetime
    trouble: str | None


def check_clock(tx: Transaction, now: datetime) -> None:
    """Raise the store's high-water mark; raise `SigningRefused` when `now` is far behind it or years ahead of it."""
    trouble = clock_trouble(tx.installations.advance_clock(now), now)
    if trouble is not None:
        msg = f"{trouble} Nothing was signed."
        raise SigningRefused(msg)


def clock_trouble(mark: datetime, now: datetime) -> str | None:
    """Say what is wrong with a clock, given the latest instant that was seen: behind it, or too far ahead to believe.

    A clock that jumps ahead would take everything for expired and replace it by what is not valid for years.
    """
    if mark - now > TOLERANCE:
        return (
            f"The clock says {_told(now)}, but this store has seen {_told(mark)}. Set the clock right; if it is "
            f"right and was ahead then, run {_RESET}."
        )
    if now - mark > LONGEST_SLEEP:
        return (
            f"The clock says {_told(now)}, but this store last signed or waited at {_told(mark)}, over "
            f"{LONGEST_SLEEP.days} days before. Set the clock right; if it is right, run {_RESET}."
        )
    return None


def read_clock(core: Core) -> ClockReading:
    """Return how the clock stands to what the store has seen; changes nothing."""
    return _reading(core.clock.now(), core.store.read(lambda tx: tx.installations.clock_mark()))


def reset_clock(core: Core, caller: Caller) -> ClockReading:
    """Take the present clock for right, whatever the store has seen; audited. Return how it stood before."""
    now = core.clock.now()
    return _reading(now, core.store.write(lambda tx: _reset(tx, core, caller, now)))


def _reset(tx: Transaction, core: Core, caller: Caller, now: datetime) -> datetime:
    mark = tx.installations.clock_mark()
    tx.installations.reset_clock(now)
    early = tx.certificates.begun_after(now)
    for arn in early:
        _hasten(tx, arn, now)
    detail = {"from": mark.isoformat(), "to": now.isoformat(), "renewedAtOnce": str(len(early))}
    record(tx, caller, now, "ResetClock", core.installation_id, detail)
    return mark


def _hasten(tx: Transaction, arn: CertificateArn, now: datetime) -> None:
    """Let what a clock that was ahead made be due now: its own instant is as far away as its validity.

    A damaged row, which doctor names, keeps the clock of the others wrong no longer.
    """
    try:
        view = tx.certificates.view(arn)
    except IntegrityError:
        return
    if view is not None and view.current is not None and view.current.renewal is not None:
        tx.certificates.update_version(replace(view.current, renewal=RenewalDecision(now, now, now)))


def _reading(now: datetime, mark: datetime) -> ClockReading:
    return ClockReading(now, mark, clock_trouble(mark, now))


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
