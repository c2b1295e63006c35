"""CAA with a validating resolver beside the zone's own servers: every node of the climb is compared."""

from dataclasses import replace

import pytest
from certwright.core.validation.caa import CaaVerdict, check_caa
from certwright.core.validation.dnssec import Dnssec, DnssecCheck
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.records import (
    AnswerRecord,
    CaaRecord,
    RecordType,
    ServerAnswer,
    ServerFailure,
    ServerReply,
    ValidatedReply,
)

from tests.fakes import FakeCancellation, ScriptedResolver, ScriptedValidator
from tests.unit.dns.validators import PLACE, bogus, silent, unsigned, vouches

POLICY = Policy("v.test", ("ca.test",), CaaPolicy.ENFORCE, (), preflight=True)
NAME, APEX, TOP = "www.example.com.", "example.com.", "com."
OURS = CaaRecord(critical=False, tag="issue", value="ca.test")
THEIRS = CaaRecord(critical=False, tag="issue", value="other.test")
SERVER = "ns1.test (192.0.2.1:53)"
Script = dict[str, ServerReply]
Vouched = dict[str, ValidatedReply]


def says(*caa: CaaRecord, unparsed: int = 0, alias: str = "") -> ServerAnswer:
    chain = (AnswerRecord(NAME, RecordType.CNAME, alias, 60),) if alias else ()
    return ServerAnswer(SERVER, "NOERROR", chain, caa, unparsed, zone=APEX)


def check(
    script: Script, vouched: Vouched | None, *, policy: Policy = POLICY, is_required: bool = False
) -> tuple[CaaVerdict, list[str]]:
    """Return the verdict and the nodes for which the validating resolver was asked."""
    resolver = ScriptedResolver({(node, RecordType.CAA): (reply,) for node, reply in script.items()})
    validator = (
        None
        if vouched is None
        else ScriptedValidator({(node, RecordType.CAA): reply for node, reply in vouched.items()})
    )
    dnssec = DnssecCheck(validator, is_required=is_required)
    verdict = check_caa(resolver, DomainName("www.example.com"), policy, 2.0, FakeCancellation(), dnssec)
    return verdict, [name for name, _ in validator.asked] if validator else []


NOWHERE: Script = {NAME: says(), APEX: says(), TOP: says()}
ALLOWED: dict[str, tuple[Script, Vouched | None, Dnssec]] = {
    "no node has a set, as signed": (NOWHERE, {NAME: vouches(), APEX: vouches(), TOP: vouches()}, Dnssec.SECURE),
    "no node has a set, as one unsigned node says": (
        NOWHERE,
        {NAME: vouches(), APEX: unsigned(), TOP: vouches()},
        Dnssec.INSECURE,
    ),
    "nothing checks signatures": (NOWHERE, None, Dnssec.NOT_CHECKED),
    "the set is signed": ({NAME: says(OURS)}, {NAME: vouches(caa=(OURS,))}, Dnssec.SECURE),
    "the set comes in another order": (
        {NAME: says(OURS, THEIRS)},
        {NAME: vouches(caa=(THEIRS, OURS))},
        Dnssec.SECURE,
    ),
    "the set is an alias's": (
        {NAME: says(alias="cdn.test."), "cdn.test.": says(OURS)},
        {NAME: vouches(caa=(OURS,))},
        Dnssec.SECURE,
    ),
}


@pytest.mark.parametrize(("script", "vouched", "state"), ALLOWED.values(), ids=ALLOWED.keys())
def test_a_name_is_allowed_when(script: Script, vouched: Vouched | None, state: Dnssec) -> None:
    verdict, asked = check(script, vouched)
    assert (verdict.allowed, verdict.is_error, verdict.dnssec) == (True, False, state)
    assert asked == list(vouched or ())


REFUSED: dict[str, tuple[Script, Vouched, str]] = {
    "signatures are bogus": ({NAME: says()}, {NAME: bogus()}, f"{PLACE} does not vouch for {NAME} CAA: SERVFAIL"),
    "the resolver is silent": ({NAME: says()}, {NAME: silent()}, "no answer within 8 s"),
    "signatures of a parent are bogus": (
        {NAME: says(), APEX: says()},
        {NAME: vouches(), APEX: bogus()},
        f"does not vouch for {APEX} CAA",
    ),
    "a set is signed that the servers do not show": ({NAME: says()}, {NAME: vouches(caa=(THEIRS,))}, "disagree"),
    "the servers show a set that is not signed": ({NAME: says(OURS)}, {NAME: vouches()}, "disagree"),
    "the servers show another set": ({NAME: says(OURS)}, {NAME: vouches(caa=(THEIRS,))}, "disagree"),
    "the servers show a part of the set": ({NAME: says(OURS)}, {NAME: vouches(caa=(OURS, THEIRS))}, "disagree"),
    "a signed record cannot be parsed": ({NAME: says(OURS)}, {NAME: vouches(caa=(OURS,), unparsed=1)}, "disagree"),
}


@pytest.mark.parametrize(("script", "vouched", "said"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("policy", [POLICY, replace(POLICY, caa_policy=CaaPolicy.WARN)], ids=["enforce", "warn"])
def test_a_name_is_refused_under_any_policy_when(script: Script, vouched: Vouched, said: str, policy: Policy) -> None:
    verdict, _ = check(script, vouched, policy=policy)
    assert (verdict.allowed, verdict.is_error) == (False, True)
    assert said in verdict.sentence


def test_a_name_is_refused_when_signatures_are_required_and_one_node_has_none() -> None:
    verdict, _ = check(NOWHERE, {NAME: vouches(), APEX: unsigned()}, is_required=True)
    assert (verdict.allowed, verdict.is_error) == (False, True)
    assert f"{APEX} is not signed" in verdict.sentence


def test_a_name_is_refused_when_signatures_are_required_and_nothing_checks_them() -> None:
    verdict, _ = check(NOWHERE, None, is_required=True)
    assert (verdict.allowed, verdict.is_error) == (False, True)


def test_a_set_that_forbids_is_no_error_when_it_is_signed() -> None:
    verdict, _ = check({NAME: says(THEIRS)}, {NAME: vouches(caa=(THEIRS,))})
    assert (verdict.allowed, verdict.is_error, verdict.dnssec) == (False, False, Dnssec.SECURE)


def test_a_set_behind_an_alias_that_leads_away_from_our_own_servers_is_not_compared() -> None:
    own = replace(POLICY, has_own_servers=True)
    gone = ServerFailure(SERVER, "REFUSED", is_elsewhere=True)
    script: Script = {NAME: says(alias="cdn.test."), "cdn.test.": gone, APEX: says(), TOP: gone}
    verdict, asked = check(script, {NAME: vouches(caa=(THEIRS,)), APEX: vouches()}, policy=own)
    assert (verdict.allowed, verdict.dnssec) == (True, Dnssec.SECURE)
    assert asked == [NAME, APEX]
