"""Stores to run the contract suites on: SQLite in a temporary folder, and PostgreSQL where there is one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.adapters.store.tables import metadata

from tests.support.hosted.places import Apis, run_apis
from tests.support.postgres import Postgres, PostgresMissing, running_postgres
from tests.support.store import open_sealing_store


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def shared_postgres_store(postgres: Postgres) -> Iterator[SqlStore]:
    with postgres.database() as url:
        store = open_sealing_store(url)
        yield store
        store.close()


@pytest.fixture
def postgres_store(shared_postgres_store: SqlStore) -> SqlStore:
    """Give the one PostgreSQL store of the session, emptied."""
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    with shared_postgres_store.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables}")
    return shared_postgres_store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Give an empty store of each kind."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_store")
        return
    store = open_sealing_store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


@pytest.fixture(scope="module")
def running_apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    with run_apis(tmp_path_factory.mktemp("apis")) as apis:
        yield apis


@pytest.fixture
def apis(running_apis: Apis) -> Apis:
    """Give the stand-ins of the hosted DNS providers, with empty zones."""
    running_apis.reset()
    return running_apis
