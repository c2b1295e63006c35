"""The contract of ports.store.Store: all or nothing, serializable, durable, and no conflict reaches the caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.core.audit import record, verify_chain
from certwright.errors import CertwrightError, NotFound, Refused
from certwright.model.scope import Caller
from certwright.ports.store import Transaction

from tests.contract.rows import (
    ACCOUNT,
    DAY,
    HERE,
    HOUR,
    make_arn,
    make_certificate,
    make_event,
    make_installation,
    make_version,
    put,
)
from tests.contract.threads import Rendezvous, at_once, sequences
from tests.fakes import NOON
from tests.support.store import open_sealing_store

CALLER = Caller("tester", HERE)
THREADS = 8


@pytest.mark.parametrize("error", [Refused("no"), NotFound("no"), ValueError("no"), KeyboardInterrupt()], ids=repr)
def test_an_exception_rolls_everything_back_and_reaches_the_caller(store: SqlStore, error: BaseException) -> None:
    def work(tx: Transaction) -> None:
        tx.audit.add(make_event())
        raise error

    with pytest.raises(type(error)) as raised:
        store.write(work)
    assert raised.value is error
    assert sequences(store) == []


def test_a_transaction_sees_what_it_wrote(store: SqlStore) -> None:
    def work(tx: Transaction) -> object:
        tx.audit.add(make_event())
        return tx.audit.last(ACCOUNT)

    assert store.write(work) == make_event()


def test_a_transaction_returns_what_its_work_returns(store: SqlStore) -> None:
    assert (store.read(lambda _: "read"), store.write(lambda _: "written")) == ("read", "written")


def test_a_read_sees_one_state_of_the_store(store: SqlStore) -> None:
    def work(tx: Transaction) -> list[object]:
        before = tx.audit.last(ACCOUNT)
        at_once(lambda: store.write(lambda other: other.audit.add(make_event())))
        return [before, tx.audit.last(ACCOUNT)]

    assert store.read(work) == [None, None]


def test_a_read_stores_nothing(store: SqlStore) -> None:
    with pytest.raises(CertwrightError):
        store.read(lambda tx: tx.audit.add(make_event()))
    assert sequences(store) == []


def test_a_store_goes_on_after_a_failed_transaction(store: SqlStore) -> None:
    put(store, make_certificate())
    with pytest.raises(CertwrightError):
        store.write(lambda tx: tx.certificates.add(make_certificate()))
    store.write(lambda tx: tx.audit.add(make_event()))
    assert sequences(store) == [1]


def test_two_transactions_that_read_the_same_and_write_both_succeed(store: SqlStore) -> None:
    meeting = Rendezvous(2)

    def work(tx: Transaction) -> int:
        last = tx.audit.last(ACCOUNT)
        meeting.meet()
        number = last.sequence + 1 if last else 1
        tx.audit.add(make_event(number))
        return number

    assert sorted(map(str, at_once(lambda: store.write(work), lambda: store.write(work)))) == ["1", "2"]
    assert sequences(store) == [1, 2]


def test_a_conflict_between_two_transactions_is_retried(postgres_store: SqlStore) -> None:
    meeting = Rendezvous(2, patience=10)
    postgres_store.write(lambda tx: tx.installations.add(make_installation()))

    def work(tx: Transaction, later: timedelta) -> None:
        tx.installations.get()
        meeting.meet()
        tx.installations.advance_clock(NOON + later)

    at_once(
        lambda: postgres_store.write(lambda tx: work(tx, HOUR)), lambda: postgres_store.write(lambda tx: work(tx, DAY))
    )
    assert meeting.entered == 3
    assert postgres_store.write(lambda tx: tx.installations.advance_clock(NOON)) == NOON + DAY


@contextmanager
def several(store: SqlStore, number: int) -> Iterator[list[SqlStore]]:
    """Open the same store so many times more, as other processes do."""
    url = store.engine.url.render_as_string(hide_password=False)
    stores = [open_sealing_store(url, create=False) for _ in range(number)]
    try:
        yield stores
    finally:
        for opened in stores:
            opened.close()


@pytest.mark.parametrize("number", [1, THREADS], ids=["one opened store", "a store opened by each"])
def test_many_threads_that_read_then_write_leave_an_unbroken_chain(store: SqlStore, number: int) -> None:
    def work(opened: SqlStore) -> None:
        for _ in range(10):
            opened.write(lambda tx: record(tx, CALLER, NOON, "RequestCertificate", "s"))

    with several(store, number) as stores:
        at_once(*[partial(work, stores[thread % number]) for thread in range(THREADS)])
    events = store.read(lambda tx: tx.audit.events(ACCOUNT, 0, 1000))
    assert len(events) == 10 * THREADS
    verify_chain(events)


def test_reads_go_on_while_others_write(store: SqlStore) -> None:
    def write() -> None:
        for _ in range(10):
            store.write(lambda tx: record(tx, CALLER, NOON, "RequestCertificate", "s"))

    def read() -> None:
        for _ in range(50):
            verify_chain(store.read(lambda tx: tx.audit.events(ACCOUNT, 0, 1000)))

    at_once(*([write] * (THREADS // 2)), *([read] * (THREADS // 2)))
    assert len(sequences(store)) == 10 * THREADS // 2


def test_of_many_threads_that_reserve_the_same_serial_one_gets_it(store: SqlStore) -> None:
    def reserve(thread: int) -> list[bool]:
        return [
            store.write(lambda tx: tx.serials.reserve("ca", serial, f"arn#{thread}", NOON))  # noqa: B023 - runs at once
            for serial in range(5)
        ]

    outcomes = at_once(*[partial(reserve, thread) for thread in range(THREADS)])
    winners = [sum(column) for column in zip(*outcomes, strict=True)]
    assert winners == [1] * 5


def test_of_many_threads_that_take_the_same_lease_one_gets_it(store: SqlStore) -> None:
    def take(owner: str) -> object:
        return store.write(lambda tx: tx.leases.take("s", owner, NOON, NOON - NOON.replace(hour=0)))

    leases = at_once(*[partial(take, f"o{number}") for number in range(THREADS)])
    assert [lease is None for lease in leases].count(False) == 1


def test_of_many_threads_that_create_for_one_urn_all_get_the_same_certificate(store: SqlStore) -> None:
    meeting = Rendezvous(THREADS)

    def create(number: int) -> str:
        def work(tx: Transaction) -> str:
            found = tx.certificates.unclaimed(HERE, "u1")
            meeting.meet()
            if found is not None:
                return str(found.arn)
            certificate = make_certificate(make_arn(number), claimed=False, urn="u1")
            tx.certificates.add(certificate)
            tx.certificates.add_version(make_version(certificate.arn))
            return str(certificate.arn)

        return store.write(work)

    arns = at_once(*[partial(create, number) for number in range(1, THREADS + 1)])
    assert len(set(arns)) == 1
    assert len(store.read(lambda tx: tx.certificates.views(HERE))) == 1
