"""The contract of ports.resolver.ValidatingResolver, over servers on loopback and over the fake."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.edns
import dns.message
import dns.rcode
import pytest
from certwright.adapters.dns.validating import RecursiveValidator
from certwright.adapters.system import EventCancellation
from certwright.errors import Cancelled
from certwright.model.records import (
    AnswerRecord,
    RecordType,
    ServerAnswer,
    ServerFailure,
    ValidatedAnswer,
    ValidatedReply,
)

from tests.contract.patience import SLOWEST_STOP, stops_in_time
from tests.fakes import ScriptedValidator
from tests.support.nameserver import (
    Act,
    Behaviour,
    RunningServer,
    acts,
    name_server,
    preceded,
    recurses,
    with_wrong_id,
)

NAME = "_n.example.test."
RECORD = f"{NAME} 60 CNAME _v.test."
GOOD = recurses(RECORD, ad=True)


@contextmanager
def validating(behaviour: Behaviour) -> Iterator[tuple[RecursiveValidator, RunningServer]]:
    """Give a resolver whose server behaves so."""
    with name_server(behaviour) as server:
        resolver = RecursiveValidator(server.address)
        yield resolver, server
        resolver.close()


def ask(behaviour: Behaviour, rtype: RecordType = RecordType.CNAME) -> ValidatedReply:
    with validating(behaviour) as (resolver, _):
        return resolver.ask(NAME, rtype, 1.0, EventCancellation())


@pytest.mark.parametrize("kind", ["recursive", "scripted"])
@pytest.mark.parametrize("is_secure", [True, False], ids=["signed", "unsigned"])
def test_an_answer_says_whether_signatures_cover_it(kind: str, is_secure: bool) -> None:  # noqa: FBT001
    with validating(recurses(RECORD, ad=is_secure)) as (resolver, server):
        answer = ServerAnswer(str(server.address), "NOERROR", (AnswerRecord(NAME, RecordType.CNAME, "_v.test.", 60),))
        expected = ValidatedAnswer(answer, is_secure)
        script = ScriptedValidator({(NAME, RecordType.CNAME): expected})
        asked = resolver if kind == "recursive" else script
        assert asked.ask(NAME, RecordType.CNAME, 5.0, EventCancellation()) == expected


@pytest.mark.parametrize("kind", ["recursive", "scripted"])
def test_a_call_that_is_cancelled_already_raises(kind: str) -> None:
    cancellation = EventCancellation()
    cancellation.cancel()
    with validating(GOOD) as (resolver, _):
        asked = resolver if kind == "recursive" else ScriptedValidator({})
        with pytest.raises(Cancelled):
            asked.ask(NAME, RecordType.CNAME, 5.0, cancellation)


def test_a_question_outside_the_script_is_an_error() -> None:
    with pytest.raises(AssertionError, match="unexpected question"):
        ScriptedValidator({}).ask(NAME, RecordType.CNAME, 1.0, EventCancellation())


def bogus(text: str) -> Behaviour:
    """Refuse as a server does whose validation failed (RFC 8914)."""

    def reply(query: dns.message.Message, _: bool) -> bytes:  # noqa: FBT001 - the type of all behaviours
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        response.use_edns(options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, text)])
        return response.to_wire()

    return reply


def test_a_bogus_zone_is_a_failure_that_tells_the_server_s_reason() -> None:
    reply = ask(bogus("signature\x1b[31m expired"))
    assert isinstance(reply, ServerFailure)
    assert "SERVFAIL" in reply.reason
    assert "DNSSEC BOGUS" in reply.reason.upper()
    assert "expired" in reply.reason
    assert "\x1b" not in reply.reason


def test_a_forged_datagram_before_the_answer_is_not_looked_at() -> None:
    reply = ask(preceded(with_wrong_id(recurses(f"{NAME} 60 CNAME evil.test.", ad=True)), GOOD))
    assert isinstance(reply, ValidatedAnswer)
    assert [item.value for item in reply.answer.records] == ["_v.test."]


def test_the_budget_bounds_a_call() -> None:
    with validating(acts(Act.SILENCE)) as (resolver, _):
        start = time.monotonic()
        reply = resolver.ask(NAME, RecordType.CNAME, 0.4, EventCancellation())
        assert time.monotonic() - start < 0.4 + SLOWEST_STOP
    assert isinstance(reply, ServerFailure)


def test_cancelling_ends_the_wait() -> None:
    with validating(acts(Act.SILENCE)) as (resolver, _):
        stops_in_time(resolver)
