"""Faults put under a running stack by one environment variable: `stack.up(env=killed_at(folder, "fdatasync", 7))`.

Each function makes a folder with a `pulumi-resource-certwright` that starts the real plugin under a fault, and returns
the environment that lets the engine find it first.
"""

import os
import shlex
import sys
from pathlib import Path

from tests.support.stack import TOOLS, VENV

PROXY, KILLER = Path(__file__).with_name("proxy.py"), Path(__file__).with_name("killer.py")
_STRACE = ("strace", "-f", "--seccomp-bpf", "-qq")
_STRUCK = "struck"


def killed_at(folder: Path, syscall: str, at: int) -> dict[str, str]:
    """Return an environment in which the plugin is killed as soon as it made its `at`-th call of `syscall`."""
    folder.mkdir(parents=True, exist_ok=True)
    killer = shlex.join([sys.executable, str(KILLER), str(at), str(folder / _STRUCK)])
    return _wrapped(folder, [*_STRACE, "-o", f"|{killer}", "-e", f"trace={syscall}"])


def has_struck(folder: Path) -> bool:
    """Say whether the kill of `killed_at` came about."""
    return (folder / _STRUCK).exists()


def counted(folder: Path, log: Path, *syscalls: str) -> dict[str, str]:
    """Return an environment in which the plugin's calls of these system calls are written to `log`."""
    return _wrapped(folder, [*_STRACE, "-A", "-o", str(log), "-e", f"trace={','.join(syscalls)}"])


def count_of(log: Path, syscall: str) -> int:
    """Return how often a system call was made in a log of `counted`."""
    return sum(f" {syscall}(" in line for line in log.read_text(errors="replace").splitlines())


def engine_killed(folder: Path, method: str, at: int, moment: str) -> dict[str, str]:
    """Return an environment in which the engine is killed at the `at`-th call of a provider method.

    `moment` is `before` (the plugin has not seen the call) or `after` (its reply is there, the engine never reads it).
    """
    return _wrapped(folder, [sys.executable, str(PROXY)], CERTWRIGHT_FAULT=f"kill-engine:{method}:{at}:{moment}")


def reply_lost(folder: Path, method: str, at: int) -> dict[str, str]:
    """Return an environment in which the reply to the `at`-th call of a method is lost and the engine sees an error."""
    return _wrapped(folder, [sys.executable, str(PROXY)], CERTWRIGHT_FAULT=f"lose-reply:{method}:{at}:after")


def _wrapped(folder: Path, prefix: list[str], **variables: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    plugin = folder / "pulumi-resource-certwright"
    command = shlex.join([*prefix, str(VENV / "bin" / "python"), "-m", "certwright"])
    plugin.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    plugin.chmod(0o755)
    return {"PATH": f"{folder}:{VENV}/bin:{TOOLS}:{os.environ['PATH']}", **variables}
