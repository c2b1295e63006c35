"""Faults put under a running stack by one environment variable: `stack.up(env=killed_at(folder, "fdatasync", 7))`.

Each function makes a folder with a `pulumi-resource-certwright` that starts the real plugin under a fault, and returns
the environment that lets the engine find it first.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.support.stack import TOOLS, VENV

PROXY, KILLER = Path(__file__).with_name("proxy.py"), Path(__file__).with_name("killer.py")
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
_PLUGIN = (str(VENV / "bin" / "python"), "-m", "certwright")
_STRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none")
_STRUCK = "struck"


def killed_at(folder: Path, syscalls: str, at: int) -> dict[str, str]:
    """Return an environment in which the plugin is killed as soon as it made its `at`-th call of `syscalls`.

    Several system calls, counted together, are separated by commas.
    """
    return _signalled(folder, syscalls, at, "SIGKILL", "plugin")


def interrupted_at(folder: Path, syscalls: str, at: int) -> dict[str, str]:
    """Return an environment in which the engine gets a Ctrl-C as soon as the plugin made its `at`-th such call."""
    return _signalled(folder, syscalls, at, "SIGINT", "engine")


def has_struck(folder: Path) -> bool:
    """Say whether the signal of `killed_at` or `interrupted_at` was sent."""
    return (folder / _STRUCK).exists()


def failing_from(
    folder: Path, error: str, syscalls: str, at: int, file: Path, log: Path = Path(os.devnull)
) -> dict[str, str]:
    """Return an environment in which the plugin's calls on one file fail from the `at`-th of each thread on.

    `log` gets a line for each such call, with INJECTED in those that failed.
    """
    injected = f"inject={syscalls}:error={error}:when={at}+"
    traced = ["-o", str(log), "-P", str(file), "-e", f"trace={syscalls}"]
    return _wrapped(folder, [*_STRACE, *traced, "-e", injected, *_PLUGIN])


def counted(folder: Path, log: Path, *syscalls: str) -> dict[str, str]:
    """Return an environment in which the plugin's calls of these system calls are written to `log`."""
    return _wrapped(folder, [*_STRACE, "-A", "-o", str(log), "-e", f"trace={','.join(syscalls)}", *_PLUGIN])


def count_of(log: Path, syscalls: str) -> int:
    """Return how often one of these system calls was made in a log of `counted`."""
    begins = tuple(f" {syscall}(" for syscall in syscalls.split(","))
    return sum(any(begin in line for begin in begins) for line in log.read_text(errors="replace").splitlines())


def engine_killed(folder: Path, method: str, at: int, moment: str) -> dict[str, str]:
    """Return an environment in which the engine is killed at the `at`-th call of a provider method.

    `moment` is `before` (the plugin has not seen the call) or `after` (its reply is there, the engine never reads it).
    """
    return _proxied(folder, f"kill-engine:{method}:{at}:{moment}")


def dynamic_engine_killed(folder: Path, method: str, at: int, moment: str) -> dict[str, str]:
    """Return an environment in which the engine is killed like that at a call of the SDK's dynamic provider."""
    command = [sys.executable, str(PROXY), str(VENV / "bin" / "python"), "-m", "pulumi.dynamic"]
    fault = f"kill-engine:{method}:{at}:{moment}"
    return _wrapped(folder, command, "pulumi-resource-pulumi-python", CERTWRIGHT_FAULT=fault)


def reply_lost(folder: Path, method: str, at: int) -> dict[str, str]:
    """Return an environment in which the reply to the `at`-th call of a method is lost and the engine sees an error."""
    return _proxied(folder, f"lose-reply:{method}:{at}:after")


def timed(folder: Path, log: Path) -> dict[str, str]:
    """Return an environment in which the seconds of each call that succeeded are written to `log`; see `times_of`."""
    return _proxied(folder, "nothing::0:", CERTWRIGHT_FAULT_TIMES=str(log))


def times_of(log: Path, method: str) -> list[float]:
    """Return the seconds of each call of a method in a log of `timed`, the longest last."""
    lines = (line.split() for line in log.read_text().splitlines())
    return sorted(float(seconds) for name, seconds in lines if name == method)


@dataclass(frozen=True)
class FakeHands:
    """The hands of the clock that a plugin sees; waits are measured by the real one."""

    file: Path

    def shift(self, by: timedelta) -> None:
        """Put the clock that far ahead of the machine's, or behind it; running plugins see it at once."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{by.total_seconds():+.0f}\n")
        fresh.replace(self.file)

    def now(self) -> datetime:
        """Return what the clock shows."""
        shift = float(self.file.read_text())
        return datetime.now().astimezone() + timedelta(seconds=shift)

    def environment(self) -> dict[str, str]:
        """Return the variables that put the clock into any process."""
        assert FAKETIME is not None, "libfaketime is missing: apt-get install faketime"
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def clock_of(folder: Path) -> FakeHands:
    """Return a clock that shows the machine's time until it is shifted."""
    folder.mkdir(parents=True, exist_ok=True)
    hands = FakeHands(folder / "clock")
    hands.shift(timedelta(0))
    return hands


def clocked(folder: Path, hands: FakeHands) -> dict[str, str]:
    """Return an environment in which the plugin, and nothing else, sees that clock."""
    return _wrapped(folder, _under(hands))


def clock_shifted(folder: Path, hands: FakeHands, method: str, at: int, by: timedelta) -> dict[str, str]:
    """Return an environment in which that clock is shifted when the `at`-th call of a method reaches the plugin."""
    shift = f"{by.total_seconds():+.0f} {hands.file}"
    return _proxied(folder, f"shift-clock:{method}:{at}:before", _under(hands), CERTWRIGHT_FAULT_SHIFT=shift)


def _under(hands: FakeHands) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in hands.environment().items()), *_PLUGIN]


def _signalled(folder: Path, syscalls: str, at: int, signal: str, who: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    killer = shlex.join([sys.executable, str(KILLER), str(at), signal, who, str(folder / _STRUCK)])
    return _wrapped(folder, [*_STRACE, "-o", f"|{killer}", "-e", f"trace={syscalls}", *_PLUGIN])


def _proxied(folder: Path, fault: str, command: Sequence[str] = _PLUGIN, **variables: str) -> dict[str, str]:
    return _wrapped(folder, [sys.executable, str(PROXY), *command], CERTWRIGHT_FAULT=fault, **variables)


def _wrapped(
    folder: Path, command: Sequence[str], name: str = "pulumi-resource-certwright", **variables: str
) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    plugin = folder / name
    plugin.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    plugin.chmod(0o755)
    return {"PATH": f"{folder}:{VENV}/bin:{TOOLS}:{os.environ['PATH']}", **variables}
