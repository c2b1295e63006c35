"""A user's shell: a home, a DNS server, and the commands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from certwright.settings import CONFIG_KEYS
from certwright.transport.cli import main
from click.testing import CliRunner, Result

from tests.transport.dns_server import Zones
from tests.transport.homes import environment

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, zones: Zones) -> Run:
    """Return what runs a command; the test's own DNS server is the authority for every name."""

    def command(*arguments: str, **variables: str) -> Result:
        unset: dict[str, str | None] = dict.fromkeys(("CI", *(key.variable for key in CONFIG_KEYS)))
        environ = environment(home, CERTWRIGHT_RESOLVERS=zones.address, **variables)
        return CliRunner().invoke(main, arguments, env={**unset, **environ})

    return command
