"""The provider process and its engine: found by its address, and not outlived for long."""

import os
import subprocess
import sys

import pytest
from certwright.transport.dynamic import engine

_PROGRAM = """
import sys, time
from certwright.transport.dynamic.engine import end_with_reader
end_with_reader(sys.stdout.fileno(), 0.2)
print("ready", flush=True)
time.sleep(60)
"""


def test_a_process_that_the_engine_did_not_start_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.engine.cache_clear()
    monkeypatch.setattr(sys, "argv", ["pytest", "tests/transport::test"])
    assert engine.engine() is None
    engine.engine.cache_clear()


def test_the_process_ends_a_while_after_its_reader() -> None:
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdout.close()
        assert process.wait(20) == 0


def test_the_process_stays_while_it_is_read() -> None:
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        os.kill(process.pid, 15)
