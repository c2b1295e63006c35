"""Where configured servers are the authority for the installation, and where their word ends the climb."""

from dataclasses import replace

import pytest
from certwright.model.records import ServerAnswer

from tests.unit.core.validation.caa_scripts import (
    APEX,
    ENFORCE,
    NOTHING,
    THEIRS,
    TOP,
    TWO,
    WWW,
    Script,
    check,
    disclaims,
    fails,
    leads_to,
)

OWN_SERVERS = replace(ENFORCE, has_own_servers=True)


def in_zone(apex: str, reply: ServerAnswer = NOTHING) -> ServerAnswer:
    """Return a negative answer that names the apex of its zone."""
    return replace(reply, zone=apex)


OWN: dict[str, tuple[Script, bool, list[str]]] = {
    "nothing above the zone that they answer for is asked": (
        {WWW: (in_zone(APEX),), APEX: (in_zone(APEX),), TOP: (disclaims(), disclaims(TWO))},
        True,
        [WWW, APEX, TOP],
    ),
    "nothing above a zone of one name is asked": (
        {WWW: (in_zone(WWW),), APEX: (disclaims(),)},
        True,
        [WWW, APEX],
    ),
    "a set below the end of their zones decides": ({WWW: (in_zone(APEX),), APEX: (THEIRS,)}, False, [WWW, APEX]),
    "an apex that they disclaim is an error": (
        {WWW: (in_zone(APEX),), APEX: (disclaims(),)},
        False,
        [WWW, APEX],
    ),
    "an end that no answer has told is an error": ({WWW: (NOTHING,), APEX: (disclaims(),)}, False, [WWW, APEX]),
    "a name that they disclaim themselves is an error": ({WWW: (disclaims(),)}, False, [WWW]),
    "a parent where one fails and one disclaims is an error": (
        {WWW: (in_zone(WWW),), APEX: (disclaims(), fails(server=TWO))},
        False,
        [WWW, APEX],
    ),
    "a failure above is an error": ({WWW: (in_zone(WWW),), APEX: (fails("timeout"),)}, False, [WWW, APEX]),
    "the zone of an alias's target ends nothing": (
        {
            WWW: (leads_to("cdn.www.example.com."),),
            "cdn.www.example.com.": (in_zone("cdn.www.example.com."),),
            APEX: (disclaims(),),
        },
        False,
        [WWW, "cdn.www.example.com.", APEX],
    ),
    "an alias that leads away has no set of its own": (
        {
            WWW: (leads_to("cdn.test."),),
            "cdn.test.": (disclaims(),),
            APEX: (in_zone(APEX),),
            TOP: (disclaims(),),
        },
        True,
        [WWW, "cdn.test.", APEX, TOP],
    ),
    "an alias whose target fails is an error": (
        {WWW: (leads_to("cdn.test."),), "cdn.test.": (fails(),)},
        False,
        [WWW, "cdn.test."],
    ),
}


@pytest.mark.parametrize(("script", "allowed", "nodes"), OWN.values(), ids=OWN.keys())
def test_where_our_own_servers_are_the_authority(script: Script, allowed: bool, nodes: list[str]) -> None:  # noqa: FBT001 - a column of the table
    verdict, asked = check(script, policy=OWN_SERVERS)
    assert verdict.allowed is allowed
    assert asked == nodes


def test_an_alias_that_leads_away_from_our_own_servers_does_not_end_the_climb_below_a_set_that_forbids() -> None:
    script: Script = {
        "a.b.example.com.": (NOTHING,),
        "b.example.com.": (leads_to("cdn.elsewhere.test."),),
        "cdn.elsewhere.test.": (disclaims(),),
        APEX: (THEIRS,),
    }
    verdict, _ = check(script, "a.b.example.com", OWN_SERVERS)
    assert not verdict.allowed
