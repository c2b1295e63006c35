"""From a name to its zone's own servers, whatever a recursive server makes of aliases (adapters.dns.zone_walk)."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from certwright.adapters.dns.authoritative import AuthoritativeResolver, NameServer
from certwright.adapters.dns.exchange import Endpoint
from certwright.adapters.dns.zone_walk import ZoneWalk
from certwright.adapters.system import EventCancellation
from certwright.model.records import AnswerRecord, RecordType, ServerAnswer, ServerFailure

from tests.support.knot import free_port
from tests.support.nameserver import Act, Behaviour, RunningServer, acts, by_question, name_server, recurses, says

RECORD = "_x.www.example.com."
TARGET = "_y.acm-validations.certwright.internal."
ROOT_SOA = ". 60 SOA a.root. hostmaster.root. 1 1 1 1 1"
COM_SOA = "com. 60 SOA ns.com. hostmaster.com. 1 1 1 1 1"
ZONE_SOA = "example.com. 60 SOA ns.example.com. hostmaster.example.com. 1 1 1 1 1"
VENDOR_SOA = "vendor.net. 60 SOA ns.vendor.net. hostmaster.vendor.net. 1 1 1 1 1"
PORT = 5353
Table = dict[tuple[str, str], Behaviour]

NOT_IN_ROOT = recurses(authority=[ROOT_SOA], rcode="NXDOMAIN")
NOT_IN_ZONE = recurses(authority=[ZONE_SOA], rcode="NXDOMAIN")
NOTHING_IN_ZONE = recurses(authority=[ZONE_SOA])
PUBLISHED = recurses(f"{RECORD} 60 CNAME {TARGET}", authority=[ROOT_SOA], rcode="NXDOMAIN")
DANGLING = recurses("www.example.com. 60 CNAME gone.vendor.net.", authority=[VENDOR_SOA], rcode="NXDOMAIN")

INTERNET: Table = {
    (".", "SOA"): recurses(ROOT_SOA),
    (".", "NS"): recurses(". 60 NS a.root."),
    ("a.root.", "A"): recurses("a.root. 60 A 127.0.0.9"),
    ("com.", "SOA"): recurses(COM_SOA),
    ("com.", "NS"): recurses("com. 60 NS ns.com."),
    ("ns.com.", "A"): recurses("ns.com. 60 A 127.0.0.8"),
    ("example.com.", "SOA"): recurses(ZONE_SOA),
    ("example.com.", "NS"): recurses("example.com. 60 NS ns.example.com."),
    ("ns.example.com.", "A"): recurses("ns.example.com. 60 A 127.0.0.1"),
    ("ns.example.com.", "AAAA"): NOTHING_IN_ZONE,
    ("vendor.net.", "SOA"): recurses(VENDOR_SOA),
    ("vendor.net.", "NS"): recurses("vendor.net. 60 NS ns.vendor.net."),
    ("ns.vendor.net.", "A"): recurses("ns.vendor.net. 60 A 127.0.0.7"),
    ("www.example.com.", "SOA"): NOTHING_IN_ZONE,
    ("gone.vendor.net.", "SOA"): recurses(authority=[VENDOR_SOA], rcode="NXDOMAIN"),
    (RECORD, "*"): NOT_IN_ZONE,
}


@contextmanager
def recursive(changes: Mapping[tuple[str, str], Behaviour]) -> Iterator[RunningServer]:
    """Serve a small internet as a recursive server sees it."""
    with name_server(by_question({**INTERNET, **changes}, NOT_IN_ROOT)) as server:
        yield server


def endpoint(server: RunningServer) -> Endpoint:
    return Endpoint("127.0.0.1", server.port)


def found(
    changes: Mapping[tuple[str, str], Behaviour], name: str = RECORD, budget: float = 2.0
) -> tuple[NameServer, ...] | ServerFailure:
    with recursive(changes) as server:
        return ZoneWalk([endpoint(server)], PORT).servers(name, budget)


OURS = (NameServer("ns.example.com", "127.0.0.1", PORT),)
WALKS: dict[str, tuple[Table, str]] = {
    "before the record is published": ({}, RECORD),
    "once the record is published and its target does not exist": ({(RECORD, "*"): PUBLISHED}, RECORD),
    "of an alias whose target does not exist any more": ({("www.example.com.", "SOA"): DANGLING}, "www.example.com."),
    "of an alias of a zone's apex": (
        {("www.example.com.", "SOA"): recurses("www.example.com. 60 CNAME vendor.net.", VENDOR_SOA)},
        "www.example.com.",
    ),
    "of a record whose host is an alias": ({("www.example.com.", "SOA"): DANGLING}, RECORD),
    "below a DNAME": (
        {
            ("a.www.example.com.", "SOA"): recurses(
                "www.example.com. 60 DNAME vendor.net.",
                "a.www.example.com. 60 CNAME a.vendor.net.",
                authority=[VENDOR_SOA],
                rcode="NXDOMAIN",
            )
        },
        "a.www.example.com.",
    ),
    "of the apex itself": ({}, "example.com."),
    "of a record at the apex": ({}, "_x.example.com."),
    "where a negative answer names no zone": ({("www.example.com.", "SOA"): recurses()}, "www.example.com."),
    "where a negative answer names a zone that is not above": (
        {("www.example.com.", "SOA"): recurses(authority=[VENDOR_SOA])},
        "www.example.com.",
    ),
    "written in capitals": ({}, "_X.WWW.Example.COM."),
}


@pytest.mark.parametrize(("changes", "name"), WALKS.values(), ids=WALKS.keys())
def test_the_zone_s_own_servers_are_found(changes: Table, name: str) -> None:
    assert found(changes, name) == OURS


def test_a_name_right_below_the_top_is_found_there() -> None:
    assert found({("com.", "NS"): recurses("com. 60 NS ns.com.")}, "_x.com.") == (
        NameServer("ns.com", "127.0.0.8", PORT),
    )


def test_every_address_of_every_server_is_found_once_and_in_a_stable_order() -> None:
    changes: Table = {
        ("example.com.", "NS"): recurses("example.com. 60 NS ns2.example.com.", "example.com. 60 NS ns1.example.com."),
        ("ns1.example.com.", "A"): recurses("ns1.example.com. 60 A 127.0.0.2", "ns1.example.com. 60 A 127.0.0.1"),
        ("ns1.example.com.", "AAAA"): recurses("ns1.example.com. 60 AAAA ::1"),
        ("ns2.example.com.", "A"): recurses("ns2.example.com. 60 A 127.0.0.3"),
        ("ns2.example.com.", "AAAA"): NOTHING_IN_ZONE,
    }
    assert found(changes) == (
        NameServer("ns1.example.com", "127.0.0.1", PORT),
        NameServer("ns1.example.com", "127.0.0.2", PORT),
        NameServer("ns1.example.com", "::1", PORT),
        NameServer("ns2.example.com", "127.0.0.3", PORT),
    )


@pytest.mark.parametrize(
    "lost",
    [recurses(rcode="SERVFAIL"), acts(Act.SILENCE), NOT_IN_ZONE],
    ids=["cannot be looked up", "nobody answers for", "does not exist"],
)
def test_the_other_servers_are_found_beside_one_whose_address(lost: Behaviour) -> None:
    changes: Table = {
        ("example.com.", "NS"): recurses("example.com. 60 NS gone.example.com.", "example.com. 60 NS ns.example.com."),
        ("gone.example.com.", "*"): lost,
    }
    assert found(changes) == OURS


FAILURES: dict[str, tuple[Table, str]] = {
    "a node cannot be looked up": (
        {("www.example.com.", "SOA"): recurses(rcode="SERVFAIL")},
        "www.example.com. SOA is not answered (127.0.0.1: SERVFAIL)",
    ),
    "the zone's NS records cannot be looked up": (
        {("example.com.", "NS"): recurses(rcode="REFUSED")},
        "example.com. NS is not answered (127.0.0.1: REFUSED)",
    ),
    "the zone has no NS records": ({("example.com.", "NS"): NOTHING_IN_ZONE}, "example.com. has no NS records"),
    "no server has an address": (
        {("ns.example.com.", "A"): NOT_IN_ZONE},
        "no name server of example.com. has an address",
    ),
    "there are more addresses than can be asked": (
        {("ns.example.com.", "A"): recurses(*(f"ns.example.com. 60 A 127.0.1.{item}" for item in range(1, 66)))},
        "65 addresses of name servers, more than 64",
    ),
}


@pytest.mark.parametrize(("changes", "reason"), FAILURES.values(), ids=FAILURES.keys())
def test_the_walk_stops_and_says_where_when(changes: Table, reason: str) -> None:
    failure = found(changes)
    assert isinstance(failure, ServerFailure)
    assert failure.server == "system resolver"
    assert reason in failure.reason


def test_the_next_system_resolver_is_asked_when_the_first_is_of_no_use() -> None:
    with recursive({}) as good, name_server(recurses(rcode="REFUSED")) as bad:
        nobody = Endpoint("127.0.0.1", free_port())
        walk = ZoneWalk([nobody, endpoint(bad), endpoint(good)], PORT)
        assert walk.servers(RECORD, 2.0) == OURS


@pytest.mark.parametrize(
    "silent", [("www.example.com.", "SOA"), ("example.com.", "NS"), ("ns.example.com.", "A")], ids=" ".join
)
def test_one_deadline_holds_for_the_whole_walk_when_nobody_answers(silent: tuple[str, str]) -> None:
    start = time.monotonic()
    failure = found({silent: acts(Act.SILENCE)}, budget=0.5)
    assert time.monotonic() - start < 1.0
    assert isinstance(failure, ServerFailure)


def test_the_servers_of_a_zone_are_remembered_for_a_while() -> None:
    with recursive({}) as server:
        walk = ZoneWalk([endpoint(server)], PORT)
        for _ in range(2):
            assert walk.servers(RECORD, 2.0) == OURS
        types = [query.question[0].to_text().split()[-1] for _, query in server.asked]
    assert types.count("NS") == 1


def test_a_published_record_is_read_from_the_zone_s_own_server() -> None:
    answer = says(f"{RECORD} 60 CNAME {TARGET}")
    with recursive({(RECORD, "*"): PUBLISHED}) as system, name_server(answer) as own:
        resolver = AuthoritativeResolver(ZoneWalk([endpoint(system)], own.port))
        (reply,) = resolver.ask(RECORD, RecordType.CNAME, 2.0, EventCancellation())
        resolver.close()
    place = f"ns.example.com (127.0.0.1:{own.port})"
    assert reply == ServerAnswer(place, "NOERROR", (AnswerRecord(RECORD, RecordType.CNAME, TARGET, 60),))


def test_a_host_name_with_control_characters_is_shown_without_them() -> None:
    changes: Table = {
        ("example.com.", "NS"): recurses(r"example.com. 60 NS n\027s.example.com."),
        (r"n\027s.example.com.", "A"): recurses(r"n\027s.example.com. 60 A 127.0.0.1"),
    }
    servers = found(changes)
    assert not isinstance(servers, ServerFailure)
    assert str(servers[0]).isprintable()
