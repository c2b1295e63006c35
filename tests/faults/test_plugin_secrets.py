"""What the operating system shows of a plugin that the engine runs, and what a store elsewhere gives away (T1, T3)."""

import json
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.e2e.conftest import target
from tests.faults.hunt import Hunt
from tests.support.artefacts import descendants, files_of, plugins_below, rows_at, variables_of
from tests.support.canaries import Canary
from tests.support.home_secrets import secrets_of
from tests.support.knot import Knot
from tests.support.postgres import PostgresMissing, running_postgres
from tests.support.programs import certificate, issued, program, validation
from tests.support.stack import Stack, make_stack

_CONFIGURED, _MASTER, _PASSWORD = "value-of-the-stacks-configuration", "6d31" * 16, "password-of-the-database-4711"
# Master key, two key-encryption keys, account secret, key of the rows, two authorities, a leaf, the TSIG secret and the
# password.
_SECRETS = 1 + 2 + 1 + 1 + 2 + 1 + 1 + 1
_SERVING = re.compile("CNAME is missing")


@contextmanager
def waiting(stack: Stack) -> Iterator[list[int]]:
    """Give the plugins of an `up` that waits for a record; what they were to do before that they have done."""
    run = stack.start("up", "--yes", "--skip-preview")
    try:
        assert run.stdout is not None
        assert any(_SERVING.search(line) for line in run.stdout)
        yield plugins_below(run.pid)
    finally:
        run.kill()
        run.communicate()


@pytest.fixture
def waiter(tmp_path: Path, knot: Knot) -> Stack:
    """Return a stack that waits, with secrets in its configuration and in its environment."""
    settings = {
        "CERTWRIGHT_RESOLVERS": f'["{knot.address}"]',
        "CERTWRIGHT_MASTER_KEY": "env:MASTER",
        "MASTER": _MASTER,
    }
    stack = make_stack(tmp_path / "stack", tmp_path / "home", **settings)
    stack.configure("certwright:defaultTags", json.dumps({"a": _CONFIGURED}), "--secret")
    stack.write(program(certificate(["wait.example.com"]), validation(timeout="60s")))
    return stack


def test_a_plugin_shows_no_configuration_in_its_environment(waiter: Stack) -> None:
    with waiting(waiter) as plugins:
        environments = [variables_of(plugin) for plugin in plugins]
    assert [environment["PULUMI_CONFIG"] for environment in environments] == [""] * len(plugins)
    assert plugins


def test_a_plugin_shows_no_secret_of_its_environment(waiter: Stack) -> None:
    with waiting(waiter) as plugins:
        shown = [value for plugin in plugins for value in variables_of(plugin).values()]
    assert [value for value in shown if _MASTER in value or _CONFIGURED in value] == []
    assert shown


def test_a_plugin_has_no_children(waiter: Stack) -> None:
    with waiting(waiter) as plugins:
        assert [list(descendants(plugin)) for plugin in plugins] == [[]] * len(plugins)


@pytest.fixture
def cores_allowed() -> Iterator[None]:
    """Let child processes write core files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("the machine allows no core files (ulimit -Hc is 0)")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("cores_allowed")
def test_a_plugin_writes_no_core_file_where_its_engine_may(waiter: Stack) -> None:
    with waiting(waiter) as plugins:
        limits = [resource.prlimit(plugin, resource.RLIMIT_CORE) for plugin in plugins]
    assert limits == [(0, 0)] * len(plugins)
    assert resource.getrlimit(resource.RLIMIT_CORE) != (0, 0)


@dataclass(frozen=True)
class Elsewhere:
    """A stack whose store is a database with a password in its URL."""

    stack: Stack
    url: str

    @property
    def password(self) -> Canary:
        """Return the password."""
        return Canary("password of the database", str(make_url(self.url).password).encode())

    def place(self, where: str) -> None:
        """Tell the provider of the store, by its environment or by the stack's configuration."""
        if where == "configuration":
            self.stack.configure("certwright:store", self.url, "--secret")

    def environment(self, where: str) -> dict[str, str]:
        """Return the variables that tell of the store."""
        return {"CERTWRIGHT_STORE": self.url} if where == "environment" else {}


@pytest.fixture
def elsewhere(tmp_path: Path, knot: Knot) -> Iterator[Elsewhere]:
    """Give a stack and a database that trusts everybody, whatever the password."""
    settings = {
        "CERTWRIGHT_RESOLVERS": f'["{knot.address}"]',
        "CERTWRIGHT_RFC2136": target(knot),
        "CERTWRIGHT_MASTER_KEY": "env:MASTER",
        "MASTER": _MASTER,
    }
    try:
        with running_postgres() as postgres, postgres.database() as url:
            stack = make_stack(tmp_path / "stack", tmp_path / "home", **settings)
            place = make_url(url)
            whole = place if place.password else place.set(password=_PASSWORD)
            yield Elsewhere(stack, whole.render_as_string(hide_password=False))
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("where", ["environment", "configuration"])
def test_a_store_elsewhere_shows_neither_its_password_nor_a_key(elsewhere: Elsewhere, where: str) -> None:
    stack, env = elsewhere.stack, elsewhere.environment(where)
    elsewhere.place(where)
    stack.write(issued([f"{where}.example.com"], "example.com", 1))
    runs = [stack.preview("--json", env=env), stack.up(env=env), stack.refresh(env=env), stack.destroy(env=env)]
    hunt = Hunt()
    hunt.give([elsewhere.password])
    hunt.learn(secrets_of(elsewhere.url, "env:MASTER", {"MASTER": _MASTER}))
    shown = {str(number): f"{run.text}{json.dumps(run.events)}".encode() for number, run in enumerate(runs)}
    hunt.look({"rows": rows_at(elsewhere.url), **shown, **files_of(stack.folder, without={"Pulumi.yaml"})})
    assert ([run.code for run in runs], hunt.found, hunt.canaries) == ([0] * 4, [], _SECRETS)


def test_a_database_that_is_not_there_is_named_without_its_password(elsewhere: Elsewhere) -> None:
    env = {"CERTWRIGHT_STORE": re.sub("/certwright_test_[0-9a-f]+", "/not-there", elsewhere.url)}
    elsewhere.stack.write(program(certificate(["refused.example.com"])))
    run = elsewhere.stack.up(env=env).require_failed()
    hunt = Hunt()
    hunt.give([elsewhere.password])
    hunt.look({"text": run.text.encode(), **files_of(elsewhere.stack.folder)})
    assert ("not-there" in run.text, hunt.found) == (True, [])
