"""Backup, restore and revoke killed at a system call: whole or not there, and the same command again ends it."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.test_revocation import issued
from tests.core.world import make_world
from tests.faults.injection import KILLER, count_of
from tests.support.stack import VENV

_POINTS = int(os.environ.get("CERTWRIGHT_FAULT_POINTS", "2"))
_STRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none")
_SYSCALLS = ("write,pwrite64", "fsync,fdatasync", "link,rename,unlink,ftruncate")
_STRIKES = [(syscalls, (index + 0.5) / _POINTS) for syscalls in _SYSCALLS for index in range(_POINTS)]
_IDS = [f"{syscalls} at {share:.1%}" for syscalls, share in _STRIKES]
_ACTS = {"backup": ("backup", "{file}"), "restore": ("restore", "{file}"), "revoke": ("revoke", "{arn}", "--yes")}


class Home:
    """A folder with a home, a backup and a certificate, and the commands that work on them."""

    def __init__(self, folder: Path, arn: str) -> None:
        self.folder, self.arn = folder, arn
        self.file = folder / "a.archive"

    def run(self, *arguments: str, under: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command, under a tracer if one is given."""
        words = [word.format(file=self.file, arn=self.arn) for word in arguments]
        command = [*under, str(VENV / "bin" / "certwright"), *words]
        environ = {"PATH": os.environ["PATH"], "CERTWRIGHT_HOME": str(self.folder / "home"), "HOME": str(self.folder)}
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)

    def standing(self) -> str:
        """Return the word for the certificate."""
        return self.run("standing", "{arn}").stdout.partition(" ")[0].strip()

    def copy_to(self, folder: Path) -> "Home":
        shutil.copytree(self.folder, folder)
        return Home(folder, self.arn)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Home]:
    """Return a maker of the home that an act begins with."""
    folder = tmp_path_factory.mktemp("recovery")
    (folder / "home").mkdir(mode=0o700)
    world = make_world(folder / "home")
    arn = issued(world)
    world.core.store.close()
    made = Home(folder, str(arn))
    assert made.run("backup", "{file}").returncode == 0

    def prepare(act: str) -> Home:
        home = made.copy_to(tmp_path_factory.mktemp(act) / "copy")
        if act == "restore":
            for file in (home.folder / "home").glob("store.db*"):
                file.unlink()
        if act == "backup":
            home.file.unlink()
        return home

    return prepare


@pytest.fixture(scope="session")
def calls(prepared: Callable[[str], Home], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], int]:
    """Return a counter of system calls in an undisturbed run of an act, each act run once."""
    logs: dict[str, Path] = {}

    def count(act: str, syscalls: str) -> int:
        if act not in logs:
            logs[act] = tmp_path_factory.mktemp("counted") / "log"
            tracer = (*_STRACE, "-o", str(logs[act]), "-e", f"trace={','.join(_SYSCALLS)}")
            assert prepared(act).run(*_ACTS[act], under=tracer).returncode == 0
        return count_of(logs[act], syscalls)

    return count


def killed(home: Home, act: str, syscalls: str, at: int) -> None:
    marker = home.folder.parent / "struck"
    killer = shlex.join([sys.executable, str(KILLER), str(at), "SIGKILL", "plugin", str(marker)])
    home.run(*_ACTS[act], under=(*_STRACE, "-o", f"|{killer}", "-e", f"trace={syscalls}"))
    assert marker.exists()


@pytest.mark.parametrize(("syscalls", "share"), _STRIKES, ids=_IDS)
@pytest.mark.parametrize("act", _ACTS)
def test_after_a_kill_nothing_is_half_done_and_the_same_again_ends_it(
    prepared: Callable[[str], Home], calls: Callable[[str, str], int], act: str, syscalls: str, share: float
) -> None:
    count = calls(act, syscalls)
    if count == 0:
        pytest.skip(f"{act} makes no call of {syscalls}")
    home = prepared(act)
    killed(home, act, syscalls, max(1, round(count * share)))
    {"backup": require_backup, "restore": require_restore, "revoke": require_revocation}[act](home)


def require_backup(home: Home) -> None:
    """Either there is no backup yet, or one that restores."""
    if not home.file.exists():
        assert home.run("backup", "{file}").returncode == 0
    for file in (home.folder / "home").glob("store.db*"):
        file.unlink()
    assert home.run("restore", "{file}").returncode == 0
    assert home.run("doctor").returncode == 0


def require_restore(home: Home) -> None:
    """Either everything is there, or nothing, and then the restore can be repeated."""
    again = home.run("restore", "{file}")
    assert (again.returncode == 0) or "is not empty" in again.stderr
    assert home.run("doctor").returncode == 0
    assert home.standing() == "GOOD"


def require_revocation(home: Home) -> None:
    """What was logged is revoked, what was not is good; the log never lacks what the store has."""
    assert home.run("doctor").returncode == 0
    assert home.standing() in {"GOOD", "REVOKED"}
    assert home.run("revoke", "{arn}", "--yes").returncode == 0
    assert home.standing() == "REVOKED"
    assert home.run("doctor").returncode == 0
