"""What servers may say, and what of it a resolver lets count as an answer (ports.resolver.Resolver)."""

from collections.abc import Callable

import dns.message
import pytest
from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers
from certwright.adapters.system import EventCancellation
from certwright.model.records import AnswerRecord, CaaRecord, RecordType, ServerAnswer, ServerFailure, ServerReply

from tests.support.nameserver import (
    Act,
    Behaviour,
    acts,
    at_first,
    changed,
    name_server,
    preceded,
    says,
    sends,
    to_question,
    truncated,
    with_wrong_id,
    without_edns,
)

NAME = "_n.example.test."
GOOD = says(f"{NAME} 60 CNAME _v.test.")
FORGED = says(f"{NAME} 60 CNAME evil.test.")
FORGED_QUESTION = to_question("other.test.", FORGED)


def ask(behaviour: Behaviour, rtype: RecordType = RecordType.CNAME, budget: float = 1.0) -> ServerReply:
    """Return the reply of the one server that behaves so."""
    with name_server(behaviour) as server:
        resolver = AuthoritativeResolver(ConfiguredServers((server.address,)))
        (reply,) = resolver.ask(NAME, rtype, budget, EventCancellation())
        resolver.close()
        assert reply.server == str(server.address)
        return reply


def cname(owner: str, value: str, ttl: int = 60) -> AnswerRecord:
    return AnswerRecord(owner, RecordType.CNAME, value, ttl)


ANSWERS = [
    pytest.param(GOOD, [cname(NAME, "_v.test.")], id="the record"),
    pytest.param(says("_N.Example.TEST. 60 CNAME _V.Test."), [cname(NAME, "_v.test.")], id="the record in capitals"),
    pytest.param(says(), [], id="no record"),
    pytest.param(
        says(f"{NAME} 60 CNAME _v.test.", f"{NAME} 60 CNAME _w.test."),
        [cname(NAME, "_v.test."), cname(NAME, "_w.test.")],
        id="several CNAMEs",
    ),
    pytest.param(
        says("example.test. 60 DNAME other.test.", f"{NAME} 60 CNAME _n.other.test."),
        [AnswerRecord("example.test.", RecordType.DNAME, "other.test.", 60), cname(NAME, "_n.other.test.")],
        id="a DNAME with the CNAME made of it",
    ),
    pytest.param(
        says(f"{NAME} 60 CNAME a.test.", "a.test. 30 CNAME b.test.", "b.test. 5 TXT text"),
        [cname(NAME, "a.test."), cname("a.test.", "b.test.", 30), AnswerRecord("b.test.", RecordType.TXT, '"text"', 5)],
        id="a chain, in its order",
    ),
    pytest.param(
        says(f"{NAME} 60 CNAME _v.test.", f"{NAME} 60 HINFO cpu os"),
        [cname(NAME, "_v.test.")],
        id="the record beside one of a type nobody asks for",
    ),
    pytest.param(truncated(GOOD), [cname(NAME, "_v.test.")], id="the record by TCP after a cut datagram"),
    pytest.param(without_edns(GOOD), [cname(NAME, "_v.test.")], id="the record after FORMERR to EDNS"),
    pytest.param(without_edns(GOOD, "NOTIMP"), [cname(NAME, "_v.test.")], id="the record after NOTIMP to EDNS"),
    pytest.param(without_edns(truncated(GOOD)), [cname(NAME, "_v.test.")], id="the record without EDNS and by TCP"),
    pytest.param(at_first(sends(b"junk"), GOOD), [cname(NAME, "_v.test.")], id="junk first, then the record"),
    pytest.param(preceded(with_wrong_id(FORGED), GOOD), [cname(NAME, "_v.test.")], id="the record after a forged id"),
    pytest.param(preceded(FORGED_QUESTION, GOOD), [cname(NAME, "_v.test.")], id="the record after a forged question"),
    pytest.param(preceded(sends(b"junk"), GOOD), [cname(NAME, "_v.test.")], id="the record after a junk datagram"),
]


@pytest.mark.parametrize(("behaviour", "records"), ANSWERS)
def test_an_answer_holds(behaviour: Behaviour, records: list[AnswerRecord]) -> None:
    reply = ask(behaviour)
    assert reply == ServerAnswer(reply.server, "NOERROR", tuple(records))


@pytest.mark.parametrize("rcode", ["NXDOMAIN", "NOERROR"])
def test_a_negative_answer_names_its_zone(rcode: str) -> None:
    reply = ask(says(rcode=rcode, apex="Example.test."))
    assert reply == ServerAnswer(reply.server, rcode, (), zone="example.test.")


def test_a_negative_answer_may_name_no_zone() -> None:
    reply = ask(says(rcode="NXDOMAIN"))
    assert reply == ServerAnswer(reply.server, "NXDOMAIN", ())


def echo(query: dns.message.Message, _: bool) -> bytes:  # noqa: FBT001 - the type of all behaviours
    return query.to_wire()


FAILURES = [
    pytest.param(says(rcode="SERVFAIL"), "SERVFAIL", False, id="SERVFAIL"),
    pytest.param(says(rcode="FORMERR"), "FORMERR", False, id="FORMERR with and without EDNS"),
    pytest.param(says(rcode="NOTIMP"), "NOTIMP", False, id="NOTIMP"),
    pytest.param(says(rcode="YXDOMAIN"), "YXDOMAIN", False, id="YXDOMAIN"),
    pytest.param(says(rcode="REFUSED"), "REFUSED", True, id="REFUSED"),
    pytest.param(says(rcode="NOTAUTH"), "NOTAUTH", True, id="NOTAUTH"),
    pytest.param(says(f"{NAME} 60 CNAME _v.test.", aa=False), "not authoritative", True, id="no AA"),
    pytest.param(says(rcode="NXDOMAIN", aa=False), "not authoritative", True, id="NXDOMAIN without AA"),
    pytest.param(with_wrong_id(GOOD), "", False, id="another id"),
    pytest.param(to_question("other.test.", says("other.test. 60 CNAME _v.test.")), "", False, id="a question"),
    pytest.param(to_question("other.test.", GOOD), "", False, id="another question with our record"),
    pytest.param(says("other.test. 60 CNAME _v.test."), "another name", False, id="an answer for another name"),
    pytest.param(
        says("_n.example.test.evil. 60 CNAME _v.test."), "another name", False, id="a name that ends otherwise"
    ),
    pytest.param(sends(b"junk"), "", False, id="junk"),
    pytest.param(sends(bytes(500)), "", False, id="zeros"),
    pytest.param(sends(b"\xff" * 600), "", False, id="ones"),
    pytest.param(echo, "", False, id="our own question"),
    pytest.param(acts(Act.SILENCE), "", False, id="nothing"),
    pytest.param(truncated(acts(Act.HANG_UP)), "", False, id="nothing by TCP, which it closes"),
    pytest.param(lambda query, _: truncated(GOOD)(query, False), "cut answer by TCP", False, id="a cut answer by TCP"),
    pytest.param(truncated(sends(b"junk")), "", False, id="junk by TCP"),
    pytest.param(truncated(with_wrong_id(GOOD)), "", False, id="another id by TCP"),
    pytest.param(truncated(says(rcode="SERVFAIL")), "SERVFAIL", False, id="SERVFAIL by TCP"),
    pytest.param(changed(GOOD, lambda wire: wire[:-3]), "", False, id="an answer without its end"),
    pytest.param(changed(GOOD, lambda wire: wire + b"more"), "", False, id="an answer with more behind it"),
]


@pytest.mark.parametrize(("behaviour", "reason", "is_elsewhere"), FAILURES)
def test_no_answer_is(behaviour: Behaviour, reason: str, is_elsewhere: bool) -> None:  # noqa: FBT001
    reply = ask(behaviour)
    assert isinstance(reply, ServerFailure)
    assert reason in reply.reason
    assert reply.is_elsewhere is is_elsewhere


CAA = [
    pytest.param(says(), [], id="none"),
    pytest.param(
        says(
            f'{NAME} 60 CAA 0 issue "b.test"',
            f'{NAME} 60 CAA 128 issuewild ";"',
            f'{NAME} 60 CAA 0 issue "a.test; x=y"',
        ),
        [
            CaaRecord(False, "issue", "a.test; x=y"),
            CaaRecord(False, "issue", "b.test"),
            CaaRecord(True, "issuewild", ";"),
        ],
        id="several, in a stable order",
    ),
    pytest.param(says(f'{NAME} 60 CAA 0 ISSUE "CA.test"'), [CaaRecord(False, "ISSUE", "CA.test")], id="as published"),
    pytest.param(
        says(f'{NAME} 60 CAA 1 tbs "x"'), [CaaRecord(False, "tbs", "x")], id="a reserved flag is not critical"
    ),
    pytest.param(says(f'{NAME} 60 CAA 255 tbs "x"'), [CaaRecord(True, "tbs", "x")], id="all flags are critical too"),
    pytest.param(
        says(f"{NAME} 60 CNAME a.test.", 'a.test. 60 CAA 0 issue "ca.test"'),
        [CaaRecord(False, "issue", "ca.test")],
        id="behind an alias",
    ),
]


@pytest.mark.parametrize(("behaviour", "records"), CAA)
def test_caa_records_are(behaviour: Behaviour, records: list[CaaRecord]) -> None:
    reply = ask(behaviour, RecordType.CAA)
    assert isinstance(reply, ServerAnswer)
    assert (list(reply.caa), reply.unparsed) == (records, 0)


def test_an_answer_to_another_question_has_no_caa_records() -> None:
    reply = ask(says(f'{NAME} 60 CAA 0 issue "ca.test"'))
    assert isinstance(reply, ServerAnswer)
    assert reply.caa == ()


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(wire: bytes) -> bytes:
        assert old in wire
        return wire.replace(old, new)

    return change


ISSUE = says(f'{NAME} 60 CAA 0 issue "ca.test"')
BROKEN_CAA = [
    pytest.param(replaced(b"\x05issue", b"\xf5issue"), id="a tag longer than the record"),
    pytest.param(replaced(b"\x05issue", b"\x00issue"), id="a tag of no length"),
    pytest.param(replaced(b"\x05issue", b"\x05iss\xffe"), id="a tag that is not ASCII"),
    pytest.param(replaced(b"\x05issue", b"\x05is ue"), id="a tag with a space"),
]


@pytest.mark.parametrize("change", BROKEN_CAA)
def test_a_broken_caa_record_is_never_the_same_as_none(change: Callable[[bytes], bytes]) -> None:
    reply = ask(changed(ISSUE, change), RecordType.CAA)
    assert isinstance(reply, ServerFailure) or reply.unparsed == 1
