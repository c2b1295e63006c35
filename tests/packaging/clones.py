"""Clones of the repository as it lies here, and releases built from them."""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.stack import REPOSITORY

PLATFORM = {("Linux", "x86_64"): "linux-amd64", ("Linux", "aarch64"): "linux-arm64"}.get(
    (platform.system(), platform.machine())
)
_AUTHOR = ("-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false")
_WHEN = "2026-01-02T03:04:05Z"


def make_clone(folder: Path) -> Path:
    """Make a clone whose commit is the work tree as it lies here, uncommitted files included."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit everything, at a fixed time."""
    git(folder, "add", "--all")
    git(folder, *_AUTHOR, "commit", "--quiet", "--message", "test", GIT_AUTHOR_DATE=_WHEN, GIT_COMMITTER_DATE=_WHEN)


def build_release(clone: Path, *before: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build the clone's release for this machine's platform; `before` is a command to run it with."""
    command = [*before, sys.executable, "-m", "tools.release", "--platform", str(PLATFORM)]
    return subprocess.run(
        command, cwd=clone, env={**os.environ, **environment}, capture_output=True, text=True, timeout=280, check=False
    )


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Run git, free of the user's own settings, and return what it prints."""
    quiet: Mapping[str, str] = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    env = {**os.environ, **quiet, **environment}
    return subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True).stdout


def shared(folder: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder unless another test process did, or is doing so; one that failed is made again."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".made")
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder
