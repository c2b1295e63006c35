"""Waits of dynamic resources: short, few at a time, and their end says what is missing and what to do."""

import threading

import pytest
from certwright.errors import Unfinished
from certwright.resources.session import InitFailed
from certwright.transport.dynamic import provider
from certwright.transport.dynamic.waiting import GO_ON, Turns

from tests.transport.dns_server import Zones
from tests.transport.dynamic.sdk import CERTIFICATE, VALIDATION, Sdk, certificate, publish, told

ARN = "arn:certwright:acm:local:000000000000:certificate/x"
MISSING = "_x.example.com CNAME is missing at 127.0.0.1."


def test_a_wait_without_the_record_ends_with_what_is_missing_and_says_to_go_on(
    sdk: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_TURNS", Turns(seconds=3.0))
    made = sdk.create(CERTIFICATE, certificate())
    (option,) = made.outputs["domainValidationOptions"]
    with told() as lines:
        sdk.create(VALIDATION, {"certificateArn": made.id})
    text = "\n".join(lines)
    assert f"{option['resourceRecordName']} CNAME is missing" in text
    assert option["resourceRecordValue"] in text
    assert lines[-1] == GO_ON
    assert "pulumi up" in GO_ON
    assert "customTimeouts" not in text


def test_the_next_wait_goes_on_with_the_same_version(sdk: Sdk, zones: Zones, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    with monkeypatch.context() as short, told():
        short.setattr(provider, "_TURNS", Turns(seconds=1.0))
        sdk.create(VALIDATION, {"certificateArn": made.id})
    publish(zones, made.outputs)
    waited = sdk.create(VALIDATION, {"certificateArn": made.id})
    assert waited.outputs["__certwright"]["version"] == 1


def test_an_exported_key_is_among_the_outputs(sdk: Sdk, zones: Zones) -> None:
    _, waited = sdk.issued(zones, options={"export": "ENABLED"})
    assert waited.outputs["privateKeyPem"].startswith("-----BEGIN PRIVATE KEY-----")


def test_a_final_failure_says_to_mend_the_cause() -> None:
    turns = Turns()
    advice = "Mend the cause and run `pulumi up` again."
    with pytest.raises(Unfinished) as caught, turns.take():
        raise InitFailed(ARN, {}, ("CAA forbids it.",), advice, is_final=True)
    assert str(caught.value).split("\n") == ["CAA forbids it.", advice]


def test_two_wait_at_a_time_and_the_third_gives_up_after_its_time() -> None:
    turns, inside, leave = Turns(seconds=0.2), threading.Barrier(3), threading.Event()

    def wait() -> None:
        with turns.take():
            inside.wait()
            leave.wait()

    waiting = [threading.Thread(target=wait) for _ in range(2)]
    for thread in waiting:
        thread.start()
    inside.wait()
    try:
        with pytest.raises(Unfinished) as caught, turns.take():
            pass
    finally:
        leave.set()
        for thread in waiting:
            thread.join()
    assert str(caught.value).split("\n")[-1] == GO_ON


def test_a_turn_is_given_back_after_a_failure() -> None:
    turns = Turns(at_once=1, seconds=0.2)
    for _ in range(2):
        with pytest.raises(Unfinished, match="missing"), turns.take():
            raise InitFailed(ARN, {}, (MISSING,), "advice of another transport")


def test_the_time_in_the_queue_counts() -> None:
    turns, inside = Turns(at_once=1, seconds=3.0), threading.Event()

    def hold() -> None:
        with turns.take():
            inside.set()
            threading.Event().wait(1.0)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    with turns.take() as left:
        assert left < 2.5
    holder.join()
