"""ValidationRecord: published by signed updates of a real zone, adopted when identical, removed with its last hold."""

from pathlib import Path

import grpc
import pytest

from tests.transport import wire
from tests.transport.declared import certificate
from tests.transport.dns_server import KEY_NAME, KEY_SECRET, Zones
from tests.transport.engine import CERTIFICATE, RECORD, Engine, Made, changed, refused
from tests.transport.homes import dump, rows
from tests.transport.wire import UNKNOWN, Json, plain, secret, struct

NAME, VALUE = "_x.www.example.com.", "_y.validations.internal."
ID = "example.com/_x.www.example.com/CNAME"


def target(zones: Zones, **values: object) -> Json:
    return {"server": "127.0.0.1", "port": zones.port, "keyName": KEY_NAME, "keySecret": secret(KEY_SECRET), **values}


def record(zones: Zones, **values: object) -> Json:
    """Return inputs of a record in the test's zone."""
    declared = {"zone": "example.com", "name": NAME, "type": "CNAME", "value": VALUE}
    return {**declared, "rfc2136": target(zones), **values}


def test_create_publishes_the_record(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    assert (made.id, made.outputs["fqdn"], zones.values(NAME)) == (ID, NAME.removesuffix("."), [VALUE])


def test_create_echoes_its_inputs_with_the_secret_still_secret(up: Engine, zones: Zones) -> None:
    inputs = record(zones, ttl=120)
    made = up.create(RECORD, inputs)
    assert wire.is_secret(made.wire, "rfc2136")
    assert {name: made.outputs[name] for name in inputs} == plain(struct(inputs))


def test_an_identical_record_is_adopted(up: Engine, zones: Zones) -> None:
    zones.add(NAME, "CNAME", VALUE)
    up.create(RECORD, record(zones))
    assert [line for line in up.log.lines("INFO") if "is adopted" in line]


def test_a_create_whose_reply_was_lost_adopts_its_own_record(up: Engine, zones: Zones, home: Path) -> None:
    first = up.create(RECORD, record(zones))
    second = up.create(RECORD, record(zones))
    assert first.id == second.id
    up.delete(RECORD, second)
    assert (zones.values(NAME), rows(home, "zone_record_holds")) == ([], [])


@pytest.mark.parametrize(
    ("rtype", "value"), [("CNAME", "elsewhere.example.org."), ("TXT", '"x"')], ids=["a CNAME", "a TXT"]
)
def test_a_record_of_somebody_else_is_refused_and_kept(up: Engine, zones: Zones, rtype: str, value: str) -> None:
    zones.add(NAME, rtype, value)
    with refused() as found:
        up.create(RECORD, record(zones))
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert VALUE in found[0].sentence
    assert zones.values(NAME, rtype) == [value]


def test_the_configurations_target_serves_records_without_one(up: Engine, zones: Zones) -> None:
    up.configure(resolvers=[zones.address], rfc2136=target(zones))
    inputs = {name: value for name, value in record(zones).items() if name != "rfc2136"}
    up.create(RECORD, inputs)
    assert zones.values(NAME) == [VALUE]


def test_preview_publishes_and_stores_nothing(up: Engine, zones: Zones, home: Path) -> None:
    before = dump(home)
    found = up.preview(RECORD, record(zones))
    assert (found["fqdn"], zones.values(NAME), dump(home) == before) == (NAME.removesuffix("."), [], True)


def test_preview_of_an_unknown_name_leaves_the_fqdn_unknown(up: Engine, zones: Zones) -> None:
    assert up.preview(RECORD, record(zones, name=UNKNOWN))["fqdn"] == UNKNOWN


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"name": NAME.upper()}, id="capitals"),
        pytest.param({"name": NAME.removesuffix("."), "value": VALUE.removesuffix(".")}, id="no trailing dots"),
        pytest.param({"ttl": 300}, id="the default life, written out"),
        pytest.param({"zone": "Example.com."}, id="the zone in capitals with a dot"),
    ],
)
def test_what_means_the_same_is_no_change(up: Engine, zones: Zones, values: Json) -> None:
    made = up.create(RECORD, record(zones))
    assert changed(up.diff(RECORD, made, record(zones, **values))) == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"value": "_z.internal."}, {"value": "UPDATE"}, id="a value"),
        pytest.param({"ttl": 60}, {"ttl": "UPDATE"}, id="a life"),
        pytest.param({"name": "_b.example.com."}, {"name": "UPDATE_REPLACE"}, id="a name"),
        pytest.param({"zone": "www.example.com"}, {"zone": "UPDATE_REPLACE"}, id="a zone"),
        pytest.param({"value": UNKNOWN}, {"value": "UPDATE"}, id="an unknown value"),
        pytest.param({"name": UNKNOWN}, {"name": "UPDATE_REPLACE"}, id="an unknown name"),
    ],
)
def test_a_change_is_told_by_its_path(up: Engine, zones: Zones, values: Json, expected: dict[str, str]) -> None:
    made = up.create(RECORD, record(zones))
    response = up.diff(RECORD, made, record(zones, **values))
    replaced = [path for path, kind in expected.items() if kind.endswith("REPLACE")]
    assert (changed(response), list(response.replaces)) == (expected, replaced)


def test_another_key_is_an_update(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    news = record(zones, rfc2136=target(zones, keySecret=secret("b3RoZXI=")))
    assert changed(up.diff(RECORD, made, news)) == {"rfc2136": "UPDATE"}


def test_an_update_changes_value_and_life(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    updated = up.update(RECORD, made, record(zones, value="_z.internal.", ttl=60))
    assert (zones.values(NAME), updated.outputs["value"], updated.outputs["ttl"]) == (
        ["_z.internal."],
        "_z.internal.",
        60,
    )


def test_an_update_of_a_record_that_somebody_changed_is_refused(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    zones.clear()
    zones.add(NAME, "CNAME", "elsewhere.example.org.")
    with refused() as found:
        up.update(RECORD, made, record(zones, value="_z.internal."))
    assert ("elsewhere.example.org." in found[0].sentence, zones.values(NAME)) == (True, ["elsewhere.example.org."])


def test_preview_of_an_update_changes_nothing(up: Engine, zones: Zones, home: Path) -> None:
    made = up.create(RECORD, record(zones))
    before = dump(home)
    up.update(RECORD, made, record(zones, value="_z.internal."), preview=True)
    assert (zones.values(NAME), dump(home) == before) == ([VALUE], True)


def test_a_refresh_changes_nothing(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    found = up.read(RECORD, made.id, made.outputs, made.inputs)
    assert (found.id, plain(found.properties), plain(found.inputs)) == (ID, made.outputs, plain(struct(made.inputs)))


def test_a_refresh_keeps_the_secret_secret(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    found = up.read(RECORD, made.id, made.outputs, made.inputs)
    assert (wire.is_secret(found.properties, "rfc2136"), wire.is_secret(found.inputs, "rfc2136")) == (True, True)


def test_a_refresh_shows_a_value_changed_elsewhere(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    zones.clear()
    zones.add(NAME, "CNAME", "elsewhere.example.org.", ttl=300)
    found = up.read(RECORD, made.id, made.outputs, made.inputs)
    assert plain(found.inputs)["value"] == "elsewhere.example.org."


def test_a_record_that_left_the_zone_is_gone(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    zones.clear()
    assert up.read(RECORD, made.id, made.outputs, made.inputs).id == ""


def test_a_zone_that_does_not_answer_is_an_error_and_never_gone(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    closed = record(zones, rfc2136=target(zones, port=1))
    with refused() as found:
        up.read(RECORD, made.id, made.outputs, closed)
    assert (found[0].code, "cannot be reached" in found[0].sentence) == (grpc.StatusCode.UNKNOWN, True)


def test_an_import_takes_the_configurations_target(up: Engine, zones: Zones) -> None:
    up.configure(resolvers=[zones.address], rfc2136=target(zones))
    zones.add(NAME, "CNAME", VALUE, ttl=300)
    found = up.read(RECORD, ID, {}, {})
    assert plain(found.inputs) == {"zone": "example.com", "name": "_x.www.example.com", "type": "CNAME", "value": VALUE}


@pytest.mark.parametrize("resource_id", ["", "example.com", "a/b/c/d", "example.com//CNAME"])
def test_an_import_of_no_record_is_a_fault_of_its_id(up: Engine, zones: Zones, resource_id: str) -> None:
    up.configure(resolvers=[zones.address], rfc2136=target(zones))
    with refused() as found:
        up.read(RECORD, resource_id, {}, {})
    assert (found[0].code, "is not zone/name/type" in found[0].sentence) == (grpc.StatusCode.INVALID_ARGUMENT, True)


def test_deleting_removes_the_record(up: Engine, zones: Zones, home: Path) -> None:
    made = up.create(RECORD, record(zones))
    up.delete(RECORD, made)
    assert (zones.values(NAME), rows(home, "zone_record_holds")) == ([], [])


def test_deleting_twice_is_success(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    up.delete(RECORD, made)
    up.delete(RECORD, made)
    assert zones.values(NAME) == []


def test_deleting_keeps_a_record_that_another_resource_holds(up: Engine, zones: Zones) -> None:
    first = up.create(RECORD, record(zones), name="first")
    second = up.create(RECORD, record(zones), name="second")
    up.delete(RECORD, first, name="first")
    assert zones.values(NAME) == [VALUE]
    up.delete(RECORD, second, name="second")
    assert zones.values(NAME) == []


def test_deleting_keeps_a_record_that_somebody_changed(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    zones.clear()
    zones.add(NAME, "CNAME", "elsewhere.example.org.")
    up.delete(RECORD, made)
    assert zones.values(NAME) == ["elsewhere.example.org."]


def test_deleting_a_record_that_a_certificate_needs_is_a_warning(up: Engine, zones: Zones) -> None:
    needed = up.create(CERTIFICATE, certificate())
    made = up.create(RECORD, record(zones))
    up.delete(RECORD, made)
    assert [line for line in up.log.lines("WARNING") if needed.id in line and "needs it for its renewal" in line]


def test_a_wrong_key_is_refused_without_its_secret(up: Engine, zones: Zones) -> None:
    wrong = "d3Jvbmcga2V5"
    with refused() as found:
        up.create(RECORD, record(zones, rfc2136=target(zones, keySecret=secret(wrong))))
    assert (zones.values(NAME), wrong in found[0].sentence) == ([], False)


def test_a_state_of_another_installation_is_refused(up: Engine, zones: Zones) -> None:
    made = up.create(RECORD, record(zones))
    state = made.outputs
    state["__certwright"]["installation"] = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    with refused():
        up.delete(RECORD, Made(made.id, struct(state), made.inputs))
    assert zones.values(NAME) == [VALUE]
