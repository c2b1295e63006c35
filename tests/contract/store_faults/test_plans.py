"""What is asked again and again costs what it finds, and not what the account has."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from certwright.adapters.store.sql_store import SqlStore, SqlTransaction
from certwright.model.certificates import RenewalDecision, VersionState
from certwright.ports.store import Transaction

from tests.contract.rows import ACCOUNT, HERE, make_arn, make_certificate, make_issued, make_version, put
from tests.fakes import NOON

FEW, MANY = 20, 400
DUE = RenewalDecision(NOON, NOON, NOON)
QUERIES: dict[str, Callable[[Transaction], object]] = {
    "the view of a certificate": lambda tx: tx.certificates.view(make_arn(1)),
    "a version": lambda tx: tx.certificates.version(make_arn(1), 1),
    "what is pending": lambda tx: tx.certificates.pending(HERE),
    "what is due": lambda tx: tx.certificates.due(HERE, NOON),
    "what is unclaimed": lambda tx: tx.certificates.unclaimed(HERE, "u2"),
    "whether the account is empty": lambda tx: tx.certificates.is_empty(ACCOUNT),
}


def add_idle(store: SqlStore, first: int, last: int) -> None:
    """Add issued certificates with which there is nothing to do, each with a version that was retired."""

    def add(tx: Transaction) -> None:
        for number in range(first, last + 1):
            arn = make_arn(number)
            tx.certificates.add(make_certificate(arn, current_version=2, newest_version=2))
            tx.certificates.add_version(make_issued(arn, 1, state=VersionState.RETIRED, renewal=DUE))
            tx.certificates.add_version(make_issued(arn, 2))

    store.write(add)


def steps(store: SqlStore, query: Callable[[Transaction], object]) -> int:
    """Count the steps of SQLite's machine that a query takes."""
    taken: list[None] = []

    def count(tx: SqlTransaction) -> None:
        connection = tx._connection.connection.driver_connection
        assert connection is not None
        connection.set_progress_handler(lambda: taken.append(None), 1)
        try:
            query(cast("Transaction", tx))
        finally:
            connection.set_progress_handler(None, 0)

    store.read(count)
    return len(taken)


def fill(store: SqlStore) -> None:
    """Add one certificate that is due, one that is pending and one that is unclaimed, and few others."""
    put(store, make_certificate(make_arn(1), current_version=1), make_issued(make_arn(1), renewal=DUE))
    put(store, make_certificate(make_arn(2), urn="u2", claimed=False), make_version(make_arn(2)))
    add_idle(store, 3, FEW)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_twenty_times_the_certificates_do_not_make_it_slower_to_find(
    sqlite_store: SqlStore, query: Callable[[Transaction], object]
) -> None:
    fill(sqlite_store)
    before = steps(sqlite_store, query)
    add_idle(sqlite_store, FEW + 1, MANY)
    assert 0 < steps(sqlite_store, query) <= 1.2 * before


def test_all_that_has_work_is_found_among_many(sqlite_store: SqlStore) -> None:
    fill(sqlite_store)
    add_idle(sqlite_store, FEW + 1, MANY)
    pending, due = sqlite_store.read(lambda tx: (tx.certificates.pending(HERE), tx.certificates.due(HERE, NOON)))
    assert [version.arn for version in pending] == [make_arn(2)]
    assert [version.arn for version in due] == [make_arn(1)]


def test_work_of_another_region_of_the_account_is_left_out(store: SqlStore) -> None:
    elsewhere = replace(HERE, region="elsewhere")
    fill(store)
    found = store.read(lambda tx: (tx.certificates.pending(elsewhere), tx.certificates.due(elsewhere, NOON)))
    assert found == ([], [])
