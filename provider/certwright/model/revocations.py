"""Revocations: which serial of which issuer, why and when; and the logs that hold them outside the store."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from certwright.model.arns import CertificateArn


class RevocationReason(Enum):
    """ACM's revocation reasons; the two that undo or suspend (hold, removeFromCRL) are left out: nothing is undone."""

    UNSPECIFIED = "UNSPECIFIED"
    KEY_COMPROMISE = "KEY_COMPROMISE"
    CA_COMPROMISE = "CA_COMPROMISE"
    AFFILIATION_CHANGED = "AFFILIATION_CHANGED"
    SUPERSEDED = "SUPERSEDED"
    CESSATION_OF_OPERATION = "CESSATION_OF_OPERATION"
    PRIVILEGE_WITHDRAWN = "PRIVILEGE_WITHDRAWN"
    A_A_COMPROMISE = "A_A_COMPROMISE"

    @property
    def code(self) -> int:
        """Return the CRLReason of RFC 5280 section 5.3.1."""
        return _CODES[self]


_CODES = {
    RevocationReason.UNSPECIFIED: 0,
    RevocationReason.KEY_COMPROMISE: 1,
    RevocationReason.CA_COMPROMISE: 2,
    RevocationReason.AFFILIATION_CHANGED: 3,
    RevocationReason.SUPERSEDED: 4,
    RevocationReason.CESSATION_OF_OPERATION: 5,
    RevocationReason.PRIVILEGE_WITHDRAWN: 9,
    RevocationReason.A_A_COMPROMISE: 10,
}


@dataclass(frozen=True, slots=True)
class Revocation:
    """Say that a version's certificate, known by issuer and serial, is not to be trusted from an instant on."""

    issuer_id: str
    serial: int
    arn: CertificateArn
    version: int
    reason: RevocationReason
    revoked_at: datetime

    @property
    def key(self) -> tuple[str, int]:
        """Return what relying parties ask by."""
        return (self.issuer_id, self.serial)


@dataclass(frozen=True, slots=True)
class RevocationLogEntry:
    """A log of revocations that the store knows, numbered from 1; the last one is in use.

    `lost_before` says that the log before it was not there any more when this one was opened: what was issued before
    that instant may have been revoked without a trace, until an operator accepted that at `accepted_at`.
    """

    number: int
    id: str
    place: str
    opened_at: datetime
    lost_before: datetime | None
    accepted_at: datetime | None

    @property
    def is_gap(self) -> bool:
        """Say whether revocations may be lost and nobody accepted it."""
        return self.lost_before is not None and self.accepted_at is None


@dataclass(frozen=True, slots=True)
class LoggedRevocations:
    """What a log holds: its id, the installation that it belongs to, and every revocation in order."""

    id: str
    installation_id: str
    revocations: tuple[Revocation, ...]


class StandingKind(Enum):
    """What can be said of a serial; the words are those of RFC 6960 section 2.2."""

    GOOD = "GOOD"
    REVOKED = "REVOKED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a serial stands; `revocation` is there when it is REVOKED."""

    kind: StandingKind
    revocation: Revocation | None = None


@dataclass(frozen=True, slots=True)
class ReservedSerial:
    """A serial that an issuer gave out: for which subject (ARN#version), with which outcome, when."""

    issuer_id: str
    serial: int
    subject: str
    outcome: str
    reserved_at: datetime
