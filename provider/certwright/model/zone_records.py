"""ValidationRecord resources' holds on records in a zone."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from certwright.model.records import ResourceRecord
from certwright.model.secret import SecretBytes


@dataclass(frozen=True, slots=True)
class ZoneRecordHold:
    """Say that a resource of an account wants `record` in `zone`; the record goes when its last hold goes.

    Each resource has a hold of its own, by `id`: a replacement and what it replaces have the same URN. One that is not
    `claimed` was never named by the engine again, so its Create may have been lost.
    """

    account: str
    id: str
    urn: str
    zone: str
    record: ResourceRecord
    claimed: bool
    created_at: datetime

    def is_lost_try_of(self, other: "ZoneRecordHold") -> bool:
        """Say whether this is what an earlier, lost Create of the same resource left behind."""
        same = (self.account, self.urn) == (other.account, other.urn)
        return same and not self.claimed and self.id != other.id and self.created_at <= other.created_at


@dataclass(frozen=True, slots=True)
class Rfc2136Target:
    """Say where updates of a zone go and with which TSIG key (RFC 8945) they are signed."""

    server: str
    port: int
    zone: str
    key_name: str
    key_algorithm: str
    key_secret: SecretBytes


@dataclass(frozen=True, slots=True)
class HostedTarget:
    """Say which provider hosts a zone, and the credentials for its API."""

    provider: str
    zone: str
    credentials: tuple[tuple[str, SecretBytes], ...]


ZoneTarget: TypeAlias = Rfc2136Target | HostedTarget
