"""Work under a lease: one holder at a time, fenced by epoch; whoever comes second waits and says for whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from certwright.core.context import Core
from certwright.errors import Cancelled, LeaseTaken
from certwright.model.lease import Lease
from certwright.ports.clock import Cancellation
from certwright.ports.store import Transaction

_LOOK_EVERY = 0.2


@contextmanager
def held(core: Core, subject: str, life: timedelta, patience: float, cancellation: Cancellation) -> Iterator[Lease]:
    """Hold the lease on `subject`; wait up to `patience` seconds for another holder, then raise `LeaseTaken`.

    Leases are for economy; correctness rests on constraints and on `tx.leases.require`.
    """
    lease = _take(core, subject, life, patience, cancellation)
    try:
        yield lease
    finally:
        core.store.write(lambda tx: tx.leases.release(lease))


def _take(core: Core, subject: str, life: timedelta, patience: float, cancellation: Cancellation) -> Lease:
    deadline = core.clock.monotonic() + patience
    owner = f"{core.process_id}:{core.randomness.token(8).hex()}"
    while True:
        lease = core.store.write(partial(_take_once, subject=subject, owner=owner, now=core.clock.now(), life=life))
        if lease is not None:
            return lease
        if core.clock.monotonic() >= deadline:
            raise LeaseTaken(_who(core, subject))
        if cancellation.wait(_LOOK_EVERY):
            msg = f"stopped while waiting for another process to finish with {subject}"
            raise Cancelled(msg)


def _take_once(tx: Transaction, subject: str, owner: str, now: datetime, life: timedelta) -> Lease | None:
    return tx.leases.take(subject, owner, now, life)


def _who(core: Core, subject: str) -> str:
    holder = core.store.read(lambda tx: tx.leases.holder(subject))
    who = (
        f"process {holder.owner.rpartition(':')[0]} until {holder.expires_at:%H:%M:%S} UTC" if holder else "nobody now"
    )
    return f"{subject} is being worked on by {who}; run the same command again"
