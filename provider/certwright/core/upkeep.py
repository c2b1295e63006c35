"""Work that is due: renewals whose instant has come and versions that wait for validation."""

from collections.abc import Iterator
from dataclasses import dataclass

from certwright.core.certificates import certificates_due, certificates_pending, renew_certificate
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.errors import CertwrightError
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion, VersionCause
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
    """Renew what is due and drive what is pending, one after another; an error of one does not stop the others."""
    for version in certificates_due(core, caller):
        yield _one(core, caller, version.arn, cancellation, was_due=True)
    for version in certificates_pending(core, caller):
        yield _one(core, caller, version.arn, cancellation, was_due=version.cause is VersionCause.RENEWAL)


def _one(core: Core, caller: Caller, arn: CertificateArn, cancellation: Cancellation, *, was_due: bool) -> Outcome:
    try:
        view = renew_certificate(core, caller, arn)
        version = drive(core, caller, arn, view.newest.number, cancellation)
    except CertwrightError as error:
        return Outcome(arn, was_due, None, str(error))
    verb = "renewed" if was_due else "issued"
    return Outcome(arn, was_due, version, version.waiting_for or f"{verb} as version {version.number}")
