"""What a declared wish means for a certificate that exists."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from certwright.core.changes import Step, describe_difference, plan_change
from certwright.model.certificates import (
    CertificateSpec,
    CertificateView,
    FailureReason,
    VersionCause,
    VersionState,
)
from certwright.model.keys import KeyAlgorithm

from tests.unit.core.views import DAY, END, LIFE, OTHER, REQUESTED, START, WISH, spec, version, view

NOW = START + DAY
LATE = END - 30 * DAY
TIMEOUT = timedelta(days=400)
TOO_LATE = REQUESTED + timedelta(hours=73)
SECOND = timedelta(seconds=1)
PENDING = [VersionState.REQUESTED, VersionState.VALIDATING, VersionState.READY, VersionState.SIGNING]
CHANGE, RENEWAL, REPLACEMENT = VersionCause.CHANGE, VersionCause.RENEWAL, VersionCause.REPLACEMENT
NOTHING, GO_ON, KEEP, NEW = Step.NOTHING, Step.GO_ON, Step.KEEP_CURRENT, Step.NEW_VERSION

ISSUED = version()
RETIRED = version(VersionState.RETIRED)
DROPPED = version(VersionState.FAILED, 2, OTHER, cause=CHANGE, failure_reason=FailureReason.SUPERSEDED)
FAILED_CHANGE = version(
    VersionState.FAILED,
    2,
    OTHER,
    cause=CHANGE,
    failure_reason=FailureReason.CAA_ERROR,
    waiting_for="CAA forbids api.example.com",
)
FAILED_RENEWAL = replace(FAILED_CHANGE, spec=WISH, cause=RENEWAL)

Case = tuple[CertificateView, CertificateSpec, datetime, Step, VersionCause | None]

PLANS: dict[str, Case] = {
    "an issued one that fits stays": (view(ISSUED), WISH, NOW, NOTHING, None),
    "an issued one that fits but for the order of names stays": (
        view(version(of=spec("a.test", "b.test", "c.test"))),
        spec("a.test", "c.test", "b.test"),
        NOW,
        NOTHING,
        None,
    ),
    "another name makes a version": (view(ISSUED), OTHER, NOW, NEW, CHANGE),
    "one name less makes a version": (view(version(of=OTHER)), WISH, NOW, NEW, CHANGE),
    "another first name makes a version": (
        view(version(of=spec("a.test", "b.test"))),
        spec("b.test", "a.test"),
        NOW,
        NEW,
        CHANGE,
    ),
    "another key algorithm makes a version": (view(ISSUED), spec(algorithm=KeyAlgorithm.RSA_3072), NOW, NEW, CHANGE),
    "another issuer makes a version": (view(ISSUED), spec(issuer="letsencrypt"), NOW, NEW, CHANGE),
    "another lifetime makes a version": (view(ISSUED), spec(lifetime=90 * DAY), NOW, NEW, CHANGE),
    "a change before the first issue makes a version": (
        view(version(VersionState.VALIDATING)),
        OTHER,
        NOW,
        NEW,
        CHANGE,
    ),
    "a change of a pending change makes a version": (
        view(version(VersionState.VALIDATING, 2, OTHER), ISSUED),
        spec("third.test"),
        NOW,
        NEW,
        CHANGE,
    ),
    "a change of a failed one makes a version": (view(version(VersionState.FAILED)), OTHER, NOW, NEW, CHANGE),
    "a change of a revoked one makes a version": (view(version(VersionState.REVOKED)), OTHER, NOW, NEW, CHANGE),
    "a change back to the retired version makes a version": (
        view(version(number=2, of=OTHER)),
        WISH,
        NOW,
        NEW,
        CHANGE,
    ),
    "a change back to what is in force drops the pending change": (
        view(version(VersionState.VALIDATING, 2, OTHER), ISSUED),
        WISH,
        NOW,
        KEEP,
        None,
    ),
    "a change back to what was revoked makes a version": (
        view(version(VersionState.VALIDATING, 2, OTHER), version(VersionState.REVOKED)),
        WISH,
        NOW,
        NEW,
        CHANGE,
    ),
    "a dropped change stays dropped": (view(DROPPED, ISSUED), WISH, NOW, NOTHING, None),
    "a dropped change asked for again is a change": (view(DROPPED, ISSUED), OTHER, NOW, NEW, CHANGE),
    "a dropped change does not hide that a renewal is due": (view(DROPPED, ISSUED), WISH, LATE, NEW, RENEWAL),
    "a failed change asked for again is replaced": (view(FAILED_CHANGE, ISSUED), OTHER, NOW, NEW, REPLACEMENT),
    "a change back after a failed change leaves what is in force": (
        view(FAILED_CHANGE, ISSUED),
        WISH,
        NOW,
        NOTHING,
        None,
    ),
    "a change back after a change that timed out leaves what is in force": (
        view(replace(FAILED_CHANGE, state=VersionState.TIMED_OUT), ISSUED),
        WISH,
        NOW,
        NOTHING,
        None,
    ),
    "a failed first version is replaced": (view(version(VersionState.FAILED)), WISH, NOW, NEW, REPLACEMENT),
    "a first version that timed out is replaced": (
        view(version(VersionState.TIMED_OUT)),
        WISH,
        NOW,
        NEW,
        REPLACEMENT,
    ),
    "a failed renewal is tried again as a renewal": (view(FAILED_RENEWAL, ISSUED), WISH, LATE, NEW, RENEWAL),
    "a renewal that timed out is tried again as a renewal": (
        view(replace(FAILED_RENEWAL, state=VersionState.TIMED_OUT), ISSUED),
        WISH,
        LATE,
        NEW,
        RENEWAL,
    ),
    "a due one is renewed": (view(ISSUED), WISH, LATE, NEW, RENEWAL),
    "an expired one is renewed": (view(ISSUED), WISH, END, NEW, RENEWAL),
    "a due one with another name is changed": (view(ISSUED), OTHER, LATE, NEW, CHANGE),
    "a due one whose renewal is under way goes on": (
        view(version(VersionState.VALIDATING, 2, cause=RENEWAL), ISSUED),
        WISH,
        LATE,
        GO_ON,
        None,
    ),
    "a revoked one is replaced": (view(version(VersionState.REVOKED)), WISH, NOW, NEW, REPLACEMENT),
    "a revoked one past its end is replaced": (view(version(VersionState.REVOKED)), WISH, END, NEW, REPLACEMENT),
}


@pytest.mark.parametrize(("certificate", "wish", "now", "step", "cause"), PLANS.values(), ids=PLANS.keys())
def test_plan(
    certificate: CertificateView, wish: CertificateSpec, now: datetime, step: Step, cause: VersionCause | None
) -> None:
    plan = plan_change(certificate, wish, now, TIMEOUT)
    assert (plan.step, plan.cause) == (step, cause)
    assert plan.reason or step is Step.NOTHING


@pytest.mark.parametrize("state", PENDING)
def test_a_version_under_way_for_the_same_wish_goes_on(state: VersionState) -> None:
    plan = plan_change(view(version(state, waiting_for="the record")), WISH, NOW, TIMEOUT)
    assert (plan.step, plan.reason) == (GO_ON, "the record")


@pytest.mark.parametrize("state", PENDING)
def test_a_version_under_way_that_waits_for_nothing_is_said_to_be_unissued(state: VersionState) -> None:
    assert plan_change(view(version(state)), WISH, NOW, TIMEOUT).reason == "not issued yet"


@pytest.mark.parametrize(
    ("state", "said"), [(VersionState.FAILED, "failed"), (VersionState.TIMED_OUT, "took longer than 72 hours")]
)
def test_a_replacement_says_which_version_ended_how_and_why(state: VersionState, said: str) -> None:
    ended = version(state, 3, waiting_for="CAA forbids it")
    assert plan_change(view(ended, RETIRED), WISH, NOW, TIMEOUT).reason == f"version 3 {said}: CAA forbids it"


def test_names_that_come_back_after_they_were_dropped_are_told_as_a_difference_to_those_in_force() -> None:
    reason = plan_change(view(DROPPED, ISSUED), OTHER, NOW, TIMEOUT).reason
    assert reason == "new version under the same ARN: names added: api.example.com"


OVERDUE: dict[str, tuple[CertificateView, CertificateSpec, timedelta, Step, VersionCause | None]] = {
    "goes on up to its timeout": (view(version(PENDING[1])), WISH, timedelta(0), GO_ON, None),
    "is replaced after it": (view(version(PENDING[1])), WISH, SECOND, NEW, REPLACEMENT),
    "is replaced after it, never tried": (view(version(PENDING[0])), WISH, SECOND, NEW, REPLACEMENT),
    "is renewed anew after it": (view(version(PENDING[1], 2, cause=RENEWAL), ISSUED), WISH, SECOND, NEW, RENEWAL),
    "is dropped after it as before": (view(version(PENDING[1], 2, OTHER), ISSUED), WISH, SECOND, KEEP, None),
    "is changed after it as before": (view(version(PENDING[1])), OTHER, SECOND, NEW, CHANGE),
}


@pytest.mark.parametrize(("certificate", "wish", "late", "step", "cause"), OVERDUE.values(), ids=OVERDUE.keys())
def test_a_version_under_way(
    certificate: CertificateView, wish: CertificateSpec, late: timedelta, step: Step, cause: VersionCause | None
) -> None:
    plan = plan_change(certificate, wish, REQUESTED + timedelta(hours=72) + late, timedelta(hours=72))
    assert (plan.step, plan.cause) == (step, cause)


def test_a_version_that_waited_too_long_is_replaced_with_what_it_waited_for() -> None:
    waiting = view(version(VersionState.VALIDATING, waiting_for="the record"))
    plan = plan_change(waiting, WISH, TOO_LATE, timedelta(hours=72))
    assert plan.reason == "version 1 took longer than 72 hours: the record"


DIFFERENCES: dict[str, tuple[CertificateSpec, CertificateSpec, str]] = {
    "names that come, sorted": (WISH, spec("www.example.com", "b.test", "a.test"), "names added: a.test, b.test"),
    "names that go": (OTHER, WISH, "names removed: api.example.com"),
    "another first name": (spec("a.test", "b.test"), spec("b.test", "a.test"), "first name now b.test"),
    "another key algorithm": (WISH, spec(algorithm=KeyAlgorithm.EC_PRIME256V1), "key algorithm now EC_prime256v1"),
    "another issuer": (WISH, spec(issuer="letsencrypt"), "issuer now letsencrypt"),
    "another lifetime": (WISH, spec(lifetime=90 * DAY), "lifetime now 90 days"),
    "everything at once": (
        WISH,
        spec("a.test", algorithm=KeyAlgorithm.RSA_4096, issuer="x", lifetime=LIFE + DAY),
        (
            "names added: a.test; names removed: www.example.com; first name now a.test; "
            "key algorithm now RSA_4096; issuer now x; lifetime now 396 days"
        ),
    ),
}


@pytest.mark.parametrize(("old", "wish", "said"), DIFFERENCES.values(), ids=DIFFERENCES.keys())
def test_a_difference_tells(old: CertificateSpec, wish: CertificateSpec, said: str) -> None:
    assert describe_difference(version(of=old), wish) == f"new version under the same ARN: {said}"
