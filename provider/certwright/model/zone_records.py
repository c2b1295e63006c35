"""ValidationRecord resources' holds on records in a zone."""

from dataclasses import dataclass
from datetime import datetime

from certwright.model.records import ResourceRecord
from certwright.model.secret import SecretBytes


@dataclass(frozen=True, slots=True)
class ZoneRecordHold:
    """Say that the resource `urn` of an account wants `record` in `zone`; the record goes when its last hold goes."""

    account: str
    urn: str
    zone: str
    record: ResourceRecord
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Rfc2136Target:
    """Say where updates of a zone go and with which TSIG key (RFC 8945) they are signed."""

    server: str
    port: int
    zone: str
    key_name: str
    key_algorithm: str
    key_secret: SecretBytes
