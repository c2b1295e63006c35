"""One Knot per test process, and stacks on the real engine that ask it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.knot import KEY_NAME, KEY_SECRET, Knot, start_knot
from tests.support.stack import TOOLS, Stack, make_stack

ZONES = ("example.com", "example.org", "example.net")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the engine, with the reason, where there is none."""
    if (TOOLS / "pulumi").exists():
        return
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.skip(reason=f"no Pulumi engine at {TOOLS}: run make test"))


@pytest.fixture(scope="session")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    server = start_knot(tmp_path_factory.mktemp("knot"), ZONES)
    yield server
    server.stop()


@pytest.fixture
def new_stack(tmp_path: Path, knot: Knot) -> Callable[..., Stack]:
    """Return a maker of stacks that take the test's Knot for the authority of every name."""

    def make(name: str = "stack", home: Path | None = None, **extra: str) -> Stack:
        settings = {"CERTWRIGHT_RESOLVERS": json.dumps([knot.address]), "CERTWRIGHT_RFC2136": target(knot), **extra}
        return make_stack(tmp_path / name, home or tmp_path / "home", **settings)

    return make


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    return new_stack()


def target(knot: Knot) -> str:
    """Return certwright:rfc2136 for a Knot."""
    return json.dumps({"server": "127.0.0.1", "port": str(knot.port), "keyName": KEY_NAME, "keySecret": KEY_SECRET})
