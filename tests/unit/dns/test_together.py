"""Names read side by side: what one of them runs into, and what becomes of the others."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.core.context import Core
from certwright.core.validation.control import check_caa_of
from certwright.errors import Cancelled
from certwright.model.names import DomainName
from certwright.model.records import RecordType, ServerReply
from certwright.ports.clock import Cancellation

from tests.core.world import make_world
from tests.fakes import FakeCancellation


class Broken(Exception):
    """Something that nobody foresaw."""


class StuckResolver:
    """Break for one name; for the others wait until the caller stops (ports.resolver.Resolver)."""

    def __init__(self, broken: str) -> None:
        self.stopped: list[str] = []
        self._broken = broken
        self._waiting = threading.Event()

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Wait for the other name's trouble, or for the wish to stop."""
        assert rtype is RecordType.CAA
        if name == self._broken:
            self._waiting.wait(budget)
            raise Broken
        self._waiting.set()
        until = time.monotonic() + budget
        while time.monotonic() < until and not cancellation.is_cancelled():
            threading.Event().wait(0.01)
        self.stopped.append(name)
        msg = "stopped while waiting for DNS"
        raise Cancelled(msg)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    core = make_world(tmp_path).core
    yield core
    core.store.close()


@pytest.mark.parametrize("names", [("a.example", "b.example"), ("b.example", "a.example")], ids=" then ".join)
def test_what_nobody_foresaw_for_one_name_ends_the_wait_for_the_others(core: Core, names: tuple[str, str]) -> None:
    resolver = StuckResolver("b.example.")
    start = time.monotonic()
    with pytest.raises(Broken):
        check_caa_of(replace(core, resolver=resolver), [*map(DomainName, names)], FakeCancellation(), 20.0)
    assert time.monotonic() - start < 2.0
    assert resolver.stopped == ["a.example."]


def test_the_caller_s_wish_ends_every_wait(core: Core) -> None:
    resolver, cancellation = StuckResolver("nobody."), FakeCancellation()
    threading.Timer(0.1, cancellation.cancel).start()
    start = time.monotonic()
    names = [DomainName("a.example"), DomainName("b.example")]
    with pytest.raises(Cancelled):
        check_caa_of(replace(core, resolver=resolver), names, cancellation, 20.0)
    assert time.monotonic() - start < 2.0
    assert sorted(resolver.stopped) == ["a.example.", "b.example."]
