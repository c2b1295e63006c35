"""The schema: made by migrations alone, checked at every open, never touched when it is not ours."""

import hashlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from certwright.adapters.store.schema import HEAD, KNOWN, MIGRATIONS
from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.adapters.store.tables import metadata
from certwright.errors import StoreMissing, StoreUnavailable
from sqlalchemy import create_engine, make_url, text

from tests.contract.rows import make_installation
from tests.support.postgres import Postgres
from tests.support.store import open_sealing_store

PROCESSES = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty store of each kind."""
    if request.param == "postgresql":
        with request.getfixturevalue("postgres").database() as found:
            yield found
        return
    (tmp_path / "store.db").touch(0o600)
    yield f"sqlite:///{tmp_path}/store.db"


def test_the_migrations_make_exactly_the_tables_of_the_code(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_partial_index_covers_unclaimed_live_certificates_only(store: SqlStore) -> None:
    statement = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'one_unclaimed_certificate_per_urn'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'one_unclaimed_certificate_per_urn'",
    }
    with store.engine.connect() as connection:
        made = str(connection.execute(text(statement[store.engine.dialect.name])).scalar())
    assert made.startswith("CREATE UNIQUE INDEX")
    assert "claimed" in made.partition("WHERE")[2]
    assert "deleted_at IS NULL" in made.partition("WHERE")[2]


def test_the_known_schemas_are_those_that_have_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == HEAD
    assert {revision.revision for revision in script.walk_revisions()} == set(KNOWN)


def test_a_store_is_opened_again_with_what_it_holds(url: str) -> None:
    first = open_sealing_store(url)
    first.write(lambda tx: tx.installations.add(make_installation()))
    first.close()
    second = open_store(url, create=False)
    assert second.read(lambda tx: tx.installations.get()) == make_installation()
    second.close()


def test_an_empty_store_is_refused_unless_it_may_be_made(url: str) -> None:
    with pytest.raises(StoreMissing, match="certwright init"):
        open_store(url, create=False)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert not engine.dialect.has_table(connection, "alembic_version")
    engine.dispose()


@pytest.mark.parametrize("create", [False, True], ids=["without create", "with create"])
def test_a_store_of_a_newer_schema_is_refused_and_left_as_it_is(url: str, create: bool) -> None:  # noqa: FBT001
    store = open_store(url, create=True)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreUnavailable, match=r"newer certwright \(schema 9999\).*Upgrade"):
        open_store(url, create=create)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]
    engine.dispose()


def test_a_refused_store_keeps_no_connection(postgres: Postgres) -> None:
    with postgres.database() as url:
        name = make_url(url).database
        with pytest.raises(StoreUnavailable) as raised:
            open_store(url, create=False)
        assert postgres.ask(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'") == 0
        del raised


def test_a_refused_sqlite_store_has_the_same_bytes_as_before(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    before = hashlib.sha256((tmp_path / "store.db").read_bytes()).hexdigest()
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    assert hashlib.sha256((tmp_path / "store.db").read_bytes()).hexdigest() == before


def meet(barrier: Barrier) -> None:
    """Start work only when every process is ready."""
    barrier.wait(60)


def initialise(url: str, name: str) -> bool:
    """Open a store and try to make its installation."""
    store = open_sealing_store(url)
    is_first = store.write(lambda tx: tx.installations.add(make_installation(name)))
    store.close()
    return is_first


def test_of_several_processes_at_once_one_makes_the_store_and_all_can_use_it(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context, meet, (context.Barrier(PROCESSES),)) as pool:
        futures = [pool.submit(initialise, url, f"i{number}") for number in range(PROCESSES)]
        assert [future.result() for future in futures].count(True) == 1
