"""Writing records into a zone."""

from typing import Protocol

from certwright.model.records import RecordType, ResourceRecord
from certwright.model.zone_records import ZoneTarget


class ZoneWriter(Protocol):
    """Change one zone, on its primary server (RFC 2136) or through the API of whoever hosts it.

    An update is atomic. An API that cannot change a name only if nothing is there is asked before and after. Methods
    raise `LookupFailed` when the server cannot be reached or answers in an unusable way, and `Refused` when it refuses
    (NOTAUTH, a bad key), both naming server, zone and what it said; `Cancelled` ends a wait, the outcome unknown.
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

    def __call__(self, target: ZoneTarget) -> ZoneWriter:
        """Return the writer."""
        ...
