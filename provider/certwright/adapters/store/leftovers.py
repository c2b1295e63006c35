"""What a database keeps of rows that were replaced or removed: in free pages, in its log, in dead versions of rows."""

import sqlite3
from typing import cast

from sqlalchemy import Engine

from certwright.adapters.store.tables import account_secrets, authorities, installation, key_encryption_keys
from certwright.errors import StoreUnavailable

# They are small, and their rows are worth all the others; rewriting a table keeps everybody out of it meanwhile.
_TABLES_OF_KEYS = (installation, key_encryption_keys, account_secrets, authorities)


def wipe(engine: Engine, place: str) -> None:
    """Rewrite the database file, or on a server the tables of keys, outside any transaction."""
    if engine.dialect.name == "sqlite":
        _wipe_file(engine, place)
    else:
        _rewrite_tables(engine)


def _wipe_file(engine: Engine, place: str) -> None:
    """Rewrite the file without its free pages, then empty the write-ahead log."""
    pooled = engine.raw_connection()
    try:
        connection = cast("sqlite3.Connection", pooled.driver_connection)
        connection.execute("PRAGMA query_only = 0")
        connection.execute("VACUUM")
        _empty_log(connection, place)
    except sqlite3.Error as error:
        msg = f"The store {place} could not be rewritten: {error}. Nothing is lost; run the same command again."
        raise StoreUnavailable(msg) from error
    finally:
        pooled.close()


def _empty_log(connection: sqlite3.Connection, place: str) -> None:
    """Wait for readers as long as for any lock."""
    is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        msg = f"Another process reads the store {place}, which keeps its log. Let it end, then run this again."
        raise StoreUnavailable(msg)


def _rewrite_tables(engine: Engine) -> None:
    tables = ", ".join(table.name for table in _TABLES_OF_KEYS)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM (FULL) {tables}")
