"""The state machine's acts of time, servers, zones, other hands and other processes."""

from datetime import datetime, timedelta

import pytest
from certwright.core.certificates import delete_certificate, view_certificate
from certwright.core.clock_guard import reset_clock
from certwright.core.issuance import advance
from certwright.core.zone_records import ZonePlace, claim_hold, publish, withdraw
from certwright.errors import LeaseTaken, NotFound
from certwright.model.lease import Lease
from certwright.model.scope import Caller
from certwright.ports.store import Transaction
from hypothesis.stateful import precondition, rule

from tests.core import model_holds as holds
from tests.core.model_book import Hold
from tests.core.model_draws import (
    CAA,
    CAA_NODES,
    CONDITIONS,
    CONFIGURATIONS,
    KILLS,
    LENGTHS,
    PICKS,
    PROCESSES,
    REGIONS,
    URNS,
)
from tests.core.model_machine import CertificateActs
from tests.core.model_processes import CALLERS, Configuration
from tests.core.model_world import BASES, Kill, record_of, writer, zone_of
from tests.core.model_zone import SOMEBODY, Condition

_WEEKS = timedelta(days=29)


class SurroundingActs(CertificateActs):
    """Whatever happens around the core."""

    def has_holds(self) -> bool:
        return bool(self.world.book.holds)

    @rule(length=LENGTHS)
    def time_goes_by(self, length: timedelta) -> None:
        """Let time go by; after weeks somebody says that the clock is right, as a store that slept for years asks."""
        self.world.clock.wait(length)
        if length >= _WEEKS:
            core = self.world.processes[0].core
            reset_clock(core, CALLERS[0])
            self.world.book.events.append((CALLERS[0].account, "ResetClock", core.installation_id))
        self.world.look()

    @rule(number=PROCESSES, condition=CONDITIONS, node=CAA_NODES, value=CAA)
    def servers_change(self, number: int, condition: Condition, node: str, value: str | None) -> None:
        self.world.servers.conditions[f"ns{number + 1}"] = condition
        self.world.servers.caa = {} if value is None else {node: value}

    @rule(number=PROCESSES, configuration=CONFIGURATIONS)
    def a_process_starts_anew(self, number: int, configuration: Configuration) -> None:
        self.world.restart(number, configuration)
        self.world.look()

    @rule(pick=PICKS, caller=REGIONS)
    def somebody_spoils_a_record(self, pick: int, caller: Caller) -> None:
        base = BASES[pick % len(BASES)]
        owner, _ = self.world.book.record(caller.account, base, self.world.processes[0].configuration.domain)
        if pick % 2:
            self.world.set_record(base, owner, SOMEBODY)
        else:
            self.world.remove_record(base, owner)

    @rule(number=PROCESSES, caller=REGIONS, pick=PICKS, urn=URNS, kill=KILLS)
    def publish(self, number: int, caller: Caller, pick: int, urn: str, kill: Kill | None) -> None:
        process, base = self.process(number), BASES[pick % len(BASES)]
        around = self.world.around(process)
        owner, value = self.world.book.record(caller.account, base, around.domain)
        hold = Hold(caller.account, urn, owner, value, around.now)
        place = ZonePlace(urn, zone_of(base), writer(self.world.primary(base)))
        story = holds.publish(self.world.book, hold)
        self.do(number, kill, lambda: publish(process.core, caller, place, record_of(owner, value), 60), story)

    @precondition(has_holds)
    @rule(number=PROCESSES, pick=PICKS, kill=KILLS)
    def withdraw(self, number: int, pick: int, kill: Kill | None) -> None:
        process, hold = self.process(number), self._hold(pick)
        base = hold.owner.rstrip(".").partition(".")[2]
        place = ZonePlace(hold.urn, zone_of(base), writer(self.world.primary(base)))
        at = (process.core, self._owner(hold), place, hold.id, record_of(hold.owner, hold.value), 60)
        story = holds.withdraw(self.world.book, hold, self.world.around(process))
        if kill is not None:
            self.world.do_killed(number, kill, lambda: withdraw(*at), story)
            return
        removal = self.world.do(lambda: withdraw(*at), story)
        assert removal is not None
        assert set(removal.needed_by) == (holds.needed_by(self.world.book, hold) if removal.removed else set())

    @precondition(has_holds)
    @rule(number=PROCESSES, pick=PICKS, urn=URNS, kill=KILLS)
    def claim_hold(self, number: int, pick: int, urn: str, kill: Kill | None) -> None:
        process, hold = self.process(number), self._hold(pick)
        story = holds.claim_hold(self.world.book, hold, urn)
        self.do(number, kill, lambda: claim_hold(process.core, self._owner(hold), hold.id, urn), story)

    def _hold(self, pick: int) -> Hold:
        return self.world.book.holds[-1 - pick % min(6, len(self.world.book.holds))]

    def _owner(self, hold: Hold) -> Caller:
        return self.world.caller(hold.account)

    @precondition(CertificateActs.has_entries)
    @rule(number=PROCESSES, pick=PICKS, caller=REGIONS)
    def a_stranger_asks(self, number: int, pick: int, caller: Caller) -> None:
        """A certificate of another account or Region does not exist for a caller."""
        on = self.on(number, pick)
        core, owner, arn = on.at
        if caller == owner:
            return
        for act in (view_certificate, delete_certificate):
            with pytest.raises(NotFound):
                act(core, caller, arn)
        with pytest.raises(NotFound):
            advance(core, caller, arn, 1, self.never)
        self.world.look()

    @precondition(CertificateActs.has_entries)
    @rule(number=PROCESSES, pick=PICKS)
    def somebody_else_works_on_it(self, number: int, pick: int) -> None:
        """Whoever finds the lease taken waits, says so, and changes nothing."""
        on = self.on(number, pick)
        core, caller, arn = on.at
        lease = core.store.write(lambda tx: take_lease(tx, f"version:{arn}#{on.newest}", on.around.now))
        with pytest.raises(LeaseTaken, match="elsewhere/1"):
            advance(core, caller, arn, on.newest, self.never, seconds=1.0)
        core.store.write(lambda tx: tx.leases.release(lease))
        self.world.look()


def take_lease(tx: Transaction, subject: str, now: datetime) -> Lease:
    """Take a lease for a process on another host, whatever a killed one left."""
    left = tx.leases.holder(subject)
    if left is not None:
        tx.leases.release(left)
    lease = tx.leases.take(subject, "elsewhere/1:x", now, timedelta(seconds=100))
    assert lease is not None
    return lease
