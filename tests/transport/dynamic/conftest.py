"""The SDK's dynamic provider over a home of the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.resources.session import PlannedUpdates
from certwright.transport.dynamic import functions, handling
from certwright.transport.dynamic.opening import Homes

from tests.transport.dns_server import Zones
from tests.transport.dynamic.sdk import Sdk
from tests.transport.homes import environment


@pytest.fixture
def homes(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Homes]:
    """Let this process use the test's home, and nothing else of the machine's configuration."""
    monkeypatch.delenv("CI", raising=False)
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    opened = Homes()
    monkeypatch.setattr(handling, "_HOMES", opened)
    monkeypatch.setattr(functions, "_HOMES", opened)
    monkeypatch.setattr(handling, "_PLANNED", PlannedUpdates())
    yield opened
    opened.close()


@pytest.fixture
def sdk(homes: Homes, zones: Zones) -> Sdk:
    """Return the provider process; the test's own DNS server is the authority for every name."""
    del homes
    return Sdk({"resolvers": f'["{zones.address}"]'})
