"""A dynamic ValidationRecord: published, adopted, compared by meaning, removed with its last hold."""

from pathlib import Path

import pytest

from tests.transport.dns_server import KEY_NAME, KEY_SECRET, Zones
from tests.transport.dynamic.sdk import RECORD, Sdk, owner, told
from tests.transport.homes import rows
from tests.transport.wire import Json

NAME, VALUE = "_x.www.example.com.", "_y.validations.internal."


@pytest.fixture
def declared(zones: Zones) -> Json:
    """Return inputs of a record in the test's zone."""
    target = {"server": "127.0.0.1", "port": zones.port, "keyName": KEY_NAME, "keySecret": KEY_SECRET}
    return {"zone": "example.com", "name": NAME, "type": "CNAME", "value": VALUE, "rfc2136": target}


def test_create_publishes_the_record(sdk: Sdk, zones: Zones, declared: Json) -> None:
    made = sdk.create(RECORD, declared)
    assert (made.id, made.outputs["fqdn"]) == ("example.com/_x.www.example.com/CNAME", NAME.removesuffix("."))
    assert zones.values(NAME) == [VALUE]


def test_the_hold_on_the_record_names_the_urn(sdk: Sdk, home: Path, declared: Json) -> None:
    sdk.create(RECORD, declared)
    assert rows(home, "zone_record_holds", "urn") == [(owner(RECORD),)]


def test_a_create_whose_reply_was_lost_leaves_nothing_behind(
    sdk: Sdk, zones: Zones, home: Path, declared: Json
) -> None:
    sdk.create(RECORD, declared)
    sdk.delete(sdk.create(RECORD, declared))
    assert (zones.values(NAME), rows(home, "zone_record_holds")) == ([], [])


def test_a_record_of_somebody_else_is_refused_and_kept(sdk: Sdk, zones: Zones, declared: Json) -> None:
    zones.add(NAME, "CNAME", "elsewhere.example.org.")
    with told() as lines:
        sdk.create(RECORD, declared)
    assert "holds elsewhere.example.org." in lines[-1]
    assert zones.values(NAME) == ["elsewhere.example.org."]


def test_another_spelling_is_no_change(sdk: Sdk, declared: Json) -> None:
    made = sdk.create(RECORD, declared)
    assert not sdk.diff(made, {**declared, "name": NAME.upper(), "ttl": 300}).changes


@pytest.mark.parametrize(("changed", "replaces"), [({"name": "_z.www.example.com."}, ["name"]), ({"ttl": 60}, [])])
def test_another_name_replaces_and_another_ttl_updates(
    sdk: Sdk, declared: Json, changed: Json, replaces: list[str]
) -> None:
    made = sdk.create(RECORD, declared)
    found = sdk.diff(made, {**declared, **changed})
    assert (found.changes, found.replaces) == (True, replaces)


def test_an_update_changes_the_record(sdk: Sdk, zones: Zones, declared: Json) -> None:
    made = sdk.create(RECORD, declared)
    sdk.update(made, {**declared, "value": "_w.validations.internal."})
    assert zones.values(NAME) == ["_w.validations.internal."]


def test_a_read_of_what_did_not_change_leaves_the_inputs_as_written(sdk: Sdk, declared: Json) -> None:
    assert sdk.read(sdk.create(RECORD, declared)).inputs is None


def test_a_read_of_a_record_that_is_gone_says_so(sdk: Sdk, zones: Zones, declared: Json) -> None:
    made = sdk.create(RECORD, declared)
    zones.clear()
    assert sdk.read(made).id == ""
