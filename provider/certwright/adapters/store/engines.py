"""Engines: connections that are durable, serializable and few."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from certwright.adapters.store.sqlite_files import require_usable_file
from certwright.adapters.store.troubles import is_locked
from certwright.adapters.store.turns import Turns
from certwright.errors import StoreUnavailable

SQLITE_READERS, SQLITE_WRITERS = 16, 1  # waiting for a turn is cheaper than asking a locked file again and again
SERVER_READERS, SERVER_WRITERS = 12, 4  # writers of one account conflict in its audit log: more of them only retry more
_KEPT_CONNECTIONS = 8
_BUSY_SECONDS = 30.0
_LOOK_EVERY = 0.05
_SYNCHRONOUS_FULL = 2
_MODE = "certwright_reads_only"
_READS_ONLY: dict[str, dict[str, object]] = {
    "sqlite": {"certwright_begin": "DEFERRED"},
    "postgresql": {"postgresql_readonly": True},
}


@contextmanager
def transaction(engine: Engine, *, reads_only: bool) -> Iterator[Connection]:
    """Begin, then commit or roll back; one that only reads cannot write."""
    with engine.connect() as connection:
        if reads_only:
            connection.execution_options(**_READS_ONLY[engine.dialect.name])
        with connection.begin():
            yield connection


def engine_of(url: URL, *, create: bool) -> tuple[Engine, Turns]:
    """Return an engine for a store's URL, with its turns; `create` makes a missing SQLite file."""
    return sqlite_engine(url, create=create) if url.get_backend_name() == "sqlite" else server_engine(url)


def sqlite_engine(url: URL, *, create: bool) -> tuple[Engine, Turns]:
    """Open a SQLite file; `write` begins immediately, so that none fails half way."""
    require_usable_file(Path(url.database or ""), create=create)
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        pool_size=_KEPT_CONNECTIONS,
        max_overflow=SQLITE_READERS + SQLITE_WRITERS - _KEPT_CONNECTIONS,
        pool_timeout=_BUSY_SECONDS,
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine, Turns(SQLITE_READERS, SQLITE_WRITERS)


def server_engine(url: URL) -> tuple[Engine, Turns]:
    """Connect to PostgreSQL; a connection that the server closed meanwhile is replaced before it is used."""
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="SERIALIZABLE",
            pool_size=_KEPT_CONNECTIONS,
            max_overflow=SERVER_READERS + SERVER_WRITERS - _KEPT_CONNECTIONS,
            pool_timeout=_BUSY_SECONDS,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        msg = "A PostgreSQL store needs psycopg. Run: pip install 'certwright[postgresql]'"
        raise StoreUnavailable(msg) from error
    return engine, Turns(SERVER_READERS, SERVER_WRITERS)


def _configure_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """Take transactions into our own hands: the driver would begin late and deferred."""
    try:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _require_durable(connection)
    except BaseException:
        connection.close()
        raise


def _require_durable(connection: sqlite3.Connection) -> None:
    if _write_ahead(connection) != "wal":
        msg = "SQLite cannot keep a write-ahead log beside this file; move the store to a local disk"
        raise StoreUnavailable(msg)
    if connection.execute("PRAGMA synchronous").fetchone() != (_SYNCHRONOUS_FULL,):
        msg = "SQLite does not keep synchronous=FULL, so a commit would not be durable"
        raise StoreUnavailable(msg)


def _write_ahead(connection: sqlite3.Connection) -> str:
    """Turn the write-ahead log on and return the mode; SQLite does not wait by itself for whoever holds the file."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_EVERY)


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("certwright_begin", "IMMEDIATE")
    reads_only = mode == "DEFERRED"
    if connection.info.get(_MODE) is not reads_only:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads_only)}")
        connection.info[_MODE] = reads_only
    connection.exec_driver_sql(f"BEGIN {mode}")
