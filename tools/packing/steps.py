"""What every step of a release shares: its error, commands, progress."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

UV = str(Path(sys.executable).with_name("uv"))


class ReleaseError(Exception):
    """Say why nothing is released and what to do."""


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Print a title before and the seconds after."""
    started = time.monotonic()
    sys.stdout.write(f"dist: {title} ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        sys.stdout.write("\n")
        raise
    sys.stdout.write(f"({time.monotonic() - started:.0f} s)\n")
    sys.stdout.flush()


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command and return its standard output; raise `ReleaseError` with all it said when it fails."""
    done = subprocess.run(
        list(command),
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"{' '.join(command[:3])} failed (exit code {done.returncode}):\n{done.stdout}{done.stderr}"
        raise ReleaseError(msg)
    return done.stdout
