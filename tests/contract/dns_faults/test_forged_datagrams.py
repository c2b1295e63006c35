"""Datagrams that somebody forges while the true answer is on its way (adapters.dns.exchange)."""

import time

import dns.flags
import dns.message
import pytest
from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers
from certwright.adapters.system import EventCancellation
from certwright.model.records import AnswerRecord, RecordType, ServerAnswer, ServerFailure, ServerReply

from tests.support.nameserver import (
    Act,
    Behaviour,
    Reply,
    acts,
    name_server,
    preceded,
    says,
    sends,
    to_question,
    truncated,
    with_wrong_id,
)

NAME = "_n.example.test."
GOOD = says(f"{NAME} 60 CNAME _v.test.")
EVIL = says(f"{NAME} 60 CNAME _evil.test.")


def ask(behaviour: Behaviour, budget: float = 5.0) -> tuple[ServerReply, list[str]]:
    """Return the reply of the one server that behaves so, and how it was asked."""
    with name_server(behaviour) as server:
        resolver = AuthoritativeResolver(ConfiguredServers((server.address,)))
        (reply,) = resolver.ask(NAME, RecordType.CNAME, budget, EventCancellation())
        resolver.close()
        return reply, [transport for transport, _ in server.asked]


def echo(query: dns.message.Message, _: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
    return query.to_wire()


def cut_with_wrong_id(query: dns.message.Message, _: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC | dns.flags.AA
    response.id = query.id ^ 1
    return response.to_wire()


FORGERIES: dict[str, Behaviour] = {
    "junk": sends(b"junk"),
    "zeros": sends(bytes(600)),
    "an answer under another id": with_wrong_id(EVIL),
    "an answer to another question": to_question("other.test.", EVIL),
    "a refusal under another id": with_wrong_id(says(rcode="REFUSED")),
    "our own question": echo,
    "a cut answer under another id": cut_with_wrong_id,
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_the_true_answer_counts_though_it_comes_after(forgery: Behaviour) -> None:
    start = time.monotonic()
    reply, asked = ask(preceded(forgery, GOOD))
    assert isinstance(reply, ServerAnswer)
    assert reply.records == (AnswerRecord(NAME, RecordType.CNAME, "_v.test.", 60),)
    assert asked == ["UDP"]
    assert time.monotonic() - start < 1.0


def only_by_tcp(by_udp: Behaviour, by_tcp: Behaviour) -> Behaviour:
    return lambda query, over_tcp: (by_tcp if over_tcp else by_udp)(query, over_tcp)


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_the_answer_is_had_by_tcp_when_by_udp_there_is_nothing_but(forgery: Behaviour) -> None:
    reply, asked = ask(only_by_tcp(forgery, GOOD), budget=1.0)
    assert isinstance(reply, ServerAnswer)
    assert asked == ["UDP", "TCP"]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (only_by_tcp(acts(Act.SILENCE), acts(Act.HANG_UP)), "unusable answer by TCP (the connection was closed)"),
        (truncated(acts(Act.HANG_UP)), "cut answer by UDP, unusable answer by TCP (the connection was closed)"),
        (only_by_tcp(acts(Act.SILENCE), with_wrong_id(GOOD)), "unusable answer by TCP (it answers another question)"),
        (acts(Act.SILENCE), "no answer by UDP, no answer by TCP"),
    ],
    ids=["TCP is closed", "TCP is closed after a cut answer", "TCP answers something else", "nobody answers"],
)
def test_the_reason_says_how_the_server_failed_when(behaviour: Behaviour, reason: str) -> None:
    reply, _ = ask(behaviour, budget=0.6)
    assert isinstance(reply, ServerFailure)
    assert reason in reply.reason


def test_two_cnames_at_one_name_are_two_by_udp_and_by_tcp() -> None:
    both = says(f"{NAME} 60 CNAME _v.test.", f"{NAME} 60 CNAME _w.test.")
    for behaviour in (both, truncated(both)):
        reply, _ = ask(behaviour)
        assert isinstance(reply, ServerAnswer)
        assert [item.value for item in reply.records] == ["_v.test.", "_w.test."]


def test_the_same_cname_twice_is_one_record() -> None:
    reply, _ = ask(says(f"{NAME} 60 CNAME _v.test.", f"{NAME} 60 CNAME _v.test."))
    assert isinstance(reply, ServerAnswer)
    assert len(reply.records) == 1


def test_a_negative_answer_names_the_apex_of_its_zone() -> None:
    reply, _ = ask(says(apex="Example.test.", rcode="NXDOMAIN"))
    assert isinstance(reply, ServerAnswer)
    assert reply.zone == "example.test."
