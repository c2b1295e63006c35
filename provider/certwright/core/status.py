"""ACM's status of a certificate, derived from its versions and never stored."""

from datetime import datetime

from certwright.model.certificates import CertificateStatus, CertificateVersion, CertificateView, VersionState

_UNISSUED = {
    VersionState.FAILED: CertificateStatus.FAILED,
    VersionState.TIMED_OUT: CertificateStatus.VALIDATION_TIMED_OUT,
}


def certificate_status(view: CertificateView, now: datetime) -> CertificateStatus:
    """Return the status: that of the current version, else how the newest one stands."""
    if view.current is not None:
        return version_status(view.current, now)
    return version_status(view.newest, now)


def version_status(version: CertificateVersion, now: datetime) -> CertificateStatus:
    """Return the status of one version on its own."""
    if version.state is VersionState.REVOKED:
        return CertificateStatus.REVOKED
    if version.state.has_certificate:
        expired = version.not_after is not None and version.not_after <= now
        return CertificateStatus.EXPIRED if expired else CertificateStatus.ISSUED
    return _UNISSUED.get(version.state, CertificateStatus.PENDING_VALIDATION)


def serving_version(view: CertificateView, now: datetime) -> CertificateVersion | None:
    """Return the issued and valid version that matches the present inputs, never an older or an expired one."""
    current = view.current
    if current is None or version_status(current, now) is not CertificateStatus.ISSUED:
        return None
    return current if current.spec.digest == view.certificate.spec.digest else None
