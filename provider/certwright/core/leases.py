"""Work under a lease: one holder at a time, fenced by epoch; whoever comes second waits and says for whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from certwright.core.context import Core
from certwright.errors import Cancelled, LeaseTaken
from certwright.model.lease import Lease
from certwright.ports.clock import Cancellation
from certwright.ports.store import Transaction

_LOOK_EVERY = 0.2
_NOBODY_LONGER = timedelta(hours=1)


@contextmanager
def held(core: Core, subject: str, life: timedelta, patience: float, cancellation: Cancellation) -> Iterator[Lease]:
    """Hold the lease on `subject`; wait up to `patience` seconds for another holder, then raise `LeaseTaken`.

    A holder that is known to have ended, killed for instance, is not waited for, nor is one whose clock was so far
    ahead that its lease ends later than any does. Leases are for economy; correctness rests on constraints and on the
    epoch, which `require` and `extend` look at.
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
        lease = core.store.write(partial(_take_once, core=core, subject=subject, owner=owner, life=life))
        if lease is not None:
            return lease
        if core.clock.monotonic() >= deadline:
            raise LeaseTaken(_who(core, subject))
        if cancellation.wait(_LOOK_EVERY):
            msg = f"stopped while waiting for another process to finish with {subject}"
            raise Cancelled(msg)


def _take_once(tx: Transaction, core: Core, subject: str, owner: str, life: timedelta) -> Lease | None:
    holder, now = tx.leases.holder(subject), core.clock.now()
    if holder is not None and (_has_ended(core, holder) or holder.expires_at > now + _NOBODY_LONGER):
        tx.leases.release(holder)
    return tx.leases.take(subject, owner, now, life)


def _has_ended(core: Core, holder: Lease) -> bool:
    return core.processes is not None and core.processes.has_ended(_process_of(holder))


def _process_of(lease: Lease) -> str:
    return lease.owner.rpartition(":")[0]


def _who(core: Core, subject: str) -> str:
    holder = core.store.read(lambda tx: tx.leases.holder(subject))
    who = f"process {_process_of(holder)} until {holder.expires_at:%H:%M:%S} UTC" if holder else "nobody now"
    return f"{subject} is being worked on by {who}; run the same command again"
