"""The contract of ports.revocation_log: what returned is durable, damage shows, a failed write leaves nothing."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from certwright.adapters.revocation_log import FILE_NAME, FileRevocationLog
from certwright.errors import IntegrityError, Refused, StoreUnavailable
from certwright.model.revocations import LoggedRevocations

from tests.contract.rows import make_revocation

PROCESSES, EACH = 4, 25


@pytest.fixture
def log(tmp_path: Path) -> FileRevocationLog:
    return FileRevocationLog(tmp_path / "home")


def test_a_home_without_a_log_has_none(log: FileRevocationLog) -> None:
    assert (log.read(), log.count()) == (None, 0)


def test_a_log_begins_with_what_it_is_given_and_goes_on_with_what_is_appended(log: FileRevocationLog) -> None:
    log.open("l1", "i1", [make_revocation(1)])
    log.append("l1", [make_revocation(2), make_revocation(3)])
    expected = LoggedRevocations("l1", "i1", tuple(map(make_revocation, (1, 2, 3))))
    assert (log.read(), log.count()) == (expected, 3)


def test_of_two_that_open_a_log_one_makes_it(log: FileRevocationLog, tmp_path: Path) -> None:
    first = log.open("l1", "i1", [])
    assert log.open("l2", "i1", [make_revocation()]) == first
    assert [path.name for path in (tmp_path / "home").iterdir()] == [FILE_NAME]


def test_folder_and_file_are_private(log: FileRevocationLog, tmp_path: Path) -> None:
    log.open("l1", "i1", [])
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "home", tmp_path / "home" / FILE_NAME)]
    assert modes == [0o700, 0o600]


def test_appending_to_another_log_or_to_none_writes_nothing(log: FileRevocationLog) -> None:
    with pytest.raises(Refused, match="is another one now, or gone"):
        log.append("l1", [make_revocation()])
    log.open("l1", "i1", [])
    with pytest.raises(Refused, match="is another one now, or gone"):
        log.append("l2", [make_revocation()])
    assert log.count() == 0


def test_a_log_that_is_set_aside_keeps_what_it_holds_and_the_next_one_is_empty(
    log: FileRevocationLog, tmp_path: Path
) -> None:
    for number in (1, 2):
        log.open(f"l{number}", "i1", [make_revocation(number)])
        log.set_aside()
        log.set_aside()
    assert log.read() is None
    kept = sorted((tmp_path / "home").iterdir())
    assert [path.name for path in kept] == [f"{FILE_NAME}.1.old", f"{FILE_NAME}.2.old"]
    assert b'"log": "l1"' in kept[0].read_bytes()


def test_no_log_that_was_set_aside_is_overwritten(log: FileRevocationLog, tmp_path: Path) -> None:
    for number in (1, 2):
        log.open(f"l{number}", "i1", [])
        log.set_aside()
    (tmp_path / "home" / f"{FILE_NAME}.1.old").unlink()
    log.open("l3", "i1", [])
    log.set_aside()
    assert b'"log": "l2"' in (tmp_path / "home" / f"{FILE_NAME}.2.old").read_bytes()


def test_every_changed_or_missing_byte_of_a_whole_line_is_found_or_changes_nothing(
    log: FileRevocationLog, tmp_path: Path
) -> None:
    log.open("l1", "i1", [make_revocation(1), make_revocation(2)])
    path = tmp_path / "home" / FILE_NAME
    content, logged = path.read_bytes(), log.read()
    missed = []
    for index in range(len(content) - 1):
        for replacement in (bytes([content[index] ^ 1]), b""):
            path.write_bytes(content[:index] + replacement + content[index + 1 :])
            if not is_refused_or(log, logged):
                missed.append((index, replacement))
    assert missed == []


def is_refused_or(log: FileRevocationLog, meaning: LoggedRevocations | None) -> bool:
    """Say whether the log is refused, or means the same: a space between fields may be missing."""
    try:
        return log.read() == meaning
    except IntegrityError:
        return True


@pytest.mark.parametrize("dropped", [0, 1, 2])
def test_a_dropped_line_is_found_unless_it_is_the_last(log: FileRevocationLog, tmp_path: Path, dropped: int) -> None:
    log.open("l1", "i1", [make_revocation(number) for number in (1, 2, 3)])
    path = tmp_path / "home" / FILE_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:dropped] + lines[dropped + 1 :]))
    with pytest.raises(IntegrityError, match=f"damaged at line {dropped + 1}"):
        log.read()


def append_many(folder: str, worker: int) -> None:
    log = FileRevocationLog(Path(folder))
    for number in range(EACH):
        log.append("l1", [make_revocation(1 + worker * EACH + number)])


def test_processes_that_append_at_once_lose_nothing(log: FileRevocationLog, tmp_path: Path) -> None:
    log.open("l1", "i1", [])
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(append_many, [str(tmp_path / "home")] * PROCESSES, range(PROCESSES)))
    logged = log.read()
    assert logged is not None
    assert len({item.serial for item in logged.revocations}) == PROCESSES * EACH


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let every file of this process end at a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_disk_that_fills_up_half_way_leaves_the_log_as_it_was(
    log: FileRevocationLog, tmp_path: Path, room: int
) -> None:
    log.open("l1", "i1", [make_revocation(1)])
    path = tmp_path / "home" / FILE_NAME
    before = path.read_bytes()
    with full_disk(len(before) + room), pytest.raises(StoreUnavailable, match=r"File too large\. Nothing was revoked"):
        log.append("l1", [make_revocation(2)])
    assert path.read_bytes() == before
    log.append("l1", [make_revocation(2)])
    assert log.count() == 2


def test_an_append_that_returned_was_synced_before(log: FileRevocationLog, tmp_path: Path) -> None:
    log.open("l1", "i1", [])
    script = (
        "import sys; from pathlib import Path; from certwright.adapters.revocation_log import FileRevocationLog;"
        "from tests.contract.rows import make_revocation;"
        "FileRevocationLog(Path(sys.argv[1])).append('l1', [make_revocation()]); print('returned', flush=True)"
    )
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=pwrite64,fsync,write", sys.executable, "-c", script]
    subprocess.run([*command, str(tmp_path / "home")], check=True, capture_output=True, env={**os.environ})
    calls = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines()]
    order = [call.partition("(")[0] for call in calls if FILE_NAME in call or "returned" in call]
    assert order == ["pwrite64", "fsync", "write"]
