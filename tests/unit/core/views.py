"""Certificates with their versions, as the store would give them; every builder takes what its test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from certwright.core.renewal import decide_renewal
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    Certificate,
    CertificateSpec,
    CertificateType,
    CertificateVersion,
    CertificateView,
    FailureReason,
    KeyRotation,
    RenewalOutputs,
    ValidationMethod,
    VersionCause,
    VersionState,
)
from certwright.model.keys import KeyAlgorithm
from certwright.model.names import DomainName

ARN = CertificateArn("local", "123456789012", "0d1c7a52-3c0b-4f0e-9a51-0d6b0b1f6c11")
START = datetime(2026, 3, 1, 11, tzinfo=UTC)
LIFE = timedelta(days=395)
END = START + LIFE - timedelta(seconds=1)
REQUESTED = START - timedelta(hours=1)
DAY = timedelta(days=1)


def spec(
    *names: str,
    algorithm: KeyAlgorithm = KeyAlgorithm.RSA_2048,
    issuer: str = "embedded",
    lifetime: timedelta = LIFE,
) -> CertificateSpec:
    """Return what a version is issued for; `www.example.com` unless told otherwise."""
    return CertificateSpec(
        tuple(DomainName(name) for name in names or ("www.example.com",)), algorithm, issuer, lifetime
    )


WISH = spec()
OTHER = spec("www.example.com", "api.example.com")


def version(
    state: VersionState = VersionState.ISSUED,
    number: int = 1,
    of: CertificateSpec = WISH,
    *,
    cause: VersionCause = VersionCause.REQUEST,
    reason: str = "requested",
    waiting_for: str = "",
    failure_reason: FailureReason | None = None,
) -> CertificateVersion:
    """Return a version in a state; one with a certificate is valid from START to END."""
    made = CertificateVersion(
        ARN, number, of, cause, reason, state, REQUESTED, waiting_for=waiting_for, failure_reason=failure_reason
    )
    if not state.has_certificate:
        return made
    renewal = decide_renewal(START, END, None, 0.5)
    return replace(made, not_before=START, not_after=END, issued_at=START, renewal=renewal)


def view(
    newest: CertificateVersion,
    current: CertificateVersion | None = None,
    *,
    kind: CertificateType = CertificateType.VALIDATED,
    wish: CertificateSpec | None = None,
    deleted_at: datetime | None = None,
) -> CertificateView:
    """Return a claimed certificate; a newest version that is issued is the current one, and for the present wish."""
    if current is None and newest.state.has_certificate:
        current = newest
    certificate = Certificate(
        arn=ARN,
        type=kind,
        spec=wish or newest.spec,
        validation_method=ValidationMethod.DNS,
        early_renewal=None,
        key_rotation=KeyRotation.ON_RENEWAL,
        renewal_outputs=RenewalOutputs.FOLLOW,
        export_enabled=False,
        repin="",
        pinned_version=None,
        tags=(),
        default_tags=(),
        urn="urn:pulumi:dev::app::certwright:index:Certificate::web",
        input_digest="digest",
        claimed=True,
        created_at=REQUESTED,
        current_version=current.number if current else None,
        newest_version=newest.number,
        deleted_at=deleted_at,
    )
    return CertificateView(certificate, newest, current)
