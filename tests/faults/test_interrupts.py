"""Ctrl-C at any point: the engine is back soon, what was stored stays, and the next run goes on (P4)."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.injection import has_struck, interrupted_at
from tests.faults.scenarios import SCENARIOS
from tests.support.programs import certificate, program, validation
from tests.support.stack import Stack
from tests.support.store import query

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_POINTS = [2, 7, 13, 20, 27, 34, 41, 48, 55, 62] if _IS_FULL else [13]
_SYSCALLS = ("sendmsg", "pwrite64") if _IS_FULL else ("sendmsg",)
_SECONDS = 5.0


@pytest.mark.parametrize("at", _POINTS)
@pytest.mark.parametrize("syscalls", _SYSCALLS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_a_ctrl_c_the_engine_is_back_soon_and_the_next_run_converges(
    stack_in: Callable[[str], Stack], tmp_path: Path, scenario: str, syscalls: str, at: int
) -> None:
    stack = stack_in(scenario)
    environment = interrupted_at(tmp_path / "bin", syscalls, at)
    run = stack.start("destroy" if "destroyed" in scenario else "up", "--yes", "--skip-preview", env=environment)
    struck = await_strike(run_is_over=lambda: run.poll() is not None, folder=tmp_path / "bin")
    text, _ = run.communicate(timeout=120)
    if struck is not None:
        assert time.monotonic() - struck < _SECONDS, text
    assert "panic" not in text
    assert "Traceback" not in text
    assert "pending_operations" not in stack.export()
    SCENARIOS[scenario].act(stack, {}).require_ok()
    SCENARIOS[scenario].require(stack)


def await_strike(run_is_over: Callable[[], bool], folder: Path) -> float | None:
    """Return the instant of the interrupt, None when the run was over before it."""
    while not has_struck(folder):
        if run_is_over():
            return None
        time.sleep(0.02)
    return time.monotonic()


def test_a_second_ctrl_c_ends_the_engine_at_once_and_the_next_run_adopts_what_was_made(
    stack_in: Callable[[str], Stack],
) -> None:
    stack = stack_in("a first up on a machine without a home")
    stack.write(program(certificate(["twice.example.org"]), validation(timeout="300s")))
    run = stack.start("up", "--yes", "--skip-preview")
    deadline = time.monotonic() + 60
    while not waiting(stack):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    pressed = time.monotonic()
    run.send_signal(signal.SIGINT)
    time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert time.monotonic() - pressed < _SECONDS
    made = query(stack.home, "SELECT id FROM certificates")
    stack.pulumi("cancel", "--yes")
    stack.write(program(certificate(["twice.example.org"])))
    stack.up().require_ok()
    assert query(stack.home, "SELECT id FROM certificates") == made


def waiting(stack: Stack) -> bool:
    """Say whether the run waits for a record."""
    if not (stack.home / "store.db").exists():
        return False
    return query(stack.home, "SELECT count(*) FROM sqlite_master WHERE name = 'certificate_versions'") == [(1,)] and (
        query(stack.home, "SELECT count(*) FROM certificate_versions WHERE state = 'VALIDATING'") == [(1,)]
    )
