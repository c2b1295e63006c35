"""The plugin killed at a system call, anywhere in an operation: one more run and everything is as it should be (P1)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import copy_stack
from tests.faults.injection import count_of, counted, has_struck, killed_at
from tests.faults.scenarios import SCENARIOS
from tests.support.stack import Stack

_POINTS = 3 * int(os.environ.get("CERTWRIGHT_FAULT_POINTS", "3"))
# What a plugin does to the world, with its share of the points: 10 of each scenario, 126 with 42 points (504 in all).
_SHARES = {"pwrite64": 0.46, "sendmsg": 0.28, "fdatasync,fsync": 0.12, "connect": 0.08, "sendto": 0.06}
_STRIKES = [
    (syscalls, (index + 0.5) / count)
    for syscalls, share in _SHARES.items()
    for count in [max(1, round(_POINTS * share))]
    for index in range(count)
]


@pytest.fixture(scope="session")
def calls(prepared: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], int]:
    """Return a counter of a system call in an undisturbed run of a scenario, each scenario run once."""
    logs: dict[str, Path] = {}

    def count(scenario: str, syscalls: str) -> int:
        if scenario not in logs:
            folder = tmp_path_factory.mktemp("counted")
            stack = copy_stack(prepared(scenario), folder)
            logs[scenario] = folder / "strace.log"
            SCENARIOS[scenario].act(stack, counted(folder / "bin", logs[scenario], *_SHARES)).require_ok()
        return count_of(logs[scenario], syscalls)

    return count


@pytest.mark.parametrize(("syscalls", "share"), _STRIKES, ids=[f"{name} at {share:.1%}" for name, share in _STRIKES])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_a_kill_the_next_run_converges(
    prepared: Callable[[str], Stack],
    calls: Callable[[str, str], int],
    tmp_path: Path,
    scenario: str,
    syscalls: str,
    share: float,
) -> None:
    stack = struck_stack(
        prepared(scenario), tmp_path, scenario, syscalls, max(1, round(calls(scenario, syscalls) * share))
    )
    SCENARIOS[scenario].act(stack, {}).require_ok()
    SCENARIOS[scenario].require(stack)


def struck_stack(source: Stack, folder: Path, scenario: str, syscalls: str, at: int) -> Stack:
    """Return a copy of a stack after a run in which the plugin was killed; a run that made fewer calls is repeated."""
    while at:
        stack = copy_stack(source, folder / str(at))
        SCENARIOS[scenario].act(stack, killed_at(folder / str(at) / "bin", syscalls, at))
        if has_struck(folder / str(at) / "bin"):
            return stack
        at //= 2
    pytest.fail(f"the plugin never called {syscalls}")
