"""CertificateValidation: what it hands out, when it is an update, and what a read makes of it."""

from pathlib import Path

import pytest

from tests.transport import wire
from tests.transport.declared import certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, Made, Refusal, changed, refused
from tests.transport.homes import dump, rows
from tests.transport.wire import UNKNOWN, plain

MORE = {"subjectAlternativeNames": ["a.example.com"]}
PROMPT = 1.0
ROTATED = dict.fromkeys(("serial", "notAfter"), "UPDATE (output)")


def waiting_for(made: Made) -> dict[str, object]:
    """Return the inputs that wait for a certificate."""
    return {"certificateArn": made.id}


def unfinished(refusal: Refusal) -> Made:
    """Return the resource as the engine keeps it."""
    assert refusal.kept is not None
    return Made(refusal.kept.id, refusal.kept.properties, plain(refusal.kept.inputs))


def test_it_hands_out_the_issued_certificate(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    outputs = waited.outputs
    assert (waited.id, outputs["certificateArn"], outputs["status"]) == (made.id, made.id, "ISSUED")
    assert outputs["certificatePem"].startswith("-----BEGIN CERTIFICATE-----")
    assert outputs["chainPem"].count("-----BEGIN CERTIFICATE-----") == 1


def test_it_does_not_keep_the_names_of_the_records(up: Engine, zones: Zones) -> None:
    made, _ = issued(up, zones)
    waited = up.create(VALIDATION, {**waiting_for(made), "validationRecordFqdns": ["_x.example.com"]})
    assert "validationRecordFqdns" not in waited.outputs


def test_without_opting_in_there_is_no_private_key(up: Engine, zones: Zones) -> None:
    _, waited = issued(up, zones)
    assert "privateKeyPem" not in waited.outputs


def test_an_exported_private_key_is_secret_and_audited(up: Engine, zones: Zones, home: Path) -> None:
    made, waited = issued(up, zones, options={"export": "ENABLED"})
    assert wire.is_secret(waited.wire, "privateKeyPem")
    assert waited.outputs["privateKeyPem"].startswith("-----BEGIN PRIVATE KEY-----")
    assert rows(home, "(SELECT subject FROM audit_events WHERE action = 'ExportPrivateKey')") == [(made.id,)]


def test_preview_of_an_unknown_certificate_knows_nothing(up: Engine) -> None:
    assert set(up.preview(VALIDATION, {"certificateArn": UNKNOWN}).values()) == {UNKNOWN}


def test_preview_of_an_issued_certificate_gives_its_values(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    found = up.preview(VALIDATION, waiting_for(made))
    assert found == waited.outputs


def test_preview_of_an_exported_key_leaves_it_unknown_and_exports_nothing(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones, options={"export": "ENABLED"})
    before = dump(home)
    assert up.preview(VALIDATION, waiting_for(made))["privateKeyPem"] == UNKNOWN
    assert dump(home) == before


@pytest.mark.parametrize(
    "news", [{}, {"validationRecordFqdns": ["_other.example.com"]}], ids=["nothing", "the records"]
)
def test_what_is_issued_is_no_change(up: Engine, zones: Zones, news: dict[str, object]) -> None:
    made, waited = issued(up, zones)
    assert changed(up.diff(VALIDATION, waited, {**waiting_for(made), **news})) == {}


def test_what_is_unfinished_is_an_update(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused() as found:
        up.create(VALIDATION, waiting_for(made), timeout=0.1)
    assert changed(up.diff(VALIDATION, unfinished(found[0]), waiting_for(made))) == ROTATED
    assert [line for line in up.log.lines("INFO") if line.startswith("not issued yet: ")]


def test_another_certificate_replaces(up: Engine, zones: Zones) -> None:
    _, waited = issued(up, zones)
    other = up.create(CERTIFICATE, certificate(domainName="b.example.com"), name="other")
    response = up.diff(VALIDATION, waited, waiting_for(other))
    assert (list(response.replaces), changed(response)) == (["certificateArn"], {"certificateArn": "UPDATE_REPLACE"})


def test_a_planned_version_shows_in_the_same_preview(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    up.update(CERTIFICATE, made, certificate(**MORE), preview=True)
    assert changed(up.diff(VALIDATION, waited, waiting_for(made))) == ROTATED
    planned = up.update(VALIDATION, waited, waiting_for(made), preview=True).outputs
    assert (planned["certificateArn"], planned["serial"]) == (made.id, UNKNOWN)


def test_a_version_in_force_that_the_state_does_not_show_is_an_update(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    up.update(CERTIFICATE, made, certificate(validity={"type": "DAYS", "value": 90}))
    assert changed(up.diff(VALIDATION, waited, waiting_for(made))) == ROTATED
    assert [line for line in up.log.lines("INFO") if line.startswith("version 2 is in force")]


def test_a_read_gives_what_is_issued(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    found = up.read(VALIDATION, made.id, waited.outputs, waited.inputs)
    assert (found.id, plain(found.properties), plain(found.inputs)) == (made.id, waited.outputs, waiting_for(made))


def test_a_read_of_what_is_not_issued_is_unfinished_again(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused() as found:
        up.read(VALIDATION, made.id, {}, {})
    assert found[0].kept is not None
    assert (found[0].kept.id, "PENDING_VALIDATION" in found[0].kept.reasons[0]) == (made.id, True)


def test_a_read_of_a_deleted_certificate_is_gone(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    up.delete(CERTIFICATE, made)
    assert up.read(VALIDATION, made.id, waited.outputs, waited.inputs).id == ""


def test_a_secret_key_is_read_as_a_secret(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones, options={"export": "ENABLED"})
    found = up.read(VALIDATION, made.id, waited.outputs, waited.inputs)
    assert wire.is_secret(found.properties, "privateKeyPem")


def test_deleting_it_leaves_the_certificate(up: Engine, zones: Zones, home: Path) -> None:
    _, waited = issued(up, zones)
    before = dump(home)
    up.delete(VALIDATION, waited)
    up.delete(VALIDATION, waited)
    assert dump(home) == before
