"""Keys of a home on a PostgreSQL server: the same commands, and a sealed root that the server keeps nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.settings import CONFIG_KEYS
from certwright.transport.cli import main
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from tests.support.postgres import PostgresMissing, running_postgres
from tests.transport.cli.conftest import Run
from tests.transport.homes import environment


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Give the URL of an empty database."""
    try:
        with running_postgres() as server, server.database() as found:
            yield found
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def run_there(url: str, tmp_path: Path) -> Run:
    """Return what runs a command on a home whose store is on the server."""
    unset: dict[str, str | None] = dict.fromkeys(("CI", *(key.variable for key in CONFIG_KEYS)))
    environ = {**unset, **environment(tmp_path / "home", CERTWRIGHT_STORE=url)}
    return lambda *arguments, **variables: CliRunner().invoke(main, arguments, env={**environ, **variables})


def test_every_rotation_works_and_leaves_a_sound_store(run_there: Run, url: str, tmp_path: Path) -> None:
    new, file, words = f"file:{tmp_path}/new.key", tmp_path / "root.pem", tmp_path / "words"
    words.write_text("correct horse battery")
    words.chmod(0o600)
    sealing = ("--passphrase-file", str(words))
    assert run_there("init").exit_code == 0
    old = sealed_root(url)
    moved = {"CERTWRIGHT_MASTER_KEY": new}
    for command, variables in (
        (("keys", "rotate"), {}),
        (("keys", "rotate-master", "--to", new, "--yes"), {}),
        (("keys", "rotate"), moved),
        (("account", "rotate-secret", "--yes"), moved),
        (("ca", "seal-root", str(file), *sealing, "--yes"), moved),
        (("doctor",), moved),
    ):
        done = run_there(*command, **variables)
        assert done.exit_code == 0, done.output
    assert (len(old) > 0, sealed_root(url)) == (True, b"")
    assert run_there("ca", "unseal-root", str(file), *sealing, **moved).exit_code == 0
    assert run_there("doctor", **moved).exit_code == 0


def sealed_root(url: str) -> bytes:
    """Return the root's sealed key."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT sealed_key FROM authorities WHERE role = 'ROOT'")).scalar_one()
    engine.dispose()
    return bytes(found)
