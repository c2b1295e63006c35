"""Installation, keys, names handed out and serials in SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from certwright.adapters.store.rows import reading, write_serial
from certwright.adapters.store.statements import has_row, insert_unless_there, update_by_key
from certwright.adapters.store.tables import (
    account_secrets,
    authorities,
    certificate_versions,
    certificates,
    handed_out_names,
    installation,
    key_encryption_keys,
    metadata,
    serials,
)
from certwright.errors import NotFound
from certwright.model.certificates import HandedOutName
from certwright.model.installation import AccountSecret, Installation, KeyEncryptionKey
from certwright.model.names import DomainName
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.scope import Scope

_ONLY = 1
_CLOCK_STEP = timedelta(seconds=1)


class SqlInstallationRows:
    """The installation row and the clock's high-water mark (ports.store.InstallationRows)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self) -> Installation | None:
        """Return the store's installation."""
        row = self._connection.execute(select(installation)).first()
        return None if row is None else Installation(row.id, row.created_at, row.key_check)

    def add(self, row: Installation) -> bool:
        """Add the one row; return False when there is one already."""
        values = {
            "singleton": _ONLY,
            "id": row.id,
            "created_at": row.created_at,
            "key_check": row.key_check,
            "clock_mark": row.created_at,
        }
        return insert_unless_there(self._connection, installation, values)

    def is_alone(self) -> bool:
        """Say whether no other table of the store holds a row."""
        others = [table for table in metadata.sorted_tables if table is not installation]
        return not any(has_row(self._connection, table) for table in others)

    def advance_clock(self, now: datetime) -> datetime:
        """Raise the high-water mark to `now` if a second later and return the mark as it was before.

        Every signature comes by here; writing the one row each time would make them conflict with each other.
        """
        mark: datetime | None = self._connection.execute(select(installation.c.clock_mark)).scalar()
        if mark is None:
            msg = "the store has no installation"
            raise NotFound(msg)
        if now - mark > _CLOCK_STEP:
            self._connection.execute(installation.update().values(clock_mark=now))
        return mark


class SqlKeyRows:
    """Wrapped keys and account secrets (ports.store.KeyRows)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest_kek(self, scope: Scope) -> KeyEncryptionKey | None:
        """Return the scope's newest key-encryption key."""
        table = key_encryption_keys
        where = (table.c.account == scope.account, table.c.region == scope.region)
        row = self._connection.execute(select(table).where(*where).order_by(table.c.generation.desc()).limit(1)).first()
        return None if row is None else KeyEncryptionKey(*row)

    def kek(self, scope: Scope, generation: int) -> KeyEncryptionKey | None:
        """Return one generation."""
        table = key_encryption_keys
        where = (table.c.account == scope.account, table.c.region == scope.region, table.c.generation == generation)
        row = self._connection.execute(select(table).where(*where)).first()
        return None if row is None else KeyEncryptionKey(*row)

    def add_kek(self, key: KeyEncryptionKey) -> bool:
        """Add a generation; return False when it exists."""
        values = {
            "account": key.account,
            "region": key.region,
            "generation": key.generation,
            "wrapped": key.wrapped,
            "created_at": key.created_at,
        }
        return insert_unless_there(self._connection, key_encryption_keys, values)

    def has_sealed(self, scope: Scope) -> bool:
        """Say whether anything is sealed under the scope's key-encryption key; the account's own has no Region."""
        of_scope = (authorities.c.account == scope.account, authorities.c.region == scope.region)
        if has_row(self._connection, authorities, *of_scope):
            return True
        if not scope.region:
            return has_row(self._connection, account_secrets, account_secrets.c.account == scope.account)
        keys = certificates.join(certificate_versions)
        of_scope = (certificates.c.account == scope.account, certificates.c.region == scope.region)
        return has_row(self._connection, keys, *of_scope, certificate_versions.c.sealed_key.is_not(None))

    def newest_secret(self, account: str) -> AccountSecret | None:
        """Return the account's newest secret."""
        table = account_secrets
        newest = select(table).where(table.c.account == account).order_by(table.c.generation.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return None if row is None else AccountSecret(*row)

    def add_secret(self, secret: AccountSecret) -> bool:
        """Add a generation; return False when it exists."""
        values = {
            "account": secret.account,
            "generation": secret.generation,
            "sealed": secret.sealed,
            "created_at": secret.created_at,
        }
        return insert_unless_there(self._connection, account_secrets, values)


class SqlNameRows:
    """Names handed out (ports.store.NameRows)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def records(self, account: str, purpose: str, names: Sequence[DomainName]) -> Sequence[HandedOutName]:
        """Return those of the names that were handed out."""
        table = handed_out_names
        where = (
            table.c.account == account,
            table.c.purpose == purpose,
            table.c.name.in_([name.text for name in names]),
        )
        return [_read_name(row) for row in self._connection.execute(select(table).where(*where))]

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
            insert_unless_there(self._connection, handed_out_names, values)


@reading("name")
def _read_name(row: Row[Any]) -> HandedOutName:
    record = ResourceRecord(row.record_name, RecordType(row.record_type), row.record_value)
    return HandedOutName(row.account, row.purpose, DomainName(row.name), record, row.created_at)


class SqlSerialRows:
    """Serial numbers (ports.store.SerialRows)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reserve(self, issuer_id: str, serial: int, subject: str, at: datetime) -> bool:
        """Reserve a serial; return False when the issuer has it already."""
        row = {
            "issuer_id": issuer_id,
            "serial": write_serial(serial),
            "subject": subject,
            "outcome": "RESERVED",
            "reserved_at": at,
        }
        return insert_unless_there(self._connection, serials, row)

    def intend(self, issuer_id: str, serial: int, tbs: bytes, public_key: bytes) -> None:
        """Keep what is about to be signed under a reserved serial."""
        row = {"issuer_id": issuer_id, "serial": write_serial(serial), "tbs": tbs, "public_key": public_key}
        update_by_key(self._connection, serials, row, f"serial {serial:x}")

    def mark(self, issuer_id: str, serial: int, outcome: str) -> None:
        """Record the outcome."""
        row = {"issuer_id": issuer_id, "serial": write_serial(serial), "outcome": outcome}
        update_by_key(self._connection, serials, row, f"serial {serial:x}")
