"""A clock that is put elsewhere under a running plugin, and right again: every window inside its issuer's (C7)."""

import os
import subprocess
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509

from tests.faults.convergence import require_converged
from tests.faults.injection import FAKETIME, clock_of, clock_shifted, clocked
from tests.support.programs import issued
from tests.support.stack import VENV, Run, Stack

pytestmark = pytest.mark.skipif(FAKETIME is None, reason="libfaketime is missing: apt-get install faketime")

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_NAMES = ["clock.example.com"]
_SECOND, _HOUR, _DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
_BELIEVED = [_SECOND, -_SECOND, 31 * _SECOND, _HOUR, _DAY] if _IS_FULL else [_DAY]
# The store saw its last instant some seconds before: the border of 30 s is tested to the second in tests/core.
_REFUSED = [-120 * _SECOND, -_HOUR, -_DAY, 3650 * _DAY, -3650 * _DAY] if _IS_FULL else [-120 * _SECOND, 3650 * _DAY]
_MOMENTS = ["before the run", "during the run"] if _IS_FULL else ["during the run"]


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    """Return a stack whose certificate is to be made anew by the next run, its record published."""
    made = new_stack()
    made.write(issued(_NAMES, "example.com", 1))
    made.up().require_ok()
    made.write(issued(_NAMES, "example.com", 1, validity={"type": "DAYS", "value": 200}))
    return made


def run_shifted(stack: Stack, folder: Path, step: timedelta, moment: str) -> Run:
    """Run `up` with the clock put elsewhere before it, or when its first update reaches the plugin."""
    hands = clock_of(folder)
    if moment == "during the run":
        return stack.up(env=clock_shifted(folder / "bin", hands, "Update", 1, step))
    hands.shift(step)
    return stack.up(env=clocked(folder / "bin", hands))


def require_inside_its_issuers(pems: Iterable[str]) -> None:
    """Require that each certificate begins and ends within the next one, and the last within the root."""
    chain = [found for pem in pems for found in x509.load_pem_x509_certificates(pem.encode())]
    for inner, outer in pairwise(chain):
        assert outer.not_valid_before_utc <= inner.not_valid_before_utc
        assert inner.not_valid_after_utc <= outer.not_valid_after_utc


def reset_clock(stack: Stack) -> str:
    """Run `certwright clock reset` by the machine's clock."""
    command = [str(VENV / "bin" / "certwright"), "clock", "reset", "--yes"]
    done = subprocess.run(command, env=stack.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def require_settled(stack: Stack) -> None:
    """Require that one more run makes everything right by the machine's clock, and the next changes nothing."""
    stack.up().require_ok()
    require_converged(stack)
    assert stack.up().require_ok().changed() == {}
    outputs = stack.outputs()
    require_inside_its_issuers([outputs["pem"], outputs["chain"]])


@pytest.mark.parametrize("moment", _MOMENTS)
@pytest.mark.parametrize("step", _BELIEVED, ids=str)
def test_a_clock_that_is_believed_signs_and_one_reset_makes_everything_right_again(
    stack: Stack, tmp_path: Path, step: timedelta, moment: str
) -> None:
    run_shifted(stack, tmp_path / "clock", step, moment).require_ok()
    outputs = stack.outputs()
    require_inside_its_issuers([outputs["pem"], outputs["chain"]])
    reset_clock(stack)
    require_settled(stack)


@pytest.mark.parametrize("moment", _MOMENTS)
@pytest.mark.parametrize("step", _REFUSED, ids=str)
def test_a_clock_that_cannot_be_right_signs_nothing_and_the_next_run_by_a_right_one_does(
    stack: Stack, tmp_path: Path, step: timedelta, moment: str
) -> None:
    before = stack.outputs()["serial"]
    said = run_shifted(stack, tmp_path / "clock", step, moment).require_failed().messages
    assert "Set the clock right" in said
    assert "run `certwright clock reset`" in said
    assert stack.outputs()["serial"] == before
    require_settled(stack)


def test_after_a_clock_that_was_ahead_nothing_is_signed_until_it_is_said_to_be_right(
    stack: Stack, tmp_path: Path
) -> None:
    run_shifted(stack, tmp_path / "clock", 30 * _DAY, "before the run").require_ok()
    said = stack.up().require_failed().messages
    assert "the clock was ahead when it was made" in said
    assert "this store has seen" in said
    assert "it was 20" in reset_clock(stack)
    require_settled(stack)
