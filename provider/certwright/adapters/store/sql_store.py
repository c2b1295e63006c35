"""The store on SQLite and PostgreSQL (ports.store.Store)."""

import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from certwright.adapters.store.certificate_rows import SqlCertificateRows
from certwright.adapters.store.key_rows import SqlInstallationRows, SqlKeyRows, SqlNameRows, SqlSerialRows
from certwright.adapters.store.schema import require_schema
from certwright.adapters.store.sqlite_files import require_usable_file
from certwright.adapters.store.work_rows import SqlAuditRows, SqlAuthorityRows, SqlLeaseRows, SqlZoneRecordRows
from certwright.errors import StoreUnavailable

T = TypeVar("T")
_BUSY_SECONDS = 30.0
_RETRY_SECONDS = 30.0
_SERIALIZATION_FAILURES = frozenset({"40001", "40P01"})


class SqlTransaction:
    """One unit of work over one connection (ports.store.Transaction)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def installations(self) -> SqlInstallationRows:
        """Return the installation row."""
        return SqlInstallationRows(self._connection)

    @cached_property
    def keys(self) -> SqlKeyRows:
        """Return wrapped keys and account secrets."""
        return SqlKeyRows(self._connection)

    @cached_property
    def names(self) -> SqlNameRows:
        """Return names handed out."""
        return SqlNameRows(self._connection)

    @cached_property
    def certificates(self) -> SqlCertificateRows:
        """Return certificates and versions."""
        return SqlCertificateRows(self._connection)

    @cached_property
    def serials(self) -> SqlSerialRows:
        """Return serial numbers."""
        return SqlSerialRows(self._connection)

    @cached_property
    def authorities(self) -> SqlAuthorityRows:
        """Return roots and issuing CAs."""
        return SqlAuthorityRows(self._connection)

    @cached_property
    def leases(self) -> SqlLeaseRows:
        """Return leases."""
        return SqlLeaseRows(self._connection)

    @cached_property
    def audit(self) -> SqlAuditRows:
        """Return the audit log."""
        return SqlAuditRows(self._connection)

    @cached_property
    def zone_records(self) -> SqlZoneRecordRows:
        """Return holds on zone records."""
        return SqlZoneRecordRows(self._connection)


@dataclass(frozen=True, slots=True)
class SqlStore:
    """Serializable transactions over an engine; `write` begins immediately on SQLite, so none fails half way."""

    engine: Engine
    place: str

    def read(self, work: Callable[[SqlTransaction], T]) -> T:
        """Run a read-only unit of work."""
        return self._run(work, "DEFERRED")

    def write(self, work: Callable[[SqlTransaction], T]) -> T:
        """Run a unit of work and commit it durably before returning."""
        return self._run(work, "IMMEDIATE")

    def close(self) -> None:
        """Release connections."""
        self.engine.dispose()

    def _run(self, work: Callable[[SqlTransaction], T], mode: str) -> T:
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.info["mode"] = mode
                    with connection.begin():
                        return work(SqlTransaction(connection))
            except exc.DBAPIError as error:
                if not _is_retryable(error) or time.monotonic() > deadline:
                    msg = f"The store {self.place} cannot be used: {_reason(error)}."
                    raise StoreUnavailable(msg) from error
            except exc.SQLAlchemyError as error:
                msg = f"The store {self.place} cannot be used: {type(error).__name__}."
                raise StoreUnavailable(msg) from error
            time.sleep(random.uniform(0.01, 0.2))  # noqa: S311 - jitter


def open_store(url: str, *, create: bool) -> SqlStore:
    """Open the store and bring its schema up to date; raise `StoreUnavailable` with the fix.

    `create` makes a missing SQLite file; otherwise a missing one is never an empty store.
    """
    parsed = make_url(url)
    engine = _sqlite_engine(parsed, create=create) if parsed.get_backend_name() == "sqlite" else _server_engine(parsed)
    place = parsed.render_as_string(hide_password=True)
    try:
        require_schema(engine, place, create=create)
    except exc.SQLAlchemyError as error:
        reason = _reason(error) if isinstance(error, exc.DBAPIError) else type(error).__name__
        msg = f"The store {place} cannot be used: {reason}."
        raise StoreUnavailable(msg) from error
    return SqlStore(engine, place)


def _sqlite_engine(url: URL, *, create: bool) -> Engine:
    require_usable_file(Path(url.database or ""), create=create)
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}, pool_size=8, max_overflow=-1
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """Take transactions into our own hands: the driver would begin late and deferred."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous")
    (synchronous,) = cursor.fetchone()
    cursor.close()
    if synchronous != 2:
        msg = "SQLite does not keep synchronous=FULL, so a commit would not be durable"
        raise StoreUnavailable(msg)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.info.get('mode', 'IMMEDIATE')}")


def _server_engine(url: URL) -> Engine:
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="SERIALIZABLE")
    except ModuleNotFoundError as error:
        msg = "A PostgreSQL store needs psycopg. Run: pip install 'certwright[postgresql]'"
        raise StoreUnavailable(msg) from error


def _is_retryable(error: exc.DBAPIError) -> bool:
    state: Any = getattr(error.orig, "sqlstate", None)
    return state in _SERIALIZATION_FAILURES or "database is locked" in str(error.orig)


def _reason(error: exc.DBAPIError) -> str:
    """Return the driver's own words, without statement and parameters."""
    return str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig) else type(error).__name__
