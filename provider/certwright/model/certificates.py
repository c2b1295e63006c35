"""Certificates, their versions and the closed sets around them, in ACM's words."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from certwright.model.arns import CertificateArn
from certwright.model.keys import KeyAlgorithm, ManagedKey
from certwright.model.names import DomainName
from certwright.model.records import ResourceRecord


class CertificateStatus(Enum):
    """ACM's certificate statuses (R7)."""

    PENDING_VALIDATION = "PENDING_VALIDATION"
    ISSUED = "ISSUED"
    INACTIVE = "INACTIVE"
    EXPIRED = "EXPIRED"
    VALIDATION_TIMED_OUT = "VALIDATION_TIMED_OUT"
    REVOKED = "REVOKED"
    FAILED = "FAILED"


class CertificateType(Enum):
    """Kinds of certificate (R1), in ACM's words: AMAZON_ISSUED is what it calls a validated one."""

    VALIDATED = "AMAZON_ISSUED"
    PRIVATE = "PRIVATE"
    IMPORTED = "IMPORTED"


class ValidationMethod(Enum):
    """How control over the names is proven (R18)."""

    DNS = "DNS"
    EMAIL = "EMAIL"


class RenewalEligibility(Enum):
    """ACM's renewal eligibility."""

    ELIGIBLE = "ELIGIBLE"
    INELIGIBLE = "INELIGIBLE"


class RenewalStatus(Enum):
    """ACM's renewal statuses."""

    PENDING_AUTO_RENEWAL = "PENDING_AUTO_RENEWAL"
    PENDING_VALIDATION = "PENDING_VALIDATION"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


class FailureReason(Enum):
    """Why a version failed; ACM's words where ACM has one."""

    CAA_ERROR = "CAA_ERROR"
    DOMAIN_NOT_ALLOWED = "DOMAIN_NOT_ALLOWED"
    INVALID_PUBLIC_DOMAIN = "INVALID_PUBLIC_DOMAIN"
    DOMAIN_VALIDATION_DENIED = "DOMAIN_VALIDATION_DENIED"
    SUPERSEDED = "SUPERSEDED"
    OTHER = "OTHER"


class VersionState(Enum):
    """States of a version; the order of issuance is in docs/ISSUANCE-CYCLE.md."""

    REQUESTED = "REQUESTED"
    VALIDATING = "VALIDATING"
    READY = "READY"
    SIGNING = "SIGNING"
    ISSUED = "ISSUED"
    RETIRED = "RETIRED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"

    @property
    def is_pending(self) -> bool:
        """Say whether `advance` can still move the version towards ISSUED."""
        return self in _PENDING

    @property
    def has_certificate(self) -> bool:
        """Say whether a certificate was signed and stored."""
        return self in _SIGNED


_PENDING = frozenset({VersionState.REQUESTED, VersionState.VALIDATING, VersionState.READY, VersionState.SIGNING})
_SIGNED = frozenset({VersionState.ISSUED, VersionState.RETIRED, VersionState.REVOKED, VersionState.EXPIRED})


class VersionCause(Enum):
    """Why a version exists."""

    REQUEST = "REQUEST"
    CHANGE = "CHANGE"
    RENEWAL = "RENEWAL"
    REPLACEMENT = "REPLACEMENT"


class KeyRotation(Enum):
    """When a new version gets a new key."""

    ON_RENEWAL = "ON_RENEWAL"
    NEVER = "NEVER"


class RenewalOutputs(Enum):
    """Whether a resource's outputs follow renewals made elsewhere or stay at their version."""

    FOLLOW = "FOLLOW"
    PIN = "PIN"


@dataclass(frozen=True, slots=True)
class CertificateSpec:
    """What a version is issued for: everything whose change makes a new version.

    `names` keeps the order of the request: the first becomes the CN. Equality of meaning is `digest`, which treats the
    alternative names as a set.
    """

    names: tuple[DomainName, ...]
    key_algorithm: KeyAlgorithm
    issuer: str
    lifetime: timedelta

    @property
    def digest(self) -> str:
        """Return SHA-256 (hex) over the canonical form: first name, sorted other names, key, issuer, lifetime."""
        canonical = [
            self.names[0].text,
            sorted({name.text for name in self.names}),
            self.key_algorithm.value,
            self.issuer,
            int(self.lifetime.total_seconds()),
        ]
        return hashlib.sha256(json.dumps(canonical).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RenewalDecision:
    """When a version is renewed: a window and the instant chosen in it, decided once at issue."""

    window_start: datetime
    window_end: datetime
    chosen: datetime


@dataclass(frozen=True, slots=True)
class CertificateVersion:
    """One issue of a certificate: numbered from 1 under its ARN.

    `waiting_for` is what the last attempt found missing, a sentence for people. `tbs`, `serial`, `key` and
    `authority_id` are stored before the signature (docs/ISSUANCE-CYCLE.md).
    """

    arn: CertificateArn
    number: int
    spec: CertificateSpec
    cause: VersionCause
    reason: str
    state: VersionState
    requested_at: datetime
    waiting_for: str = ""
    failure_reason: FailureReason | None = None
    validated_at: datetime | None = None
    key: ManagedKey | None = None
    serial: int | None = None
    authority_id: str | None = None
    profile_hash: str | None = None
    tbs: bytes | None = None
    certificate: bytes | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    issued_at: datetime | None = None
    renewal: RenewalDecision | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A name for a series of versions: the declared wishes and which version is current.

    `spec` is the present wish; `current_version` the number of the version that is handed out, None before the first
    issue. `pinned_version` is the one that outputs stay at under PIN, None under FOLLOW. `tags` are the declared ones,
    `default_tags` those of the configuration. `input_digest` with `urn` makes Create idempotent; a row that is not
    claimed was never named by the engine again, so a repeated Create may adopt it.
    """

    arn: CertificateArn
    type: CertificateType
    spec: CertificateSpec
    validation_method: ValidationMethod
    early_renewal: timedelta | None
    key_rotation: KeyRotation
    renewal_outputs: RenewalOutputs
    export_enabled: bool
    repin: str
    pinned_version: int | None
    tags: tuple[tuple[str, str], ...]
    default_tags: tuple[tuple[str, str], ...]
    urn: str
    input_digest: str
    claimed: bool
    created_at: datetime
    current_version: int | None
    newest_version: int
    deleted_at: datetime | None

    @property
    def all_tags(self) -> tuple[tuple[str, str], ...]:
        """Return the tags in force."""
        return tags_in_force(self.default_tags, self.tags)


def tags_in_force(
    defaults: tuple[tuple[str, str], ...], declared: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Return the declared tags over the defaults."""
    return tuple(sorted({**dict(defaults), **dict(declared)}.items()))


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate with its newest version and its current one: what Diff needs, in one indexed read."""

    certificate: Certificate
    newest: CertificateVersion
    current: CertificateVersion | None


@dataclass(frozen=True, slots=True)
class HandedOutName:
    """The record of a name as it was first handed out to an account; never changes afterwards."""

    account: str
    purpose: str
    name: DomainName
    record: ResourceRecord
    created_at: datetime
