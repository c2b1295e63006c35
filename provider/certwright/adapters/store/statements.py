"""Small statements that every group of rows uses; what writes a row seals it, and counts it where it is new."""

import json
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, literal, select
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
        self._connection.execute(table.insert().values(**self._seals.sealed(table, row)))
        self._added[table.name] += 1

    def add_unless_there(self, table: Table, row: Row) -> bool:
        """Insert a row; return False when its key exists already."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table).values(**self._seals.sealed(table, row)).on_conflict_do_nothing()
        is_added = self._connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1
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
        shard = random.randrange(SHARDS)  # noqa: S311 - spreads writers, decides nothing
        found = self._sound_row(tallies, {"shard": self._tally_at(shard)}, "the tally of rows")
        changed.update(json.loads(found["counts"]))
        self._update(tallies, {"shard": found["shard"], "counts": json.dumps(changed, sort_keys=True)})

    def begin_tallies(self, counts: Mapping[str, int]) -> None:
        """Make the tallies anew, the first of them with these counts."""
        self._connection.execute(tallies.delete())
        for shard in range(SHARDS):
            values = json.dumps({} if shard else dict(counts), sort_keys=True)
            row = self._seals.sealed(tallies, {"shard": shard, "counts": values})
            self._connection.execute(tallies.insert().values(**row))

    def _tally_at(self, shard: int) -> int:
        """Return this shard, or another that is there; a store without any begins at nothing, which shows."""
        order = (tallies.c.shard != shard, tallies.c.shard)
        found = self._connection.execute(select(tallies.c.shard).order_by(*order).limit(1)).scalar()
        if found is None:
            self.begin_tallies({})
        return found or 0

    def _sound_row(self, table: Table, key: Row, what: str) -> dict[str, Any]:
        with reading(table.name.replace("_", " ")):
            found = self._connection.execute(select(table).where(_has_key(table, key))).mappings().first()
        if found is None:
            msg = f"{what} is not in the store"
            raise NotFound(msg)
        row = {str(name): value for name, value in found.items()}
        if row[SEAL] != self._seals.sealed(table, row)[SEAL]:
            msg = (
                f"{what} was changed in the store by something else than certwright, so nothing was written to it; "
                "run `certwright doctor` for all that was, and restore the store from a backup"
            )
            raise IntegrityError(msg)
        return row

    def _update(self, table: Table, row: Row) -> None:
        self._connection.execute(table.update().where(_has_key(table, row)).values(**self._seals.sealed(table, row)))


def seal_rows(connection: Connection, table: Table, seals: Seals) -> int:
    """Seal every row of a table as it stands and return how many there are."""
    rows = connection.execute(select(table)).mappings().all()
    for row in rows:
        seal = seals.sealed(table, {str(name): value for name, value in row.items()})[SEAL]
        connection.execute(table.update().where(_has_key(table, row)).values(**{SEAL: seal}))
    return len(rows)


def _has_key(table: Table, row: Row | Any) -> ColumnElement[bool]:  # noqa: ANN401 - SQLAlchemy's row mappings
    return and_(*(column == row[column.name] for column in table.primary_key.columns))
