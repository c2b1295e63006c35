"""The state machine's acts on certificates: each in both worlds."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from certwright.core.certificates import (
    change_certificate,
    claim_certificate,
    delete_certificate,
    renew_certificate,
    request_certificate,
)
from certwright.core.context import Core
from certwright.core.issuance import advance, drive
from certwright.core.upkeep import work_due
from certwright.model.arns import CertificateArn, parse_certificate_arn
from certwright.model.scope import Caller
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core import model_acts as acts
from tests.core import model_cycle as cycle
from tests.core.model_book import Book, Entry, Surroundings, Wanted
from tests.core.model_draws import CHANGES, KILLS, NAMES, PICKS, PROCESSES, REGIONS, REQUESTS, URNS
from tests.core.model_processes import CALLERS, Process
from tests.core.model_world import Kill, ModelWorld, wish_for
from tests.fakes import FakeCancellation

_MOST_LIVE = 6


@dataclass(frozen=True)
class On:
    """A process that acts on a certificate of the book."""

    process: Process
    book: Book
    entry: Entry
    around: Surroundings

    @property
    def at(self) -> tuple[Core, Caller, CertificateArn]:
        """Return what use cases take first."""
        owner = next(caller for caller in CALLERS if (caller.account, caller.scope.region) == self.entry.region)
        return self.process.core, owner, parse_certificate_arn(self.entry.arn)

    @property
    def newest(self) -> int:
        """Return the number of the newest version."""
        return len(self.entry.versions)


class CertificateActs(RuleBasedStateMachine):
    """Requests, changes, claims, renewals, deletions and the issuance cycle; a process may be killed in any."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = ModelWorld()
        self.never = FakeCancellation(self.world.clock)

    def teardown(self) -> None:
        self.world.close()

    @invariant()
    def count(self) -> None:
        CertificateActs.steps += 1

    def has_entries(self) -> bool:
        return bool(self.world.book.entries)

    def has_room(self) -> bool:
        return sum(not entry.is_deleted for entry in self.world.book.entries) < _MOST_LIVE

    def has_many(self) -> bool:
        return sum(not entry.is_deleted for entry in self.world.book.entries) > _MOST_LIVE // 2

    def process(self, number: int) -> Process:
        return self.world.processes[number]

    def on(self, number: int, pick: int, helped: int = 0) -> On:
        """Pick a certificate, mostly one that was not deleted, and help it on."""
        process, entries = self.process(number), self.world.book.entries
        live = [entry for entry in entries if not entry.is_deleted]
        among = live if live and pick % 5 else entries
        entry = among[pick % len(among)]
        self.help(entry, helped)
        return On(process, self.world.book, entry, self.world.around(process))

    def help(self, entry: Entry, draw: int) -> None:
        """Put in place, mostly, what a certificate waits for, on servers that work."""
        if draw % 4 == 0:
            return
        for base in entry.newest.wanted.bases:
            self.world.set_record(base, *self.world.book.handed_record(entry.region[0], base))
        self.world.mend_servers()

    def do(self, number: int, kill: Kill | None, act: Callable[[], object], story: acts.Story) -> None:
        if kill is None:
            self.world.do(act, story)
        else:
            self.world.do_killed(number, kill, act, story)

    @initialize(number=PROCESSES, requests=REQUESTS)
    def begin(self, number: int, requests: list[tuple[Caller, str, dict[str, object]]]) -> None:
        """Have some certificates issued."""
        for caller, urn, changes in requests:
            self.request(number, caller, urn, changes, None)
        for pick in range(len(self.world.book.entries)):
            self.drive(number, 1 + pick, 1, 1, None)

    @precondition(has_room)
    @rule(number=PROCESSES, caller=REGIONS, urn=URNS, changes=CHANGES, kill=KILLS)
    def request(self, number: int, caller: Caller, urn: str, changes: dict[str, object], kill: Kill | None) -> None:
        process, wanted = self.process(number), replace(Wanted(NAMES[0]), **changes)  # type: ignore[arg-type]
        region = (caller.account, caller.scope.region)
        story = acts.request(self.world.book, region, urn, wanted, self.world.around(process))
        self.do(number, kill, lambda: request_certificate(process.core, caller, urn, wish_for(wanted)), story)

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, changes=CHANGES, kill=KILLS)
    def change(self, number: int, pick: int, changes: dict[str, object], kill: Kill | None) -> None:
        on = self.on(number, pick)
        self.bring_to(number, on, replace(on.entry.wanted, **changes), kill)  # type: ignore[arg-type]

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, names=st.sampled_from(NAMES), helped=PICKS)
    def change_names_and_issue(self, number: int, pick: int, names: tuple[str, ...], helped: int) -> None:
        on = self.on(number, pick)
        self.bring_to(number, on, replace(on.entry.wanted, names=names), None)
        self.drive(number, pick, 1, helped, None)

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, kill=KILLS)
    def go_back_to_what_is_in_force(self, number: int, pick: int, kill: Kill | None) -> None:
        on = self.on(number, pick)
        self.bring_to(number, on, on.entry.current.wanted if on.entry.current else on.entry.wanted, kill)

    def bring_to(self, number: int, on: On, wanted: Wanted, kill: Kill | None) -> None:
        story = acts.change(on.book, on.entry, wanted, on.around)
        self.do(number, kill, lambda: change_certificate(*on.at, wish_for(wanted)), story)

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, kill=KILLS)
    def claim(self, number: int, pick: int, kill: Kill | None) -> None:
        on = self.on(number, pick)
        self.do(number, kill, lambda: claim_certificate(*on.at), acts.claim(on.book, on.entry))

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, kill=KILLS)
    def renew(self, number: int, pick: int, kill: Kill | None) -> None:
        on = self.on(number, pick)
        self.do(number, kill, lambda: renew_certificate(*on.at), acts.renew(on.book, on.entry, on.around))

    @precondition(has_many)
    @rule(number=PROCESSES, pick=PICKS, kill=KILLS)
    def delete(self, number: int, pick: int, kill: Kill | None) -> None:
        on = self.on(number, pick)
        self.do(number, kill, lambda: delete_certificate(*on.at), acts.delete(on.book, on.entry))

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, back=PICKS, helped=PICKS, kill=KILLS)
    def advance(self, number: int, pick: int, back: int, helped: int, kill: Kill | None) -> None:
        """Advance any version, mostly the newest."""
        on = self.on(number, pick, helped)
        version = on.newest if back % 4 else 1 + back % on.newest
        story = cycle.advance(on.book, on.entry, version, on.around)
        self.do(number, kill, lambda: advance(*on.at, version, self.never), story)

    @precondition(has_entries)
    @rule(number=PROCESSES, pick=PICKS, draw=PICKS, helped=PICKS, kill=KILLS)
    def drive(self, number: int, pick: int, draw: int, helped: int, kill: Kill | None) -> None:
        """Drive the newest version; now and then the serial that is drawn was given out before."""
        on = self.on(number, pick, helped)
        version = on.newest
        on.process.chance.repeat(repeats=draw % 3 == 0)
        story = cycle.drive(on.book, on.entry, version, on.around)
        self.do(number, kill, lambda: drive(*on.at, version, self.never), story)
        on.process.chance.repeat(repeats=False)

    @precondition(has_entries)
    @rule(number=PROCESSES, caller=REGIONS, helped=PICKS, kill=KILLS)
    def work_due(self, number: int, caller: Caller, helped: int, kill: Kill | None) -> None:
        process, region = self.process(number), (caller.account, caller.scope.region)
        for entry in self.world.book.live(region):
            self.help(entry, helped)
        story = cycle.work_due(self.world.book, region, self.world.around(process))
        self.do(number, kill, lambda: list(work_due(process.core, caller, self.never)), story)
