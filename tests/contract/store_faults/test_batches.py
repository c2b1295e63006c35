"""SQLite commits together what waited for its turn; what fails in a batch is undone alone, or the whole batch is."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.core.audit import record, verify_chain
from certwright.errors import Refused, StoreUnavailable
from certwright.model.scope import Caller
from certwright.ports.store import Transaction
from sqlalchemy import event

from tests.contract.rows import ACCOUNT, HERE, make_event
from tests.contract.store_faults.test_disks import failing_disk
from tests.contract.threads import sequences
from tests.fakes import NOON
from tests.support.store import open_sealing_store

CALLER = Caller("tester", HERE)
Work = Callable[[Transaction], object]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_sealing_store(f"sqlite:///{tmp_path}/store.db")
    yield opened
    opened.close()


def append(tx: Transaction) -> None:
    record(tx, CALLER, NOON, "action", "subject")


@contextmanager
def commits_of(store: SqlStore) -> Iterator[list[int]]:
    """Count the transactions that are committed."""
    count = [0]

    def add(_: object) -> None:
        count[0] += 1

    event.listen(store.engine, "commit", add)
    yield count
    event.remove(store.engine, "commit", add)


def together(store: SqlStore, *works: Work) -> list[Future[object]]:
    """Queue units of work while another one holds the store, then let all of them end."""
    begun, free = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        begun.set()
        assert free.wait(20)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        holder = pool.submit(store.write, hold)
        assert begun.wait(20)
        waiting = [pool.submit(store.write, work) for work in works]
        while len(store.batches._waiting) < len(works):
            pass
        free.set()
    assert holder.result() is None
    return waiting


def test_what_waited_is_committed_at_once(store: SqlStore) -> None:
    with commits_of(store) as count:
        done = together(store, *[append] * 20)
    assert ([item.result() for item in done], count) == ([None] * 20, [2])
    events = store.read(lambda tx: tx.audit.events(ACCOUNT, 0, 100))
    verify_chain(events)
    assert (len(events), list(store.read(lambda tx: list(tx.integrity.damages())))) == (20, [])


def test_more_than_a_batch_holds_is_committed_in_several(store: SqlStore) -> None:
    with commits_of(store) as count:
        done = together(store, *[append] * 100)
    assert ([item.result() for item in done], count) == ([None] * 100, [3])
    assert len(sequences(store)) == 100


@pytest.mark.parametrize("error", [Refused("no"), KeyError("no")], ids=repr)
def test_what_fails_is_undone_alone_and_reaches_its_own_caller(store: SqlStore, error: Exception) -> None:
    def fail(tx: Transaction) -> None:
        append(tx)
        raise error

    first, failed, last = together(store, append, fail, append)
    assert (first.exception(), failed.exception(), last.exception()) == (None, error, None)
    assert sequences(store) == [1, 2]
    assert store.read(lambda tx: list(tx.integrity.damages())) == []


def test_an_interrupt_ends_the_whole_batch_and_everybody_is_told(store: SqlStore) -> None:
    def interrupt(tx: Transaction) -> None:
        append(tx)
        raise KeyboardInterrupt

    failures = [item.exception() for item in together(store, append, interrupt, append)]
    assert [type(failure) for failure in failures] == [KeyboardInterrupt] * 3
    assert sequences(store) == []


def test_a_row_that_is_there_already_is_a_conflict_of_its_own(store: SqlStore) -> None:
    one, other, third = (
        item.exception()
        for item in together(
            store,
            lambda tx: tx.audit.add(make_event(1)),
            lambda tx: tx.audit.add(make_event(1)),
            lambda tx: tx.audit.add(make_event(2)),
        )
    )
    assert ((one is None) is not (other is None), third) == (True, None)
    assert "holds something else" in str(one or other)
    assert sequences(store) == [1, 2]


def test_a_disk_that_fails_in_one_of_them_stores_none_and_all_are_told(store: SqlStore) -> None:
    def fail(tx: Transaction) -> None:
        connection = tx.audit._connection  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA cache_size = 5")  # so that pages leave the memory before the commit
        with failing_disk():
            for number in range(100):
                tx.audit.add(make_event(number + 10))

    failures = [item.exception() for item in together(store, append, fail, append)]
    assert all(isinstance(failure, StoreUnavailable) for failure in failures), failures
    assert sequences_on_a_sound_disk(store) == []


def test_a_disk_that_fails_at_the_commit_stores_none_and_all_are_told(store: SqlStore) -> None:
    with failing_disk():
        failures = [item.exception() for item in together(store, append, append)]
    assert all(isinstance(failure, StoreUnavailable) for failure in failures), failures
    assert sequences_on_a_sound_disk(store) == []


def sequences_on_a_sound_disk(store: SqlStore) -> list[int]:
    """Read as another process would: this one does not trust the disk any more."""
    with sqlite3.connect(store.engine.url.database or "") as connection:
        return [row[0] for row in connection.execute("SELECT sequence FROM audit_events")]


def test_work_inside_other_work_is_refused_at_once(store: SqlStore) -> None:
    with pytest.raises(RuntimeError, match="inside itself"):
        store.write(lambda _: store.write(append))
    with pytest.raises(RuntimeError, match="inside itself"):
        store.read(lambda _: store.write(append))
    store.write(append)
    assert sequences(store) == [1]
