"""What people read of CAA, word for word: which record at which server decides, and why."""

from dataclasses import replace

import pytest
from certwright.core.validation.caa import CaaVerdict, judge_caa
from certwright.model.names import DomainName
from certwright.model.policy import Policy
from certwright.model.records import CaaRecord

from tests.unit.core.validation.caa_scripts import (
    APEX,
    ENFORCE,
    NOTHING,
    ONE,
    OURS,
    THEIRS,
    TOP,
    TWO,
    UNSET,
    WARN,
    WWW,
    Script,
    check,
    disclaims,
    fails,
    leads_to,
    says,
)

NAME = DomainName("www.example.com")
LISTED = 'it lists issue "letsencrypt.org"; we answer to: '
OWN = replace(ENFORCE, has_own_servers=True)

VERDICTS: dict[str, tuple[Script, Policy, CaaVerdict]] = {
    "no records": (
        {WWW: (NOTHING,), APEX: (NOTHING,), TOP: (NOTHING,)},
        ENFORCE,
        CaaVerdict(NAME, allowed=True, sentence="www.example.com has no CAA records"),
    ),
    "a record of ours": (
        {WWW: (OURS,)},
        ENFORCE,
        CaaVerdict(NAME, allowed=True, sentence=f"CAA at {WWW} ({ONE}) allows www.example.com"),
    ),
    "a record of another": (
        {WWW: (THEIRS,)},
        ENFORCE,
        CaaVerdict(
            NAME,
            allowed=False,
            sentence=f"CAA at {WWW} ({ONE}) forbids www.example.com: {LISTED}ca.certwright.test",
        ),
    ),
    "a record of another, where that warns": (
        {WWW: (THEIRS,)},
        WARN,
        CaaVerdict(
            NAME,
            allowed=True,
            sentence=f"CAA at {WWW} ({ONE}) forbids www.example.com: {LISTED}ca.certwright.test",
            is_warning=True,
        ),
    ),
    "a record of another, while we have no identity": (
        {WWW: (THEIRS,)},
        UNSET,
        CaaVerdict(
            NAME,
            allowed=True,
            sentence=(
                f"CAA at {WWW} ({ONE}) forbids www.example.com: {LISTED}no identity of ours is set. "
                "certwright:caaIdentities is empty, so this only warns"
            ),
            is_warning=True,
        ),
    ),
    "servers that fail": (
        {WWW: (fails("SERVFAIL"), fails("timeout", TWO))},
        ENFORCE,
        CaaVerdict(
            NAME,
            allowed=False,
            sentence=(
                f"CAA of www.example.com could not be read: no server answered for {WWW} "
                f"({ONE}: SERVFAIL; {TWO}: timeout)"
            ),
            is_error=True,
        ),
    ),
    "servers that disagree": (
        {WWW: (OURS, says("letsencrypt.org", server=TWO))},
        ENFORCE,
        CaaVerdict(
            NAME,
            allowed=False,
            sentence=f"CAA of www.example.com could not be read: the servers of {WWW} disagree ({ONE}, {TWO})",
            is_error=True,
        ),
    ),
    "an alias of itself": (
        {WWW: (leads_to(WWW),)},
        ENFORCE,
        CaaVerdict(
            NAME,
            allowed=False,
            sentence=f"CAA of www.example.com could not be read: more than 8 aliases from {WWW}",
            is_error=True,
        ),
    ),
    "an alias that leads away from our own servers": (
        {WWW: (leads_to("cdn.test."),), "cdn.test.": (disclaims(),), APEX: (THEIRS,)},
        OWN,
        CaaVerdict(
            NAME,
            allowed=False,
            sentence=f"CAA at {APEX} ({ONE}) forbids www.example.com: {LISTED}ca.certwright.test",
        ),
    ),
    "an alias that leads away, in a zone that its answer named": (
        {
            WWW: (replace(leads_to("cdn.test."), zone=APEX),),
            "cdn.test.": (disclaims(),),
            APEX: (NOTHING,),
            TOP: (disclaims(),),
        },
        OWN,
        CaaVerdict(NAME, allowed=True, sentence="www.example.com has no CAA records"),
    ),
}


@pytest.mark.parametrize(("script", "policy", "expected"), VERDICTS.values(), ids=VERDICTS.keys())
def test_the_verdict_on(script: Script, policy: Policy, expected: CaaVerdict) -> None:
    assert check(script, policy=policy)[0] == expected


def issue(*values: str, tag: str = "issue", critical: bool = False) -> tuple[CaaRecord, ...]:
    return tuple(CaaRecord(critical, tag, value) for value in values)


FIVE = tuple(f"ca{number}.test" for number in range(5))
LIST_OF_FIVE = ", ".join(f'issue "{value}"' for value in FIVE)
WE = "; we answer to: ours.test, mine.test"

REASONS: dict[str, tuple[str, tuple[CaaRecord, ...], int, str]] = {
    "five values, all shown": ("www.example.com", issue(*FIVE), 0, f"it lists {LIST_OF_FIVE}{WE}"),
    "seven values, five shown": (
        "www.example.com",
        issue(*FIVE, "f.test", "g.test"),
        0,
        f"it lists {LIST_OF_FIVE} and 2 more{WE}",
    ),
    "a rule for wildcards": (
        "*.example.com",
        issue("a.test", tag="issuewild"),
        0,
        f'it lists issuewild "a.test"{WE}',
    ),
    "an unknown critical property": (
        "www.example.com",
        issue("x", tag="tbs", critical=True),
        0,
        "the critical property 'tbs' is unknown here",
    ),
    "records that cannot be parsed": ("www.example.com", (), 2, "2 CAA records cannot be parsed"),
}


@pytest.mark.parametrize(("name", "records", "unparsed", "reason"), REASONS.values(), ids=REASONS.keys())
def test_the_reason_of(name: str, records: tuple[CaaRecord, ...], unparsed: int, reason: str) -> None:
    assert judge_caa(records, unparsed, DomainName(name), ("ours.test", "mine.test")) == reason


@pytest.mark.parametrize("tag", ["iodef", "issuemail", "issuevmc", "contactemail", "contactphone", "IODEF"])
def test_a_critical_property_that_is_known_and_of_no_concern_to_us_forbids_nothing(tag: str) -> None:
    assert judge_caa(issue("x", tag=tag, critical=True), 0, NAME, ("ours.test",)) is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("ours.testX", id="a letter X at the end"),
        pytest.param("ours.test; accounturi=a=b", id="an account with another equals sign"),
        pytest.param("ours.test; validationmethods=certwright-dns-cname=x", id="a method with an equals sign"),
    ],
)
def test_it_does_not_allow_us_with(value: str) -> None:
    assert judge_caa(issue(value), 0, NAME, ("ours.test",)) is not None


def test_a_set_behind_an_alias_that_cannot_be_parsed_is_the_set() -> None:
    verdict, asked = check({WWW: (replace(leads_to("cdn.test."), unparsed=1),)})
    assert verdict.sentence == f"CAA at {WWW} ({ONE}) forbids www.example.com: 1 CAA records cannot be parsed"
    assert asked == [WWW]
