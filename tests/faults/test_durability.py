"""What was acknowledged is stored, whatever kills the process or cuts the power (S1, S2, C1)."""

import os
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from certwright.adapters.system import SystemClock
from certwright.core.health import examine

from tests.core.world import ZoneResolver
from tests.faults.injection import KILLER
from tests.faults.power import TRACED, Operation, losses, recorded
from tests.support.cores import CALLER, make_core
from tests.support.stack import REPOSITORY
from tests.support.store import query

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
# Kills and power losses come in parts, so that a full run shows how far it is.
_PARTS = 20 if _IS_FULL else 1
_KILLS, _FIRST_KILLS, _LOSSES, _RECORDED = (25, 3, 500, 50) if _IS_FULL else (10, 4, 250, 12)
_PART = pytest.mark.parametrize("part", range(_PARTS), ids=lambda part: f"part-{part + 1}-of-{_PARTS}")
_ISSUER = (sys.executable, "-m", "tests.faults.issuer")
_WRITES = "pwrite64,fdatasync,fsync,ftruncate,write"
Acknowledged = tuple[str, int, str]


def issue(home: Path, count: int, tracer: Sequence[str] = ()) -> list[Acknowledged]:
    """Issue certificates in a process of its own and return what it acknowledged before it ended."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(REPOSITORY), os.environ.get("PYTHONPATH", "")))}
    done = subprocess.run(
        [*tracer, *_ISSUER, str(home), str(count)], cwd=REPOSITORY, env=environment, capture_output=True, check=False
    )
    if not tracer:
        assert done.returncode == 0, done.stderr.decode()
    return [read_line(line) for line in done.stdout.decode().splitlines()]


def read_line(line: str) -> Acknowledged:
    arn, number, serial = line.split()
    return arn, int(number), serial


def require_sound(store: Path, acknowledged: Sequence[Acknowledged]) -> None:
    """Require a whole file in which everything that was acknowledged is issued, and every intent is on record."""
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        issued = connection.execute(
            "SELECT certificate_id, number, v.serial FROM certificate_versions v"
            " JOIN serials s ON s.serial = v.serial AND s.issuer_id = v.authority_id AND s.outcome = 'ISSUED'"
            " WHERE v.state = 'ISSUED' AND v.certificate IS NOT NULL AND v.tbs = s.tbs"
        ).fetchall()
        unknown = connection.execute(
            "SELECT count(*) FROM certificate_versions v LEFT JOIN serials s"
            " ON s.serial = v.serial AND s.issuer_id = v.authority_id"
            " WHERE v.state = 'SIGNING' AND (s.tbs IS NULL OR s.tbs <> v.tbs)"
        ).fetchall()
    stored = {(str(arn), int(number), str(serial)) for arn, number, serial in issued}
    assert {(arn.rpartition("/")[2], number, serial) for arn, number, serial in acknowledged} <= stored
    assert unknown == [(0,)]


def require_healthy(home: Path) -> None:
    """Require that the doctor finds nothing and no serial was given out twice."""
    core = make_core(home, resolver=ZoneResolver(), clock=SystemClock())
    assert examine(core, CALLER) == ()
    core.store.close()
    serials = query(home, "SELECT serial FROM certificate_versions WHERE certificate IS NOT NULL")
    assert len(set(serials)) == len(serials)


def killed(folder: Path, at: int) -> list[str]:
    """Return a tracer under which a process is killed at its n-th write or sync."""
    folder.mkdir(parents=True, exist_ok=True)
    killer = shlex.join([sys.executable, str(KILLER), str(at), "SIGKILL", "plugin", str(folder / "struck")])
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-e", f"trace={_WRITES}", "-o", f"|{killer}"]


def counting(log: Path) -> list[str]:
    """Return a tracer that writes a line for each write or sync."""
    return ["strace", "-f", "-qq", "-e", "signal=none", "-e", f"trace={_WRITES}", "-o", str(log)]


@_PART
def test_whatever_write_kills_the_process_what_it_acknowledged_is_stored(tmp_path: Path, part: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    acknowledged = issue(home, 1)
    log = tmp_path / "log"
    acknowledged += issue(
        home, 2, ["strace", "-f", "-qq", "-e", "signal=none", "-e", f"trace={_WRITES}", "-o", str(log)]
    )
    calls = len(log.read_text().splitlines())
    struck = 0
    for index in range(_KILLS):
        at = 1 + (index * _PARTS + part) * (calls - 1) // (_KILLS * _PARTS)
        acknowledged += issue(home, 2, killed(tmp_path / str(index), at))
        struck += (tmp_path / str(index) / "struck").exists()
        require_sound(home / "store.db", acknowledged)
    assert struck >= _KILLS * 0.9
    issue(home, 1)
    require_healthy(home)


@_PART
def test_a_kill_while_a_home_is_made_leaves_one_that_can_be_made_whole(tmp_path: Path, part: int) -> None:
    (tmp_path / "whole").mkdir()
    issue(tmp_path / "whole", 1, counting(tmp_path / "log"))
    calls = len((tmp_path / "log").read_text().splitlines())
    for index in range(_FIRST_KILLS):
        home = tmp_path / f"home-{index}"
        home.mkdir()
        at = 1 + (index * _PARTS + part) * (calls - 1) // (_FIRST_KILLS * _PARTS)
        acknowledged = issue(home, 1, killed(tmp_path / str(index), at))
        acknowledged += issue(home, 1)
        require_sound(home / "store.db", acknowledged)
        require_healthy(home)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Operation]]:
    """Return a store and everything that was done to its folder while certificates were issued."""
    folder = tmp_path_factory.mktemp("recorded")
    home, log = folder / "home", folder / "log"
    home.mkdir()
    tracer = ["strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", "-e", "signal=none", "-e", f"trace={TRACED}"]
    assert len(issue(home, _RECORDED, [*tracer, "-o", str(log)])) == _RECORDED
    operations = list(recorded(log, home))
    log.unlink()
    return home / "store.db", operations


def left_after(recorded_store: Path, files: Mapping[str, bytes], folder: Path) -> Path:
    """Write what a power loss left of a store into a folder."""
    for suffix in ("", "-wal", "-shm"):
        (folder / f"left.db{suffix}").unlink(missing_ok=True)
        content = files.get(f"{recorded_store}{suffix}")
        if content is not None:
            (folder / f"left.db{suffix}").write_bytes(content)
    return folder / "left.db"


@_PART
def test_whenever_the_power_fails_what_was_acknowledged_is_stored(
    recording: tuple[Path, list[Operation]], tmp_path: Path, part: int
) -> None:
    store, operations = recording
    looked_at = 0
    for disk, files in losses(operations, range(part * _LOSSES, (part + 1) * _LOSSES)):
        if disk.said:
            looked_at += 1
            require_sound(left_after(store, files, tmp_path), [read_line(line) for line in disk.said])
    assert looked_at > _LOSSES / 2


def test_power_losses_do_harm_where_nothing_is_synced(recording: tuple[Path, list[Operation]], tmp_path: Path) -> None:
    store, operations = recording
    unsynced = [item for item in operations if item.what != "sync" or item.path == str(store.parent)]
    harmed = 0
    for disk, files in losses(unsynced, range(50)):
        if disk.said:
            try:
                require_sound(left_after(store, files, tmp_path), [read_line(line) for line in disk.said])
            except (AssertionError, sqlite3.DatabaseError):
                harmed += 1
    assert harmed > 10
