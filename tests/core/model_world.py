"""The real core beside the book: one act in both, then a look whether they still agree."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from certwright.core.certificates import CertificateWish
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.errors import LeaseLost
from certwright.model.certificates import KeyRotation, RenewalOutputs
from certwright.model.keys import KeyAlgorithm
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target

from tests.core.model_acts import MayLoseLease, Story
from tests.core.model_book import Book, Surroundings, Wanted
from tests.core.model_compare import differences, due_differences
from tests.core.model_learn import learn
from tests.core.model_processes import CALLERS, Configuration, Host, Killed, Process
from tests.core.model_seen import Log, Seen, due_and_pending, look_at_certificates, serials
from tests.core.model_zone import Condition, ZoneServers
from tests.core.world import wish
from tests.fakes import FakeClock, FakePrimary, FakeZoneWriter

BASES = ("example.com", "www.example.com", "api.example.com", "example.org")
_SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
_LABEL = "_[a-z2-7]{32}"
T = TypeVar("T")
Kill = tuple[int, bool]
"""After how many writes a process is killed, and whether the last one is committed."""


class ModelWorld:
    """Two processes on one home, the zones around them, and the book."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="certwright-model-"))
        self.clock = FakeClock()
        self.primaries = tuple(FakePrimary(zone, "updater", _SECRET) for zone in ("example.com", "example.org"))
        self.servers = ZoneServers(self.primaries, {"ns1": Condition.FINE, "ns2": Condition.FINE})
        self.host = Host(self.folder, self.servers, self.clock)
        self.processes = [self.host.start(Configuration()) for _ in range(2)]
        self.book = Book()
        self.log = Log()
        self.looks = 0
        for process in self.processes:
            self._read_records(process)
        self.look()

    def close(self) -> None:
        """Leave nothing behind."""
        for process in self.processes:
            self.host.end(process)
        shutil.rmtree(self.folder)

    def around(self, process: Process, later: timedelta = timedelta(0)) -> Surroundings:
        """Return what an act of a process meets."""
        return Surroundings(
            now=self.clock.now() + later,
            domain=process.configuration.domain,
            enforces_caa=process.configuration.enforces_caa,
            conditions=tuple(self.servers.conditions.values()),
            caa=dict(self.servers.caa),
        )

    def restart(self, number: int, configuration: Configuration) -> None:
        """End a process and start another in its place."""
        self.host.end(self.processes[number])
        self.processes[number] = self.host.start(configuration)
        self._read_records(self.processes[number])

    def do(self, act: Callable[[], T], story: Story) -> T | None:
        """Do in both; what the story says is raised must be."""
        error = _told(story)
        result = None
        if error is None:
            result = act()
        elif error is MayLoseLease:
            with suppress(LeaseLost):
                act()
        else:
            with pytest.raises(error):
                act()
        self.look()
        return result

    @contextmanager
    def interrupted(self, process: Process, act: Callable[[], object], *, at_signature: bool) -> Iterator[None]:
        """Let something happen once while DNS is asked, or right after a signature."""
        if at_signature:
            process.signer.at_signature = lambda: _ignore(act())
        else:
            self.servers.at_question = lambda: _ignore(act())
        try:
            yield
        finally:
            self.servers.at_question = process.signer.at_signature = None

    def set_record(self, base: str, owner: str, value: str) -> None:
        """Set a record by hand, in place of what was there."""
        writer(self.primary(base)).replace(record_of(owner, value), 60)
        self.book.zone[owner] = value

    def remove_record(self, base: str, owner: str) -> None:
        """Remove a record by hand."""
        if owner in self.book.zone:
            writer(self.primary(base)).remove(record_of(owner, self.book.zone.pop(owner)))

    def mend_servers(self) -> None:
        """Let all servers work, and CAA allow everything."""
        self.servers.conditions.update(dict.fromkeys(self.servers.conditions, Condition.FINE))
        self.servers.caa.clear()

    def primary(self, base: str) -> FakePrimary:
        """Return the primary of a name's zone."""
        return next(primary for primary in self.primaries if zone_of(base) == f"{primary.zone}.")

    def caller(self, account: str) -> Caller:
        """Return who acts for an account."""
        return next(caller for caller in CALLERS if caller.account == account)

    def do_killed(self, number: int, kill: Kill, act: Callable[[], object], story: Story) -> None:
        """Do in both while the process may be killed: the store must be at one of the points of the story."""
        pages = [deepcopy(self.book)]
        error = _told(story, lambda: pages.append(deepcopy(self.book)))
        pages.append(self.book)
        process = self.processes[number]
        process.store.kill_at(kill[0], commits=kill[1])
        with suppress(Killed, *([] if error is None else [error])):
            act()
        self.restart(number, process.configuration)
        seen = self._see()
        found = [differences(page, seen, self.clock.now()) for page in pages]
        fitting = [page for page, different in zip(pages, found, strict=True) if not different]
        assert fitting, f"killed at {kill}, the store is at no point of the act: {found}"
        self._turn(fitting[-1], seen)

    def look(self) -> None:
        """Require that store and book agree, and let the book learn what only the store can know."""
        seen = self._see()
        different = differences(self.book, seen, self.clock.now())
        assert not different, "\n".join(different)
        self._turn(self.book, seen)

    def _turn(self, book: Book, seen: Seen) -> None:
        faults = [*learn(book, seen), *due_differences(book, seen, self.clock.now())]
        assert not faults, "\n".join(faults)
        book.events.clear()
        self.book = book
        self._read_records(self._watcher, CALLERS[1:])

    def _see(self) -> Seen:
        self.looks += 1
        core = self._watcher.core
        listed, certificates = look_at_certificates(
            core, CALLERS, [entry.arn for entry in self.book.entries if entry.arn]
        )
        regions = {(caller.account, caller.scope.region): due_and_pending(core, caller) for caller in CALLERS}
        records = {item.name: item.value for primary in self.primaries for item in primary.records}
        zones = core.store.read(lambda tx: [tx.zone_records.holders(zone, name) for zone, name in self._owners()])
        return Seen(
            certificates=certificates,
            listed=listed,
            due={region: due for region, (due, _) in regions.items()},
            pending={region: pending for region, (_, pending) in regions.items()},
            events=tuple(event for account in self._accounts() for event in self.log.follow(core, account)),
            serials=serials(self.folder),
            holds=tuple(hold for holds in zones for hold in holds),
            zone=records,
        )

    @property
    def _watcher(self) -> Process:
        """Return the process that looks; they take turns."""
        return self.processes[self.looks % len(self.processes)]

    def _accounts(self) -> list[str]:
        return sorted({caller.account for caller in CALLERS})

    def _owners(self) -> set[tuple[str, str]]:
        return {(zone_of(base), owner) for (_, base, _), (owner, _) in self.book.texts.items()}

    def _read_records(self, process: Process, callers: Sequence[Caller] = CALLERS) -> None:
        """Require that every name has the record that it had before, whichever process is asked."""
        names = parse_names(BASES, BASES).names
        for caller in callers:
            for item in validation_records(process.core, caller, names):
                self._read_record(process, caller.account, item.domain_name.text, item.record)

    def _read_record(self, process: Process, account: str, base: str, record: ResourceRecord) -> None:
        domain = self.book.handed.get((account, base), process.configuration.domain)
        text = (record.name, record.value)
        assert re.fullmatch(rf"{_LABEL}\.{re.escape(base)}\. {_LABEL}\.{re.escape(domain)}\.", " ".join(text)), text
        assert self.book.texts.setdefault((account, base, domain), text) == text
        owners = {owner for (by, name, _), (owner, _) in self.book.texts.items() if (by, name) == (account, base)}
        assert len(owners) == 1, f"{base} of {account} has the owners {owners}"


def _told(story: Story, at_each_point: Callable[[], None] = lambda: None) -> type[Exception] | None:
    """Tell a story to its end and return the error that it ends with."""
    while True:
        try:
            next(story)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        at_each_point()


def _ignore(result: object) -> None:
    del result


def zone_of(base: str) -> str:
    """Return the zone that has a name."""
    return f"{'.'.join(base.split('.')[-2:])}."


def writer(primary: FakePrimary) -> FakeZoneWriter:
    """Return a writer for a primary's zone."""
    target = Rfc2136Target(
        "192.0.2.53", 53, f"{primary.zone}.", "updater", "hmac-sha256", SecretBytes(_SECRET.encode())
    )
    return primary(target)


def record_of(owner: str, value: str) -> ResourceRecord:
    """Return a CNAME."""
    return ResourceRecord(owner, RecordType.CNAME, value)


def wish_for(wanted: Wanted) -> CertificateWish:
    """Return what a declaration asks of the core."""
    made = wish(*wanted.names)
    spec = replace(made.spec, key_algorithm=KeyAlgorithm(wanted.curve), lifetime=timedelta(days=wanted.days))
    return replace(
        made,
        spec=spec,
        early_renewal=None if wanted.lead is None else timedelta(days=wanted.lead),
        key_rotation=KeyRotation.NEVER if wanted.keeps_key else KeyRotation.ON_RENEWAL,
        renewal_outputs=RenewalOutputs.PIN if wanted.is_pinned else RenewalOutputs.FOLLOW,
        repin=wanted.repin,
        tags=(("tag", wanted.tag),),
        digest=repr((spec.digest, wanted.whole[1:])),
    )
