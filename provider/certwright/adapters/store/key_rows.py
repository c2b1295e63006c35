"""Installation, names handed out and serials in SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from certwright.adapters.store.rows import reading, write_serial
from certwright.adapters.store.statements import RowWriter, has_row
from certwright.adapters.store.tables import (
    handed_out_names,
    installation,
    metadata,
    serials,
    tallies,
)
from certwright.errors import NotFound
from certwright.model.certificates import HandedOutName
from certwright.model.installation import Installation
from certwright.model.names import DomainName
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.revocations import ReservedSerial

_ONLY = 1
_CLOCK_STEP = timedelta(seconds=1)


class SqlInstallationRows:
    """The installation row and the clock's high-water mark (ports.store.InstallationRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def get(self) -> Installation | None:
        """Return the store's installation."""
        row = self._connection.execute(select(installation)).first()
        return None if row is None else Installation(row.id, row.created_at, row.key_check, row.seal_key)

    def add(self, row: Installation) -> bool:
        """Add the one row; return False when there is one already."""
        values = {
            "singleton": _ONLY,
            "id": row.id,
            "created_at": row.created_at,
            "key_check": row.key_check,
            "clock_mark": row.created_at,
            "seal_key": row.seal_key,
        }
        return self._writer.add_unless_there(installation, values)

    def keep_seal_key(self, wrapped: bytes) -> None:
        """Keep the wrapped key that seals the rows."""
        self._writer.amend(installation, {"singleton": _ONLY, "seal_key": wrapped}, "the installation")

    def keep_master_key(self, key_check: str, seal_key: bytes) -> None:
        """Keep what belongs to another master key."""
        changes = {"singleton": _ONLY, "key_check": key_check, "seal_key": seal_key}
        self._writer.amend(installation, changes, "the installation")

    def is_alone(self) -> bool:
        """Say whether no other table of the store holds a row."""
        others = [table for table in metadata.sorted_tables if table not in (installation, tallies)]
        return not any(has_row(self._connection, table) for table in others)

    def clock_mark(self) -> datetime:
        """Return the high-water mark."""
        mark: datetime | None = self._connection.execute(select(installation.c.clock_mark)).scalar()
        if mark is None:
            msg = "the store has no installation"
            raise NotFound(msg)
        return mark

    def reset_clock(self, now: datetime) -> None:
        """Put the high-water mark to `now`, wherever it was."""
        self._writer.amend(installation, {"singleton": _ONLY, "clock_mark": now}, "the installation")

    def advance_clock(self, now: datetime) -> datetime:
        """Raise the high-water mark to `now` if a second later and return the mark as it was before.

        Every signature comes by here; writing the one row each time would make them conflict with each other.
        """
        mark = self.clock_mark()
        if now - mark > _CLOCK_STEP:
            self.reset_clock(now)
        return mark


# Made once: making it takes longer than running it.
_NAMES = select(handed_out_names).where(
    handed_out_names.c.account == bindparam("account"),
    handed_out_names.c.purpose == bindparam("purpose"),
    handed_out_names.c.name.in_(bindparam("names", expanding=True)),
)


class SqlNameRows:
    """Names handed out (ports.store.NameRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def records(self, account: str, purpose: str, names: Sequence[DomainName]) -> Sequence[HandedOutName]:
        """Return those of the names that were handed out."""
        values = {"account": account, "purpose": purpose, "names": [name.text for name in names]}
        return [_read_name(row) for row in self._connection.execute(_NAMES, values)]

    def is_empty(self, account: str) -> bool:
        """Say whether no name of the account was ever handed out."""
        return not has_row(self._connection, handed_out_names, handed_out_names.c.account == account)

    def add(self, names: Sequence[HandedOutName]) -> None:
        """Store names; one that exists already stays as it is."""
        for name in names:
            values = {
                "account": name.account,
                "purpose": name.purpose,
                "name": name.name.text,
                "record_name": name.record.name,
                "record_type": name.record.type.value,
                "record_value": name.record.value,
                "created_at": name.created_at,
            }
            self._writer.add_unless_there(handed_out_names, values)


@reading("name")
def _read_name(row: Row[Any]) -> HandedOutName:
    record = ResourceRecord(row.record_name, RecordType(row.record_type), row.record_value)
    return HandedOutName(row.account, row.purpose, DomainName(row.name), record, row.created_at)


class SqlSerialRows:
    """Serial numbers (ports.store.SerialRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def reserve(self, issuer_id: str, serial: int, subject: str, at: datetime) -> bool:
        """Reserve a serial; return False when the issuer has it already."""
        row = {
            "issuer_id": issuer_id,
            "serial": write_serial(serial),
            "subject": subject,
            "outcome": "RESERVED",
            "reserved_at": at,
        }
        return self._writer.add_unless_there(serials, row)

    def intend(self, issuer_id: str, serial: int, tbs: bytes, public_key: bytes) -> None:
        """Keep what is about to be signed under a reserved serial."""
        row = {"issuer_id": issuer_id, "serial": write_serial(serial), "tbs": tbs, "public_key": public_key}
        self._writer.amend(serials, row, f"serial {serial:x}")

    def mark(self, issuer_id: str, serial: int, outcome: str) -> None:
        """Record the outcome."""
        row = {"issuer_id": issuer_id, "serial": write_serial(serial), "outcome": outcome}
        self._writer.amend(serials, row, f"serial {serial:x}")

    def get(self, issuer_id: str, serial: int) -> ReservedSerial | None:
        """Return what the serial was given out for."""
        table = serials.c
        where = (table.issuer_id == issuer_id, table.serial == write_serial(serial))
        columns = (table.subject, table.outcome, table.reserved_at)
        row = self._connection.execute(select(*columns).where(*where)).first()
        return None if row is None else ReservedSerial(issuer_id, serial, row.subject, row.outcome, row.reserved_at)
