"""Waiting for an issue: what is handed out, and how a wait ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from certwright.core.certificates import change_certificate, view_certificate
from certwright.core.issuance import drive
from certwright.core.waiting import NotIssued, Progress, wait_for_issue
from certwright.errors import Refused
from certwright.model.arns import CertificateArn
from certwright.model.certificates import RenewalOutputs
from certwright.model.policy import CaaPolicy
from certwright.model.records import CaaRecord

from tests.core.world import World, wish
from tests.fakes import FakeCancellation

_NAME = "www.example.com"


def wait(world: World, seconds: float = 60, told: list[Progress] | None = None) -> int:
    """Wait for the one certificate and return the number of the version handed out."""
    arn = world.request(_NAME).certificate.arn
    heard = told if told is not None else []
    _, version = wait_for_issue(world.core, world.caller, arn, seconds, world.cancellation, heard.append)
    return version.number


def test_a_wait_drives_the_version_and_says_what_is_missing_meanwhile(world: World) -> None:
    told: list[Progress] = []
    asked = 0

    def publish_later() -> None:
        nonlocal asked
        asked += 1
        if asked == 6:
            world.publish(_NAME)

    world.zone.at_question = publish_later
    assert wait(world, told=told) == 1
    assert told[0] == Progress("asking DNS", 60)
    assert "CNAME is missing" in told[1].waiting_for
    assert told[0].seconds_left > told[-1].seconds_left


def test_a_wait_ends_at_its_time_with_what_is_missing_where(world: World) -> None:
    with pytest.raises(NotIssued, match=r"Not issued after 60 s\. Still missing: ns1\.test") as caught:
        wait(world)
    assert not caught.value.is_final
    assert caught.value.view.newest.number == 1


def test_a_wait_stops_when_cancelled(world: World) -> None:
    world.cancellation = FakeCancellation(world.clock, after=2)
    with pytest.raises(NotIssued, match="Stopped while waiting"):
        wait(world)


def test_a_version_that_failed_ends_the_wait_at_once(world: World) -> None:
    world.core = world.with_policy(caa_identities=("ca.example",), caa_policy=CaaPolicy.ENFORCE)
    world.zone.caa["example.com."] = (CaaRecord(critical=False, tag="issue", value="other.example"),)
    with pytest.raises(NotIssued, match=r"Version 1 is FAILED: CAA at example\.com") as caught:
        wait(world)
    assert caught.value.is_final


def test_an_old_version_is_never_handed_out_for_changed_names(world: World) -> None:
    world.publish(_NAME)
    assert wait(world) == 1
    arn = world.request(_NAME, urn="urn:2").certificate.arn
    drive(world.core, world.caller, arn, 1, world.cancellation)
    change_certificate(world.core, world.caller, arn, wish(_NAME, "new.example.com"))
    with pytest.raises(NotIssued):
        wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, lambda _: None)
    world.publish("new.example.com")
    _, version = wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, lambda _: None)
    assert version.number == 2


def test_an_expired_certificate_is_not_handed_out(world: World) -> None:
    world.publish(_NAME)
    arn = world.request(_NAME).certificate.arn
    drive(world.core, world.caller, arn, 1, world.cancellation)
    world.withdraw(_NAME)
    world.clock.wait(timedelta(days=500))
    with pytest.raises(NotIssued, match="EXPIRED"):
        wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, lambda _: None)


def test_an_expired_pin_is_refused_with_the_way_on(world: World) -> None:
    world.publish(_NAME)
    arn = world.request(_NAME, renewal_outputs=RenewalOutputs.PIN).certificate.arn
    drive(world.core, world.caller, arn, 1, world.cancellation)
    world.clock.wait(timedelta(days=500))
    with pytest.raises(Refused, match="Change `repin`"):
        wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, lambda _: None)


def test_a_lease_lost_on_the_way_is_waited_for(world: World) -> None:
    world.publish(_NAME)
    arn = world.request(_NAME).certificate.arn

    def steal() -> None:
        world.zone.at_question = lambda: None
        now = world.clock.now()
        world.clock.wait(121)
        world.core.store.write(
            lambda tx: tx.leases.take(
                f"version:{arn}#1", "thief/1:x", now + timedelta(seconds=121), timedelta(seconds=5)
            )
        )

    world.zone.at_question = steal
    _, version = wait_for_issue(world.core, world.caller, arn, 300, world.cancellation, lambda _: None)
    assert version.number == 1
    assert replace(view_certificate(world.core, world.caller, arn).newest, tbs=None).issued_at is not None


def unfinished(world: World) -> CertificateArn:
    """Return a certificate that was waited for in vain."""
    arn = world.request(_NAME).certificate.arn
    with pytest.raises(NotIssued):
        wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, lambda _: None)
    return arn


def test_a_wait_that_goes_on_says_at_once_what_the_last_one_missed(world: World) -> None:
    arn = unfinished(world)
    told: list[Progress] = []
    with pytest.raises(NotIssued):
        wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, told.append)
    assert "CNAME is missing" in told[0].waiting_for


def test_a_wait_for_another_process_says_what_that_one_waits_for(world: World) -> None:
    arn, now = unfinished(world), world.clock.now()
    world.core.store.write(lambda tx: tx.leases.take(f"version:{arn}#1", "other/1:x", now, timedelta(seconds=600)))
    with pytest.raises(NotIssued, match=r"(?s)is being worked on by process other/1.*CNAME is missing"):
        wait_for_issue(world.core, world.caller, arn, 5, world.cancellation, lambda _: None)
