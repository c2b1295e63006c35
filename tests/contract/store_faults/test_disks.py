"""A disk that fails ends all signing of the process: a commit is never tried again on it (S4)."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from certwright.adapters.store import engines
from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.errors import StoreUnavailable

from tests.contract.rows import ACCOUNT, make_event
from tests.support.store import open_sealing_store

READ_AGAIN = """
import sys
from certwright.adapters.store.sql_store import open_store
store = open_store(sys.argv[1], create=False)
print(len(store.read(lambda tx: tx.audit.events(sys.argv[2], 0, 10))))
store.close()
"""


@contextmanager
def failing_disk() -> Iterator[None]:
    """Let every write to a file fail with an error that is none of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fail_once(store: SqlStore) -> None:
    store.write(lambda tx: tx.audit.add(make_event(1)))
    with failing_disk(), pytest.raises(StoreUnavailable, match=r"disk of the store .* failed"):
        store.write(lambda tx: tx.audit.add(make_event(2)))


def test_after_a_failed_write_nothing_more_is_stored_though_the_disk_is_well_again(sqlite_store: SqlStore) -> None:
    fail_once(sqlite_store)
    with pytest.raises(StoreUnavailable, match="signs and stores nothing more"):
        sqlite_store.write(lambda tx: tx.audit.add(make_event(3)))


def test_after_a_failed_write_nothing_is_read_either(sqlite_store: SqlStore) -> None:
    fail_once(sqlite_store)
    with pytest.raises(StoreUnavailable, match="signs and stores nothing more"):
        sqlite_store.read(lambda tx: tx.audit.last(ACCOUNT))


def test_after_a_failed_write_this_process_does_not_open_the_store_again(
    sqlite_store: SqlStore, tmp_path: Path
) -> None:
    fail_once(sqlite_store)
    with pytest.raises(StoreUnavailable, match="signs and stores nothing more"):
        open_store(f"sqlite:///{tmp_path}/store.db", create=False)


def test_another_process_goes_on_with_what_was_committed(sqlite_store: SqlStore, tmp_path: Path) -> None:
    fail_once(sqlite_store)
    command = [sys.executable, "-c", READ_AGAIN, f"sqlite:///{tmp_path}/store.db", ACCOUNT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_another_store_of_the_process_goes_on(sqlite_store: SqlStore, tmp_path: Path) -> None:
    fail_once(sqlite_store)
    other = open_sealing_store(f"sqlite:///{tmp_path}/other/store.db")
    other.write(lambda tx: tx.audit.add(make_event()))
    assert other.read(lambda tx: tx.audit.last(ACCOUNT)) == make_event()
    other.close()


def test_a_database_without_a_write_ahead_log_is_refused() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(StoreUnavailable, match="write-ahead log"):
        engines._configure_sqlite(connection, None)
