"""Refuse to sign when the clock went backwards (T33)."""

from datetime import datetime, timedelta

from certwright.errors import SigningRefused
from certwright.ports.store import Transaction

TOLERANCE = timedelta(seconds=30)


def check_clock(tx: Transaction, now: datetime) -> None:
    """Raise the store's high-water mark; raise `SigningRefused` when `now` is more than 30 s behind it."""
    mark = tx.installations.advance_clock(now)
    if mark - now > TOLERANCE:
        msg = (
            f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC, but this store has seen {mark:%Y-%m-%d %H:%M:%S} UTC. "
            "Set the clock right; nothing was signed."
        )
        raise SigningRefused(msg)
