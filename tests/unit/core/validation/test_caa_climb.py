"""Where CAA is looked for, and what servers must say before it allows anything (RFC 8659 section 3)."""

from dataclasses import replace
from itertools import pairwise

import pytest
from certwright.core.validation.caa import MOST_ALIASES, check_caa
from certwright.errors import Cancelled
from certwright.model.names import DomainName
from certwright.model.policy import Policy
from certwright.model.records import CaaRecord, ServerAnswer, ServerReply

from tests.fakes import FakeCancellation, ScriptedResolver
from tests.unit.core.validation.caa_scripts import (
    APEX,
    ENFORCE,
    NOTHING,
    NOTHING_THERE,
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

CLIMBS: dict[str, tuple[str, Script, bool, list[str]]] = {
    "nothing up to the top allows": (
        "www.example.com",
        {WWW: (NOTHING,), APEX: (NOTHING,), TOP: (NOTHING,)},
        True,
        [WWW, APEX, TOP],
    ),
    "the name's own set decides": ("www.example.com", {WWW: (THEIRS,)}, False, [WWW]),
    "the parent's set decides when the name has none": (
        "www.example.com",
        {WWW: (NOTHING,), APEX: (THEIRS,)},
        False,
        [WWW, APEX],
    ),
    "the top-level domain's set decides when nobody else has one": (
        "www.example.com",
        {WWW: (NOTHING,), APEX: (NOTHING,), TOP: (THEIRS,)},
        False,
        [WWW, APEX, TOP],
    ),
    "the first set decides, not a stricter one above": ("www.example.com", {WWW: (OURS,)}, True, [WWW]),
    "the first set decides, not a laxer one above": ("www.example.com", {WWW: (THEIRS,)}, False, [WWW]),
    "a set without issue records ends the climb": (
        "www.example.com",
        {
            WWW: (
                ServerAnswer(
                    ONE, "NOERROR", (), (CaaRecord(critical=False, tag="iodef", value="mailto:a@example.com"),)
                ),
            )
        },
        True,
        [WWW],
    ),
    "a wildcard starts at its base": ("*.example.com", {APEX: (THEIRS,)}, False, [APEX]),
    "a record that cannot be parsed is a set": ("www.example.com", {WWW: (says(unparsed=1),)}, False, [WWW]),
    "a name that does not exist has no set": (
        "www.example.com",
        {WWW: (replace(NOTHING, rcode="NXDOMAIN"),), APEX: (OURS,)},
        True,
        [WWW, APEX],
    ),
    "nobody may issue": ("example.com", {APEX: (says(";"),)}, False, [APEX]),
    "an alias's set is the name's": (
        "www.example.com",
        {WWW: (leads_to("cdn.test."),), "cdn.test.": (THEIRS,)},
        False,
        [WWW, "cdn.test."],
    ),
    "an alias's set decides before the parent's": (
        "www.example.com",
        {WWW: (leads_to("cdn.test."),), "cdn.test.": (OURS,)},
        True,
        [WWW, "cdn.test."],
    ),
    "an alias's set in the same answer needs no question": (
        "www.example.com",
        {WWW: (leads_to("cdn.test.", values=("letsencrypt.org",)),)},
        False,
        [WWW],
    ),
    "a chain in one answer is followed from its end": (
        "www.example.com",
        {WWW: (leads_to("a.test.", "b.test."),), "b.test.": (THEIRS,)},
        False,
        [WWW, "b.test."],
    ),
    "an alias without a set climbs from the name, not from the alias": (
        "www.example.com",
        {WWW: (leads_to("cdn.test."),), "cdn.test.": (NOTHING,), APEX: (THEIRS,)},
        False,
        [WWW, "cdn.test.", APEX],
    ),
}


@pytest.mark.parametrize(("name", "script", "allowed", "nodes"), CLIMBS.values(), ids=CLIMBS.keys())
def test_the_climb(name: str, script: Script, allowed: bool, nodes: list[str]) -> None:  # noqa: FBT001 - a column of the table
    verdict, asked = check(script, name)
    assert (verdict.allowed, verdict.is_error, verdict.is_warning) == (allowed, False, False)
    assert asked == nodes


ERRORS: dict[str, Script] = {
    "SERVFAIL at the name": {WWW: (fails(),)},
    "a timeout at every server": {WWW: (fails("timeout"), fails("timeout", TWO))},
    "a failure at the parent": {WWW: (NOTHING,), APEX: (fails(),)},
    "a failure at the top-level domain": {WWW: (NOTHING,), APEX: (NOTHING,), TOP: (fails(),)},
    "servers that all disclaim the name": {WWW: (disclaims(), disclaims(TWO))},
    "servers that all disclaim the parent": {WWW: (NOTHING,), APEX: (disclaims(),)},
    "a failure at an alias's target": {WWW: (leads_to("cdn.test."),), "cdn.test.": (fails(),)},
    "two servers with different sets": {WWW: (OURS, says("letsencrypt.org", server=TWO))},
    "one server with a set, one without": {WWW: (OURS, NOTHING_THERE)},
    "one server without a set, one with": {WWW: (NOTHING, says("ca.certwright.test", server=TWO))},
    "two servers with different aliases": {WWW: (leads_to("a.test."), leads_to("b.test.", server=TWO))},
    "one server with an alias, one without": {WWW: (leads_to("a.test."), NOTHING_THERE)},
    "one server with a record that cannot be parsed": {WWW: (OURS, says("ca.certwright.test", server=TWO, unparsed=1))},
    "an alias of itself": {WWW: (leads_to(WWW),)},
    "two aliases in a circle": {WWW: (leads_to("a.test."),), "a.test.": (leads_to(WWW),)},
}


@pytest.mark.parametrize("script", ERRORS.values(), ids=ERRORS.keys())
def test_what_cannot_be_read_never_allows_under_any_policy(script: Script) -> None:
    for policy in (ENFORCE, WARN, UNSET):
        verdict, _ = check(script, policy=policy)
        assert (verdict.allowed, verdict.is_error) == (False, True)
        assert verdict.sentence.startswith("CAA of www.example.com could not be read: ")


AGREES: dict[str, tuple[tuple[ServerReply, ...], bool]] = {
    "the same set in another order": (
        (says("ca.certwright.test", "b.test"), says("b.test", "ca.certwright.test", server=TWO)),
        True,
    ),
    "the set that allows, while another server fails": ((OURS, fails(server=TWO)), True),
    "the set that forbids, while another server fails": ((fails(server=TWO), THEIRS), False),
}


@pytest.mark.parametrize(("replies", "allowed"), AGREES.values(), ids=AGREES.keys())
def test_servers_that_answer_agree_on(replies: tuple[ServerReply, ...], allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    verdict, _ = check({WWW: replies})
    assert (verdict.allowed, verdict.is_error) == (allowed, False)


def test_aliases_are_followed_eight_times() -> None:
    nodes = [WWW, *(f"a{number}.test." for number in range(MOST_ALIASES))]
    script: Script = {node: (leads_to(target),) for node, target in pairwise(nodes)}
    verdict, asked = check({**script, nodes[-1]: (OURS,)})
    assert verdict.allowed
    assert asked == nodes


def test_a_ninth_alias_is_an_error() -> None:
    nodes = [WWW, *(f"a{number}.test." for number in range(MOST_ALIASES + 1))]
    script: Script = {node: (leads_to(target),) for node, target in pairwise(nodes)}
    verdict, asked = check({**script, nodes[-1]: (OURS,)})
    assert verdict.is_error
    assert asked == nodes[:-1]


POLICIES: dict[str, tuple[Policy, bool]] = {
    "stops the issue where it is enforced": (ENFORCE, False),
    "only warns where that is asked for": (WARN, True),
    "only warns while we have no identity": (UNSET, True),
}


@pytest.mark.parametrize(("policy", "allowed"), POLICIES.values(), ids=POLICIES.keys())
def test_a_record_that_forbids(policy: Policy, allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    verdict, _ = check({WWW: (THEIRS,)}, policy=policy)
    assert (verdict.allowed, verdict.is_error, verdict.is_warning) == (allowed, False, allowed)
    assert f"CAA at {WWW} ({ONE}) forbids www.example.com" in verdict.sentence


def test_the_sentence_says_why_a_record_only_warns_while_we_have_no_identity() -> None:
    verdict, _ = check({WWW: (THEIRS,)}, policy=UNSET)
    assert verdict.sentence.endswith("certwright:caaIdentities is empty, so this only warns")


def test_the_sentence_of_an_error_names_the_server_and_its_reason() -> None:
    verdict, _ = check({WWW: (fails("SERVFAIL"), fails("timeout", TWO))})
    assert f"{ONE}: SERVFAIL; {TWO}: timeout" in verdict.sentence


def test_a_caller_who_stops_is_told_so_and_gets_no_verdict() -> None:
    cancellation = FakeCancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        check_caa(ScriptedResolver({}), DomainName("www.example.com"), ENFORCE, 2.0, cancellation)
