"""The plugin killed at a system call, anywhere in an operation: one more run and everything is as it should be (P1)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import copy_stack
from tests.faults.injection import count_of, counted, has_struck, killed_at
from tests.faults.scenarios import SCENARIOS
from tests.support.stack import Stack

_POINTS = int(os.environ.get("CERTWRIGHT_FAULT_POINTS", "3"))
_SYSCALLS = ("fdatasync", "pwrite64", "sendto")
_SHARES = [(index + 0.5) / _POINTS for index in range(_POINTS)]


@pytest.fixture(scope="session")
def calls(prepared: Callable[[str], Stack], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], int]:
    """Return a counter of a system call in an undisturbed run of a scenario, each scenario run once."""
    logs: dict[str, Path] = {}

    def count(scenario: str, syscall: str) -> int:
        if scenario not in logs:
            folder = tmp_path_factory.mktemp("counted")
            stack = copy_stack(prepared(scenario), folder)
            logs[scenario] = folder / "strace.log"
            SCENARIOS[scenario].act(stack, counted(folder / "bin", logs[scenario], *_SYSCALLS)).require_ok()
        return count_of(logs[scenario], syscall)

    return count


@pytest.mark.parametrize("share", _SHARES, ids=[f"at {share:.0%}" for share in _SHARES])
@pytest.mark.parametrize("syscall", _SYSCALLS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_a_kill_the_next_run_converges(
    prepared: Callable[[str], Stack],
    calls: Callable[[str, str], int],
    tmp_path: Path,
    scenario: str,
    syscall: str,
    share: float,
) -> None:
    stack = struck_stack(
        prepared(scenario), tmp_path, scenario, syscall, max(1, round(calls(scenario, syscall) * share))
    )
    SCENARIOS[scenario].act(stack, {}).require_ok()
    SCENARIOS[scenario].require(stack)


def struck_stack(source: Stack, folder: Path, scenario: str, syscall: str, at: int) -> Stack:
    """Return a copy of a stack after a run in which the plugin was killed; a run that made fewer calls is repeated."""
    while at:
        stack = copy_stack(source, folder / str(at))
        SCENARIOS[scenario].act(stack, killed_at(folder / str(at) / "bin", syscall, at))
        if has_struck(folder / str(at) / "bin"):
            return stack
        at //= 2
    pytest.fail(f"the plugin never called {syscall}")
