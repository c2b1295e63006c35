"""What only one kind of store can show: SQLite's locks and durability, PostgreSQL's server that comes and goes."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import SqlStore, SqlTransaction, open_store
from certwright.errors import StoreUnavailable
from sqlalchemy import event, make_url, text

from tests.contract.rows import ACCOUNT, make_event
from tests.contract.threads import at_once, sequences
from tests.support.postgres import Postgres
from tests.support.store import open_sealing_store

THREADS = 8


def test_every_sqlite_connection_commits_durably(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    meeting = threading.Barrier(THREADS)
    pragmas = ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")

    def ask(tx: SqlTransaction) -> list[object]:
        meeting.wait(10)
        return [tx._connection.execute(text(f"PRAGMA {pragma}")).scalar() for pragma in pragmas]

    assert at_once(*[lambda: store.read(ask)] * THREADS) == [[2, "wal", 1, 30_000]] * THREADS
    store.close()


def test_a_sqlite_write_begins_at_once_and_a_read_does_not(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    seen: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _, __, statement, *___: seen.append(statement))
    for _ in range(2):
        store.write(lambda tx: tx.audit.last(ACCOUNT))
        store.read(lambda tx: tx.audit.last(ACCOUNT))
    assert [item for item in seen if item.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN DEFERRED"] * 2
    store.close()


def test_a_sqlite_write_waits_for_another_process(tmp_path: Path) -> None:
    store = open_sealing_store(f"sqlite:///{tmp_path}/store.db")
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        release.start()
        store.write(lambda tx: tx.audit.add(make_event()))
        release.join()
    assert sequences(store) == [1]
    store.close()


def test_opening_waits_for_another_process_that_is_making_the_same_sqlite_store(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch(0o600)
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        release.start()
        try:
            open_store(f"sqlite:///{tmp_path}/store.db", create=True).close()
        finally:
            release.join()


def test_a_postgresql_transaction_is_serializable_and_durable(postgres_store: SqlStore) -> None:
    def ask(tx: SqlTransaction) -> list[object]:
        settings = ("transaction_isolation", "synchronous_commit")
        return [tx._connection.execute(text(f"SHOW {setting}")).scalar() for setting in settings]

    assert postgres_store.write(ask) == ["serializable", "on"]


def test_connections_that_the_server_closed_are_made_anew(postgres: Postgres) -> None:
    with postgres.database() as url:
        store = open_sealing_store(url)
        postgres.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{make_url(url).database}'"
        )
        store.write(lambda tx: tx.audit.add(make_event()))
        assert sequences(store) == [1]
        store.close()


def test_a_server_that_is_not_there_is_unavailable_and_its_password_is_not_shown() -> None:
    with pytest.raises(StoreUnavailable) as raised:
        open_store("postgresql://tester:canary-password@127.0.0.1:1/none", create=True)
    assert "127.0.0.1:1/none" in str(raised.value)
    assert "canary-password" not in str(raised.value)


def test_a_store_that_went_away_is_unavailable_and_never_empty(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    store.close()
    (tmp_path / "store.db").write_bytes(b"no database any more, but long enough to be read as one" * 100)
    with pytest.raises(StoreUnavailable):
        store.read(lambda tx: tx.installations.get())
    store.close()
