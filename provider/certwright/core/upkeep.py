"""Work that is due: renewals whose instant has come and versions that wait for validation."""

from collections.abc import Iterator
from dataclasses import dataclass

from certwright.core.certificates import certificates_due, certificates_pending, renew_certificate
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.errors import CertwrightError
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one certificate: the version, or the sentence of the error."""

    arn: CertificateArn
    version: CertificateVersion | None
    sentence: str

    @property
    def is_done(self) -> bool:
        """Say whether the certificate is issued now."""
        return self.version is not None and self.version.state.has_certificate


def work_due(core: Core, caller: Caller, cancellation: Cancellation) -> Iterator[Outcome]:
    """Renew what is due and drive what is pending, one after another; an error of one does not stop the others."""
    for version in certificates_due(core, caller):
        yield _one(core, caller, version.arn, cancellation, renews=True)
    for version in certificates_pending(core, caller):
        yield _one(core, caller, version.arn, cancellation, renews=False)


def _one(core: Core, caller: Caller, arn: CertificateArn, cancellation: Cancellation, *, renews: bool) -> Outcome:
    try:
        view = renew_certificate(core, caller, arn)
        version = drive(core, caller, arn, view.newest.number, cancellation)
    except CertwrightError as error:
        return Outcome(arn, None, str(error))
    verb = "renewed" if renews else "issued"
    return Outcome(arn, version, version.waiting_for or f"{verb} as version {version.number}")
