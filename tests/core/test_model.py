"""The core beside a book kept by hand: whatever people, processes, clocks and servers do, both say the same.

`model_book` is the book; `model_acts`, `model_cycle`, `model_holds` and `model_control` say what use cases do to it;
`model_compare` and `model_learn` hold the store against it after each step. In full (CERTWRIGHT_FAULT_POINTS set) it
takes 10,000 steps from a seed that is drawn and shown; CERTWRIGHT_MODEL_SEED repeats one. The bugs that were planted to
prove it are in docs/MUTANTS.md.
"""

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.core.model_races import RaceActs

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_STEPS = 10_000 if _IS_FULL else 1_000
_RUN = 50
_SETTINGS = settings(
    stateful_step_count=_RUN,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


@pytest.mark.timeout(3600)
def test_core_and_book_agree_after_every_step(record_property: Callable[[str, object], None]) -> None:
    drawn = random.SystemRandom().randrange(2**32) if _IS_FULL else 4
    chosen = int(os.environ.get("CERTWRIGHT_MODEL_SEED", drawn))
    record_property("CERTWRIGHT_MODEL_SEED", chosen)
    while (left := _STEPS - RaceActs.steps) > 0:
        print(f"CERTWRIGHT_MODEL_SEED={chosen} after {RaceActs.steps} steps")  # noqa: T201 - repeats what failed
        runs = settings(_SETTINGS, max_examples=min(20, -(-left // _RUN)))
        run_state_machine_as_test(seed(chosen)(RaceActs), settings=runs)
        chosen += 1
