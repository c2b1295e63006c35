"""Every certificate of an account and Region; one whose row is damaged does not hide the others (S15)."""

from collections.abc import Sequence
from dataclasses import dataclass

from certwright.core.certificates import certificates_of, view_certificate
from certwright.core.context import Core
from certwright.errors import IntegrityError, NotFound
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateView
from certwright.model.scope import Caller


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A certificate whose row cannot be read, and why."""

    arn: CertificateArn
    sentence: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What is not deleted, oldest first, and what could not be read of it."""

    views: Sequence[CertificateView]
    unreadable: Sequence[Unreadable] = ()


def list_certificates(core: Core, caller: Caller) -> Listing:
    """Return all in one read, or each on its own when one of them is damaged."""
    try:
        return Listing(certificates_of(core, caller))
    except IntegrityError:
        arns = core.store.read(lambda tx: tx.certificates.arns(caller.scope))
    read = [_read_one(core, caller, arn) for arn in arns]
    return Listing(
        [item for item in read if isinstance(item, CertificateView)],
        [item for item in read if isinstance(item, Unreadable)],
    )


def _read_one(core: Core, caller: Caller, arn: CertificateArn) -> CertificateView | Unreadable | None:
    try:
        return view_certificate(core, caller, arn)
    except NotFound:
        return None
    except IntegrityError as error:
        return Unreadable(arn, str(error))
