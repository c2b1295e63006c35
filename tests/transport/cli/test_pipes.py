"""Commands whose output nobody reads to its end."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.stack import VENV
from tests.transport.homes import environment


@pytest.mark.parametrize("command", ["init", "status", "doctor"])
def test_a_reader_that_leaves_is_no_fault(home: Path, command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [VENV / "bin/certwright", command],
            env=environment(home, PATH=os.environ["PATH"]),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
