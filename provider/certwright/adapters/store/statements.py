"""Small statements that every group of rows uses; what writes a row seals it, and counts it where it is new."""

import json
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from certwright.adapters.store.seals import Seals
from certwright.adapters.store.tables import SEAL, tallies
from certwright.errors import NotFound

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
        """Replace the whole row with the same primary key; raise `NotFound` when there is none."""
        statement = table.update().where(_has_key(table, row)).values(**self._seals.sealed(table, row))
        if self._connection.execute(statement).rowcount != 1:
            msg = f"{what} is not in the store"
            raise NotFound(msg)

    def amend(self, table: Table, changes: Row, what: str) -> None:
        """Change some columns of the row with the primary key in `changes`; raise `NotFound` when there is none."""
        found = self._connection.execute(select(table).where(_has_key(table, changes))).mappings().first()
        self.replace(table, {**(found or {}), **changes}, what)

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
        found = self._connection.execute(select(tallies.c.counts).where(tallies.c.shard == shard)).scalar()
        if found is None:
            shard, found = self._any_tally()
        changed.update(json.loads(found))
        self.replace(tallies, {"shard": shard, "counts": json.dumps(changed, sort_keys=True)}, "the tally of rows")

    def begin_tallies(self, counts: Mapping[str, int]) -> None:
        """Make the tallies anew, the first of them with these counts."""
        self._connection.execute(tallies.delete())
        for shard in range(SHARDS):
            values = json.dumps({} if shard else dict(counts), sort_keys=True)
            row = self._seals.sealed(tallies, {"shard": shard, "counts": values})
            self._connection.execute(tallies.insert().values(**row))

    def _any_tally(self) -> tuple[int, str]:
        """Return a shard that is there; a store without any begins at nothing, which shows when it held rows."""
        row = self._connection.execute(select(tallies.c.shard, tallies.c.counts).limit(1)).first()
        if row is not None:
            return row.shard, row.counts
        self.begin_tallies({})
        return 0, "{}"


def seal_rows(connection: Connection, table: Table, seals: Seals) -> int:
    """Seal every row of a table as it stands and return how many there are."""
    rows = connection.execute(select(table)).mappings().all()
    for row in rows:
        seal = seals.sealed(table, {str(name): value for name, value in row.items()})[SEAL]
        connection.execute(table.update().where(_has_key(table, row)).values(**{SEAL: seal}))
    return len(rows)


def _has_key(table: Table, row: Row | Any) -> ColumnElement[bool]:  # noqa: ANN401 - SQLAlchemy's row mappings
    return and_(*(column == row[column.name] for column in table.primary_key.columns))
