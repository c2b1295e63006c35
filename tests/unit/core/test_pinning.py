"""Which version outputs stay at under PIN, and when to move on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from certwright.core.changes import Plan, Step
from certwright.core.pinning import judge_pin, moves_outputs, pinned_after
from certwright.model.certificates import (
    CertificateVersion,
    CertificateView,
    RenewalOutputs,
    VersionCause,
    VersionState,
)

from tests.unit.core.views import DAY, END, OTHER, START, version, view

SECOND = timedelta(seconds=1)
FOLLOW, PIN = RenewalOutputs.FOLLOW, RenewalOutputs.PIN
STAYS, GOES_ON, KEEPS = Plan(Step.NOTHING), Plan(Step.GO_ON), Plan(Step.KEEP_CURRENT)
CHANGES = Plan(Step.NEW_VERSION, "", VersionCause.CHANGE)
REPLACES = Plan(Step.NEW_VERSION, "", VersionCause.REPLACEMENT)
RENEWS = Plan(Step.NEW_VERSION, "", VersionCause.RENEWAL)


def pinned(number: int | None, certificate: CertificateView, repin: str = "1") -> CertificateView:
    """Return the certificate with its outputs at a version."""
    return replace(certificate, certificate=replace(certificate.certificate, pinned_version=number, repin=repin))


SECOND_ISSUED = view(version(number=2))
CHANGING = view(version(VersionState.VALIDATING, 2, OTHER, cause=VersionCause.CHANGE), version())
RENEWING = view(version(VersionState.VALIDATING, 2, cause=VersionCause.RENEWAL), version())
RENEWAL_FAILED = view(version(VersionState.FAILED, 2, cause=VersionCause.RENEWAL), version())
CHANGE_FAILED = view(version(VersionState.FAILED, 2, OTHER, cause=VersionCause.CHANGE), version())

AFTER: dict[str, tuple[CertificateView, RenewalOutputs, str, Plan, int | None]] = {
    "none under FOLLOW": (SECOND_ISSUED, FOLLOW, "1", STAYS, None),
    "none under FOLLOW, whatever was pinned": (pinned(1, SECOND_ISSUED), FOLLOW, "2", CHANGES, None),
    "the pinned one when nothing is declared anew": (pinned(1, SECOND_ISSUED), PIN, "1", STAYS, 1),
    "the pinned one through a renewal": (pinned(1, SECOND_ISSUED), PIN, "1", RENEWS, 1),
    "the pinned one while a renewal goes on": (pinned(1, RENEWING), PIN, "1", GOES_ON, 1),
    "the version that a change makes": (pinned(1, SECOND_ISSUED), PIN, "1", CHANGES, 3),
    "the version that replaces a failed one": (pinned(1, SECOND_ISSUED), PIN, "1", REPLACES, 3),
    "the one in force when repin changes": (pinned(1, SECOND_ISSUED), PIN, "2", STAYS, 2),
    "the renewal under way when repin changes": (pinned(1, RENEWING), PIN, "2", GOES_ON, 2),
    "the version that renews when repin changes": (pinned(1, SECOND_ISSUED), PIN, "2", RENEWS, 3),
    "the renewal under way that was asked for": (pinned(2, RENEWING), PIN, "1", GOES_ON, 2),
    "the version that renews after the one asked for failed": (pinned(2, RENEWAL_FAILED), PIN, "1", RENEWS, 3),
    "the version that renews after the one asked for took too long": (pinned(2, RENEWING), PIN, "1", RENEWS, 3),
    "the version that renews after another one failed": (pinned(1, RENEWAL_FAILED), PIN, "1", RENEWS, 1),
    "the one in force when a change that failed is taken back": (pinned(2, CHANGE_FAILED), PIN, "1", STAYS, 1),
    "the one in force when a change is dropped": (pinned(2, CHANGING), PIN, "1", KEEPS, 1),
    "the one in force when PIN is first asked for": (SECOND_ISSUED, PIN, "1", STAYS, 2),
    "the one under way when PIN is asked for before the first issue": (
        view(version(VersionState.VALIDATING)),
        PIN,
        "1",
        GOES_ON,
        1,
    ),
    "the change under way when PIN is asked for with it": (CHANGING, PIN, "1", GOES_ON, 2),
}


@pytest.mark.parametrize(("certificate", "outputs", "repin", "plan", "number"), AFTER.values(), ids=AFTER.keys())
def test_outputs_stay_at(
    certificate: CertificateView, outputs: RenewalOutputs, repin: str, plan: Plan, number: int | None
) -> None:
    assert pinned_after(certificate, outputs, repin, plan) == number


MOVES: dict[str, tuple[int | None, Plan, bool]] = {
    "under FOLLOW with a renewal": (None, RENEWS, True),
    "under FOLLOW with nothing new": (None, STAYS, False),
    "at the version to be made": (2, RENEWS, True),
    "not from a version that a renewal leaves": (1, RENEWS, False),
    "not with what goes on": (1, GOES_ON, False),
}


@pytest.mark.parametrize(("number", "plan", "moves"), MOVES.values(), ids=MOVES.keys())
def test_outputs_move_on(
    number: int | None,
    plan: Plan,
    moves: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert moves_outputs(pinned(number, view(version())), plan) is moves


WINDOW = END - 60 * DAY
UNDECIDED = replace(version(), renewal=None)
PINS: dict[str, tuple[CertificateVersion, datetime, str, bool | None]] = {
    "nothing before its window": (version(), WINDOW - SECOND, "", None),
    "a warning once its window is open": (version(), WINDOW, "ends on 2027-03-31", False),
    "a warning in its last second": (version(), END - SECOND, "ends on 2027-03-31", False),
    "that it is over at its end": (version(), END, "expired on 2027-03-31", True),
    "that it was revoked": (version(VersionState.REVOKED), START, "was revoked", True),
    "that it was revoked, also past its end": (version(VersionState.REVOKED), END, "was revoked", True),
    "a warning of a retired one": (version(VersionState.RETIRED), WINDOW, "ends on", False),
    "nothing of one without a decision": (UNDECIDED, END - SECOND, "", None),
    "the end of one without a decision": (UNDECIDED, END, "expired on", True),
}


@pytest.mark.parametrize(("at", "now", "said", "final"), PINS.values(), ids=PINS.keys())
def test_outputs_that_stay_at_a_version_tell(
    at: CertificateVersion,
    now: datetime,
    said: str,
    final: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    trouble = judge_pin(at, now)
    if final is None:
        assert trouble is None
        return
    assert trouble is not None
    assert trouble.is_final is final
    assert f"version 1 {said}" in trouble.sentence
    assert "`repin`" in trouble.sentence
