"""CertificateValidation while it waits: its time, its end, and what is kept of what is unfinished."""

import threading
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from tests.transport import wire
from tests.transport.declared import certificate, issued, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, Made, Refusal, refused, urn
from tests.transport.homes import rows
from tests.transport.wire import plain

MORE = {"subjectAlternativeNames": ["a.example.com"]}
PROMPT = 1.0
ROTATED = dict.fromkeys(("serial", "notAfter"), "UPDATE (output)")


def waiting_for(made: Made) -> dict[str, object]:
    """Return the inputs that wait for a certificate."""
    return {"certificateArn": made.id}


def kept(refusal: Refusal) -> dict[str, object]:
    """Return the state that the engine keeps."""
    assert refusal.kept is not None
    return plain(refusal.kept.properties)


def unfinished(refusal: Refusal) -> Made:
    """Return the resource as the engine keeps it."""
    assert refusal.kept is not None
    return Made(refusal.kept.id, refusal.kept.properties, plain(refusal.kept.inputs))


def test_after_its_time_it_keeps_id_and_state_and_says_what_is_missing(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused() as found:
        up.create(VALIDATION, waiting_for(made), timeout=0.25)
    (refusal,) = found
    assert refusal.kept is not None
    assert (refusal.code, refusal.kept.id) == (grpc.StatusCode.UNKNOWN, made.id)
    assert kept(refusal)["status"] == "PENDING_VALIDATION"
    assert plain(refusal.kept.inputs) == waiting_for(made)
    missing, advice = refusal.kept.reasons
    assert ("CNAME is missing" in missing, "customTimeouts.update" in advice) == (True, True)


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_a_timeout_is_seconds_as_a_fraction(up: Engine, seconds: float) -> None:
    made = up.create(CERTIFICATE, certificate())
    started = time.monotonic()
    with refused():
        up.create(VALIDATION, waiting_for(made), timeout=seconds)
    assert seconds <= time.monotonic() - started < seconds + 5 * PROMPT


def test_an_update_goes_on_with_what_is_unfinished(up: Engine, zones: Zones, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused() as found:
        up.create(VALIDATION, waiting_for(made), timeout=0.1)
    publish(zones, made.outputs)
    done = up.update(VALIDATION, unfinished(found[0]), waiting_for(made))
    assert (done.outputs["status"], len(rows(home, "certificate_versions"))) == ("ISSUED", 1)


def test_an_update_that_takes_too_long_keeps_the_state_too(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused() as found:
        up.create(VALIDATION, waiting_for(made), timeout=0.1)
    with refused() as again:
        up.update(VALIDATION, unfinished(found[0]), waiting_for(made), timeout=0.1)
    assert again[0].kept is not None
    assert again[0].kept.id == made.id


def test_the_record_may_come_while_it_waits(up: Engine, zones: Zones) -> None:
    made = up.create(CERTIFICATE, certificate())
    timer = threading.Timer(0.3, publish, (zones, made.outputs))
    timer.start()
    assert up.create(VALIDATION, waiting_for(made), timeout=30).outputs["status"] == "ISSUED"
    timer.join()


def test_while_it_waits_it_says_what_for_and_how_long(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused():
        up.create(VALIDATION, waiting_for(made), timeout=1.5)
    assert [line for line in up.log.statuses() if "CNAME is missing" in line and line.endswith("left")]


def until_it_waits(up: Engine) -> None:
    """Return once an attempt has ended and the next one is awaited."""
    while not any("CNAME is missing" in line for line in up.log.statuses()):
        time.sleep(0.01)


def test_before_its_first_answer_it_says_that_it_asks(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    with refused():
        up.create(VALIDATION, waiting_for(made), timeout=0.1)
    assert up.log.statuses()[0].startswith("asking DNS - ")


def stopped(up: Engine, made: Made, stop: str) -> tuple[Refusal, float]:
    """Stop a wait that is under way; return how it ended and how long that took."""
    ended: list[Refusal] = []
    asked = threading.Event()

    def wait() -> None:
        with refused() as found:
            asked.set()
            up.create(VALIDATION, waiting_for(made), timeout=60)
        ended.extend(found)

    waiter = threading.Thread(target=wait)
    waiter.start()
    asked.wait()
    until_it_waits(up)
    started = time.monotonic()
    getattr(up.stub, stop)(empty_pb2.Empty())
    waiter.join()
    return ended[0], time.monotonic() - started


def test_cancel_ends_a_wait_at_once_and_keeps_the_id(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    refusal, seconds = stopped(up, made, "Cancel")
    assert refusal.kept is not None
    assert (refusal.kept.id, seconds < PROMPT) == (made.id, True), seconds
    assert kept(refusal)["status"] == "PENDING_VALIDATION"
    assert refusal.kept.reasons[0].startswith("Stopped while waiting.")


def test_cancel_undoes_nothing(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.stub.Cancel(empty_pb2.Empty())
    up.stub.Cancel(empty_pb2.Empty())
    assert rows(home, "certificates", "deleted_at") == [(None,)]
    assert up.create(CERTIFICATE, made.inputs).id == made.id


def test_a_call_that_went_away_ends_its_wait(up: Engine, zones: Zones) -> None:
    made = up.create(CERTIFICATE, certificate())
    request = provider_pb2.CreateRequest(urn=urn(VALIDATION), properties=wire.struct(waiting_for(made)), timeout=60)
    call = up.stub.Create.future(request)
    until_it_waits(up)
    call.cancel()
    asked = len(zones.asked)
    time.sleep(1.5 * PROMPT)
    assert len(zones.asked) == asked


def test_no_lease_is_held_after_a_wait_was_stopped(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    stopped(up, made, "Cancel")
    now = time.time() * 1_000_000
    assert [
        subject for subject, expires in rows(home, "leases", "subject, expires_at") if float(str(expires)) > now
    ] == []


def test_caa_that_forbids_ends_the_wait_for_good(up: Engine, zones: Zones) -> None:
    up.configure(resolvers=[zones.address], caaIdentities=["ca.example.org"])
    made = up.create(CERTIFICATE, certificate())
    publish(zones, made.outputs)
    zones.add("example.com.", "CAA", '0 issue "ca.example.net"')
    with refused() as found:
        up.create(VALIDATION, waiting_for(made), timeout=30)
    assert found[0].kept is not None
    cause, advice = found[0].kept.reasons
    assert ("Version 1 is FAILED" in cause, "Mend the cause" in advice) == (True, True)


def test_it_waits_for_the_version_of_the_present_inputs_and_never_returns_an_older_one(
    up: Engine, zones: Zones
) -> None:
    made, waited = issued(up, zones)
    updated = up.update(CERTIFICATE, made, certificate(**MORE))
    with refused() as found:
        up.update(VALIDATION, waited, waiting_for(made), timeout=0.1)
    assert (kept(found[0])["status"], kept(found[0])["serial"]) == ("PENDING_VALIDATION", waited.outputs["serial"])
    publish(zones, updated.outputs)
    done = up.update(VALIDATION, waited, waiting_for(made))
    assert done.outputs["serial"] != waited.outputs["serial"]


def test_a_wait_that_ended_keeps_the_exported_key_of_the_version_in_force(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones, options={"export": "ENABLED"})
    up.update(CERTIFICATE, made, certificate(options={"export": "ENABLED"}, **MORE))
    with refused() as found:
        up.update(VALIDATION, waited, waiting_for(made), timeout=0.1)
    assert kept(found[0])["privateKeyPem"] == waited.outputs["privateKeyPem"]


def test_a_wait_that_ended_drops_the_key_once_its_export_was_disabled(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones, options={"export": "ENABLED"})
    up.update(CERTIFICATE, made, certificate(options={"export": "DISABLED"}, **MORE))
    with refused() as found:
        up.update(VALIDATION, waited, waiting_for(made), timeout=0.1)
    assert (kept(found[0])["serial"], "privateKeyPem" in kept(found[0])) == (waited.outputs["serial"], False)


def test_waiting_for_a_certificate_unknown_here_is_an_error(up: Engine) -> None:
    absent = "arn:certwright:acm:local:000000000000:certificate/12345678-1234-4234-8234-123456789012"
    with refused() as found:
        up.create(VALIDATION, {"certificateArn": absent})
    assert found[0].code is grpc.StatusCode.NOT_FOUND
