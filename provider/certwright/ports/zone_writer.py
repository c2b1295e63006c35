"""Writing records into a zone."""

from typing import Protocol

from certwright.model.records import RecordType, ResourceRecord
from certwright.model.zone_records import Rfc2136Target


class ZoneWriter(Protocol):
    """Change one zone on its primary server; each change is atomic (RFC 2136).

    Methods raise `LookupFailed` when the server cannot be reached or answers in an unusable way, and `Refused` when it
    refuses (NOTAUTH, REFUSED, a bad TSIG key), both naming server, zone and rcode.
    """

    def values(self, name: str, rtype: RecordType) -> tuple[str, ...]:
        """Return the values that the primary holds for the name and type; empty when it says there are none."""
        ...

    def ttl(self, name: str, rtype: RecordType) -> int | None:
        """Return the TTL in seconds that the primary holds, None when there is no such record."""
        ...

    def add(self, record: ResourceRecord, ttl: int) -> bool:
        """Add the record unless the name holds any record at all; return False when it does."""
        ...

    def replace(self, record: ResourceRecord, ttl: int) -> None:
        """Set the record in place of what the name holds for its type."""
        ...

    def remove(self, record: ResourceRecord) -> None:
        """Remove exactly this record; gone already is success."""
        ...


class ZoneWriters(Protocol):
    """Make the writer for a target; nothing is sent before the writer's first method."""

    def __call__(self, target: Rfc2136Target) -> ZoneWriter:
        """Return the writer."""
        ...
