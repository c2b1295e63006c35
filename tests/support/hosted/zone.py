"""A zone in memory behind the stand-ins of providers' APIs: record sets with the rules that all of them keep.

The stand-ins speak the published APIs as far as they are used here. None of it is traffic recorded from a provider.
"""

from dataclasses import dataclass, field

from certwright.model.records import RecordType, ResourceRecord


@dataclass(frozen=True)
class RecordSet:
    """What a name holds of one type."""

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]


@dataclass
class ApiZone:
    """The records of a zone by name and type; names are absolute, in lower case, with a trailing dot."""

    name: str
    sets: dict[tuple[str, str], RecordSet] = field(default_factory=dict)

    def put(self, record_set: RecordSet) -> None:
        """Set what a name holds of a type."""
        self.sets[record_set.name, record_set.type] = record_set

    def put_record(self, record: ResourceRecord, ttl: int = 60) -> None:
        """Set one record as somebody else would."""
        self.put(RecordSet(record.name, record.type.value, ttl, (record.value,)))

    def values(self, name: str, rtype: RecordType = RecordType.CNAME) -> list[str]:
        """Return the values of a name and type."""
        found = self.sets.get((name, rtype.value))
        return list(found.values) if found else []

    def all(self) -> list[RecordSet]:
        """Return every record set in the order of their names."""
        return [self.sets[key] for key in sorted(self.sets)]

    def conflicts(self, name: str, rtype: str) -> bool:
        """Say whether a set of the type could not stand beside what the name holds (RFC 1034 section 3.6.2)."""
        types = {known for owner, known in self.sets if owner == name and known != rtype}
        return bool(types) if rtype == "CNAME" else "CNAME" in types
