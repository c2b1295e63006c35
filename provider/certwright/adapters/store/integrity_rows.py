"""Seals and tallies of a whole store (ports.store.IntegrityRows)."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import cast

from sqlalchemy import Connection, RowMapping, Table, func, select, type_coerce
from sqlalchemy.types import NullType

from certwright.adapters.store.seals import Seals
from certwright.adapters.store.statements import SHARDS, RowWriter, seal_rows
from certwright.adapters.store.tables import SEAL, metadata, tallies
from certwright.model.damage import Damage

_CHANGED = "was changed, moved or written by something else than certwright"
_UNSEALED = "has no seal: it was not written by certwright"
_PAGE = 500
SEALED_TABLES = tuple(table for table in metadata.sorted_tables if table is not tallies)


class SqlIntegrityRows:
    """Seal a store that was never sealed, and find what is not as certwright wrote it."""

    def __init__(self, connection: Connection, writer: RowWriter, seals: Seals) -> None:
        self._connection = connection
        self._writer = writer
        self._seals = seals

    def seal_everything(self) -> None:
        """Seal and count every row as it stands."""
        counts = {table.name: seal_rows(self._connection, table, self._seals) for table in SEALED_TABLES}
        self._writer.begin_tallies(counts)

    def damages(self) -> Iterator[Damage]:
        """Yield what is damaged: the file itself, changed, moved or added rows, and missing ones by their number."""
        with _undecodable_text_read(self._connection):
            yield from self._file()
            for table in (*SEALED_TABLES, tallies):
                yield from self._rows(table)
            yield from self._numbers()

    def _file(self) -> Iterator[Damage]:
        if self._connection.dialect.name != "sqlite":
            return
        for (message,) in self._connection.exec_driver_sql("PRAGMA integrity_check(20)"):
            if message != "ok":
                yield Damage("the database file", "", str(message))

    def _rows(self, table: Table) -> Iterator[Damage]:
        columns = [type_coerce(column, NullType()).label(column.name) for column in table.columns]
        found = self._connection.execution_options(yield_per=_PAGE).execute(select(*columns))
        for row in found.mappings():
            if row[SEAL] is None:
                yield Damage(table.name, _key(table, row), _UNSEALED)
            elif row[SEAL] != self._seals.of(table, cast("dict[str, object]", dict(row))):
                yield Damage(table.name, _key(table, row), _CHANGED)

    def _numbers(self) -> Iterator[Damage]:
        """Compare the tallies with the rows that are there."""
        expected: Counter[str] = Counter()
        shards = self._connection.execute(select(tallies.c.counts)).scalars().all()
        if len(shards) != SHARDS:
            yield Damage(tallies.name, "", f"has {len(shards)} rows, and should have {SHARDS}: some are missing")
        for counts in shards:
            expected.update(_counts(counts))
        for table in SEALED_TABLES:
            there = self._connection.execute(select(func.count()).select_from(table)).scalar_one()
            if there != expected[table.name]:
                lack = expected[table.name] - there
                what = f"{lack} rows are missing" if lack > 0 else f"{-lack} rows were added"
                yield Damage(table.name, "", f"{what}: {there} are there, and should be {expected[table.name]}")


class _undecodable_text_read:  # noqa: N801 - reads as a statement
    """Let SQLite hand out text that is no UTF-8, so that one bad byte hides no other row."""

    def __init__(self, connection: Connection) -> None:
        driver = connection.connection.driver_connection
        self._driver = driver if isinstance(driver, sqlite3.Connection) else None

    def __enter__(self) -> None:
        if self._driver is not None:
            self._driver.text_factory = lambda text: text.decode("utf-8", "surrogateescape")

    def __exit__(self, *_: object) -> None:
        if self._driver is not None:
            self._driver.text_factory = str


def _counts(text: str) -> dict[str, int]:
    """Return the counts of one shard; one that does not parse is damaged itself and counts nothing."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError):
        return {}
    return (
        {name: number for name, number in found.items() if isinstance(number, int)} if isinstance(found, dict) else {}
    )


def _key(table: Table, row: RowMapping) -> str:
    values = (row[column.name] for column in table.primary_key.columns)
    return "/".join(str(value).encode("utf-8", "backslashreplace").decode() for value in values)
