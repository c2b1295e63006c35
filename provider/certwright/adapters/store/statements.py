"""Small statements that every group of rows uses."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from certwright.errors import NotFound

Row = Mapping[str, Any]


def has_row(connection: Connection, source: FromClause, *where: ColumnElement[bool]) -> bool:
    """Say whether there is a row for which everything in `where` holds."""
    first = select(literal(1)).select_from(source).where(*where).limit(1)
    return connection.execute(first).first() is not None


def insert_unless_there(connection: Connection, table: Table, row: Row) -> bool:
    """Insert a row; return False when its key exists already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing()
    done = connection.execute(statement, execution_options={"preserve_rowcount": True})
    return bool(done.rowcount == 1)


def update_by_key(connection: Connection, table: Table, row: Row, what: str) -> None:
    """Replace the row with the same primary key; raise `NotFound` when there is none."""
    key = and_(*(column == row[column.name] for column in table.primary_key.columns))
    if connection.execute(table.update().where(key).values(**row)).rowcount != 1:
        msg = f"{what} is not in the store"
        raise NotFound(msg)
