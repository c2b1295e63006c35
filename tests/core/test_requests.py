"""Requests, changes and deletions: idempotent, one row for one wish, nothing lost."""

from datetime import timedelta

import pytest
from certwright.core.certificates import (
    Gone,
    certificates_due,
    certificates_pending,
    change_certificate,
    claim_certificate,
    delete_certificate,
    renew_certificate,
    request_certificate,
    view_certificate,
)
from certwright.core.issuance import drive
from certwright.core.pinning import judge_pin, shown_version
from certwright.core.upkeep import work_due
from certwright.model.certificates import CertificateView, RenewalOutputs, VersionCause, VersionState

from tests.core.world import URN, World, states, wish
from tests.support.store import query

_NAME = "www.example.com"


def test_a_request_repeated_before_the_engine_names_it_is_the_same_certificate(world: World) -> None:
    first, again = world.request(_NAME), world.request(_NAME)
    assert first.certificate.arn == again.certificate.arn
    assert query(world.folder, "SELECT count(*) FROM certificates") == [(1,)]


def test_a_request_repeated_after_it_was_issued_is_still_the_same_certificate(world: World) -> None:
    first = world.request(_NAME)
    world.publish(_NAME)
    drive(world.core, world.caller, first.certificate.arn, 1, world.cancellation)
    assert world.request(_NAME).certificate.arn == first.certificate.arn


def test_another_wish_of_the_same_unclaimed_resource_supersedes_the_first(world: World) -> None:
    first, second = world.request(_NAME), world.request("other.example.com")
    assert first.certificate.arn != second.certificate.arn
    with pytest.raises(Gone):
        view_certificate(world.core, world.caller, first.certificate.arn)


def test_once_claimed_a_request_of_the_same_resource_makes_another_certificate(world: World) -> None:
    first = world.request(_NAME)
    claim_certificate(world.core, world.caller, first.certificate.arn)
    assert world.request(_NAME).certificate.arn != first.certificate.arn


def test_only_the_accounts_first_request_says_so(world: World) -> None:
    assert request_certificate(world.core, world.caller, URN, wish(_NAME)).is_first
    assert not request_certificate(world.core, world.caller, "urn:2", wish(_NAME)).is_first


def test_a_certificate_that_no_engine_named_again_is_renewed_and_not_deleted(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    assert [version.arn for version in certificates_pending(world.core, world.caller)] == [view.certificate.arn]
    drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    world.clock.wait(timedelta(days=345))
    assert [version.arn for version in certificates_due(world.core, world.caller)] == [view.certificate.arn]
    (outcome,) = work_due(world.core, world.caller, world.cancellation)
    assert (outcome.is_done, outcome.was_due, outcome.is_trouble) == (True, True, False)
    assert states(world, view) == ["RETIRED", "ISSUED"]


def test_a_renewal_without_its_record_is_trouble_and_the_old_version_stays(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    world.withdraw(_NAME)
    world.clock.wait(timedelta(days=345))
    (outcome,) = work_due(world.core, world.caller, world.cancellation)
    assert outcome.is_trouble
    assert "CNAME is missing" in outcome.sentence
    assert states(world, view) == ["ISSUED", "VALIDATING"]


def test_a_first_issue_that_waits_for_its_record_is_no_trouble(world: World) -> None:
    world.request(_NAME)
    (outcome,) = work_due(world.core, world.caller, world.cancellation)
    assert (outcome.is_done, outcome.is_trouble) == (False, False)


def test_going_back_to_the_names_in_force_drops_the_pending_change(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    arn = view.certificate.arn
    drive(world.core, world.caller, arn, 1, world.cancellation)
    change_certificate(world.core, world.caller, arn, wish(_NAME, "new.example.com"))
    back = change_certificate(world.core, world.caller, arn, wish(_NAME))
    assert states(world, view) == ["ISSUED", "FAILED"]
    shown = shown_version(world.core, back)
    assert shown is not None
    assert shown.number == 1


def test_deleting_twice_is_deleting_once(world: World) -> None:
    arn = world.request(_NAME).certificate.arn
    delete_certificate(world.core, world.caller, arn)
    delete_certificate(world.core, world.caller, arn)
    assert query(world.folder, "SELECT count(*) FROM audit_events WHERE action = 'DeleteCertificate'") == [(1,)]


@pytest.mark.parametrize(
    ("later", "shown"),
    [
        pytest.param({"tags": (("a", "b"),)}, 1, id="a tag changes: the pinned version stays"),
        pytest.param({"repin": "2"}, 2, id="repin changes: the version in force"),
        pytest.param({"renewal_outputs": RenewalOutputs.FOLLOW}, 2, id="FOLLOW: the version in force"),
    ],
)
def test_under_pin_after_a_renewal_outputs_show(world: World, later: dict[str, object], shown: int) -> None:
    view = world.request(_NAME, renewal_outputs=RenewalOutputs.PIN)
    world.publish(_NAME)
    arn = view.certificate.arn
    drive(world.core, world.caller, arn, 1, world.cancellation)
    world.clock.wait(timedelta(days=345))
    assert [outcome.is_done for outcome in work_due(world.core, world.caller, world.cancellation)] == [True]
    changes = {"renewal_outputs": RenewalOutputs.PIN, **later}
    changed = change_certificate(world.core, world.caller, arn, wish(_NAME, **changes))
    version = shown_version(world.core, changed)
    assert version is not None
    assert version.number == shown


def test_a_pin_moves_with_a_change_of_names(world: World) -> None:
    view = world.request(_NAME, renewal_outputs=RenewalOutputs.PIN)
    world.publish(_NAME, "new.example.com")
    arn = view.certificate.arn
    drive(world.core, world.caller, arn, 1, world.cancellation)
    changed = change_certificate(
        world.core, world.caller, arn, wish(_NAME, "new.example.com", renewal_outputs=RenewalOutputs.PIN)
    )
    assert shown_version(world.core, changed) is None
    drive(world.core, world.caller, arn, 2, world.cancellation)
    version = shown_version(world.core, view_certificate(world.core, world.caller, arn))
    assert version is not None
    assert version.number == 2


def test_a_pin_is_judged_by_its_window_its_end_and_revocation(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    version = drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    assert version.state is VersionState.ISSUED
    assert judge_pin(version, world.clock.now()) is None
    near = judge_pin(version, world.clock.now() + timedelta(days=340))
    ended = judge_pin(version, world.clock.now() + timedelta(days=396))
    assert (near is not None and near.is_final, ended is not None and ended.is_final) == (False, True)


def test_another_lead_moves_the_renewal_of_the_version_in_force(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    arn = view.certificate.arn
    before = drive(world.core, world.caller, arn, 1, world.cancellation).renewal
    changed = change_certificate(world.core, world.caller, arn, wish(_NAME, early_renewal=timedelta(days=200)))
    after = view_certificate(world.core, world.caller, arn).current
    assert before is not None
    assert after is not None
    assert after.renewal is not None
    assert before.window_start - after.renewal.window_start == timedelta(days=140)
    assert changed.certificate.newest_version == 1


def _renewal_due(world: World) -> CertificateView:
    view = world.request(_NAME, renewal_outputs=RenewalOutputs.PIN)
    world.publish(_NAME)
    drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    return view


@pytest.mark.parametrize("days", [345, 500], ids=["due", "expired"])
def test_a_changed_repin_moves_to_the_renewal_that_it_starts(world: World, days: int) -> None:
    arn = _renewal_due(world).certificate.arn
    world.clock.wait(timedelta(days=days))
    moved = change_certificate(
        world.core, world.caller, arn, wish(_NAME, renewal_outputs=RenewalOutputs.PIN, repin="2")
    )
    assert (moved.newest.cause, moved.certificate.pinned_version) == (VersionCause.RENEWAL, 2)


def test_a_pin_that_waits_for_a_renewal_moves_on_with_the_next_one_when_that_timed_out(world: World) -> None:
    arn = _renewal_due(world).certificate.arn
    world.withdraw(_NAME)
    world.clock.wait(timedelta(days=345))
    change_certificate(world.core, world.caller, arn, wish(_NAME, renewal_outputs=RenewalOutputs.PIN, repin="2"))
    world.clock.wait(timedelta(hours=73))
    assert renew_certificate(world.core, world.caller, arn).certificate.pinned_version == 3


def test_after_72_hours_a_change_starts_the_next_version_and_the_old_one_is_timed_out(world: World) -> None:
    view = world.request(_NAME)
    arn = view.certificate.arn
    with_cause = drive(world.core, world.caller, arn, 1, world.cancellation)
    world.publish(_NAME)
    world.clock.wait(timedelta(hours=73))
    changed = change_certificate(world.core, world.caller, arn, wish(_NAME))
    drive(world.core, world.caller, arn, 2, world.cancellation)
    assert states(world, view) == ["TIMED_OUT", "ISSUED"]
    assert changed.newest.reason == f"version 1 took longer than 72 hours: {with_cause.waiting_for}"


def test_a_deleted_certificate_says_how_to_go_on(world: World) -> None:
    arn = world.request(_NAME).certificate.arn
    delete_certificate(world.core, world.caller, arn)
    with pytest.raises(Gone, match=r"Run `pulumi refresh`: the next `pulumi up` makes a new one\."):
        view_certificate(world.core, world.caller, arn)
