"""Rotation and sealing killed at each write to the disk: every key opens, and the next run goes on (T28)."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.store.sql_store import open_store
from certwright.core.installations import find_installation, require_master_key
from certwright.errors import KeyUnavailable
from certwright.model.installation import Installation

from tests.core.sealed_home import actions, copy_of, generations, make_sealed_home, require_everything_opens
from tests.faults.injection import count_of
from tests.support.stack import VENV
from tests.support.store import query

_REPOSITORY = Path(__file__).parents[2]
_ROTATING = str(Path(__file__).with_name("rotating.py"))
_CERTIFICATES = 21
_DURABLE = "fdatasync,fsync"
_PASSPHRASE = "correct horse battery"
# Counts that every test run can afford; `make faults` kills at every single write.
_STEP = 1 if int(os.environ.get("CERTWRIGHT_FAULT_POINTS", "3")) > 3 else 3

Command = Callable[[Path], Sequence[str]]

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sealed_home(tmp_path_factory.mktemp("sealed"), _CERTIFICATES)


def run(home: Path, *arguments: str, strace: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command on a home as a process of its own, under strace where something is injected."""
    command = [str(VENV / "bin" / "python"), _ROTATING, *arguments]
    traced = ["strace", "-f", "-qq", "-o", str(home / "strace.log"), *strace, *command] if strace else command
    return subprocess.run(traced, capture_output=True, text=True, check=False, env=_environment(home), timeout=120)


def _environment(home: Path) -> Mapping[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "CERTWRIGHT_HOME": str(home), "PYTHONPATH": str(_REPOSITORY)}


def count_of_writes(template: Path, folder: Path, command: Command) -> int:
    """Return how often an undisturbed run waits for the disk."""
    home = copy_of(template, folder)
    done = run(home, *command(home), strace=("-e", f"trace={_DURABLE}"))
    assert done.returncode == 0, done.stderr
    return count_of(home / "strace.log", _DURABLE)


def killed(template: Path, folder: Path, command: Command, step: int = 1) -> Iterator[tuple[Path, bool]]:
    """Yield copies of the home, each after a run that was killed at another write, and whether the kill came in time.

    One call of another thread, or none, can make a run shorter than the one that was counted.
    """
    total = count_of_writes(template, folder / "counted", command)
    for at in range(1, total + 1, step):
        home = copy_of(template, folder / str(at))
        injected = f"inject={_DURABLE}:signal=SIGKILL:when={at}"
        done = run(home, *command(home), strace=("-e", f"trace={_DURABLE}", "-e", injected))
        yield home, done.returncode != 0
        shutil.rmtree(home)


def test_keys_killed_at_any_row_open_and_the_next_run_goes_on(template: Path, tmp_path: Path) -> None:
    total, kills, mixed = generations(template)[1], 0, 0
    for home, is_killed in killed(template, tmp_path, lambda _: ("keys", "rotate"), _STEP):
        kills += is_killed
        mixed += len(generations(home)) == 2
        require_everything_opens(home)
        done = run(home, "keys", "rotate")
        assert done.returncode == 0, done.stderr
        assert list(generations(home).values()) == [total]
        require_everything_opens(home)
    assert kills >= (_CERTIFICATES + 3) // _STEP
    assert mixed >= _CERTIFICATES // _STEP


def test_killed_again_and_again_a_rotation_ends_with_one_generation(template: Path, tmp_path: Path) -> None:
    home, runs = copy_of(template, tmp_path / "home"), 0
    while generations(home)[1]:
        run(home, "keys", "rotate", strace=("-e", f"inject={_DURABLE}:signal=SIGKILL:when=6"))
        runs += 1
        assert runs < 4 * _CERTIFICATES
    assert run(home, "keys", "rotate").returncode == 0
    assert set(generations(home)) == {2}
    assert actions(home).count("RotateKeyEncryptionKeys") == 1
    require_everything_opens(home)


def test_a_ctrl_c_ends_it_with_a_sentence_and_loses_nothing(template: Path, tmp_path: Path) -> None:
    home = copy_of(template, tmp_path / "home")
    done = run(home, "keys", "rotate", strace=("-e", f"inject={_DURABLE}:signal=SIGINT:when=9"))
    assert (done.returncode, "Stopped. Every key opens as before" in done.stdout) == (1, True), done.stderr
    assert set(generations(home)) == {1, 2}
    require_everything_opens(home)
    assert run(home, "keys", "rotate").stdout.startswith("A rotation that was interrupted was gone on with.")


def test_killed_at_any_moment_either_the_old_master_key_opens_everything_or_the_new_one(
    template: Path, tmp_path: Path
) -> None:
    def command(home: Path) -> tuple[str, ...]:
        return ("keys", "rotate-master", "--yes", "--to", f"file:{home}/new.key")

    found = []
    for home, _ in killed(template, tmp_path, command):
        (name,) = openers(home)
        found.append(name)
        if name == "new.key":
            (home / "new.key").replace(home / "master.key")
        require_everything_opens(home)
    assert set(found) == {"master.key", "new.key"}
    assert found == sorted(found)


def openers(home: Path) -> list[str]:
    """Return the names of the key files that the installation recognises."""
    store = open_store(f"sqlite:///{home}/store.db", create=False)
    installation = find_installation(store)
    store.close()
    assert installation is not None
    files = [file for file in home.iterdir() if file.suffix == ".key"]
    return [file.name for file in files if _fits(installation, file)]


def _fits(installation: Installation, file: Path) -> bool:
    try:
        require_master_key(installation, open_master_key(f"file:{file}", {}, create=False).key)
    except KeyUnavailable:
        return False
    return True


def test_killed_at_any_moment_the_store_or_the_file_has_the_roots_key(template: Path, tmp_path: Path) -> None:
    (tmp_path / "words").write_text(_PASSPHRASE)
    (tmp_path / "words").chmod(0o600)
    secret = ("--passphrase-file", str(tmp_path / "words"))

    def command(home: Path) -> tuple[str, ...]:
        return ("ca", "seal-root", f"{home}/root.pem", *secret, "--yes")

    found = []
    for home, _ in killed(template, tmp_path, command):
        ((sealed,),) = query(home, "SELECT sealed_key FROM authorities WHERE role = 'ROOT'")
        found.append("store" if sealed else "file")
        if sealed:
            require_everything_opens(home)
            (home / "root.pem").unlink(missing_ok=True)
        again = run(home, *command(home))
        assert again.returncode == (0 if sealed else 6), again.stderr
        require_no_key_of_root(home, template)
        assert run(home, "ca", "unseal-root", f"{home}/root.pem", *secret).returncode == 0
        require_everything_opens(home)
    assert found == sorted(found, reverse=True)
    assert set(found) == {"store", "file"}


def require_no_key_of_root(home: Path, template: Path) -> None:
    """Find nothing in any file of the home of the blob that the root's key was sealed in."""
    ((blob,),) = query(template, "SELECT sealed_key FROM authorities WHERE role = 'ROOT'")
    assert isinstance(blob, bytes)
    assert [file.name for file in home.iterdir() if blob in file.read_bytes()] == []
