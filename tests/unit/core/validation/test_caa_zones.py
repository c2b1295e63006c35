"""Which zone a node belongs to, by the apex that negative answers name."""

import pytest
from certwright.core.validation.caa import _is_above, _zone_above

from tests.unit.core.validation.caa_scripts import NOTHING

ZONES: dict[str, tuple[str, list[str], str]] = {
    "none where no answer names one": ("www.example.com.", ["", ""], ""),
    "the one above": ("www.example.com.", ["example.com."], "example.com."),
    "the node itself": ("example.com.", ["example.com."], "example.com."),
    "the root": ("com.", ["."], "."),
    "the highest of several": ("a.com.", ["a.com.", "com.", ""], "com."),
    "not one beside it": ("www.example.com.", ["example.org."], ""),
    "not one below it": ("example.com.", ["www.example.com."], ""),
    "not one that only ends alike": ("badexample.com.", ["example.com."], ""),
}


@pytest.mark.parametrize(("node", "zones", "expected"), ZONES.values(), ids=ZONES.keys())
def test_the_zone_of_a_node_is(node: str, zones: list[str], expected: str) -> None:
    answers = [type(NOTHING)("ns1", "NOERROR", (), zone=zone) for zone in zones]
    assert _zone_above(node, answers) == expected


@pytest.mark.parametrize(
    ("node", "below", "is_above"),
    [(".", "com.", True), ("com.", "a.com.", True), ("com.", "com.", False), ("com.", "acom.", False)],
)
def test_above_is_a_domain_that_has_the_other_inside(node: str, below: str, is_above: bool) -> None:  # noqa: FBT001 - a column
    assert _is_above(node, below) is is_above
