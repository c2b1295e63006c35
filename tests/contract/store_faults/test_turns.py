"""Callers queue for their turn: none fails because there are many, and none waits for itself."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from certwright.adapters.store.engines import SERVER_READERS, SERVER_WRITERS, SQLITE_READERS, SQLITE_WRITERS
from certwright.adapters.store.sql_store import SqlStore
from certwright.core.audit import record, verify_chain
from certwright.errors import Refused
from certwright.model.scope import Caller
from certwright.ports.store import Transaction
from sqlalchemy import QueuePool, event

from tests.contract.rows import ACCOUNT, HERE, make_installation
from tests.fakes import NOON

CALLER = Caller("tester", HERE)
CALLERS = 100
MOST = max(SQLITE_READERS + SQLITE_WRITERS, SERVER_READERS + SERVER_WRITERS)
Unit = Callable[[SqlStore, Callable[[Transaction], object]], object]
UNITS: dict[str, Unit] = {"a read": SqlStore.read, "a write": SqlStore.write}


def checked_out(store: SqlStore) -> int:
    assert isinstance(store.engine.pool, QueuePool)
    return store.engine.pool.checkedout()


def append(tx: Transaction) -> None:
    record(tx, CALLER, NOON, "RequestCertificate", "s")


@pytest.mark.parametrize("inner", UNITS.values(), ids=[f"{name} inside" for name in UNITS])
@pytest.mark.parametrize("outer", UNITS.values(), ids=UNITS.keys())
def test_a_unit_of_work_in_another_one_is_an_error_and_no_deadlock(store: SqlStore, outer: Unit, inner: Unit) -> None:
    with pytest.raises(RuntimeError, match="inside itself"):
        outer(store, lambda _: inner(store, lambda _: None))


@pytest.mark.parametrize("outer", UNITS.values(), ids=UNITS.keys())
@pytest.mark.parametrize("error", [Refused("no"), RuntimeError("no"), KeyboardInterrupt()], ids=repr)
def test_a_turn_is_given_back_after(store: SqlStore, outer: Unit, error: BaseException) -> None:
    def fail(_: Transaction) -> None:
        raise error

    for _ in range(MOST):
        with pytest.raises(type(error)):
            outer(store, fail)
    store.write(append)
    assert len(store.read(lambda tx: tx.audit.events(ACCOUNT, 0, 10))) == 1


def test_a_thread_may_work_while_another_one_does(store: SqlStore) -> None:
    def read_while_reading(_: Transaction) -> object:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: store.read(lambda _: "read")).result()

    assert store.read(read_while_reading) == "read"


def test_a_hundred_writers_at_once_all_succeed(store: SqlStore) -> None:
    store.write(lambda tx: tx.installations.add(make_installation()))
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda _: store.write(append), range(CALLERS)))
    events = store.read(lambda tx: tx.audit.events(ACCOUNT, 0, 10 * CALLERS))
    assert len(events) == CALLERS
    verify_chain(events)


def test_a_hundred_readers_at_once_share_a_few_connections(store: SqlStore) -> None:
    in_use: list[int] = []
    event.listen(store.engine, "checkout", lambda *_: in_use.append(checked_out(store)))
    started = threading.Barrier(CALLERS)

    def read(_: int) -> object:
        started.wait(30)
        return store.read(lambda tx: tx.audit.last(ACCOUNT))

    with ThreadPoolExecutor(CALLERS) as pool:
        assert list(pool.map(read, range(CALLERS))) == [None] * CALLERS
    assert len(in_use) == CALLERS
    assert max(in_use) <= MOST


def test_readers_do_not_take_the_turns_of_a_sqlite_writer(sqlite_store: SqlStore) -> None:
    reading, done = threading.Barrier(SQLITE_READERS + 1), threading.Event()

    def hold(_: Transaction) -> None:
        reading.wait(30)
        done.wait(10)

    with ThreadPoolExecutor(SQLITE_READERS) as pool:
        readers = [pool.submit(sqlite_store.read, hold) for _ in range(SQLITE_READERS)]
        try:
            reading.wait(30)
            sqlite_store.write(append)
            assert not any(reader.done() for reader in readers)
        finally:
            done.set()
        assert [reader.result() for reader in readers] == [None] * SQLITE_READERS
