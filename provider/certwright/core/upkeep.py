"""Work that is due: renewals whose instant has come and versions that wait for validation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from certwright.core.certificates import certificates_due, certificates_pending, renew_certificate
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.core.listing import list_certificates
from certwright.core.renewal import is_renewal, renewal_due
from certwright.errors import CertwrightError, IntegrityError
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion, CertificateView, VersionCause
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one certificate: the version, or the sentence of the error.

    `was_due` tells a renewal from a first issue that waits for its records.
    """

    arn: CertificateArn
    was_due: bool
    version: CertificateVersion | None
    sentence: str

    @property
    def is_done(self) -> bool:
        """Say whether the certificate is issued now."""
        return self.version is not None and self.version.state.has_certificate

    @property
    def is_trouble(self) -> bool:
        """Say whether somebody should look: a renewal that was due is not done, or an error came up."""
        return self.version is None or (self.was_due and not self.is_done)


def work_due(core: Core, caller: Caller, cancellation: Cancellation) -> Iterator[Outcome]:
    """Renew what is due and drive what is pending, one after another; an error of one does not stop the others.

    A damaged row is an outcome of its own (S15).
    """
    try:
        work = {version.arn: True for version in certificates_due(core, caller)}
        for version in certificates_pending(core, caller):
            work.setdefault(version.arn, version.cause is VersionCause.RENEWAL)
    except IntegrityError:
        listing = list_certificates(core, caller)
        work = dict(_work_among(listing.views, core.clock.now()))
        yield from (Outcome(item.arn, True, None, item.sentence) for item in listing.unreadable)
    for arn, was_due in work.items():
        yield _one(core, caller, arn, cancellation, was_due=was_due)


def _work_among(views: Sequence[CertificateView], now: datetime) -> Iterator[tuple[CertificateArn, bool]]:
    for view in views:
        if view.newest.state.is_pending:
            yield view.certificate.arn, is_renewal(view)
        elif renewal_due(view, now) is not None:
            yield view.certificate.arn, True


def _one(core: Core, caller: Caller, arn: CertificateArn, cancellation: Cancellation, *, was_due: bool) -> Outcome:
    try:
        view = renew_certificate(core, caller, arn)
        version = drive(core, caller, arn, view.newest.number, cancellation)
    except CertwrightError as error:
        return Outcome(arn, was_due, None, str(error))
    verb = "renewed" if was_due else "issued"
    return Outcome(arn, was_due, version, version.waiting_for or f"{verb} as version {version.number}")
