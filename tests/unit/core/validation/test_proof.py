"""The built-in authority's proof: only a direct CNAME of one's own, at all servers that answer, shows control."""

import pytest
from certwright.core.validation.proof import NameProof, Outcome, judge, judge_sibling, prove
from certwright.model.records import AnswerRecord, RecordType, ResourceRecord, ServerAnswer, ServerFailure, ServerReply
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeCancellation, FixedRandomness, ScriptedResolver, answer_with

OWNER = "_owner.www.example.com."
TARGET = "_target.acm-validations.certwright.internal."
RECORD = ResourceRecord(OWNER, RecordType.CNAME, TARGET)
BESIDE = f"_{'42' * 10}.www.example.com."
ONE, TWO = "ns1.example.com (192.0.2.1:53)", "ns2.example.com (192.0.2.2:53)"


def cname(value: str = TARGET, owner: str = OWNER) -> AnswerRecord:
    return AnswerRecord(owner, RecordType.CNAME, value, 300)


def dname() -> AnswerRecord:
    return AnswerRecord("example.com.", RecordType.DNAME, "example.org.", 300)


def txt() -> AnswerRecord:
    return AnswerRecord(OWNER, RecordType.TXT, f'"{TARGET}"', 300)


def says(*records: AnswerRecord, server: str = ONE, rcode: str = "NOERROR") -> ServerAnswer:
    return ServerAnswer(server, rcode, records)


def fails(reason: str = "SERVFAIL", server: str = ONE, *, elsewhere: bool = False) -> ServerFailure:
    return ServerFailure(server, reason, is_elsewhere=elsewhere)


GOOD, GOOD_TOO = says(cname()), says(cname(), server=TWO)
NONE, NONE_THERE = says(), says(rcode="NXDOMAIN", server=TWO)
FOREIGN = "evil.example."

JUDGED: dict[str, tuple[tuple[ServerReply, ...], Outcome]] = {
    "the record at the only server": ((GOOD,), Outcome.PROVEN),
    "the record at both servers": ((GOOD, GOOD_TOO), Outcome.PROVEN),
    "the record at the server that answers": ((fails(server=TWO), GOOD), Outcome.PROVEN),
    "the record, chased further by the server": ((says(cname(), cname(FOREIGN, TARGET)),), Outcome.PROVEN),
    "no such name": ((says(rcode="NXDOMAIN"),), Outcome.MISSING),
    "the name without a CNAME": ((NONE,), Outcome.MISSING),
    "a TXT record with the value": ((says(txt()),), Outcome.MISSING),
    "a CNAME at another name only": ((says(cname(owner="_other.www.example.com.")),), Outcome.MISSING),
    "no record and one failure": ((NONE, fails(server=TWO)), Outcome.MISSING),
    "another target": ((says(cname(FOREIGN)),), Outcome.WRONG_VALUE),
    "the target of another account": ((says(cname(f"_x{TARGET}")),), Outcome.WRONG_VALUE),
    "another target that leads to ours": ((says(cname(FOREIGN), cname(TARGET, FOREIGN)),), Outcome.WRONG_VALUE),
    "our target as part of a longer name": ((says(cname(f"{TARGET}{FOREIGN}")),), Outcome.WRONG_VALUE),
    "our target and another one": ((says(cname(), cname(FOREIGN)),), Outcome.SEVERAL),
    "another target and ours": ((says(cname(FOREIGN), cname()),), Outcome.SEVERAL),
    "our target twice": ((says(cname(), cname()),), Outcome.SEVERAL),
    "a DNAME above": ((says(dname(), cname(FOREIGN)),), Outcome.DNAME),
    "a DNAME above that leads to our target": ((says(dname(), cname()),), Outcome.DNAME),
    "the record here and nothing there": ((GOOD, NONE_THERE), Outcome.DISAGREE),
    "nothing here and the record there": ((NONE, GOOD_TOO), Outcome.DISAGREE),
    "the record here and another target there": ((GOOD, says(cname(FOREIGN), server=TWO)), Outcome.DISAGREE),
    "the record at one, nothing at one, one failing": ((GOOD, NONE_THERE, fails(server="ns3")), Outcome.DISAGREE),
    "nothing at either server": ((NONE, NONE_THERE), Outcome.MISSING),
    "SERVFAIL": ((fails(),), Outcome.LOOKUP_FAILED),
    "REFUSED at every server": ((fails("REFUSED", elsewhere=True), fails("REFUSED", TWO)), Outcome.LOOKUP_FAILED),
    "a timeout at every server": ((fails("no answer within 2 s"), fails("timeout", TWO)), Outcome.LOOKUP_FAILED),
    "no reply at all": ((), Outcome.LOOKUP_FAILED),
}

BESIDE_JUDGED: dict[str, tuple[tuple[ServerReply, ...], Outcome]] = {
    "no such name": ((NONE_THERE,), Outcome.PROVEN),
    "a name without a CNAME": ((NONE,), Outcome.PROVEN),
    "nothing at one server while the other fails": ((fails(), NONE_THERE), Outcome.PROVEN),
    "our target": ((says(cname(owner=BESIDE)),), Outcome.WILDCARD),
    "another target": ((says(cname(FOREIGN, BESIDE)),), Outcome.PROVEN),
    "another target that leads to ours": ((says(cname(FOREIGN, BESIDE), cname(TARGET, FOREIGN)),), Outcome.WILDCARD),
    "our target at one of two servers": ((NONE_THERE, says(cname(owner=BESIDE))), Outcome.WILDCARD),
    "our target at the only server that answers": ((fails(), says(cname(owner=BESIDE), server=TWO)), Outcome.WILDCARD),
    "a DNAME above": ((says(dname()),), Outcome.WILDCARD),
    "SERVFAIL": ((fails(),), Outcome.LOOKUP_FAILED),
    "a timeout at every server": ((fails("timeout"), fails("timeout", TWO)), Outcome.LOOKUP_FAILED),
    "no reply at all": ((), Outcome.LOOKUP_FAILED),
}

REPLIES = st.sampled_from(
    [
        *(reply for replies, _ in JUDGED.values() for reply in replies),
        *(reply for replies, _ in BESIDE_JUDGED.values() for reply in replies),
    ]
)


@pytest.mark.parametrize(("replies", "outcome"), JUDGED.values(), ids=JUDGED.keys())
def test_the_record_is_judged_by(replies: tuple[ServerReply, ...], outcome: Outcome) -> None:
    proof = judge(RECORD, replies)
    assert proof.outcome is outcome
    assert proof.is_proven is (outcome is Outcome.PROVEN)
    assert OWNER in proof.sentence
    assert not replies or any(reply.server in proof.sentence for reply in replies)


@pytest.mark.parametrize(("replies", "outcome"), BESIDE_JUDGED.values(), ids=BESIDE_JUDGED.keys())
def test_a_random_label_beside_the_record_has(replies: tuple[ServerReply, ...], outcome: Outcome) -> None:
    proof = judge(RECORD, [GOOD])
    assert judge_sibling(RECORD, proof, replies).outcome is outcome


@given(st.lists(REPLIES, max_size=5))
def test_nothing_is_proven_unless_every_server_that_answers_has_exactly_our_record(replies: list[ServerReply]) -> None:
    answers = [reply for reply in replies if isinstance(reply, ServerAnswer)]
    ours = [
        [item.value for item in answer.records if item.owner == OWNER and item.type is RecordType.CNAME] == [TARGET]
        and not any(item.type is RecordType.DNAME for item in answer.records)
        for answer in answers
    ]
    assert judge(RECORD, replies).is_proven is (bool(ours) and all(ours))


@given(st.lists(st.builds(fails, st.text(max_size=20), elsewhere=st.booleans()), max_size=5))
def test_failures_alone_never_say_that_the_record_is_missing(failures: list[ServerFailure]) -> None:
    assert judge(RECORD, failures).outcome is Outcome.LOOKUP_FAILED
    assert judge_sibling(RECORD, judge(RECORD, [GOOD]), failures).outcome is Outcome.LOOKUP_FAILED


def test_a_failure_beside_the_proof_is_told_with_its_reason() -> None:
    assert judge(RECORD, [GOOD, fails("REFUSED", TWO)]).sentence.endswith(f"{TWO} failed: REFUSED")


@pytest.mark.parametrize(("rcode", "said"), [("NXDOMAIN", "(NXDOMAIN)"), ("NOERROR", "(no CNAME there)")])
def test_a_record_that_is_missing_is_told_with_what_the_server_said(rcode: str, said: str) -> None:
    assert f"is missing {said}" in judge(RECORD, [says(rcode=rcode)]).sentence


FIXES: dict[str, tuple[ServerAnswer, str]] = {
    "set a record that is missing": (NONE, "Set"),
    "set a record that is wrong": (says(cname(FOREIGN)), "Set"),
    "make a record of its own below a DNAME": (says(dname()), "Create"),
}


@pytest.mark.parametrize(("answer", "verb"), FIXES.values(), ids=FIXES.keys())
def test_the_fix_is_to(answer: ServerAnswer, verb: str) -> None:
    assert f". {verb} {OWNER} CNAME {TARGET}" in judge(RECORD, [answer]).sentence


def test_the_fix_beside_a_wildcard_is_a_record_of_its_own() -> None:
    proof = judge_sibling(RECORD, judge(RECORD, [GOOD]), [says(cname(owner=BESIDE))])
    assert f"Create {OWNER} CNAME {TARGET} as a record of its own" in proof.sentence


def test_servers_that_disagree_are_both_named() -> None:
    sentence = judge(RECORD, [GOOD, NONE_THERE]).sentence
    assert ONE in sentence
    assert TWO in sentence


def proof_of(
    replies: tuple[ServerReply, ...], sibling: tuple[ServerReply, ...] | None
) -> tuple[NameProof, list[tuple[str, RecordType]]]:
    script = {(OWNER, RecordType.CNAME): replies}
    resolver = ScriptedResolver(script, sibling)
    return prove(resolver, RECORD, FixedRandomness(), 2.0, FakeCancellation()), resolver.asked


def test_a_proof_asks_for_the_cname_and_for_the_cname_of_a_random_label_beside_it() -> None:
    proof, asked = proof_of((GOOD,), (NONE_THERE,))
    assert proof.is_proven
    assert asked == [(OWNER, RecordType.CNAME), (BESIDE, RecordType.CNAME)]


def test_a_wildcard_beside_the_record_proves_nothing() -> None:
    proof, _ = proof_of((GOOD,), (says(cname(owner=BESIDE)),))
    assert proof.outcome is Outcome.WILDCARD


def test_a_look_up_beside_the_record_that_fails_proves_nothing() -> None:
    proof, _ = proof_of((GOOD,), (fails(),))
    assert proof.outcome is Outcome.LOOKUP_FAILED


def test_nothing_is_asked_beside_a_record_that_is_not_there() -> None:
    proof, asked = proof_of((NONE_THERE,), None)
    assert proof.outcome is Outcome.MISSING
    assert asked == [(OWNER, RecordType.CNAME)]


def test_the_record_that_is_handed_out_is_the_one_that_proves() -> None:
    assert judge(RECORD, [answer_with(RECORD)]).is_proven
