"""What people read of a proof, word for word: servers, what they said and what to do."""

import pytest
from certwright.core.validation.dnssec import Dnssec, DnssecCheck
from certwright.core.validation.proof import NameProof, Outcome, judge, judge_sibling, prove
from certwright.model.records import AnswerRecord, RecordType, ResourceRecord, ServerAnswer, ServerFailure, ServerReply

from tests.fakes import FakeCancellation, FixedRandomness, ScriptedResolver, ScriptedValidator

OWNER, TARGET = "_o.www.example.com.", "_t.validations.test."
RECORD = ResourceRecord(OWNER, RecordType.CNAME, TARGET)
BESIDE = f"_{'42' * 10}.www.example.com."
ONE, TWO = "ns1 (192.0.2.1:53)", "ns2 (192.0.2.2:53)"
SET = f"Set {OWNER} CNAME {TARGET}"
OF_ITS_OWN = f"Create {OWNER} CNAME {TARGET} as a record of its own in the zone itself."


def says(*values: str, server: str = ONE, owner: str = OWNER, rcode: str = "NOERROR") -> ServerAnswer:
    return ServerAnswer(server, rcode, tuple(AnswerRecord(owner, RecordType.CNAME, value, 60) for value in values))


def dname(server: str = ONE) -> ServerAnswer:
    return ServerAnswer(server, "NOERROR", (AnswerRecord("example.com.", RecordType.DNAME, "example.org.", 60),))


FAILS, FAILS_TOO = ServerFailure(ONE, "SERVFAIL"), ServerFailure(TWO, "timeout")

JUDGED: dict[str, tuple[tuple[ServerReply, ...], Outcome, str]] = {
    "the record at two servers": (
        (says(TARGET), says(TARGET, server=TWO)),
        Outcome.PROVEN,
        f"{OWNER} CNAME {TARGET} seen at {ONE}, {TWO}",
    ),
    "the record at one server while two fail": (
        (says(TARGET, server="ns3"), FAILS, FAILS_TOO),
        Outcome.PROVEN,
        f"{OWNER} CNAME {TARGET} seen at ns3; {ONE} failed: SERVFAIL; {TWO} failed: timeout",
    ),
    "nothing": (
        (says(rcode="NXDOMAIN"),),
        Outcome.MISSING,
        f"{ONE}: {OWNER} CNAME is missing (NXDOMAIN). {SET}",
    ),
    "no CNAME": ((says(),), Outcome.MISSING, f"{ONE}: {OWNER} CNAME is missing (no CNAME there). {SET}"),
    "two targets": ((says(TARGET, "x.test."),), Outcome.SEVERAL, f"{ONE}: {OWNER} has 2 CNAME records. {SET}"),
    "another target": (
        (says("x.test."),),
        Outcome.WRONG_VALUE,
        f"{ONE}: {OWNER} is a CNAME to x.test., expected {TARGET}. {SET}",
    ),
    "a DNAME": ((dname(),), Outcome.DNAME, f"{ONE}: a DNAME stands above {OWNER}. {OF_ITS_OWN}"),
    "servers that disagree": (
        (says(server=TWO), says(TARGET)),
        Outcome.DISAGREE,
        (
            f"{TWO}: {OWNER} CNAME is missing (no CNAME there), while {ONE} has the right record; "
            f"the servers must agree. {SET}"
        ),
    ),
    "servers that fail": (
        (FAILS, FAILS_TOO),
        Outcome.LOOKUP_FAILED,
        f"no server could be asked for {OWNER} CNAME ({ONE}: SERVFAIL; {TWO}: timeout). Check the zone's servers.",
    ),
}

BESIDE_JUDGED: dict[str, tuple[tuple[ServerReply, ...], NameProof]] = {
    "the same target": (
        (says(TARGET, owner=BESIDE),),
        NameProof(
            RECORD,
            Outcome.WILDCARD,
            f"{ONE}: a random label beside {OWNER} has the same target, so a wildcard answers. {OF_ITS_OWN}",
        ),
    ),
    "failures": (
        (FAILS, FAILS_TOO),
        NameProof(
            RECORD,
            Outcome.LOOKUP_FAILED,
            f"no server could be asked for a label beside {OWNER} ({ONE}: SERVFAIL; {TWO}: timeout).",
        ),
    ),
}


@pytest.mark.parametrize(("replies", "outcome", "sentence"), JUDGED.values(), ids=JUDGED.keys())
def test_the_proof_says_of(replies: tuple[ServerReply, ...], outcome: Outcome, sentence: str) -> None:
    assert judge(RECORD, replies) == NameProof(RECORD, outcome, sentence)


@pytest.mark.parametrize(("replies", "proof"), BESIDE_JUDGED.values(), ids=BESIDE_JUDGED.keys())
def test_the_proof_says_of_a_label_beside_it_with(replies: tuple[ServerReply, ...], proof: NameProof) -> None:
    assert judge_sibling(RECORD, judge(RECORD, [says(TARGET)]), replies) == proof


def test_what_the_validating_resolver_refuses_is_told_with_the_record() -> None:
    resolver = ScriptedResolver({(OWNER, RecordType.CNAME): (says(TARGET),)}, sibling=(says(),))
    validator = ScriptedValidator({(OWNER, RecordType.CNAME): ServerFailure("validator", "SERVFAIL")})
    proof = prove(resolver, RECORD, FixedRandomness(), 2.0, FakeCancellation(), DnssecCheck(validator))
    assert (proof.record, proof.outcome, proof.dnssec) == (RECORD, Outcome.DNSSEC, Dnssec.NOT_CHECKED)
    assert proof.sentence.endswith(".")


def test_a_wildcard_is_refused_before_the_validating_resolver_is_asked() -> None:
    resolver = ScriptedResolver({(OWNER, RecordType.CNAME): (says(TARGET),)}, sibling=(says(TARGET, owner=BESIDE),))
    validator = ScriptedValidator({})
    proof = prove(resolver, RECORD, FixedRandomness(), 2.0, FakeCancellation(), DnssecCheck(validator))
    assert proof.outcome is Outcome.WILDCARD
    assert validator.asked == []
