"""The contract of ports.resolver.Resolver, over real servers on loopback and over the fake."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import dns.flags
import dns.message
import pytest
from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers, NameServer
from certwright.adapters.system import EventCancellation
from certwright.errors import Cancelled
from certwright.model.records import (
    AnswerRecord,
    RecordType,
    ResourceRecord,
    ServerAnswer,
    ServerFailure,
    ServerReply,
)
from certwright.ports.resolver import Resolver

from tests.contract.patience import SLOWEST_STOP, stops_in_time
from tests.core.model_zone import Condition, ZoneServers
from tests.fakes import FakePrimary, ScriptedResolver
from tests.support.knot import free_port
from tests.support.nameserver import (
    Act,
    Behaviour,
    Reply,
    RunningServer,
    acts,
    after,
    at_first,
    name_server,
    says,
    truncated,
)

NAME = "_n.example.test."
KINDS = ("authoritative", "scripted", "zone servers")
GOOD = says(f"{NAME} 60 CNAME _v.test.")


@contextmanager
def asking(*behaviours: Behaviour) -> Iterator[tuple[AuthoritativeResolver, list[RunningServer]]]:
    """Give a resolver whose authoritative servers behave so."""
    with ExitStack() as stack:
        servers = [stack.enter_context(name_server(behaviour)) for behaviour in behaviours]
        resolver = AuthoritativeResolver(ConfiguredServers(tuple(server.address for server in servers)))
        stack.callback(resolver.close)
        yield resolver, servers


@contextmanager
def resolver_of(kind: str, behaviours: Mapping[str, Behaviour]) -> Iterator[tuple[Resolver, tuple[ServerReply, ...]]]:
    """Give a resolver of a kind, and what it has to reply."""
    with asking(*behaviours.values()) as (resolver, servers):
        expected = tuple(EXPECTED[name](str(server.address)) for name, server in zip(behaviours, servers, strict=True))
        if kind == "zone servers":
            yield zone_servers(expected, behaviours), expected
        else:
            yield (
                resolver if kind == "authoritative" else ScriptedResolver({(NAME, RecordType.CNAME): expected}),
                expected,
            )


def zone_servers(expected: Sequence[ServerReply], behaviours: Mapping[str, Behaviour]) -> ZoneServers:
    """Give the model's servers in the same conditions, over a zone that holds the record."""
    primary = FakePrimary("example.test", "updater", "")
    primary.records[ResourceRecord(NAME, RecordType.CNAME, "_v.test.")] = 60
    conditions = {reply.server: CONDITIONS[name] for reply, name in zip(expected, behaviours, strict=True)}
    return ZoneServers((primary,), conditions)


def answered(server: str) -> ServerReply:
    return ServerAnswer(server, "NOERROR", (AnswerRecord(NAME, RecordType.CNAME, "_v.test.", 60),))


EXPECTED: dict[str, Callable[[str], ServerReply]] = {
    "slow": answered,
    "good": answered,
    "absent": lambda server: ServerAnswer(server, "NXDOMAIN", ()),
    "broken": lambda server: ServerFailure(server, "SERVFAIL"),
    "foreign": lambda server: ServerFailure(server, "REFUSED", is_elsewhere=True),
}
CONDITIONS = {
    "slow": Condition.FINE,
    "good": Condition.FINE,
    "absent": Condition.STALE,
    "broken": Condition.DOWN,
    "foreign": Condition.FOREIGN,
}
BEHAVIOURS: dict[str, Behaviour] = {
    "slow": after(0.3, GOOD),
    "good": GOOD,
    "absent": says(rcode="NXDOMAIN"),
    "broken": says(rcode="SERVFAIL"),
    "foreign": says(rcode="REFUSED", aa=False),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "names",
    [["good"], ["slow", "good", "absent"], ["absent", "broken", "slow"], ["broken"], ["foreign", "broken"]],
    ids=" ".join,
)
def test_every_server_has_one_reply_and_their_order_is_stable(kind: str, names: list[str]) -> None:
    with resolver_of(kind, {name: BEHAVIOURS[name] for name in names}) as (resolver, expected):
        for _ in range(2):
            assert resolver.ask(NAME, RecordType.CNAME, 5.0, EventCancellation()) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_is_cancelled_already_raises(kind: str) -> None:
    cancellation = EventCancellation()
    cancellation.cancel()
    with resolver_of(kind, {"good": GOOD}) as (resolver, _), pytest.raises(Cancelled):
        resolver.ask(NAME, RecordType.CNAME, 5.0, cancellation)


def test_a_question_outside_the_script_is_an_error() -> None:
    resolver = ScriptedResolver({(NAME, RecordType.CNAME): (answered("s"),)}, sibling=(answered("s"),))
    for name, rtype in (
        (NAME, RecordType.CAA),
        ("other.test.", RecordType.CNAME),
        ("_x.example.test.", RecordType.CNAME),
    ):
        with pytest.raises(AssertionError, match="unexpected question"):
            resolver.ask(name, rtype, 1.0, EventCancellation())


def test_a_scripted_resolver_knows_labels_beside_its_records_and_what_was_asked() -> None:
    sibling = (ServerAnswer("s", "NXDOMAIN", ()),)
    resolver = ScriptedResolver({(NAME, RecordType.CNAME): (answered("s"),)}, sibling=sibling)
    beside = f"_{'ab' * 10}.example.test."
    assert resolver.ask(beside, RecordType.CNAME, 1.0, EventCancellation()) == sibling
    assert resolver.asked == [(beside, RecordType.CNAME)]


def test_questions_are_asked_as_of_an_authority() -> None:
    with asking(truncated(GOOD)) as (resolver, servers):
        resolver.ask(NAME, RecordType.CNAME, 5.0, EventCancellation())
    assert [transport for transport, _ in servers[0].asked] == ["UDP", "TCP"]
    for _, query in servers[0].asked:
        assert query.question[0].to_text() == f"{NAME} IN CNAME"
        assert not query.flags & dns.flags.RD
        assert (query.edns, query.payload) == (0, 1232)


def test_every_question_has_an_id_of_its_own() -> None:
    with asking(GOOD) as (resolver, servers):
        for _ in range(20):
            resolver.ask(NAME, RecordType.CNAME, 5.0, EventCancellation())
    assert len({query.id for _, query in servers[0].asked}) > 15


def test_nothing_is_remembered_between_two_questions() -> None:
    with asking(GOOD) as (resolver, servers):
        for _ in range(3):
            resolver.ask(NAME, RecordType.CNAME, 5.0, EventCancellation())
    assert len(servers[0].asked) == 3


@dataclass(frozen=True)
class SlowFinder:
    """Take long to find the servers."""

    seconds: float

    def servers(self, _name: str, budget: float) -> tuple[NameServer, ...]:
        time.sleep(min(self.seconds, budget + 1))
        return (NameServer("", "127.0.0.1", 1),)


@dataclass(frozen=True)
class FixedFinder:
    """Find always the same."""

    found: tuple[NameServer, ...] | ServerFailure

    def servers(self, _name: str, _budget: float) -> tuple[NameServer, ...] | ServerFailure:
        return self.found


def test_a_zone_whose_servers_cannot_be_found_is_one_failure() -> None:
    failure = ServerFailure("system resolver", "SERVFAIL at test.")
    resolver = AuthoritativeResolver(FixedFinder(failure))
    assert resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation()) == (failure,)
    resolver.close()


def test_a_zone_without_servers_is_one_failure() -> None:
    resolver = AuthoritativeResolver(FixedFinder(()))
    (reply,) = resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation())
    assert isinstance(reply, ServerFailure)
    resolver.close()


def test_the_budget_bounds_a_call_to_silent_servers() -> None:
    with asking(acts(Act.SILENCE), acts(Act.SILENCE), GOOD) as (resolver, servers):
        start = time.monotonic()
        replies = resolver.ask(NAME, RecordType.CNAME, 0.4, EventCancellation())
        assert time.monotonic() - start < 0.4 + SLOWEST_STOP
    assert [isinstance(reply, ServerFailure) for reply in replies] == [True, True, False]
    assert [reply.server for reply in replies] == [str(server.address) for server in servers]


def test_the_budget_bounds_a_call_that_waits_by_tcp() -> None:
    with asking(truncated(acts(Act.SILENCE))) as (resolver, _):
        start = time.monotonic()
        (reply,) = resolver.ask(NAME, RecordType.CNAME, 0.4, EventCancellation())
        assert time.monotonic() - start < 0.4 + SLOWEST_STOP
    assert isinstance(reply, ServerFailure)


def test_the_budget_bounds_the_search_for_servers() -> None:
    resolver = AuthoritativeResolver(SlowFinder(1.0))
    start = time.monotonic()
    (reply,) = resolver.ask(NAME, RecordType.CNAME, 0.3, EventCancellation())
    assert time.monotonic() - start < 0.3 + SLOWEST_STOP
    assert isinstance(reply, ServerFailure)
    resolver.close()


@pytest.mark.parametrize(
    "behaviours",
    [[acts(Act.SILENCE)], [GOOD, truncated(acts(Act.SILENCE))]],
    ids=["a silent server", "a server that is silent by TCP"],
)
def test_cancelling_ends_the_wait_for(behaviours: Sequence[Behaviour]) -> None:
    with asking(*behaviours) as (resolver, _):
        stops_in_time(resolver)


def test_cancelling_ends_the_wait_for_the_search_of_servers() -> None:
    resolver = AuthoritativeResolver(SlowFinder(1.5))
    stops_in_time(resolver)
    resolver.close()


def test_a_datagram_that_was_lost_is_sent_again() -> None:
    with asking(at_first(acts(Act.SILENCE), GOOD)) as (resolver, servers):
        (reply,) = resolver.ask(NAME, RecordType.CNAME, 3.0, EventCancellation())
        assert reply == answered(str(servers[0].address))
    assert len(servers[0].asked) == 2


def test_a_server_that_is_not_there_is_a_failure_that_names_it() -> None:
    server = NameServer("ns1.test", "127.0.0.1", free_port())
    resolver = AuthoritativeResolver(ConfiguredServers((server,)))
    (reply,) = resolver.ask(NAME, RecordType.CNAME, 0.3, EventCancellation())
    assert isinstance(reply, ServerFailure)
    assert reply.server == f"ns1.test (127.0.0.1:{server.port})"
    resolver.close()


def test_many_questions_at_once_each_get_their_own_answer() -> None:
    names = [f"_n{number}.example.test." for number in range(40)]

    def values(name: str) -> list[str]:
        replies = resolver.ask(name, RecordType.CNAME, 20.0, EventCancellation())
        return [item.value for reply in replies if isinstance(reply, ServerAnswer) for item in reply.records]

    with asking(points_to_itself, points_to_itself) as (resolver, _), ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(values, names)) == [[name, name] for name in names]


def points_to_itself(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - as all behaviours
    name = query.question[0].name
    return says(f"{name} 60 CNAME {name}")(query, over_tcp)
