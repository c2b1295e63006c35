"""Look into and age a certwright home between runs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.model.secret import SecretBytes

SEAL_KEY = SecretBytes(bytes(range(32)))


def open_sealing_store(url: str, *, create: bool = True) -> SqlStore:
    """Open a store that can be written to without an installation; every one seals under the same key."""
    store = open_store(url, create=create)
    store.seal_rows_with(SEAL_KEY)
    return store


def query(home: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Return the rows of a statement."""
    with closing(sqlite3.connect(home / "store.db")) as store:
        return list(store.execute(statement, values))


def change(home: Path, statement: str, *values: object) -> None:
    """Run a statement and commit it."""
    with closing(sqlite3.connect(home / "store.db")) as store, store:
        store.execute(statement, values)


def dump(home: Path) -> list[str]:
    """Return every row of every table as SQL text."""
    with closing(sqlite3.connect(home / "store.db")) as store:
        return list(store.iterdump())
