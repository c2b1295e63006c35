"""Random programs with everything that may go wrong, and no secret anywhere it does not belong (T3, P16)."""

import os
import random
from pathlib import Path

import pytest

from tests.e2e.conftest import target
from tests.faults.random_programs import Action, Program
from tests.faults.sessions import Session
from tests.faults.troubles import FORBIDDEN
from tests.support.knot import Knot
from tests.support.programs import certificate, program
from tests.support.stack import make_stack

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_PROGRAMS = 10
_SEEDS = range(100 if _IS_FULL else 20)
_MASTER_KEYS = ("file:{home}/master.key", "file:{home}/master.key", "env:MASTER", "passphrase:env:MASTER")


@pytest.fixture(scope="session")
def forbidding(knot: Knot) -> Knot:
    """Return the name server with a CAA record that lets nobody issue."""
    knot.add("example.net", f"{FORBIDDEN}.", "CAA", '0 issue "nobody.example"')
    return knot


def session_in(folder: Path, knot: Knot, seed: int, master_key: str = "") -> Session:
    """Return the session of a seed; its master key is of a random kind unless it is given."""
    dice, home, debug = random.Random(seed), folder / "home", folder / "debug"
    debug.mkdir()
    chosen = dice.choice(_MASTER_KEYS).format(home=home)
    settings = {
        "CERTWRIGHT_RESOLVERS": f'["{knot.address}"]',
        "CERTWRIGHT_RFC2136": target(knot),
        "CERTWRIGHT_MASTER_KEY": master_key or chosen,
        "MASTER": dice.randbytes(32).hex(),
        "PULUMI_OPTIMIZED_CHECKPOINT_PATCH": "false",
    }
    stack = make_stack(folder / "stack", home, **settings)
    return Session(stack, dice, f"s{seed}", knot.port, master_key or chosen, debug)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", _SEEDS)
def test_random_programs_show_no_secret(tmp_path: Path, forbidding: Knot, seed: int) -> None:
    session = session_in(tmp_path, forbidding, seed)
    for _ in range(_PROGRAMS):
        session.play()
    session.ask("status", "doctor")
    told = f"{dict(session.outcomes)}, {session.hunt.canaries} secrets, {session.hunt.octets} octets"
    print(f"\nseed {seed}: {told}")  # noqa: T201 - shown by -rP, and by -s as it goes
    assert session.hunt.found == []
    assert session.wrong == []


# What a user who has the master key, and puts it into a stack's outputs, makes the engine show and keep.
_PLACES = {
    "a preview": "text of program 1",
    "a preview in JSON": "text of program 2",
    "what the engine prints": "text of program 3",
    "the event log": "events of program 3",
    "the rows of the store": "rows",
    "the state": "/stacks/test/dev.json",
    "the state before it": "/stacks/test/dev.json.bak",
    "a checkpoint of the past": ".checkpoint.json",
    "messages between engine and plugin": "/debug/messages-5",
    "the engine's log of everything": "text of program 5",
}
_PLANTING: tuple[tuple[Action, tuple[str, ...], float], ...] = (
    (Action.PREVIEW, ("--diff",), 0),
    (Action.PREVIEW, ("--json",), 0),
    (Action.UP, (), 0),
    (Action.UP, (), 0),
    (Action.UP, (), 1),
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, forbidding: Knot) -> list[str]:
    """Return where the hunt finds a home's own secret in runs whose programs give it away."""
    session = session_in(tmp_path_factory.mktemp("planted"), forbidding, 0, "env:MASTER")
    key = dict(session.stack.extra)["MASTER"]
    text = program(certificate(["planted.example.com"], tags={"pasted": key}), outputs={"planted": key})
    for action, arguments, talks in _PLANTING:
        session.talks = talks
        session.run(Program(text, action, arguments))
    return session.hunt.found


@pytest.mark.parametrize("place", _PLACES)
def test_a_planted_secret_is_found(planted: list[str], place: str) -> None:
    assert [item for item in planted if item.startswith("master key in") and _PLACES[place] in item]
