"""Homes on disk: made once, copied for each test, looked into and damaged by plain SQLite."""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from certwright.bootstrap import open_app
from certwright.core.authority import issuing_authority
from certwright.settings import resolve_settings

Rows = dict[str, list[tuple[object, ...]]]


def environment(home: Path, **variables: str) -> dict[str, str]:
    """Return an environment that names a home and nothing else of the machine."""
    return {"HOME": str(home.parent), "CERTWRIGHT_HOME": str(home)} | variables


def make_home(home: Path) -> Path:
    """Make a home with its authorities."""
    environ = environment(home)
    app = open_app(resolve_settings({}, environ), environ)
    issuing_authority(app.core, app.caller, app.cancellation)
    app.close()
    return home


def copy_home(template: Path, home: Path) -> Path:
    """Copy a closed home."""
    shutil.copytree(template, home)
    return home


def dump(home: Path) -> Rows:
    """Return every row of every table."""
    with closing(sqlite3.connect(home / "store.db")) as connection:
        names = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in sorted(names)}


def rows(home: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    """Return the rows of a table."""
    with closing(sqlite3.connect(home / "store.db")) as connection:
        return list(connection.execute(f"SELECT {columns} FROM {table}"))


def execute(home: Path, statement: str, values: Mapping[str, object] | None = None) -> int:
    """Run one statement and return how many rows it changed."""
    with closing(sqlite3.connect(home / "store.db")) as connection, connection:
        return connection.execute(statement, values or {}).rowcount


def flip(home: Path, table: str, column: str, where: str = "1 = 1") -> None:
    """Flip one bit of the last byte or character of a value in one row."""
    with closing(sqlite3.connect(home / "store.db")) as connection, connection:
        rowid, value = connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {where}").fetchone()
        flipped = (
            value[:-1] + chr(ord(value[-1]) ^ 1) if isinstance(value, str) else bytes([*value[:-1], value[-1] ^ 1])
        )
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (flipped, rowid))
