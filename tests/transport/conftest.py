"""A home made once, and for each test a copy of it, an engine and empty zones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transport.dns_server import Zones, dns_server
from tests.transport.engine import Engine, engine
from tests.transport.homes import copy_home, environment, make_home


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("template") / "home")


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return copy_home(template, tmp_path / "home")


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """Return the environment that the provider is started with; a test may add to it."""
    return environment(home)


@pytest.fixture(scope="session")
def server() -> Iterator[Zones]:
    with dns_server() as zones:
        yield zones


@pytest.fixture
def zones(server: Zones) -> Zones:
    server.clear()
    return server


@pytest.fixture
def bare(environ: dict[str, str]) -> Iterator[Engine]:
    """Run an engine with a provider that was not configured yet."""
    with engine(environ) as running:
        yield running


@pytest.fixture
def up(bare: Engine, zones: Zones) -> Engine:
    """Configure the provider; the test's own DNS server is the authority for every name."""
    bare.configure(resolvers=[zones.address])
    return bare
