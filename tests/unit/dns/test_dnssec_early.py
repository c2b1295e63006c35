"""A look at CAA while the record is missing yet asks the validating resolver for nothing that it could deny."""

import pytest
from certwright.core.validation.caa import CaaVerdict, check_caa
from certwright.core.validation.dnssec import DnssecCheck
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.records import CaaRecord, RecordType, ServerAnswer, ValidatedReply

from tests.fakes import FakeCancellation, ScriptedResolver, ScriptedValidator
from tests.unit.dns.validators import bogus, unsigned, vouches

POLICY = Policy("v.test", ("ca.test",), CaaPolicy.ENFORCE, (), preflight=True)
NAME, APEX, TOP = "www.example.com.", "example.com.", "com."
THEIRS = CaaRecord(critical=False, tag="issue", value="other.test")
Question = tuple[str, RecordType]


def absent(zone: str, *caa: CaaRecord) -> ServerAnswer:
    return ServerAnswer("ns1", "NOERROR", (), caa, zone="" if caa else zone)


def look(
    answers: dict[str, ServerAnswer], vouched: dict[Question, ValidatedReply], *, is_required: bool = False
) -> tuple[CaaVerdict, list[Question]]:
    """Look early; any question outside the script is an error."""
    resolver = ScriptedResolver({(node, RecordType.CAA): (answer,) for node, answer in answers.items()})
    validator = ScriptedValidator(vouched)
    check = DnssecCheck(validator, is_required=is_required, is_early=True)
    return check_caa(resolver, DomainName("www.example.com"), POLICY, 2.0, FakeCancellation(), check), validator.asked


NOWHERE = {NAME: absent(APEX), APEX: absent(APEX), TOP: absent(TOP)}
SIGNED: dict[Question, ValidatedReply] = {(APEX, RecordType.SOA): vouches(), (TOP, RecordType.SOA): vouches()}


def test_only_the_zones_themselves_are_asked_for_where_there_is_no_set() -> None:
    verdict, asked = look(NOWHERE, SIGNED)
    assert verdict.allowed
    assert set(asked) == {(APEX, RecordType.SOA), (TOP, RecordType.SOA)}


def test_a_set_that_is_there_is_compared() -> None:
    script = {NAME: absent(APEX), APEX: absent(APEX, THEIRS)}
    vouched = {**SIGNED, (APEX, RecordType.CAA): vouches(caa=(THEIRS,))}
    verdict, asked = look(script, vouched)
    assert (verdict.allowed, verdict.is_error) == (False, False)
    assert asked[-1] == (APEX, RecordType.CAA)


def test_a_zone_that_no_answer_named_is_not_asked_for() -> None:
    verdict, asked = look({NAME: absent(""), APEX: absent(""), TOP: absent("")}, {})
    assert verdict.allowed
    assert asked == []


@pytest.mark.parametrize(
    ("reply", "is_required", "said"),
    [
        (bogus(), False, "does not vouch for example.com. SOA"),
        (unsigned(), True, "example.com. is not signed"),
    ],
    ids=["a zone whose signatures are bogus", "a zone without signatures where they are required"],
)
def test_what_nobody_need_wait_for_is(reply: ValidatedReply, is_required: bool, said: str) -> None:  # noqa: FBT001
    verdict, _ = look(NOWHERE, {**SIGNED, (APEX, RecordType.SOA): reply}, is_required=is_required)
    assert verdict.is_error
    assert said in verdict.sentence
