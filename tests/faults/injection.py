"""Faults put under a running stack by one environment variable: `stack.up(env=killed_at(folder, "fdatasync", 7))`.

Each function makes a folder with a `pulumi-resource-certwright` that starts the real plugin under a fault, and returns
the environment that lets the engine find it first.
"""

import os
import shlex
import sys
from pathlib import Path

from tests.support.stack import TOOLS, VENV

_LOG = "strace.log"
PROXY = Path(__file__).with_name("proxy.py")


def killed_at(folder: Path, syscall: str, at: int) -> dict[str, str]:
    """Return an environment in which the plugin is killed (SIGKILL) at its `at`-th call of `syscall`."""
    return _wrapped(folder, _strace(folder, f"inject={syscall}:signal=SIGKILL:when={at}", syscall))


def has_struck(folder: Path) -> bool:
    """Say whether the fault of `killed_at` or `failing_at` came about."""
    log = folder / _LOG
    return log.exists() and any(mark in log.read_text(errors="replace") for mark in ("killed by SIGKILL", "(INJECTED)"))


def failing_at(folder: Path, syscall: str, error: str, first: int) -> dict[str, str]:
    """Return an environment in which every call of `syscall` from the `first` on fails, as with ENOSPC."""
    return _wrapped(folder, _strace(folder, f"inject={syscall}:error={error}:when={first}+", syscall))


def counted(folder: Path, log: Path, *syscalls: str) -> dict[str, str]:
    """Return an environment in which the plugin's calls of these system calls are written to `log`."""
    return _wrapped(
        folder, ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(log), "-e", f"trace={','.join(syscalls)}"]
    )


def count_of(log: Path, syscall: str) -> int:
    """Return how often a system call stands in a log of `counted`."""
    return sum(1 for line in log.read_text(errors="replace").splitlines() if f" {syscall}(" in line)


def engine_killed(folder: Path, method: str, at: int, moment: str) -> dict[str, str]:
    """Return an environment in which the engine is killed at the `at`-th call of a provider method.

    `moment` is `before` (the plugin has not seen the call) or `after` (its reply is there, the engine never reads it).
    """
    return _wrapped(folder, [sys.executable, str(PROXY)], CERTWRIGHT_FAULT=f"kill-engine:{method}:{at}:{moment}")


def reply_lost(folder: Path, method: str, at: int) -> dict[str, str]:
    """Return an environment in which the reply to the `at`-th call of a method is lost and the engine sees an error."""
    return _wrapped(folder, [sys.executable, str(PROXY)], CERTWRIGHT_FAULT=f"lose-reply:{method}:{at}:after")


def _strace(folder: Path, injection: str, syscall: str) -> list[str]:
    log = str(folder / _LOG)
    return ["strace", "-f", "--seccomp-bpf", "-q", "-o", log, "-e", f"trace={syscall}", "-e", injection]


def _wrapped(folder: Path, prefix: list[str], **variables: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    plugin = folder / "pulumi-resource-certwright"
    command = shlex.join([*prefix, str(VENV / "bin" / "python"), "-m", "certwright"])
    plugin.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    plugin.chmod(0o755)
    return {"PATH": f"{folder}:{VENV}/bin:{TOOLS}:{os.environ['PATH']}", **variables}
