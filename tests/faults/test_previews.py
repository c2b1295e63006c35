"""Previews of random programs with unknown values anywhere: pure, and right about all that they say (P11)."""

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.preview_worlds import World, apply, broken, invented, populate, previewed, settle
from tests.faults.random_inputs import certificate_inputs
from tests.transport.conftest import server, template, zones
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE
from tests.transport.homes import copy_home, dump

__all__ = ["server", "template", "zones"]

_SEEDS = range(60 if "CERTWRIGHT_FAULT_POINTS" in os.environ else 10)
_PROGRAMS = 10
_SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}


class Wire:
    """What Python code of this process sends anywhere, but for the answers of the test's own name server."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.is_watched = False
        sys.addaudithook(self._hear)

    @contextmanager
    def watched(self) -> Iterator[list[tuple[str, Any]]]:
        """Give the list of what is sent in the block."""
        self.sent, self.is_watched = [], True
        try:
            yield self.sent
        finally:
            self.is_watched = False

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.is_watched or event not in _SENDS:
            return
        if "process_request_thread" not in threading.current_thread().name:
            self.sent.append((event, args[1] if event.startswith("socket.") and len(args) > 1 else args))


@pytest.fixture(scope="session")
def wire() -> Wire:
    return Wire()


@pytest.fixture
def world(request: pytest.FixtureRequest, template: Path, tmp_path: Path, zones: Zones) -> World:
    """Return the world of a seed, some of it with CAA records and without looks at DNS in previews."""
    dice = random.Random(request.param)
    config: dict[str, object] = {"resolvers": [zones.address], "preflight": dice.random() < 0.7}
    if dice.random() < 0.3:
        config["caaIdentities"] = ["ca.example"]
        zones.add("deep.er.example.org.", "CAA", '0 issue "other.example"')
    world = World(copy_home(template, tmp_path / "home"), zones, dice, config)
    populate(world)
    return world


@pytest.mark.parametrize("world", _SEEDS, indirect=True)
def test_previews_write_nothing_ask_only_dns_and_come_true(world: World, wire: Wire) -> None:
    faults: list[str] = []
    for _ in range(_PROGRAMS):
        settle(world)
        before = (dump(world.home), dict(world.zones._records))
        with world.engine() as up, wire.watched() as sent:
            promises = previewed(world, up)
        faults += ["rows or records were changed"] * (before != (dump(world.home), dict(world.zones._records)))
        faults += impure(world, sent)
        faults += [fault for promise in promises for fault in invented(promise)]
        with world.engine() as up:
            for promise in promises:
                made = apply(world, up, promise)
                faults += broken(promise, made) if made else []
    assert faults == []


def impure(world: World, sent: list[tuple[str, Any]]) -> list[str]:
    """Return what a preview sent besides questions for CNAME and CAA records to the zones' server."""
    server = ("127.0.0.1", world.zones.port)
    allowed = {"CNAME", "CAA"} if world.config["preflight"] else set()
    questions = [f"{name} {kind}" for name, kind in world.zones.asked if kind not in allowed]
    return questions + [f"{event} {place}" for event, place in sent if place != server or not allowed]


@pytest.mark.parametrize("world", [0], indirect=True)
def test_the_first_preview_after_up_notes_only_that_the_engine_knows_what_was_made(world: World) -> None:
    with world.engine() as up:
        world.made[CERTIFICATE, "fresh"] = up.create(CERTIFICATE, certificate_inputs(world.dice), "fresh")
    before = dump(world.home)
    settle(world)
    after = dump(world.home)
    actions = [row[4] for row in after["audit_events"] if row not in before["audit_events"]]
    grown = [table for table, rows in after.items() if len(rows) != len(before[table])]
    assert (set(actions), grown) == ({"ClaimCertificate"}, ["audit_events"])
