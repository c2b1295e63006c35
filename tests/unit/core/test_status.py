"""ACM's status of a certificate, derived from its versions."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from certwright.core.status import certificate_status, serving_version, version_status
from certwright.model.certificates import CertificateStatus, CertificateVersion, CertificateView, VersionState

from tests.unit.core.views import DAY, END, OTHER, START, WISH, spec, version, view

NOW = START + DAY
PENDING, ISSUED, EXPIRED, REVOKED, FAILED, TIMED_OUT = (
    CertificateStatus.PENDING_VALIDATION,
    CertificateStatus.ISSUED,
    CertificateStatus.EXPIRED,
    CertificateStatus.REVOKED,
    CertificateStatus.FAILED,
    CertificateStatus.VALIDATION_TIMED_OUT,
)

OF_STATES: dict[VersionState, CertificateStatus] = {
    VersionState.REQUESTED: PENDING,
    VersionState.VALIDATING: PENDING,
    VersionState.READY: PENDING,
    VersionState.SIGNING: PENDING,
    VersionState.ISSUED: ISSUED,
    VersionState.RETIRED: ISSUED,
    VersionState.REVOKED: REVOKED,
    VersionState.FAILED: FAILED,
    VersionState.TIMED_OUT: TIMED_OUT,
}

Case = tuple[CertificateView, datetime, CertificateStatus]
OF_CERTIFICATES: dict[str, Case] = {
    "as its first version stands": (view(version(VersionState.VALIDATING)), NOW, PENDING),
    "failed when its first version failed": (view(version(VersionState.FAILED)), NOW, FAILED),
    "timed out when its first version timed out": (view(version(VersionState.TIMED_OUT)), NOW, TIMED_OUT),
    "issued": (view(version()), NOW, ISSUED),
    "issued a second before its end": (view(version()), END - timedelta(seconds=1), ISSUED),
    "expired at its end": (view(version()), END, EXPIRED),
    "issued while a change is pending": (view(version(VersionState.VALIDATING, 2, OTHER), version()), NOW, ISSUED),
    "issued though a change failed": (view(version(VersionState.FAILED, 2, OTHER), version()), NOW, ISSUED),
    "issued though a renewal timed out": (view(version(VersionState.TIMED_OUT, 2), version()), NOW, ISSUED),
    "expired though a renewal is pending": (view(version(VersionState.READY, 2), version()), END, EXPIRED),
    "revoked": (view(version(VersionState.REVOKED)), NOW, REVOKED),
    "revoked, also past its end": (view(version(VersionState.REVOKED)), END, REVOKED),
    "revoked while its replacement is pending": (
        view(version(VersionState.VALIDATING, 2), version(VersionState.REVOKED)),
        NOW,
        REVOKED,
    ),
}


@pytest.mark.parametrize(("state", "status"), OF_STATES.items())
def test_status_of_a_version_in(state: VersionState, status: CertificateStatus) -> None:
    assert version_status(version(state), NOW) is status


@pytest.mark.parametrize(("certificate", "now", "status"), OF_CERTIFICATES.values(), ids=OF_CERTIFICATES.keys())
def test_a_certificate_is(certificate: CertificateView, now: datetime, status: CertificateStatus) -> None:
    assert certificate_status(certificate, now) is status


SERVING, IN_ORDER = version(number=2), version(of=spec("a.test", "b.test", "c.test"))
SERVES: dict[str, tuple[CertificateView, datetime, CertificateVersion | None]] = {
    "the current version of the same digest": (view(SERVING), NOW, SERVING),
    "the current version for the same names in another order": (
        view(IN_ORDER, wish=spec("a.test", "c.test", "b.test")),
        NOW,
        IN_ORDER,
    ),
    "the current version while its renewal is pending": (view(version(VersionState.READY, 3), SERVING), NOW, SERVING),
    "the current version though its renewal failed": (view(version(VersionState.FAILED, 3), SERVING), NOW, SERVING),
    "the current version a second before its end": (view(SERVING), END - timedelta(seconds=1), SERVING),
    "nothing at its end": (view(SERVING), END, None),
    "nothing while only an older wish is issued": (
        view(version(VersionState.VALIDATING, 3), version(number=2, of=OTHER)),
        NOW,
        None,
    ),
    "nothing before the first issue": (view(version(VersionState.READY)), NOW, None),
    "nothing once it is revoked": (view(replace(SERVING, state=VersionState.REVOKED)), NOW, None),
    "nothing when what was issued is for another wish": (view(version(number=2, of=OTHER), wish=WISH), NOW, None),
}


@pytest.mark.parametrize(("certificate", "now", "served"), SERVES.values(), ids=SERVES.keys())
def test_the_present_inputs_are_served_by(
    certificate: CertificateView, now: datetime, served: CertificateVersion | None
) -> None:
    assert serving_version(certificate, now) == served
