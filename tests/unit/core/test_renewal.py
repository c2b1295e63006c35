"""When a certificate is renewed, why, and what is told of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from certwright.core.renewal import decide_renewal, eligibility, is_renewal, renewal_due, renewal_summary
from certwright.model.certificates import (
    CertificateType,
    CertificateView,
    RenewalEligibility,
    RenewalStatus,
    VersionCause,
    VersionState,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.views import DAY, END, OTHER, REQUESTED, START, version, view

SECOND = timedelta(seconds=1)
CHOSEN = END - 60 * DAY + 3 * DAY

WINDOWS: dict[str, tuple[timedelta, timedelta | None, timedelta, timedelta]] = {
    "60 days before the end of a year, for 6 days": (365 * DAY, None, 60 * DAY, 6 * DAY),
    "60 days before the end of 180 days": (180 * DAY, None, 60 * DAY, 6 * DAY),
    "a third before the end of 90 days, for 3 days": (90 * DAY, None, 30 * DAY, 3 * DAY),
    "a third before the end of an hour, for 2 minutes": (
        timedelta(hours=1),
        None,
        timedelta(minutes=20),
        timedelta(minutes=2),
    ),
    "as early as is asked for": (365 * DAY, 100 * DAY, 100 * DAY, 10 * DAY),
    "as late as is asked for": (365 * DAY, DAY, DAY, timedelta(hours=2.4)),
    "from the start when more is asked for than its life": (30 * DAY, 90 * DAY, 30 * DAY, 3 * DAY),
}


@pytest.mark.parametrize(("life", "early", "lead", "length"), WINDOWS.values(), ids=WINDOWS.keys())
def test_the_window_opens(life: timedelta, early: timedelta | None, lead: timedelta, length: timedelta) -> None:
    decision = decide_renewal(START, START + life, early, 0.0)
    assert decision.window_start == START + life - lead
    assert decision.window_end == decision.window_start + length


CHANCES: dict[str, tuple[float, timedelta]] = {
    "its start": (0.0, timedelta(0)),
    "its middle": (0.5, 3 * DAY),
    "shortly before its end": (0.999, 6 * DAY * 0.999),
}


@pytest.mark.parametrize(("chance", "after"), CHANCES.values(), ids=CHANCES.keys())
def test_chance_chooses_in_the_window(chance: float, after: timedelta) -> None:
    decision = decide_renewal(START, START + 365 * DAY, None, chance)
    assert decision.chosen == decision.window_start + after


@given(
    st.timedeltas(min_value=timedelta(minutes=10), max_value=825 * DAY),
    st.none() | st.timedeltas(min_value=timedelta(hours=1), max_value=825 * DAY),
    st.floats(0, 1, exclude_max=True),
)
def test_the_chosen_instant_lies_in_the_window_and_the_window_in_the_life(
    life: timedelta, early: timedelta | None, chance: float
) -> None:
    decision = decide_renewal(START, START + life, early, chance)
    assert START <= decision.window_start <= decision.chosen <= decision.window_end < START + life


ISSUED = view(version())
FAILED_RENEWAL = version(VersionState.FAILED, 2, cause=VersionCause.RENEWAL)
REVOKED = view(version(VersionState.REVOKED))
IMPORTED = view(version(), kind=CertificateType.IMPORTED)
DELETED = view(version(), deleted_at=START + DAY)
LATE = CHOSEN + DAY

DUE: dict[str, tuple[CertificateView, datetime, str]] = {
    "at the chosen instant": (ISSUED, CHOSEN, "renewal due: valid until 2027-03-31, 57 days left"),
    "after the chosen instant": (ISSUED, LATE, "56 days left, renewal was set for 2027-02-02"),
    "a second before the end": (ISSUED, END - SECOND, "0 days left"),
    "at the end": (ISSUED, END, "the certificate expired on 2027-03-31 10:59 UTC"),
    "long after the end": (ISSUED, END + 400 * DAY, "the certificate expired on 2027-03-31 10:59 UTC"),
    "though an earlier attempt failed": (view(FAILED_RENEWAL, version()), LATE, "renewal due"),
    "a private certificate": (view(version(), kind=CertificateType.PRIVATE), LATE, "renewal due"),
}

NOT_DUE: dict[str, tuple[CertificateView, datetime]] = {
    "right after issue": (ISSUED, START),
    "a second before the chosen instant": (ISSUED, CHOSEN - SECOND),
    "before it was ever issued": (view(version(VersionState.VALIDATING)), LATE),
    "when its first version failed": (view(version(VersionState.FAILED)), LATE),
    "when it is revoked": (REVOKED, LATE),
    "when it is revoked and has expired": (REVOKED, END),
    "when it is imported": (IMPORTED, LATE),
    "when it is imported and has expired": (IMPORTED, END),
    "when it is deleted": (DELETED, LATE),
    "when it is deleted and has expired": (DELETED, END),
    "when nothing was decided at its issue": (view(replace(version(), renewal=None)), LATE),
}


@pytest.mark.parametrize(("certificate", "now", "reason"), DUE.values(), ids=DUE.keys())
def test_a_renewal_is_due(certificate: CertificateView, now: datetime, reason: str) -> None:
    found = renewal_due(certificate, now)
    assert found is not None
    assert reason in found


@pytest.mark.parametrize(("certificate", "now"), NOT_DUE.values(), ids=NOT_DUE.keys())
def test_no_renewal_is_due(certificate: CertificateView, now: datetime) -> None:
    assert renewal_due(certificate, now) is None


ELIGIBLE, INELIGIBLE = RenewalEligibility.ELIGIBLE, RenewalEligibility.INELIGIBLE
ELIGIBILITIES: dict[str, tuple[CertificateView, datetime, RenewalEligibility]] = {
    "an issued one": (ISSUED, START, ELIGIBLE),
    "an issued one whose change is pending": (view(version(VersionState.READY, 2), version()), START, ELIGIBLE),
    "an issued one whose renewal failed": (view(FAILED_RENEWAL, version()), START, ELIGIBLE),
    "a private one": (view(version(), kind=CertificateType.PRIVATE), START, ELIGIBLE),
    "one a second before its end": (ISSUED, END - SECOND, ELIGIBLE),
    "one at its end": (ISSUED, END, INELIGIBLE),
    "one that was never issued": (view(version(VersionState.VALIDATING)), START, INELIGIBLE),
    "one that failed": (view(version(VersionState.FAILED)), START, INELIGIBLE),
    "a revoked one": (REVOKED, START, INELIGIBLE),
    "an imported one": (IMPORTED, START, INELIGIBLE),
    "a deleted one": (DELETED, START, INELIGIBLE),
}


@pytest.mark.parametrize(("certificate", "now", "expected"), ELIGIBILITIES.values(), ids=ELIGIBILITIES.keys())
def test_renewal_eligibility_of(certificate: CertificateView, now: datetime, expected: RenewalEligibility) -> None:
    assert eligibility(certificate, now) is expected


WAITING = version(VersionState.VALIDATING, 2, cause=VersionCause.RENEWAL, reason="due", waiting_for="the record")
SUMMARIES: dict[str, tuple[CertificateView, RenewalStatus | None, str, datetime]] = {
    "nothing of a first version": (ISSUED, None, "", START),
    "nothing before the first issue": (view(version(VersionState.READY)), None, "", START),
    "nothing while no version was ever issued": (view(version(VersionState.FAILED, 2)), None, "", START),
    "what a renewal waits for": (view(WAITING, version()), RenewalStatus.PENDING_VALIDATION, "the record", REQUESTED),
    "why a renewal was started before it waits": (
        view(replace(WAITING, waiting_for=""), version()),
        RenewalStatus.PENDING_VALIDATION,
        "due",
        REQUESTED,
    ),
    "what a failed renewal missed": (
        view(replace(WAITING, state=VersionState.FAILED), version()),
        RenewalStatus.FAILED,
        "the record",
        REQUESTED,
    ),
    "that a renewal ran out of time": (
        view(replace(WAITING, state=VersionState.TIMED_OUT), version()),
        RenewalStatus.FAILED,
        "the record",
        REQUESTED,
    ),
    "that a renewal succeeded, and when": (
        view(version(number=2, cause=VersionCause.RENEWAL, reason="due")),
        RenewalStatus.SUCCESS,
        "due",
        START,
    ),
}


@pytest.mark.parametrize(("certificate", "status", "reason", "at"), SUMMARIES.values(), ids=SUMMARIES.keys())
def test_the_renewal_summary_tells(
    certificate: CertificateView, status: RenewalStatus | None, reason: str, at: datetime
) -> None:
    summary = renewal_summary(certificate)
    if status is None:
        assert summary is None
        return
    assert summary is not None
    assert (summary.status, summary.reason, summary.updated_at) == (status, reason, at)


@pytest.mark.parametrize("cause", VersionCause)
def test_a_newest_version_is_a_renewal_only_when_it_was_made_to_renew(cause: VersionCause) -> None:
    newest = version(VersionState.READY, 2, OTHER, cause=cause)
    assert is_renewal(view(newest, version())) is (cause is VersionCause.RENEWAL)
