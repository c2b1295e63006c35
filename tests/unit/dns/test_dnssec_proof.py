"""A proof of control with a validating resolver beside the zone's own servers."""

from dataclasses import replace

import pytest
from certwright.core.validation.dnssec import Dnssec, DnssecCheck, weakest
from certwright.core.validation.proof import NameProof, Outcome, prove
from certwright.model.records import AnswerRecord, RecordType, ResourceRecord, ServerAnswer, ValidatedReply
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import (
    FakeCancellation,
    FixedRandomness,
    ScriptedResolver,
    ScriptedValidator,
    answer_nothing,
    answer_with,
)
from tests.unit.dns.validators import PLACE, bogus, silent, unsigned, vouches

RECORD = ResourceRecord("_n.www.example.com.", RecordType.CNAME, "_v.test.")
OURS = AnswerRecord(RECORD.name, RecordType.CNAME, RECORD.value, 60)
THEIRS = replace(OURS, value="_w.test.")
DNAME = AnswerRecord("example.com.", RecordType.DNAME, "test.", 60)
ELSEWHERE = replace(OURS, owner="_n.example.com.")


def proof_with(
    reply: ValidatedReply | None, *, is_required: bool = False, answer: ServerAnswer | None = None
) -> NameProof:
    """Prove with what the validating resolver replies; None stands for no such resolver."""
    answers = {(RECORD.name, RecordType.CNAME): (answer or answer_with(RECORD),)}
    validator = None if reply is None else ScriptedValidator({(RECORD.name, RecordType.CNAME): reply})
    return prove(
        ScriptedResolver(answers, (answer_nothing(),)),
        RECORD,
        FixedRandomness(),
        2.0,
        FakeCancellation(),
        DnssecCheck(validator, is_required=is_required),
    )


PROVEN: dict[str, tuple[ValidatedReply | None, bool, Dnssec]] = {
    "it vouches for the record": (vouches(OURS), False, Dnssec.SECURE),
    "it vouches for the record, as is required": (vouches(OURS), True, Dnssec.SECURE),
    "it has the record without signatures": (unsigned(OURS), False, Dnssec.INSECURE),
    "there is none": (None, False, Dnssec.NOT_CHECKED),
    "it has the record again with another TTL": (vouches(OURS, replace(OURS, ttl=5)), False, Dnssec.SECURE),
    "it has other names' records too": (vouches(OURS, replace(OURS, owner=RECORD.value)), False, Dnssec.SECURE),
}


@pytest.mark.parametrize(("reply", "is_required", "state"), PROVEN.values(), ids=PROVEN.keys())
def test_a_record_is_proven_when(reply: ValidatedReply | None, is_required: bool, state: Dnssec) -> None:  # noqa: FBT001 - a column of the table
    proof = proof_with(reply, is_required=is_required)
    assert (proof.outcome, proof.dnssec) == (Outcome.PROVEN, state)


REFUSED: dict[str, tuple[ValidatedReply | None, bool, str]] = {
    "signatures are bogus": (bogus(), False, f"{PLACE} does not vouch for {RECORD.name} CNAME: SERVFAIL"),
    "it is silent": (silent(), False, f"{PLACE} does not vouch for {RECORD.name} CNAME: no answer within 8 s"),
    "it vouches for another target": (vouches(THEIRS), False, f"disagree on {RECORD.name} CNAME: it has _w.test."),
    "it vouches for two targets": (vouches(OURS, THEIRS), False, "it has _v.test., _w.test."),
    "it vouches for absence": (vouches(), False, "it has no CNAME there (NOERROR)"),
    "it vouches for another name's record": (vouches(ELSEWHERE), False, "it has no CNAME there"),
    "it vouches for a DNAME above": (vouches(DNAME, OURS), False, "disagree"),
    "it has another target without signatures": (unsigned(THEIRS), False, "disagree"),
    "signatures are required and there are none": (unsigned(OURS), True, "is not signed (DNSSEC: insecure)"),
    "signatures are required and nobody checks them": (None, True, "Set certwright:validatingResolver"),
}


@pytest.mark.parametrize(("reply", "is_required", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_record_is_refused_when(reply: ValidatedReply | None, is_required: bool, said: str) -> None:  # noqa: FBT001 - a column of the table
    proof = proof_with(reply, is_required=is_required)
    assert proof.outcome is Outcome.DNSSEC
    assert not proof.is_proven
    assert said in proof.sentence
    assert proof.sentence.isprintable()


def test_the_validating_resolver_is_not_asked_for_a_record_that_the_zone_does_not_have() -> None:
    validator = ScriptedValidator({})
    answers = {(RECORD.name, RecordType.CNAME): (answer_nothing(),)}
    check = DnssecCheck(validator)
    proof = prove(ScriptedResolver(answers), RECORD, FixedRandomness(), 2.0, FakeCancellation(), check)
    assert proof.outcome is Outcome.MISSING
    assert validator.asked == []


@given(st.lists(st.sampled_from(Dnssec), max_size=5))
def test_the_weakest_state_speaks_for_all_in_any_order(states: list[Dnssec]) -> None:
    order = [Dnssec.NOT_CHECKED, Dnssec.INSECURE, Dnssec.SECURE]
    expected = next((state for state in order if state in states), Dnssec.NOT_CHECKED)
    assert weakest(states) is expected
    assert weakest(states[::-1]) is expected
