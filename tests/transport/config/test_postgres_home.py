"""Homes on a PostgreSQL server: refused in CI while empty, and never shown with their password."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.bootstrap import open_app
from certwright.settings import CONFIG_KEYS, resolve_settings
from certwright.transport.cli import main
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, make_url, text

from tests.support.postgres import Postgres, PostgresMissing, running_postgres
from tests.transport.engine import Engine
from tests.transport.homes import environment

PASSWORD = "hunter2"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """Give the URL of an empty database, with a password that the server does not ask for."""
    with postgres.database() as found:
        yield make_url(found).set(password=PASSWORD).render_as_string(hide_password=False)


def tables(url: str) -> list[str]:
    engine = create_engine(url)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def make(home: Path, url: str) -> None:
    environ = environment(home, CERTWRIGHT_STORE=url)
    open_app(resolve_settings({}, environ), environ).close()


def reason(bare: Engine, url: str) -> str:
    (failure,) = bare.check_config({"store": url}).failures
    return str(failure.reason)


def test_an_empty_database_is_refused_in_ci_and_stays_empty(
    bare: Engine, environ: dict[str, str], url: str, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    environ.update(CI="true", CERTWRIGHT_HOME=str(fresh))
    said = reason(bare, url)
    assert (said.startswith("store: "), "CI=true" in said, PASSWORD in said) == (True, True, False)
    assert (tables(url), fresh.exists()) == ([], False)


def test_a_database_without_its_key_file_is_given_no_other(
    bare: Engine, environ: dict[str, str], url: str, tmp_path: Path
) -> None:
    make(tmp_path / "first", url)
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "second")
    (failure,) = bare.check_config({"store": url}).failures
    assert (failure.property, "Cannot read the master key" in failure.reason) == ("masterKey", True)
    assert not (tmp_path / "second").exists()


def test_rows_without_an_installation_are_refused(bare: Engine, url: str, tmp_path: Path) -> None:
    make(tmp_path / "first", url)
    execute(url, "DELETE FROM installation")
    assert "Restore the whole store" in reason(bare, url)


def test_a_database_is_made_a_home_outside_ci(bare: Engine, environ: dict[str, str], url: str, tmp_path: Path) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    bare.configure(store=url)
    (notice,) = [line for line in bare.log.lines("WARNING") if "A new certwright home was made" in line]
    assert ("installation" in tables(url), PASSWORD in notice, "***" in notice) == (True, False, True)


@pytest.mark.parametrize("command", ["init", "status", "doctor"])
def test_no_command_shows_the_password(url: str, tmp_path: Path, command: str) -> None:
    make(tmp_path / "home", url)
    unset: dict[str, str | None] = dict.fromkeys(("CI", *(key.variable for key in CONFIG_KEYS)))
    environ = {**unset, **environment(tmp_path / "home", CERTWRIGHT_STORE=url)}
    done = CliRunner().invoke(main, [command], env=environ)
    assert (done.exit_code, PASSWORD in done.output) == (0, False), done.output
