"""Slow zones and servers, and who has to wait for them (adapters.dns.authoritative, adapters.dns.workers)."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers, NameServer
from certwright.adapters.system import EventCancellation
from certwright.errors import Cancelled
from certwright.model.records import RecordType, ServerAnswer, ServerFailure

from tests.support.knot import free_port
from tests.support.nameserver import Act, acts, after, name_server, says

NAME = "_n.example.test."
GOOD = says(f"{NAME} 60 CNAME _v.test.")
MANY = 70
PATIENCE = 3.0


@dataclass(frozen=True)
class PartlySlowFinder:
    """Find one server at once, but for names in `slow.test` sleep on as if there were no budget."""

    server: NameServer
    seconds: float

    def servers(self, name: str, _budget: float) -> tuple[NameServer, ...]:
        if "slow.test" in name:
            time.sleep(self.seconds)
        return (self.server,)


@dataclass(frozen=True)
class FinderByName:
    """Find the silent server for names in `slow.test` and the good one for all others."""

    silent: NameServer
    good: NameServer

    def servers(self, name: str, _budget: float) -> tuple[NameServer, ...]:
        return (self.silent if "slow.test" in name else self.good,)


def answers_while_others_wait(resolver: AuthoritativeResolver) -> float:
    """Ask many questions in a slow zone and one elsewhere; return how long that one took."""
    stop = EventCancellation()
    with ThreadPoolExecutor(MANY) as pool:
        slow = [
            pool.submit(resolver.ask, f"a{number}.slow.test.", RecordType.CNAME, PATIENCE, stop)
            for number in range(MANY)
        ]
        while not all(item.running() for item in slow):
            time.sleep(0.01)
        start = time.monotonic()
        (reply,) = resolver.ask(NAME, RecordType.CNAME, PATIENCE, EventCancellation())
        took = time.monotonic() - start
        stop.cancel()
        for item in slow:
            assert isinstance(item.exception(), Cancelled)
    assert isinstance(reply, ServerAnswer)
    return took


def test_a_zone_whose_servers_are_hard_to_find_delays_nobody_else() -> None:
    with name_server(GOOD) as server:
        resolver = AuthoritativeResolver(PartlySlowFinder(server.address, 3 * PATIENCE))
        assert answers_while_others_wait(resolver) < 1.0
        resolver.close()


def test_a_server_that_is_silent_delays_nobody_else() -> None:
    with name_server(GOOD) as good, name_server(acts(Act.SILENCE)) as silent:
        resolver = AuthoritativeResolver(FinderByName(silent.address, good.address))
        assert answers_while_others_wait(resolver) < 1.0
        resolver.close()


def test_one_server_has_many_questions_to_answer_at_once_and_answers_all() -> None:
    with name_server(after(0.05, GOOD)) as server, ThreadPoolExecutor(MANY) as pool:
        resolver = AuthoritativeResolver(ConfiguredServers((server.address,)))
        asked = [pool.submit(resolver.ask, NAME, RecordType.CNAME, 8.0, EventCancellation()) for _ in range(MANY)]
        assert all(isinstance(item.result()[0], ServerAnswer) for item in asked)
        resolver.close()


def test_a_closed_port_is_told_at_once() -> None:
    resolver = AuthoritativeResolver(ConfiguredServers((NameServer("", "127.0.0.1", free_port()),)))
    start = time.monotonic()
    (reply,) = resolver.ask(NAME, RecordType.CNAME, 8.0, EventCancellation())
    assert time.monotonic() - start < 0.5
    assert isinstance(reply, ServerFailure)
    assert reply.reason == "not reachable by UDP (Connection refused), not reachable by TCP (Connection refused)"
    resolver.close()


def test_a_closed_resolver_asks_nothing_more() -> None:
    with name_server(GOOD) as server:
        resolver = AuthoritativeResolver(ConfiguredServers((server.address,)))
        resolver.close()
        with pytest.raises(Cancelled):
            resolver.ask(NAME, RecordType.CNAME, 8.0, EventCancellation())
        assert server.asked == []


PROGRAM = """
import sys, threading
from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers, NameServer
from certwright.adapters.system import EventCancellation
from certwright.model.records import RecordType

servers = tuple(NameServer("", "127.0.0.1", int(port)) for port in sys.argv[1:])
resolver = AuthoritativeResolver(ConfiguredServers(servers))
cancellation = EventCancellation()
threading.Timer(0.3, cancellation.cancel).start()
try:
    resolver.ask("_n.example.test.", RecordType.CNAME, 60.0, cancellation)
finally:
    resolver.close()
"""


def test_a_process_ends_soon_while_servers_are_silent() -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(name_server(acts(Act.SILENCE))) for _ in range(3)]
        ports = [str(server.port) for server in servers]
        command = [sys.executable, "-c", PROGRAM, *ports]
        process = stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        while not all(server.asked for server in servers):
            time.sleep(0.01)
        start = time.monotonic()
        _, errors = process.communicate(timeout=30)
        assert time.monotonic() - start < 1.3
    assert "Cancelled" in errors.splitlines()[-1]
