"""A process killed at any statement while it brings an old home up to date: the next one does so, no row lost (S13).

The old home is a present one without what later schemas added, so that its rows, seals apart, are real ones.
"""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from certwright.adapters.store.schema import HEAD, KNOWN, MIGRATIONS
from certwright.bootstrap import open_app
from certwright.core.health import examine
from certwright.settings import resolve_settings
from sqlalchemy import Boolean, Connection, Engine, MetaData, create_engine, event, select, text

from tests.support.postgres import Postgres, PostgresMissing, running_postgres
from tests.transport.homes import environment, make_home

_STRIDE = 1 if "CERTWRIGHT_FAULT_POINTS" in os.environ else 7
_MOST = 1000
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["certwright.bootstrap", "alembic.command", "psycopg"])
Rows = dict[str, list[dict[str, object]]]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def make_first_schema(connection: Connection) -> MetaData:
    """Make the tables of the first schema and return them."""
    config, tables = Config(), MetaData()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, KNOWN[0])
    tables.reflect(connection)
    return tables


def rows_of(url: str, columns: MetaData) -> Rows:
    """Return every row of the tables, with the columns that are named; the mark of the clock may move."""
    with connected(url) as connection:
        return {
            table.name: sorted(
                (
                    {key: value for key, value in row.items() if key != "clock_mark"}
                    for row in connection.execute(select(table)).mappings()
                ),
                key=repr,
            )
            for table in columns.sorted_tables
            if table.name != "alembic_version"
        }


@pytest.fixture(scope="module")
def old_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MetaData]:
    """Make a home of the first schema, with all its keys and authorities."""
    home = make_home(tmp_path_factory.mktemp("old") / "home")
    present, old = f"sqlite:///{home}/store.db", f"sqlite:///{home}/old.db"
    with connected(old) as target, connected(present) as source:
        tables = make_first_schema(target)
        for table in tables.sorted_tables:
            rows = [dict(row) for row in source.execute(select(table)).mappings()]
            if rows and table.name != "alembic_version":
                target.execute(table.insert(), rows)
    (home / "old.db").replace(home / "store.db")
    for left in home.glob("store.db-*"):
        left.unlink()
    return home, tables


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def fill(url: str, rows: Rows) -> None:
    """Make the first schema in an empty database, with the rows of the old home."""
    with connected(url) as connection:
        for table in make_first_schema(connection).sorted_tables:
            booleans = {column.name for column in table.columns if isinstance(column.type, Boolean)}
            for row in rows.get(table.name, []):
                values = {key: bool(value) if key in booleans else value for key, value in row.items()}
                clock = {"clock_mark": row["created_at"]} if table.name == "installation" else {}
                connection.execute(table.insert().values(**values, **clock))


def open_and_die(environ: dict[str, str], at: int) -> None:
    """Open a home; kill this process before its n-th statement or commit."""
    numbers = count(1)

    def strike(*_: object) -> None:
        if next(numbers) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", strike)
    event.listen(Engine, "commit", strike)
    open_app(resolve_settings({}, environ), environ, create=False).close()


def is_killed(environ: dict[str, str], at: int) -> bool:
    process = _processes.Process(target=open_and_die, args=(environ, at))
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def require_whole(environ: dict[str, str], url: str, columns: MetaData, before: Rows) -> None:
    """Require that the next process brings the home up to date and finds every row, and nothing wrong."""
    with connected(url) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() in KNOWN
    app = open_app(resolve_settings({}, environ), environ, create=False)
    assert examine(app.core, app.caller) == ()
    app.close()
    assert rows_of(url, columns) == before
    with connected(url) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def strike_everywhere(renewed: Callable[[int], tuple[dict[str, str], str]], columns: MetaData, before: Rows) -> int:
    """Kill at one statement after another, each time on an old home made anew; return how many there are."""
    for at in range(1, _MOST, _STRIDE):
        environ, url = renewed(at)
        killed = is_killed(environ, at)
        require_whole(environ, url, columns, before)
        if not killed:
            return at
    pytest.fail("the migration never ended")


def test_an_old_home_killed_at_any_statement_is_brought_up_to_date_by_the_next_process(
    old_home: tuple[Path, MetaData], tmp_path: Path
) -> None:
    template, columns = old_home
    before = rows_of(f"sqlite:///{template}/store.db", columns)

    def renewed(at: int) -> tuple[dict[str, str], str]:
        home = tmp_path / str(at)
        shutil.copytree(template, home)
        return environment(home), f"sqlite:///{home}/store.db"

    assert strike_everywhere(renewed, columns, before) > len(KNOWN)


def test_an_old_database_on_a_server_killed_at_any_statement_is_brought_up_to_date_by_the_next_process(
    old_home: tuple[Path, MetaData], postgres: Postgres, tmp_path: Path
) -> None:
    template, columns = old_home
    rows = rows_of(f"sqlite:///{template}/store.db", columns)
    home = shutil.copytree(template, tmp_path / "home")
    with postgres.database() as url:

        def renewed(at: int) -> tuple[dict[str, str], str]:
            del at
            with connected(url) as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            fill(url, rows)
            return environment(home, CERTWRIGHT_STORE=url), url

        renewed(0)
        before = rows_of(url, columns)
        assert strike_everywhere(renewed, columns, before) > len(KNOWN)
