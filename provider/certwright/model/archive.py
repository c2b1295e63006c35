"""What an archive of a store is made of: a header, and for each table its rows."""

from dataclasses import dataclass
from datetime import datetime

Cell = str | int | bytes | None


@dataclass(frozen=True, slots=True)
class ArchiveHeader:
    """Which installation was archived, under which schema, when; `key_check` recognises its master key."""

    installation_id: str
    key_check: str
    schema: str
    made_at: datetime
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Section:
    """The beginning of a table's rows."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArchivedRow:
    """One row, in the order of its section's columns."""

    values: tuple[Cell, ...]
