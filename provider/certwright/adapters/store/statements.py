"""Small statements that every group of rows uses; what writes a row seals it, and counts it where it is new."""

import json
import random
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    RowMapping,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from certwright.adapters.store.rows import reading
from certwright.adapters.store.seals import Seals
from certwright.adapters.store.tables import SEAL, tallies
from certwright.errors import IntegrityError, NotFound

SHARDS = 32
Row = Mapping[str, Any]


def has_row(connection: Connection, source: FromClause, *where: ColumnElement[bool]) -> bool:
    """Say whether there is a row for which everything in `where` holds."""
    first = select(literal(1)).select_from(source).where(*where).limit(1)
    return connection.execute(first).first() is not None


class RowWriter:
    """Write rows with their seals over one transaction."""

    def __init__(self, connection: Connection, seals: Seals) -> None:
        self._connection = connection
        self._seals = seals
        self._added: Counter[str] = Counter()

    def add(self, table: Table, row: Row) -> None:
        """Insert a row whose key must be new."""
        self._connection.execute(_insert(table), self._seals.sealed(table, row))
        self._added[table.name] += 1

    def add_unless_there(self, table: Table, row: Row) -> bool:
        """Insert a row; return False when its key exists already."""
        statement = _insert_unless_there(table, self._connection.dialect.name)
        sealed = self._seals.sealed(table, row)
        done = self._connection.execute(statement, sealed, execution_options={"preserve_rowcount": True})
        is_added = done.rowcount == 1
        self._added[table.name] += int(is_added)
        return is_added

    def replace(self, table: Table, row: Row, what: str) -> None:
        """Replace the whole row with the same primary key.

        Raises `NotFound` when there is none, and `IntegrityError` when it is not as certwright wrote it: a new seal
        would hide that.
        """
        self._sound_row(table, row, what)
        self._update(table, row)

    def amend(self, table: Table, changes: Row, what: str) -> None:
        """Change some columns of the row with the primary key in `changes`; raises as `replace` does."""
        self._update(table, {**self._sound_row(table, changes, what), **changes})

    def remove(self, table: Table, *where: ColumnElement[bool]) -> None:
        """Delete the rows for which everything in `where` holds."""
        self._added[table.name] -= self._connection.execute(table.delete().where(*where)).rowcount

    def settle(self) -> None:
        """Add to the tallies what this transaction added; call it last."""
        changed = Counter({name: number for name, number in self._added.items() if number})
        if not changed:
            return
        self._added.clear()
        found = self._any_tally()
        changed.update(json.loads(found["counts"]))
        self._update(tallies, {"shard": found["shard"], "counts": json.dumps(changed, sort_keys=True)})

    def begin_tallies(self, counts: Mapping[str, int]) -> None:
        """Make the tallies anew, the first of them with these counts."""
        self._connection.execute(tallies.delete())
        for shard in range(SHARDS):
            values = json.dumps({} if shard else dict(counts), sort_keys=True)
            row = self._seals.sealed(tallies, {"shard": shard, "counts": values})
            self._connection.execute(tallies.insert().values(**row))

    def _any_tally(self) -> dict[str, Any]:
        """Return the tally of one shard or another; a store without any begins at nothing, which shows."""
        values = {"shard": random.randrange(SHARDS)}  # noqa: S311 - spreads writers, decides nothing
        found = self._connection.execute(_TALLY, values).mappings().first()
        if found is None:
            self.begin_tallies({})
            found = self._connection.execute(_TALLY, values).mappings().one()
        return self._require_sound(tallies, found, "the tally of rows")

    def _sound_row(self, table: Table, key: Row, what: str) -> dict[str, Any]:
        with reading(table.name.replace("_", " ")):
            found = self._connection.execute(_select(table), _key_of(table, key)).mappings().first()
        if found is None:
            msg = f"{what} is not in the store"
            raise NotFound(msg)
        return self._require_sound(table, found, what)

    def _require_sound(self, table: Table, found: RowMapping, what: str) -> dict[str, Any]:
        row = {str(name): value for name, value in found.items()}
        if row[SEAL] != self._seals.sealed(table, row)[SEAL]:
            msg = (
                f"{what} was changed in the store by something else than certwright, so nothing was written to it; "
                "run `certwright doctor` for all that was, and restore the store from a backup"
            )
            raise IntegrityError(msg)
        return row

    def _update(self, table: Table, row: Row) -> None:
        self._connection.execute(_replacement(table), {**self._seals.sealed(table, row), **_key_of(table, row)})


def seal_rows(connection: Connection, table: Table, seals: Seals) -> int:
    """Seal every row of a table as it stands and return how many there are."""
    rows = connection.execute(select(table)).mappings().all()
    for row in rows:
        seal = seals.sealed(table, {str(name): value for name, value in row.items()})[SEAL]
        connection.execute(table.update().where(_has_key(table)), {SEAL: seal, **_key_of(table, row)})
    return len(rows)


# Statements are made once: making one takes longer than running it.
_TALLY = select(tallies).order_by(case((tallies.c.shard == bindparam("shard"), 0), else_=1)).limit(1)


@cache
def where(table: Table, *columns: str, by: str = "") -> Select[Any]:
    """Return the rows whose columns have the values that are given by the columns' names, in order of `by`."""
    found = select(table).where(*(table.c[name] == bindparam(name) for name in columns))
    return found.order_by(table.c[by]) if by else found


@cache
def newest_where(table: Table, *columns: str, by: str) -> Select[Any]:
    """Return the one of these rows that comes last in order of `by`."""
    return where(table, *columns).order_by(table.c[by].desc()).limit(1)


@cache
def _insert(table: Table) -> Executable:
    return table.insert()


@cache
def _insert_unless_there(table: Table, dialect_name: str) -> Executable:
    if dialect_name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _select(table: Table) -> Executable:
    return select(table).where(_has_key(table))


@cache
def _replacement(table: Table) -> Update:
    """Return the update of the row with a key, to the values that it is executed with."""
    return table.update().where(_has_key(table))


def _has_key(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key.columns))


def _key_of(table: Table, row: Row | Any) -> dict[str, Any]:  # noqa: ANN401 - SQLAlchemy's row mappings
    return {f"key_{column.name}": row[column.name] for column in table.primary_key.columns}
