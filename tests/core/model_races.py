"""The state machine's races: what comes while DNS is asked, or while the key signs, wins over the step under way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from certwright.core.certificates import change_certificate, delete_certificate
from certwright.core.issuance import drive
from certwright.model.lease import Lease
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.core import model_acts as acts
from tests.core import model_cycle as cycle
from tests.core.model_draws import CHANGES, PICKS, PROCESSES
from tests.core.model_machine import CertificateActs, On
from tests.core.model_surroundings import SurroundingActs, take_lease
from tests.core.model_world import wish_for

_LEASE_AND_MORE = timedelta(seconds=121)
_DAYS = (90, 395)


class RaceActs(SurroundingActs):
    """Everything at once."""

    def on_pending(self, number: int, pick: int, helped: int) -> On:
        """Pick a certificate and have a version of it under way."""
        on = self.on(number, pick)
        if not on.entry.is_deleted and not on.entry.newest.is_pending:
            other_days = _DAYS[on.entry.wanted.days == _DAYS[0]]
            self.bring_to(number, on, replace(on.entry.wanted, days=other_days), None)
        return self.on(number, pick, helped)

    @precondition(CertificateActs.has_entries)
    @rule(number=PROCESSES, pick=PICKS, helped=PICKS, changes=CHANGES, at_signature=st.booleans())
    def it_is_changed_meanwhile(
        self,
        number: int,
        pick: int,
        helped: int,
        changes: dict[str, object],
        at_signature: bool,  # noqa: FBT001 - drawn
    ) -> None:
        on, other = self.on_pending(number, pick, helped), self.process(1 - number)
        wanted = replace(on.entry.wanted, **changes)  # type: ignore[arg-type]
        around, (_, caller, arn) = self.world.around(other), on.at
        self.race(
            on,
            lambda: change_certificate(other.core, caller, arn, wish_for(wanted)),
            lambda: acts.change(on.book, on.entry, wanted, around),
            at_signature=at_signature,
        )

    @precondition(CertificateActs.has_many)
    @rule(number=PROCESSES, pick=PICKS, helped=PICKS, at_signature=st.booleans())
    def it_is_deleted_meanwhile(self, number: int, pick: int, helped: int, at_signature: bool) -> None:  # noqa: FBT001 - drawn
        on, other = self.on_pending(number, pick, helped), self.process(1 - number)
        _, caller, arn = on.at
        self.race(
            on,
            lambda: delete_certificate(other.core, caller, arn),
            lambda: acts.delete(on.book, on.entry),
            at_signature=at_signature,
        )

    @precondition(CertificateActs.has_entries)
    @rule(number=PROCESSES, pick=PICKS, helped=PICKS, at_signature=st.booleans())
    def its_lease_ends_meanwhile(self, number: int, pick: int, helped: int, at_signature: bool) -> None:  # noqa: FBT001 - drawn
        on = self.on_pending(number, pick, helped)
        lost = cycle.loses_lease(acts.nothing)
        self.race(on, lambda: self.world.clock.wait(_LEASE_AND_MORE), lost, at_signature=at_signature)

    @precondition(CertificateActs.has_entries)
    @rule(number=PROCESSES, pick=PICKS, helped=PICKS, at_signature=st.booleans())
    def its_lease_goes_elsewhere_meanwhile(self, number: int, pick: int, helped: int, at_signature: bool) -> None:  # noqa: FBT001 - drawn
        """Another host takes the lease that ended and still has it when this process comes back."""
        on, taken = self.on_pending(number, pick, helped), list[Lease]()
        store, subject = on.process.store.inner, f"version:{on.entry.arn}#{on.newest}"

        def take() -> None:
            self.world.clock.wait(_LEASE_AND_MORE)
            taken.append(store.write(lambda tx: take_lease(tx, subject, self.world.clock.now())))

        self.race(on, take, cycle.loses_lease(acts.nothing), at_signature=at_signature)
        for lease in taken:
            store.write(lambda tx, lease=lease: tx.leases.release(lease))  # type: ignore[misc]

    @precondition(CertificateActs.has_entries)
    @rule(number=PROCESSES, pick=PICKS, helped=PICKS, at_signature=st.booleans())
    def another_process_takes_over_meanwhile(
        self,
        number: int,
        pick: int,
        helped: int,
        at_signature: bool,  # noqa: FBT001 - drawn
    ) -> None:
        on, other = self.on_pending(number, pick, helped), self.process(1 - number)
        version, later = on.newest, self.world.around(other, _LEASE_AND_MORE)
        _, caller, arn = on.at

        def take_over() -> None:
            self.world.clock.wait(_LEASE_AND_MORE)
            drive(other.core, caller, arn, version, self.never)

        lost = cycle.loses_lease(lambda: cycle.drive(on.book, on.entry, version, later))
        self.race(on, take_over, lost, at_signature=at_signature)

    def race(self, on: On, act: Callable[[], object], told: acts.Act, *, at_signature: bool) -> None:
        """Drive the newest version, and let something happen meanwhile."""
        version = on.newest
        moments = (acts.nothing, told) if at_signature else (told, acts.nothing)
        story = cycle.drive(on.book, on.entry, version, on.around, *moments)
        with self.world.interrupted(on.process, act, at_signature=at_signature):
            self.world.do(lambda: drive(*on.at, version, self.never), story)
