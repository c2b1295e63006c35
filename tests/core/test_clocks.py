"""Clocks that go wrong and right again: nothing outside its issuer's life, nothing in a loop, one way back (C7)."""

from datetime import timedelta
from itertools import pairwise

import pytest
from certwright.core.authority import certificate_of, chain_of, issuing_authority, trust_bundle
from certwright.core.certificates import renew_certificate, view_certificate
from certwright.core.clock_guard import LONGEST_SLEEP, read_clock, reset_clock
from certwright.core.issuance import drive
from certwright.core.renewal import renewal_due
from certwright.core.upkeep import work_due
from certwright.errors import SigningRefused
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion, VersionState
from cryptography import x509

from tests.core.world import World, states
from tests.support.store import change, query

SECOND, DAY, YEAR = timedelta(seconds=1), timedelta(days=1), timedelta(days=365)


def settled(world: World) -> CertificateArn:
    """Return an issued certificate."""
    view = world.request("www.example.com")
    world.publish("www.example.com")
    issue(world, view.certificate.arn)
    return view.certificate.arn


def issue(world: World, arn: CertificateArn) -> CertificateVersion:
    newest = view_certificate(world.core, world.caller, arn).newest.number
    return drive(world.core, world.caller, arn, newest, world.cancellation)


def another(world: World, name: str) -> CertificateVersion:
    """Request a certificate for another name and drive it as far as it goes."""
    view = world.request(name, urn=name)
    world.publish(name)
    return issue(world, view.certificate.arn)


def require_inside_its_issuers(world: World, version: CertificateVersion) -> None:
    """Require that each certificate of the chain begins and ends within the next one."""
    assert version.certificate is not None
    chain = [x509.load_der_x509_certificate(version.certificate)]
    chain += [certificate_of(item) for item in chain_of(world.core, version.arn.account, str(version.authority_id))]
    for inner, outer in pairwise(chain):
        assert outer.not_valid_before_utc <= inner.not_valid_before_utc
        assert inner.not_valid_after_utc <= outer.not_valid_after_utc


@pytest.mark.parametrize(
    "step",
    [-30 * SECOND, -SECOND, SECOND, 31 * SECOND, 60 * 60 * SECOND, DAY, YEAR, LONGEST_SLEEP],
    ids=str,
)
def test_a_step_that_may_be_right_signs_inside_the_life_of_every_issuer(world: World, step: timedelta) -> None:
    settled(world)
    world.clock.set(world.clock.now() + step)
    version = another(world, "other.example.com")
    assert version.state is VersionState.ISSUED
    require_inside_its_issuers(world, version)


@pytest.mark.parametrize("step", [-31 * SECOND, -60 * 60 * SECOND, -DAY, -10 * YEAR, 10 * YEAR], ids=str)
def test_a_step_that_cannot_be_right_signs_nothing_and_says_the_way_on(world: World, step: timedelta) -> None:
    settled(world)
    made = query(world.folder, "SELECT id FROM authorities")
    world.clock.set(world.clock.now() + step)
    with pytest.raises(SigningRefused, match="run `certwright clock reset`"):
        another(world, "other.example.com")
    assert query(world.folder, "SELECT state FROM certificate_versions") == [("ISSUED",), ("REQUESTED",)]
    assert query(world.folder, "SELECT id FROM authorities") == made


@pytest.mark.parametrize("step", [-DAY, 10 * YEAR], ids=str)
def test_after_a_reset_a_clock_that_was_not_believed_is_gone_by(world: World, step: timedelta) -> None:
    settled(world)
    before = world.clock.now()
    world.clock.set(before + step)
    assert reset_clock(world.core, world.caller).mark == before
    assert read_clock(world.core).trouble is None
    assert another(world, "other.example.com").state is VersionState.ISSUED


def test_a_reset_is_in_the_audit_log_with_what_it_was_before(world: World) -> None:
    settled(world)
    before = world.clock.now()
    world.clock.set(before - DAY)
    reset_clock(world.core, world.caller)
    ((actor, detail),) = query(world.folder, "SELECT actor, detail FROM audit_events WHERE action = 'ResetClock'")
    assert actor == world.caller.actor
    assert before.isoformat() in str(detail)
    assert world.clock.now().isoformat() in str(detail)


def test_ten_years_ahead_everything_is_due_and_nothing_is_replaced(world: World) -> None:
    arn = settled(world)
    world.clock.set(world.clock.now() + 10 * YEAR)
    (outcome,) = work_due(world.core, world.caller, world.cancellation)
    assert outcome.is_trouble
    assert "Set the clock right" in outcome.sentence
    world.clock.set(world.clock.now() - 10 * YEAR)
    view = view_certificate(world.core, world.caller, arn)
    assert states(world, view)[0] == "ISSUED"
    assert view.current is not None
    assert view.current.number == 1


def test_what_a_clock_that_was_ahead_made_is_renewed_once_when_it_is_right_again(world: World) -> None:
    arn = settled(world)
    right = world.clock.now()
    world.clock.set(right + 350 * DAY)
    renew_certificate(world.core, world.caller, arn)
    assert issue(world, arn).number == 2
    world.clock.set(right)
    due = renewal_due(view_certificate(world.core, world.caller, arn), right)
    assert "the clock was ahead when it was made" in str(due)
    reset_clock(world.core, world.caller)
    (renewed,) = work_due(world.core, world.caller, world.cancellation)
    assert renewed.is_done
    assert renewed.version is not None
    assert renewed.version.not_before is not None
    assert renewed.version.not_before <= right
    for _ in range(3):
        world.clock.wait(DAY)
        assert list(work_due(world.core, world.caller, world.cancellation)) == []


def test_a_damaged_row_does_not_keep_the_clock_from_being_reset(world: World) -> None:
    right = world.clock.now()
    world.clock.set(right + 350 * DAY)
    settled(world)
    change(world.folder, "UPDATE certificates SET spec = 'x'")
    world.clock.set(right)
    reset_clock(world.core, world.caller)
    assert read_clock(world.core).trouble is None


def test_an_authority_that_a_clock_ahead_made_signs_nothing_when_it_is_right_again(world: World) -> None:
    settled(world)
    right = world.clock.now()
    world.clock.set(right + 2 * YEAR)
    ahead = issuing_authority(world.core, world.caller, world.cancellation)
    world.clock.set(right)
    reset_clock(world.core, world.caller)
    version = another(world, "other.example.com")
    assert version.authority_id != ahead.id
    assert version.not_before is not None
    assert version.not_before <= right
    require_inside_its_issuers(world, version)


def test_a_clock_far_behind_keeps_the_roots_in_the_trust_bundle(world: World) -> None:
    settled(world)
    world.clock.set(world.clock.now() - 10 * YEAR)
    assert len(trust_bundle(world.core, world.caller)) == 1


@pytest.mark.parametrize("is_given_up", [True, False], ids=["given up", "left by a crash"])
def test_a_lease_of_a_clock_that_was_ahead_keeps_nobody_waiting(world: World, *, is_given_up: bool) -> None:
    view = world.request("www.example.com")
    world.publish("www.example.com")
    subject, right = f"version:{view.certificate.arn}#1", world.clock.now()
    ahead = world.core.store.write(lambda tx: tx.leases.take(subject, "other/1:x", right + 2 * YEAR, 120 * SECOND))
    assert ahead is not None
    if is_given_up:
        world.core.store.write(lambda tx: tx.leases.release(ahead))
    assert issue(world, view.certificate.arn).state is VersionState.ISSUED
    assert world.clock.now() - right < 2 * SECOND
