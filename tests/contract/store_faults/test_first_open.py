"""Several first openings of one database: one makes the tables, the others find them made."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from certwright.adapters.store.schema import MIGRATIONS
from certwright.adapters.store.sql_store import open_store
from certwright.errors import StoreUnavailable
from sqlalchemy import Connection, create_engine, inspect, text

from tests.contract.rows import make_installation
from tests.support.postgres import Postgres
from tests.support.store import open_sealing_store

OPENERS = 4
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@contextmanager
def tables_being_made(url: str) -> Iterator[Connection]:
    """Make every table as another process does, not committed yet."""
    from alembic import command  # noqa: PLC0415 - slow to load
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.begin()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        yield connection
    engine.dispose()


def await_blocked(url: str) -> None:
    """Wait until a connection to the database waits for another one's lock."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    deadline = time.monotonic() + 30
    with engine.connect() as connection:
        while not connection.execute(text(BLOCKED)).scalar():
            assert time.monotonic() < deadline, "nobody waits for the tables that are being made"
            time.sleep(0.01)
    engine.dispose()


def open_and_use(url: str) -> bool:
    store = open_sealing_store(url)
    try:
        return store.write(lambda tx: tx.installations.add(make_installation()))
    finally:
        store.close()


def test_an_opening_that_clashes_with_another_finds_the_tables_made(postgres: Postgres) -> None:
    with postgres.database() as url, ThreadPoolExecutor(1) as pool, tables_being_made(url) as other:
        opening = pool.submit(open_and_use, url)
        await_blocked(url)
        other.commit()
        assert opening.result(30) is True


def test_an_opening_makes_the_tables_when_the_other_one_gives_up(postgres: Postgres) -> None:
    with postgres.database() as url, ThreadPoolExecutor(1) as pool, tables_being_made(url) as other:
        opening = pool.submit(open_and_use, url)
        await_blocked(url)
        other.rollback()
        assert opening.result(30) is True


def test_of_several_threads_at_once_all_open_the_store(postgres: Postgres) -> None:
    started = threading.Barrier(OPENERS)

    def open_at_once(url: str) -> bool:
        started.wait(30)
        return open_and_use(url)

    with postgres.database() as url, ThreadPoolExecutor(OPENERS) as pool:
        assert sorted(pool.map(open_at_once, [url] * OPENERS)) == [False] * (OPENERS - 1) + [True]


def test_a_database_with_tables_of_somebody_else_is_refused_soon_and_left_as_it_is(postgres: Postgres) -> None:
    with postgres.database() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE certificates (theirs text)"))
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match='"certificates" already exists'):
            open_store(url, create=True)
        assert time.monotonic() - started < 10
        with engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["certificates"]
        engine.dispose()
