"""A process stopped in a renewal until its lease is over: another one goes on, its own writes are refused later.

The clock of both is put ahead while the first one is stopped, so that nobody waits for the lease (S11).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.injection import FAKETIME, FakeHands, clock_of
from tests.support.stack import REPOSITORY
from tests.support.store import query

pytestmark = pytest.mark.skipif(FAKETIME is None, reason="libfaketime is missing: apt-get install faketime")

_PAUSE = timedelta(minutes=10)
_DUE, _DUE_WITH_A_NEW_CA = timedelta(days=130), timedelta(days=250)


def start(home: Path, hands: FakeHands, *arguments: str) -> subprocess.Popen[str]:
    """Start an issuer under a clock."""
    path = os.pathsep.join((str(REPOSITORY), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.issuer", str(home), *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **hands.environment(), "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(home: Path, hands: FakeHands, *arguments: str) -> Sequence[str]:
    """Run an issuer to its end and return what it acknowledged."""
    process = start(home, hands, *arguments)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return said.splitlines()


def await_stop(process: subprocess.Popen[str]) -> None:
    """Wait until a process has stopped itself."""
    deadline = time.monotonic() + 60
    while "\nState:\tT" not in Path(f"/proc/{process.pid}/status").read_text():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("step", "later", "outcomes"),
    [
        pytest.param("question", _DUE, ["ISSUED"], id="while DNS is asked"),
        pytest.param("generate", _DUE, ["ISSUED"], id="before the key is made"),
        pytest.param("sign", _DUE, ["ISSUED", "MAY_EXIST"], id="before the signature"),
        pytest.param("signed", _DUE, ["ISSUED", "MAY_EXIST"], id="after the signature"),
        pytest.param("sign", _DUE_WITH_A_NEW_CA, ["ISSUED", "ISSUED", "MAY_EXIST"], id="before a CA is signed"),
        pytest.param("signed", _DUE_WITH_A_NEW_CA, ["ISSUED", "ISSUED", "MAY_EXIST"], id="after a CA is signed"),
    ],
)
def test_a_process_that_was_stopped_past_its_lease_writes_nothing_any_more(
    tmp_path: Path, step: str, later: timedelta, outcomes: list[str]
) -> None:
    home, hands = tmp_path / "home", clock_of(tmp_path / "clock")
    home.mkdir()
    run(home, hands, "1")
    before = query(home, "SELECT serial FROM serials")
    hands.shift(later)
    paused = start(home, hands, "0", step)
    await_stop(paused)
    hands.shift(later + _PAUSE)
    (acknowledged,) = run(home, hands, "0")
    audited = query(home, "SELECT count(*) FROM audit_events")
    paused.send_signal(signal.SIGCONT)
    said, errors = paused.communicate(timeout=60)
    assert (paused.returncode != 0, said) == (True, "")
    assert "LeaseLost" in errors or "Superseded" in errors, errors
    renewals = query(home, "SELECT number, state, serial FROM certificate_versions WHERE number > 1")
    assert renewals == [(2, "ISSUED", acknowledged.split()[2])]
    assert query(home, "SELECT count(*) FROM audit_events") == audited
    made = query(home, "SELECT serial, outcome FROM serials ORDER BY outcome")
    assert [outcome for serial, outcome in made if (serial,) not in before] == outcomes
