"""Rows played through the real use case: request and issue on a real store, over real sockets, many rows at once."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers, ServerFinder
from certwright.adapters.dns.exchange import Endpoint
from certwright.adapters.dns.zone_walk import ZoneWalk
from certwright.adapters.system import EventCancellation, SystemClock
from certwright.core.certificates import request_certificate, view_certificate
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.core.waiting import NotIssued, wait_for_issue
from certwright.model.arns import CertificateArn
from certwright.model.certificates import VersionState
from certwright.model.policy import CaaPolicy

from tests.core.world import wish
from tests.faults.dns_rows import IDENTITY, Row, Server, Words
from tests.support.cores import CALLER, POLICY, make_core
from tests.support.nameserver import RunningServer, name_server
from tests.support.store import query

_AT_ONCE = 24
_LOOK_EVERY = 0.1
_TOP = "example."
_ENFORCE = replace(POLICY, caa_identities=(IDENTITY,), caa_policy=CaaPolicy.ENFORCE, has_own_servers=True)


@dataclass(frozen=True)
class Played:
    """What came of a row: the state, what the user reads or the audit log keeps, and who was asked for what."""

    words: Words
    bases: tuple[str, ...]
    state: VersionState
    said: str
    seconds: float
    asked: tuple[tuple[str, str, str], ...]

    def nodes(self, rtype: str) -> set[str]:
        """Return the names that the servers were asked for, with this type."""
        return {name for _, name, kind in self.asked if kind == rtype}


class Stage:
    """One home for all rows, which are played side by side; each caller gets the result of its own."""

    def __init__(self, folder: Path, rows: Iterable[Row]) -> None:
        self._folder = folder
        self._core = make_core(folder, resolver=AuthoritativeResolver(ConfiguredServers(())), clock=SystemClock())
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="row")
        self._played = {row.id: self._pool.submit(self._run, row) for row in rows}

    def played(self, row: Row) -> Played:
        """Return what came of a row."""
        return self._played[row.id].result()

    def close(self) -> None:
        """Wait for all rows and close the home."""
        self._pool.shutdown(cancel_futures=True)
        self._core.store.close()

    def _run(self, row: Row) -> Played:
        names = [f"{prefix}{_slug(row)}.{_TOP}".rstrip(".") for prefix in row.prefixes]
        words = self._words(row, names)
        bases = tuple(dict.fromkeys(name.removeprefix("*.") for name in names))
        with _served(row, words) as (servers, finder):
            words |= {f"ns{index}": str(server.address) for index, server in enumerate(servers, 1)}
            with _asking(self._core, row, finder) as core:
                start = time.monotonic()
                arn = self._attempt(core, row, names)
                seconds = time.monotonic() - start
            newest = view_certificate(self._core, CALLER, arn).newest
            said = newest.waiting_for or self._evidence(arn)
            return Played(words, bases, newest.state, said, seconds, tuple(_questions(servers)))

    def _words(self, row: Row, names: Sequence[str]) -> dict[str, str]:
        validations = validation_records(self._core, CALLER, parse_names(names, names).names)
        words = {"name": names[0], "zone": f"{_slug(row)}.{_TOP}", "top": _TOP, "elsewhere": "elsewhere.test."}
        words |= {"base": names[0].removeprefix("*."), "zone_name": words["zone"].rstrip(".")}
        for index, item in enumerate(validations):
            suffix = str(index + 1) if index else ""
            words |= {f"record{suffix}": item.record.name, f"value{suffix}": item.record.value}
        return words

    def _attempt(self, core: Core, row: Row, names: Sequence[str]) -> CertificateArn:
        arn = request_certificate(
            core, CALLER, f"urn:pulumi:dev::rows::row::{row.id}", wish(*names)
        ).view.certificate.arn
        if row.patience:
            with suppress(NotIssued):
                wait_for_issue(core, CALLER, arn, row.patience, EventCancellation(), lambda _: None)
        else:
            drive(core, CALLER, arn, 1, EventCancellation())
        return arn

    def _evidence(self, arn: CertificateArn) -> str:
        statement = "SELECT detail FROM audit_events WHERE action = 'ValidateVersion' AND subject = ?"
        details = [dict(json.loads(str(detail))) for (detail,) in query(self._folder, statement, str(arn))]
        return "\n".join(f"{detail['proof']}\n{detail['caa']}" for detail in details)


def _slug(row: Row) -> str:
    """Return the row's id as a label, within the 63 octets of one."""
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in row.id.lower())
    return "-".join(filter(None, kept.split("-")))[:63].rstrip("-")


@contextmanager
def _served(row: Row, words: Words) -> Iterator[tuple[list[RunningServer], ServerFinder]]:
    with ExitStack() as stack:

        def start(make: Server) -> RunningServer:
            return stack.enter_context(name_server(make(words), with_tcp=row.with_tcp, look_every=_LOOK_EVERY))

        servers = [start(make) for make in row.servers]
        if not row.is_running:
            stack.close()
        if row.system is None:
            yield servers, ConfiguredServers(tuple(server.address for server in servers))
        else:
            system = start(row.system)
            yield servers, ZoneWalk([Endpoint("127.0.0.1", system.port)], servers[0].port)


@contextmanager
def _asking(core: Core, row: Row, finder: ServerFinder) -> Iterator[Core]:
    resolver = AuthoritativeResolver(finder)
    policy = replace(_ENFORCE, has_own_servers=row.system is None)
    try:
        yield replace(core, resolver=resolver, policy=policy)
    finally:
        resolver.close()


def _questions(servers: Sequence[RunningServer]) -> Iterator[tuple[str, str, str]]:
    for server in servers:
        for transport, message in server.asked:
            name, _, kind = message.question[0].to_text().split(" ")
            yield transport, name.lower(), kind
