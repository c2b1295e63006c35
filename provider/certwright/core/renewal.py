"""When and why a certificate is renewed: pure checks that return a reason or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from certwright.errors import IntegrityError
from certwright.model.certificates import (
    CertificateType,
    CertificateVersion,
    CertificateView,
    RenewalDecision,
    RenewalEligibility,
    RenewalStatus,
    VersionCause,
    VersionState,
)
from certwright.ports.clock import Randomness

LONGEST_LEAD = timedelta(days=60)
_LEAD_SHARE = 3
_WINDOW_SHARE = 10
_FRACTION = 2**32


@dataclass(frozen=True, slots=True)
class RenewalSummary:
    """ACM's renewal summary: status, reason and the instant of the last change; None where there is no renewal."""

    status: RenewalStatus
    reason: str
    updated_at: datetime


def decide_renewal(
    not_before: datetime, not_after: datetime, early_renewal: timedelta | None, chance: float
) -> RenewalDecision:
    """Choose when to renew a fresh certificate.

    The window opens 60 days before the end, or at a third of the life when that is less, or `early_renewal` before the
    end where it is given; it is a tenth of that lead long. `chance` in [0, 1) picks the instant, so that certificates
    issued together are not renewed together (R23).
    """
    life = not_after - not_before
    lead = early_renewal if early_renewal is not None else min(LONGEST_LEAD, life / _LEAD_SHARE)
    start = max(not_before, not_after - lead)
    window = (not_after - start) / _WINDOW_SHARE
    return RenewalDecision(start, start + window, start + window * chance)


def renewal_of(version: CertificateVersion, early_renewal: timedelta | None, randomness: Randomness) -> RenewalDecision:
    """Decide on the renewal of a signed version, its instant drawn by chance."""
    if version.not_before is None or version.not_after is None:
        msg = f"version {version.number} of {version.arn} was signed without a validity"
        raise IntegrityError(msg)
    chance = int.from_bytes(randomness.token(4), "big") / _FRACTION
    return decide_renewal(version.not_before, version.not_after, early_renewal, chance)


def renewal_due(view: CertificateView, now: datetime) -> str | None:
    """Return why the current version must be renewed now, or None."""
    if not _is_renewable(view):
        return None
    return next((reason for check in _CHECKS if (reason := check(view, now)) is not None), None)


def eligibility(view: CertificateView, now: datetime) -> RenewalEligibility:
    """Say whether the certificate will be renewed: issued by us, neither revoked nor expired nor deleted."""
    eligible = _is_renewable(view) and not _has_expired(view, now)
    return RenewalEligibility.ELIGIBLE if eligible else RenewalEligibility.INELIGIBLE


def _is_renewable(view: CertificateView) -> bool:
    return (
        view.current is not None
        and view.current.state is VersionState.ISSUED
        and view.certificate.type is not CertificateType.IMPORTED
        and view.certificate.deleted_at is None
    )


def renewal_summary(view: CertificateView) -> RenewalSummary | None:
    """Say how the newest renewal or change of an issued certificate stands."""
    newest, current = view.newest, view.current
    if newest.number == 1 or current is None:
        return None
    if newest.state.has_certificate:
        return RenewalSummary(RenewalStatus.SUCCESS, newest.reason, newest.issued_at or newest.requested_at)
    status = RenewalStatus.PENDING_VALIDATION if newest.state.is_pending else RenewalStatus.FAILED
    return RenewalSummary(status, newest.waiting_for or newest.reason, newest.requested_at)


def _has_expired(view: CertificateView, now: datetime) -> bool:
    return view.current is not None and view.current.not_after is not None and view.current.not_after <= now


def _expired(view: CertificateView, now: datetime) -> str | None:
    current = view.current
    if current is None or current.not_after is None or not _has_expired(view, now):
        return None
    return f"the certificate expired on {current.not_after:%Y-%m-%d %H:%M} UTC"


def _chosen_instant_has_come(view: CertificateView, now: datetime) -> str | None:
    current = view.current
    if current is None or current.renewal is None or current.not_after is None or now < current.renewal.chosen:
        return None
    left = (current.not_after - now).days
    return (
        f"renewal due: valid until {current.not_after:%Y-%m-%d}, {left} days left, "
        f"renewal was set for {current.renewal.chosen:%Y-%m-%d %H:%M} UTC"
    )


def _is_from_the_future(view: CertificateView, now: datetime) -> str | None:
    """A clock that was ahead made it; whoever verifies it refuses it until then."""
    current = view.current
    if current is None or current.not_before is None or current.not_before <= now:
        return None
    return (
        f"the certificate is not valid before {current.not_before:%Y-%m-%d %H:%M} UTC: the clock was ahead when it was "
        f"made, or is behind now ({now:%Y-%m-%d %H:%M} UTC)"
    )


_CHECKS: tuple[Callable[[CertificateView, datetime], str | None], ...] = (
    _expired,
    _is_from_the_future,
    _chosen_instant_has_come,
)


def is_renewal(view: CertificateView) -> bool:
    """Say whether the newest version was made to renew, not because the declaration changed."""
    return view.newest.cause is VersionCause.RENEWAL
