"""The clock's mark is one row that every signature reads: it is written at most once a second."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.ports.store import Transaction
from sqlalchemy import event

from tests.contract.rows import make_installation
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("later", "advances"),
    [
        pytest.param(-SECOND, False, id="earlier"),
        pytest.param(timedelta(0), False, id="at the same instant"),
        pytest.param(SECOND, False, id="a second later"),
        pytest.param(SECOND + MICROSECOND, True, id="more than a second later"),
    ],
)
def test_the_mark_moves_when_time_has_gone_by(store: SqlStore, later: timedelta, advances: bool) -> None:  # noqa: FBT001
    store.write(lambda tx: tx.installations.add(make_installation()))
    store.write(lambda tx: tx.installations.advance_clock(NOON + later))
    assert store.write(lambda tx: tx.installations.advance_clock(NOON)) == (NOON + later if advances else NOON)


def test_a_hundred_signings_in_one_second_write_the_mark_once(store: SqlStore) -> None:
    store.write(lambda tx: tx.installations.add(make_installation()))
    written: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _, __, statement, *___: written.append(statement))
    for number in range(100):
        instant = NOON + 10 * SECOND + number * 10_000 * MICROSECOND
        store.write(lambda tx, at=instant: tx.installations.advance_clock(at))  # type: ignore[misc]
    assert sum(statement.startswith("UPDATE") for statement in written) == 1


def test_looks_at_the_clock_side_by_side_do_not_conflict_over_the_mark(postgres_store: SqlStore) -> None:
    postgres_store.write(lambda tx: tx.installations.add(make_installation()))
    runs: list[int] = []

    def look(number: int) -> None:
        def work(tx: Transaction) -> None:
            runs.append(number)
            tx.installations.advance_clock(NOON + number * MICROSECOND)

        postgres_store.write(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(64)))
    assert sorted(runs) == list(range(64))
