"""Full and failing disks under the real engine: a sentence, nothing lost, and no step by hand once there is room."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import target
from tests.faults.convergence import doctor_says
from tests.faults.injection import failing_from
from tests.faults.scenarios import SCENARIOS
from tests.support.knot import Knot
from tests.support.programs import issued
from tests.support.stack import Stack, make_stack

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_WRITES = range(1, 65, 3) if _IS_FULL else (1, 40)
_SYNCS = range(1, 7) if _IS_FULL else (1, 4)
_CHANGES = ("a name is added", "a renewal is due") if _IS_FULL else ("a name is added",)


@pytest.mark.parametrize("at", _WRITES)
@pytest.mark.parametrize("scenario", _CHANGES)
def test_a_disk_that_is_full_from_a_write_on_is_said_to_be_and_the_next_run_converges(
    stack_in: Callable[[str], Stack], tmp_path: Path, scenario: str, at: int
) -> None:
    stack = stack_in(scenario)
    full = failing_from(tmp_path / "bin", "ENOSPC", "pwrite64", at, stack.home / "store.db-wal")
    struck = SCENARIOS[scenario].act(stack, full)
    if struck.code:
        assert "is full; nothing was stored. Free some space" in struck.messages
    else:
        assert at > 1, "the disk was never full"
    SCENARIOS[scenario].act(stack, {}).require_ok()
    SCENARIOS[scenario].require(stack)


@pytest.mark.parametrize("at", _SYNCS)
@pytest.mark.parametrize("scenario", _CHANGES)
def test_after_a_sync_that_failed_the_process_stores_nothing_and_the_next_one_converges(
    stack_in: Callable[[str], Stack], tmp_path: Path, scenario: str, at: int
) -> None:
    stack = stack_in(scenario)
    log, file = tmp_path / "log", stack.home / "store.db-wal"
    failing = failing_from(tmp_path / "bin", "EIO", "fdatasync", at, file, log)
    struck = SCENARIOS[scenario].act(stack, failing)
    if struck.code:
        assert "This process signs and stores nothing more: check the disk" in struck.messages
        assert log.read_text().count("INJECTED") == 1, "a sync that failed was tried again"
    else:
        assert at > 1, "the sync never failed"
    SCENARIOS[scenario].act(stack, {}).require_ok()
    SCENARIOS[scenario].require(stack)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 8 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill a file system to its last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return ballast


def test_a_home_on_a_full_disk_is_whole_and_goes_on_once_there_is_room(
    small_disk: Path, tmp_path: Path, knot: Knot
) -> None:
    settings = {"CERTWRIGHT_RESOLVERS": f'["{knot.address}"]', "CERTWRIGHT_RFC2136": target(knot)}
    stack = make_stack(tmp_path / "stack", small_disk, **settings)
    stack.write(issued(["full.example.com"], "example.com", 1))
    stack.up().require_ok()
    ballast = fill(small_disk)
    stack.write(issued(["full.example.com", "more.full.example.com"], "example.com", 2))
    assert "is full; nothing was stored. Free some space" in stack.up().require_failed().messages
    assert "is full" in doctor_says(stack)
    ballast.unlink()
    stack.up().require_ok()
    assert "are sound" in doctor_says(stack)
