"""Diff of a Certificate: what changed, what only looks changed, and what the store knows beyond the state."""

from pathlib import Path

import grpc
import pytest

from tests.support.aging import age, make_due
from tests.transport.declared import certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, Engine, Made, changed, refused
from tests.transport.homes import dump
from tests.transport.wire import UNKNOWN, Json, plain, struct

SANS = "subjectAlternativeNames"
MORE = ["a.example.com", "b.example.com"]
ROTATED = dict.fromkeys(("notBefore", "notAfter", "serial"), "UPDATE (output)")


@pytest.mark.parametrize(
    "news",
    [
        pytest.param({SANS: MORE}, id="nothing"),
        pytest.param({SANS: MORE[::-1]}, id="order"),
        pytest.param({SANS: ["A.EXAMPLE.com", "b.example.com."]}, id="capitals and dots"),
        pytest.param({SANS: MORE, "validity": {"type": "DAYS", "value": 395}}, id="a default, written out"),
    ],
)
def test_what_means_the_same_is_no_change(up: Engine, news: Json) -> None:
    made = up.create(CERTIFICATE, certificate(**{SANS: MORE}))
    response = up.diff(CERTIFICATE, made, certificate(**news))
    assert (changed(response), response.changes) == ({}, response.DIFF_NONE)


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        pytest.param({SANS: [*MORE, "c.example.com"]}, {f"{SANS}[2]": "ADD"}, id="a name added"),
        pytest.param({SANS: ["b.example.com"]}, {f"{SANS}[0]": "DELETE"}, id="a name removed"),
        pytest.param({SANS: MORE, "domainName": "x.example.com"}, {"domainName": "UPDATE"}, id="another first name"),
        pytest.param({SANS: MORE, "keyAlgorithm": "RSA_2048"}, {"keyAlgorithm": "UPDATE"}, id="another key"),
        pytest.param({SANS: MORE, "tags": {"a": "b"}}, {'tags["a"]': "ADD"}, id="a tag"),
        pytest.param({SANS: UNKNOWN}, {SANS: "UPDATE"}, id="unknown names"),
        pytest.param({SANS: MORE, "domainName": UNKNOWN}, {"domainName": "UPDATE"}, id="an unknown first name"),
    ],
)
def test_a_change_is_told_by_its_path(up: Engine, news: Json, expected: dict[str, str]) -> None:
    made = up.create(CERTIFICATE, certificate(**{SANS: MORE}))
    assert changed(up.diff(CERTIFICATE, made, certificate(**news))) == expected


def test_an_unknown_only_name_is_a_change(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    assert changed(up.diff(CERTIFICATE, made, certificate(domainName=UNKNOWN))) == {"domainName": "UPDATE"}


@pytest.mark.parametrize(
    "news", [{"domainName": "x.example.org", SANS: MORE, "keyAlgorithm": "RSA_2048", "options": {"export": "ENABLED"}}]
)
def test_no_change_replaces(up: Engine, news: Json) -> None:
    response = up.diff(CERTIFICATE, up.create(CERTIFICATE, certificate()), certificate(**news))
    assert (list(response.replaces), response.deleteBeforeReplace) == ([], False)


@pytest.mark.parametrize(
    ("news", "stables"),
    [({}, {"arn", "type", "domainValidationOptions"}), ({SANS: MORE}, {"arn", "type"})],
    ids=["nothing changed", "names changed"],
)
def test_the_arn_is_stable_and_the_records_while_the_names_are(up: Engine, news: Json, stables: set[str]) -> None:
    made = up.create(CERTIFICATE, certificate())
    assert set(up.diff(CERTIFICATE, made, certificate(**news)).stables) == stables


def test_a_change_says_its_reason_at_the_resource(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.diff(CERTIFICATE, made, certificate(**{SANS: MORE}))
    assert "new version under the same ARN: names added: a.example.com, b.example.com" in up.log.lines("INFO")


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ([SANS], {'tags["a"]': "ADD"}),
        ([f"{SANS}[0]"], {'tags["a"]': "ADD"}),
        (["tags"], {f"{SANS}[0]": "ADD"}),
        (["tags", SANS], {}),
        (["domainName"], {'tags["a"]': "ADD", f"{SANS}[0]": "ADD"}),
    ],
    ids=["names", "one of the names", "tags", "all of them", "something else"],
)
def test_what_is_ignored_is_no_change(up: Engine, ignored: list[str], expected: dict[str, str]) -> None:
    made = up.create(CERTIFICATE, certificate())
    news = certificate(**{SANS: ["a.example.com"], "tags": {"a": "b"}})
    assert changed(up.diff(CERTIFICATE, made, news, ignored)) == expected


def test_diff_asks_no_dns(up: Engine, zones: Zones) -> None:
    made = up.create(CERTIFICATE, certificate())
    zones.asked.clear()
    up.diff(CERTIFICATE, made, certificate(**{SANS: MORE}))
    assert zones.asked == []


def test_a_second_diff_stores_nothing(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.diff(CERTIFICATE, made, certificate())
    before = dump(home)
    up.diff(CERTIFICATE, made, certificate(**{SANS: MORE}))
    assert dump(home) == before


def test_a_due_renewal_rotates_outputs_and_says_why(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    made = up.update(CERTIFICATE, made, made.inputs)
    make_due(home)
    assert changed(up.diff(CERTIFICATE, made, made.inputs)) == ROTATED
    assert [line for line in up.log.lines("INFO") if line.startswith("renewal due: valid until ")]


def test_a_due_renewal_of_pinned_outputs_is_a_warning(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones, renewalOutputs="PIN")
    made = up.update(CERTIFICATE, made, made.inputs)
    make_due(home)
    assert changed(up.diff(CERTIFICATE, made, made.inputs)) == {}
    assert [line for line in up.log.lines("WARNING") if "The pinned version 1 ends on" in line]


def test_an_expired_pinned_version_fails_the_preview(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones, renewalOutputs="PIN")
    made = up.update(CERTIFICATE, made, made.inputs)
    age(home, "UPDATE certificate_versions SET not_after = 5, renewal_start = 1, renewal_chosen = 2")
    assert changed(up.diff(CERTIFICATE, made, made.inputs)) == ROTATED
    with refused() as found:
        up.update(CERTIFICATE, made, made.inputs, preview=True)
    assert "The pinned version 1 expired on 1970-01-01" in found[0].sentence


def test_a_state_without_its_hidden_output_is_an_update(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    state = {name: value for name, value in plain(made.wire).items() if name != "__certwright"}
    imported = Made(made.id, struct(state), made.inputs)
    assert changed(up.diff(CERTIFICATE, imported, made.inputs)) == {"status": "UPDATE (output)"}


def test_a_state_of_another_installation_is_refused(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    state = plain(made.wire)
    state["__certwright"]["installation"] = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    with refused() as found:
        up.diff(CERTIFICATE, Made(made.id, struct(state), made.inputs), made.inputs)
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert "belongs to certwright installation 0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d" in found[0].sentence
