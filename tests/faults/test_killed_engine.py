"""The engine killed around a call, or a reply lost: the next run adopts what was made (P2, P3, P6)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.injection import engine_killed, reply_lost
from tests.faults.scenarios import CROWDED, MANY, SCENARIOS
from tests.support.stack import Stack
from tests.support.store import query

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_CALLS = [
    ("a first up on a machine without a home", "Create", 1),
    ("a first up on a machine without a home", "Create", 2),
    ("a first up on a machine without a home", "Create", 3),
    ("a name is added", "Update", 1),
    ("a name is added", "Update", 2),
    ("a renewal is due", "Update", 1),
    ("everything is destroyed", "Delete", 1),
    ("everything is destroyed", "Delete", 3),
]
# With many resources every call of an operation is struck: 24 creates, 24 updates and records, 24 deletes.
_CROWDED_CALLS = [
    (scenario, method, at)
    for scenario, method, last in (
        ("a first up of many", "Create", 3 * MANY),
        ("a name is added to many", "Update", 2 * MANY),
        ("many are destroyed", "Delete", 3 * MANY),
    )
    for at in range(1, last + 1)
]
_STRUCK = [*_CALLS, *(_CROWDED_CALLS if _IS_FULL else ())]
_ALL = SCENARIOS | CROWDED


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("scenario", "method", "at"), _STRUCK)
def test_after_the_engine_was_killed_the_next_run_converges(
    stack_in: Callable[[str], Stack], tmp_path: Path, scenario: str, method: str, at: int, moment: str
) -> None:
    stack = stack_in(scenario)
    struck = _ALL[scenario].act(stack, engine_killed(tmp_path / "bin", method, at, moment))
    assert struck.code < 0
    stack.pulumi("cancel", "--yes")
    _ALL[scenario].act(stack, {}).require_ok()
    _ALL[scenario].require(stack)


@pytest.mark.parametrize("at", [1, 2, 3] if _IS_FULL else [1])
def test_after_the_engine_was_killed_a_refresh_that_clears_pending_creates_loses_nothing(
    stack_in: Callable[[str], Stack], tmp_path: Path, at: int
) -> None:
    scenario = "a first up on a machine without a home"
    stack = stack_in(scenario)
    SCENARIOS[scenario].act(stack, engine_killed(tmp_path / "bin", "Create", at, "after"))
    made = query(stack.home, "SELECT id FROM certificates")
    stack.pulumi("cancel", "--yes")
    stack.refresh("--clear-pending-creates").require_ok()
    stack.up().require_ok()
    assert query(stack.home, "SELECT id FROM certificates") == made
    SCENARIOS[scenario].require(stack)


@pytest.mark.parametrize(("scenario", "method", "at"), _CALLS)
def test_after_a_lost_reply_the_next_run_converges(
    stack_in: Callable[[str], Stack], tmp_path: Path, scenario: str, method: str, at: int
) -> None:
    stack = stack_in(scenario)
    struck = SCENARIOS[scenario].act(stack, reply_lost(tmp_path / "bin", method, at))
    assert "the reply was lost on the way" in struck.text
    SCENARIOS[scenario].act(stack, {}).require_ok()
    SCENARIOS[scenario].require(stack)


def test_a_certificate_whose_reply_was_lost_is_adopted_and_not_made_twice(
    stack_in: Callable[[str], Stack], tmp_path: Path
) -> None:
    scenario = "a first up on a machine without a home"
    stack = stack_in(scenario)
    stack.up(env=engine_killed(tmp_path / "bin", "Create", 1, "after"))
    made = query(stack.home, "SELECT id FROM certificates")
    stack.pulumi("cancel", "--yes")
    stack.up().require_ok()
    assert query(stack.home, "SELECT id FROM certificates") == made
