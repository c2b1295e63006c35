"""What a declared wish means for a certificate that exists: one pure rule that preview and `up` both read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from certwright.core.renewal import renewal_due
from certwright.core.status import certificate_status
from certwright.model.certificates import (
    CertificateSpec,
    CertificateStatus,
    CertificateVersion,
    CertificateView,
    FailureReason,
    VersionCause,
    VersionState,
)


class Step(Enum):
    """What an update does."""

    NOTHING = "nothing"
    GO_ON = "go on"
    KEEP_CURRENT = "keep current"
    NEW_VERSION = "new version"


@dataclass(frozen=True, slots=True)
class Plan:
    """The step, the reason to show, and why a new version would be made."""

    step: Step
    reason: str = ""
    cause: VersionCause | None = None


def plan_change(view: CertificateView, wish: CertificateSpec, now: datetime, timeout: timedelta) -> Plan:
    """Return what to do so that the certificate matches `wish`.

    A name set, key algorithm, issuer or lifetime that differs makes a new version under the same ARN; a failed, timed
    out or revoked one is replaced; a due one renewed; one in progress for the same wish goes on until `timeout`.
    """
    newest, current = view.newest, view.current
    in_force = current is not None and current.state is VersionState.ISSUED and current.spec.digest == wish.digest
    if newest.spec.digest != wish.digest and not in_force:
        return Plan(Step.NEW_VERSION, describe_difference(newest, wish), VersionCause.CHANGE)
    if newest.spec.digest != wish.digest and newest.state.is_pending:
        return Plan(Step.KEEP_CURRENT, "the version in force has these names; the pending change is dropped")
    if is_overdue(newest, now, timeout):
        return _replacing(newest, _TOO_LONG)
    if newest.state.is_pending:
        return Plan(Step.GO_ON, newest.waiting_for or "not issued yet")
    is_reverted = in_force and newest.spec.digest != wish.digest
    return (None if is_reverted else _plan_ended(view, wish, in_force=in_force)) or _plan_renewal(view, now)


def is_overdue(version: CertificateVersion, now: datetime, timeout: timedelta) -> bool:
    """Say whether a pending version waits for longer than it may: its next step would only time it out."""
    return version.state.is_pending and now - version.requested_at > timeout


def _plan_ended(view: CertificateView, wish: CertificateSpec, *, in_force: bool) -> Plan | None:
    """Replace a version that failed or timed out; one dropped for the version in force comes back when asked for."""
    newest = view.newest
    if newest.state not in _ENDED:
        return None
    if newest.failure_reason is not FailureReason.SUPERSEDED:
        return _replacing(newest, _TOO_LONG if newest.state is VersionState.TIMED_OUT else "failed")
    if in_force:
        return None
    return Plan(Step.NEW_VERSION, describe_difference(view.current or newest, wish), VersionCause.CHANGE)


def _replacing(newest: CertificateVersion, what: str) -> Plan:
    reason = f"version {newest.number} {what}: {newest.waiting_for or newest.reason}"
    cause = VersionCause.RENEWAL if newest.cause is VersionCause.RENEWAL else VersionCause.REPLACEMENT
    return Plan(Step.NEW_VERSION, reason, cause)


def _plan_renewal(view: CertificateView, now: datetime) -> Plan:
    due = renewal_due(view, now)
    if due is not None:
        return Plan(Step.NEW_VERSION, due, VersionCause.RENEWAL)
    if certificate_status(view, now) is CertificateStatus.REVOKED:
        return Plan(Step.NEW_VERSION, "the certificate was revoked", VersionCause.REPLACEMENT)
    return Plan(Step.NOTHING)


_TOO_LONG = "took longer than 72 hours"
_ENDED = frozenset({VersionState.FAILED, VersionState.TIMED_OUT})


def describe_difference(newest: CertificateVersion, wish: CertificateSpec) -> str:
    """Say in a sentence what a new version changes."""
    old, new = {name.text for name in newest.spec.names}, {name.text for name in wish.names}
    parts = [
        f"names added: {', '.join(sorted(new - old))}" if new - old else "",
        f"names removed: {', '.join(sorted(old - new))}" if old - new else "",
        f"first name now {wish.names[0]}" if wish.names[0] != newest.spec.names[0] else "",
        f"key algorithm now {wish.key_algorithm.value}" if wish.key_algorithm != newest.spec.key_algorithm else "",
        f"issuer now {wish.issuer}" if wish.issuer != newest.spec.issuer else "",
        f"lifetime now {wish.lifetime.days} days" if wish.lifetime != newest.spec.lifetime else "",
    ]
    return "new version under the same ARN: " + "; ".join(part for part in parts if part)
