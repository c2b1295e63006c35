"""Diff of a Certificate's inputs: exactly the changed paths, and nothing for what means the same."""

import pytest
from certwright.resources.certificate_diff import input_changes
from certwright.resources.session import ChangeKind
from certwright.resources.values import UNKNOWN, Properties, Value

from tests.unit.resources.declared import args, decoded, policy

ADD, DELETE, UPDATE = ChangeKind.ADD, ChangeKind.DELETE, ChangeKind.UPDATE
SANS = "subjectAlternativeNames"
FIRST, SECOND = "a.example.com", "b.example.com"
MORE: list[Value] = [FIRST, SECOND]


def changes(old: Properties, new: Properties) -> dict[str, ChangeKind]:
    """Return by path what happened to it."""
    return {item.path: item.kind for item in input_changes(args(**old), decoded(**new), policy())}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({}, {}, id="nothing at all"),
        pytest.param({SANS: MORE}, {SANS: [SECOND, FIRST]}, id="another order"),
        pytest.param({SANS: MORE}, {SANS: [FIRST.upper(), SECOND.upper()]}, id="capitals"),
        pytest.param({SANS: MORE}, {SANS: [f"{FIRST}.", f"{SECOND}."]}, id="trailing dots"),
        pytest.param({SANS: MORE}, {SANS: [*MORE, FIRST]}, id="a name twice"),
        pytest.param({SANS: MORE}, {SANS: [*MORE, "www.example.com"]}, id="the first name again"),
        pytest.param({"domainName": "www.example.com"}, {"domainName": "WWW.example.com."}, id="the first in capitals"),
        pytest.param({}, {"keyAlgorithm": "RSA_2048"}, id="the default key, written out"),
        pytest.param({}, {"validity": {"type": "DAYS", "value": 395.0}}, id="the default life, written out"),
        pytest.param(
            {"validity": {"type": "YEARS", "value": 1.0}},
            {"validity": {"type": "DAYS", "value": 365.0}},
            id="a year as days",
        ),
        pytest.param({"earlyRenewalDuration": "P30D"}, {"earlyRenewalDuration": "720h"}, id="days as hours"),
        pytest.param({"options": {"export": "DISABLED"}}, {}, id="export disabled, left out"),
        pytest.param({}, {"repin": ""}, id="an empty repin"),
        pytest.param({}, {"tags": {}}, id="no tags, written out"),
        pytest.param({}, {"__defaults": ["x"]}, id="the engine's own"),
    ],
)
def test_what_means_the_same_is_no_change(old: Properties, new: Properties) -> None:
    assert changes(old, new) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({SANS: MORE}, {SANS: [*MORE, "c.example.com"]}, {f"{SANS}[2]": ADD}, id="a name at the end"),
        pytest.param({SANS: MORE}, {SANS: ["c.example.com", *MORE]}, {f"{SANS}[0]": ADD}, id="a name at the start"),
        pytest.param({SANS: MORE}, {SANS: [SECOND, "C.example.com.", FIRST]}, {f"{SANS}[1]": ADD}, id="in between"),
        pytest.param({}, {SANS: ["a.example.com"]}, {f"{SANS}[0]": ADD}, id="the first further name"),
        pytest.param({SANS: MORE}, {SANS: [FIRST]}, {f"{SANS}[1]": DELETE}, id="the last name removed"),
        pytest.param({SANS: MORE}, {SANS: [SECOND]}, {f"{SANS}[0]": DELETE}, id="the first one removed"),
        pytest.param({SANS: MORE}, {}, {f"{SANS}[0]": DELETE, f"{SANS}[1]": DELETE}, id="all removed"),
        pytest.param(
            {SANS: MORE},
            {SANS: [FIRST, "c.example.com"]},
            {f"{SANS}[1]": UPDATE},
            id="one in place of another",
        ),
        pytest.param(
            {SANS: MORE},
            {SANS: ["c.example.com", FIRST]},
            {f"{SANS}[0]": ADD, f"{SANS}[1]": DELETE},
            id="one in another place than the removed one",
        ),
        pytest.param({}, {"domainName": "x.example.com"}, {"domainName": UPDATE}, id="another first name"),
        pytest.param(
            {SANS: ["a.example.com"]},
            {"domainName": "a.example.com", SANS: ["www.example.com"]},
            {"domainName": UPDATE},
            id="first and further name exchanged",
        ),
        pytest.param({}, {"keyAlgorithm": "EC_prime256v1"}, {"keyAlgorithm": UPDATE}, id="another key"),
        pytest.param({}, {"options": {"export": "ENABLED"}}, {"options": ADD}, id="export enabled"),
        pytest.param({"options": {"export": "ENABLED"}}, {}, {"options": DELETE}, id="export left out"),
        pytest.param(
            {"options": {"export": "ENABLED"}}, {"options": {"export": "DISABLED"}}, {"options": UPDATE}, id="disabled"
        ),
        pytest.param({}, {"validity": {"type": "DAYS", "value": 9.0}}, {"validity": ADD}, id="a life"),
        pytest.param({"validity": {"type": "DAYS", "value": 9.0}}, {}, {"validity": DELETE}, id="a life left out"),
        pytest.param({}, {"earlyRenewalDuration": "P9D"}, {"earlyRenewalDuration": ADD}, id="an early renewal"),
        pytest.param(
            {"earlyRenewalDuration": "P9D"}, {}, {"earlyRenewalDuration": DELETE}, id="early renewal left out"
        ),
        pytest.param({}, {"keyRotation": "NEVER"}, {"keyRotation": UPDATE}, id="another key rotation"),
        pytest.param({}, {"renewalOutputs": "PIN"}, {"renewalOutputs": UPDATE}, id="pinned outputs"),
        pytest.param({}, {"repin": "1"}, {"repin": ADD}, id="a repin"),
        pytest.param({"repin": "1"}, {"repin": "2"}, {"repin": UPDATE}, id="another repin"),
        pytest.param({"repin": "1"}, {}, {"repin": DELETE}, id="a repin left out"),
        pytest.param({}, {"tags": {"team": "web"}}, {'tags["team"]': ADD}, id="a tag"),
        pytest.param({"tags": {"team": "web"}}, {}, {'tags["team"]': DELETE}, id="a tag left out"),
        pytest.param(
            {"tags": {"a": "1", "b": "2"}},
            {"tags": {"a": "1", "b": "3", "c": "4"}},
            {'tags["b"]': UPDATE, 'tags["c"]': ADD},
            id="tags changed and added",
        ),
    ],
)
def test_a_change_is_told_by_its_path(old: Properties, new: Properties, expected: dict[str, ChangeKind]) -> None:
    assert changes(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({SANS: MORE}, {SANS: [FIRST, "c.example.com"]}, id="a name in place of another"),
        pytest.param({SANS: MORE}, {"domainName": "x.example.com", SANS: [*MORE, "c.example.com"]}, id="several"),
    ],
)
def test_no_path_is_told_twice(old: Properties, new: Properties) -> None:
    paths = [item.path for item in input_changes(args(**old), decoded(**new), policy())]
    assert sorted(set(paths)) == sorted(paths)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param({"domainName": UNKNOWN}, {"domainName": UPDATE}, id="the first name"),
        pytest.param({SANS: UNKNOWN}, {SANS: UPDATE}, id="all further names"),
        pytest.param({SANS: ["a.example.com", UNKNOWN]}, {f"{SANS}[1]": UPDATE}, id="one further name"),
        pytest.param({SANS: MORE, "tags": {"x": UNKNOWN}}, {"tags.x": UPDATE}, id="a tag"),
        pytest.param(
            {SANS: MORE, "validity": {"type": "DAYS", "value": UNKNOWN}}, {"validity.value": UPDATE}, id="a life"
        ),
    ],
)
def test_what_is_unknown_may_change(new: Properties, expected: dict[str, ChangeKind]) -> None:
    old: Properties = {SANS: MORE} if new.get("domainName") is not UNKNOWN else {}
    assert changes(old, new) == expected


@pytest.mark.parametrize(
    "new",
    [
        {"domainName": "x.example.com", SANS: ["c.example.com"], "keyAlgorithm": "EC_prime256v1"},
        {"tags": {"a": "1"}, "options": {"export": "ENABLED"}, "validity": {"type": "DAYS", "value": 9.0}},
    ],
)
def test_no_change_of_an_input_replaces(new: Properties) -> None:
    assert not any(item.replaces for item in input_changes(args(), decoded(**new), policy()))
