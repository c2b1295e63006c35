"""What one preview shows together of a Certificate and its CertificateValidation: renewals, pins and overdue issues."""

from pathlib import Path

import pytest

from tests.support.aging import age
from tests.transport.declared import certificate, issued, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, Made, changed, refused
from tests.transport.homes import rows
from tests.transport.wire import UNKNOWN, UNKNOWNS

PIN = {"renewalOutputs": "PIN"}
ROTATED = dict.fromkeys(("serial", "notAfter"), "UPDATE (output)")
DUE = "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3"
EXPIRED = "UPDATE certificate_versions SET not_after = 5, renewal_start = 1, renewal_chosen = 2"
LATE = "UPDATE certificate_versions SET requested_at = 1"


def waiting_for(made: Made) -> dict[str, object]:
    """Return the inputs that wait for a certificate."""
    return {"certificateArn": made.id}


def forbid(up: Engine, zones: Zones) -> None:
    """Let CAA forbid the issue."""
    zones.add("example.com.", "CAA", '0 issue "ca.example.net"')
    up.configure(resolvers=[zones.address], caaIdentities=["ca.example.org"])


@pytest.mark.parametrize("end", [DUE, EXPIRED], ids=["due", "expired"])
def test_a_changed_repin_shows_the_version_that_it_makes(up: Engine, zones: Zones, home: Path, end: str) -> None:
    made, waited = issued(up, zones, **PIN)
    age(home, end)
    planned = up.update(CERTIFICATE, made, certificate(repin="2", **PIN), preview=True).outputs
    found = up.update(VALIDATION, waited, waiting_for(made), preview=True).outputs
    assert (planned["serial"], found["serial"]) == (UNKNOWN, UNKNOWN)


@pytest.mark.parametrize("end", [DUE, EXPIRED], ids=["due", "expired"])
def test_a_changed_repin_moves_to_the_version_that_it_makes(up: Engine, zones: Zones, home: Path, end: str) -> None:
    made, waited = issued(up, zones, **PIN)
    age(home, end)
    up.update(CERTIFICATE, made, certificate(repin="2", **PIN))
    found = up.update(VALIDATION, waited, waiting_for(made)).outputs
    assert (found["status"], found["serial"] != waited.outputs["serial"]) == ("ISSUED", True)


def test_an_expired_pin_is_left_for_changed_names(up: Engine, zones: Zones, home: Path) -> None:
    made, waited = issued(up, zones, **PIN)
    age(home, EXPIRED)
    up.update(CERTIFICATE, made, certificate(subjectAlternativeNames=["a.example.com"], **PIN), preview=True)
    assert up.update(VALIDATION, waited, waiting_for(made), preview=True).outputs["serial"] == UNKNOWN


def test_a_renewal_under_way_shows_at_both(up: Engine, zones: Zones, home: Path) -> None:
    made, waited = issued(up, zones)
    age(home, DUE)
    zones.clear()
    renewing = up.update(CERTIFICATE, made, made.inputs)
    up.update(CERTIFICATE, renewing, made.inputs, preview=True)
    assert changed(up.diff(VALIDATION, waited, waiting_for(made))) == ROTATED


def test_a_renewal_under_way_of_pinned_outputs_shows_nowhere(up: Engine, zones: Zones, home: Path) -> None:
    made, waited = issued(up, zones, **PIN)
    age(home, DUE)
    zones.clear()
    renewing = up.update(CERTIFICATE, made, certificate(tags={"a": "b"}, **PIN))
    up.update(CERTIFICATE, renewing, certificate(tags={"a": "c"}, **PIN), preview=True)
    assert changed(up.diff(VALIDATION, waited, waiting_for(made))) == {}


def test_caa_that_forbids_a_renewal_that_is_only_due_warns(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    age(home, DUE)
    forbid(up, zones)
    up.update(CERTIFICATE, made, made.inputs, preview=True)
    assert [line for line in up.log.lines("WARNING") if "CAA at example.com" in line and "CAA_ERROR" in line]


def test_caa_that_forbids_the_renewal_of_an_expired_one_fails(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    age(home, EXPIRED)
    forbid(up, zones)
    with refused() as found:
        up.update(CERTIFICATE, made, made.inputs, preview=True)
    assert "CAA at example.com" in found[0].sentence


def test_after_72_hours_preview_shows_the_next_version(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    age(home, LATE)
    assert "serial" in changed(up.diff(CERTIFICATE, made, made.inputs))
    assert [line for line in up.log.lines("INFO") if line.startswith("version 1 took longer than 72 hours")]


def test_after_72_hours_one_run_issues_the_next_version(up: Engine, zones: Zones, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    publish(zones, made.outputs)
    age(home, LATE)
    up.update(CERTIFICATE, made, made.inputs)
    assert up.create(VALIDATION, waiting_for(made)).outputs["status"] == "ISSUED"
    assert rows(home, "certificate_versions", "number, state") == [(1, "TIMED_OUT"), (2, "ISSUED")]


def test_a_change_that_meets_a_renewal_made_elsewhere_tells_of_it(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    age(home, DUE)
    up.update(CERTIFICATE, made, made.inputs)
    up.diff(CERTIFICATE, made, certificate(tags={"team": "web"}))
    assert [line for line in up.log.lines("INFO") if line.startswith("version 2 is in force: renewal due")]


def test_names_on_dead_dns_make_two_warnings(up: Engine) -> None:
    up.configure(resolvers=["127.0.0.1:1"])
    up.preview(CERTIFICATE, certificate(subjectAlternativeNames=[f"n{number}.example.com" for number in range(9)]))
    caa, proofs = [line for line in up.log.lines("WARNING") if "failed, the first: " in line]
    assert (caa.startswith("10 CAA look-ups"), proofs.startswith("10 look-ups of validation records")) == (True, True)


def test_a_key_may_come_of_a_certificate_that_is_not_known(up: Engine) -> None:
    assert up.preview(VALIDATION, {"certificateArn": UNKNOWN})["privateKeyPem"] == UNKNOWN


@pytest.mark.parametrize("options", [UNKNOWNS["object"], {"export": UNKNOWN}], ids=["options", "export"])
def test_a_key_may_come_of_options_that_are_not_known(up: Engine, zones: Zones, options: object) -> None:
    made, waited = issued(up, zones)
    up.update(CERTIFICATE, made, certificate(options=options), preview=True)
    assert up.update(VALIDATION, waited, waiting_for(made), preview=True).outputs["privateKeyPem"] == UNKNOWN
