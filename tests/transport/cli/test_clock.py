"""`certwright clock`: what signing goes by, and the one way to lower what the store has seen."""

from pathlib import Path

import pytest

from tests.support.aging import age
from tests.transport.cli.conftest import Run
from tests.transport.declared import issued
from tests.transport.dns_server import Zones
from tests.transport.engine import Engine
from tests.transport.homes import dump, rows

_TEN_YEARS = 3650 * 24 * 60 * 60 * 1_000_000


def put_ahead(home: Path, microseconds: int = _TEN_YEARS) -> None:
    """Let the store have seen another instant, as if an earlier clock had been wrong."""
    age(home, f"UPDATE installation SET clock_mark = clock_mark + {microseconds}")


def test_a_clock_that_is_right_is_said_to_be(run: Run) -> None:
    done = run("clock")
    assert (done.exit_code, "Signing goes on" in done.stdout) == (0, True), done.output


@pytest.mark.parametrize(
    ("microseconds", "sentence"),
    [(_TEN_YEARS, "this store has seen"), (-_TEN_YEARS, "this store last signed or waited at")],
    ids=["the store is ahead", "the store is far behind"],
)
def test_a_clock_that_nothing_is_signed_by_ends_with_3_and_says_the_way_on(
    run: Run, home: Path, microseconds: int, sentence: str
) -> None:
    put_ahead(home, microseconds)
    done = run("clock")
    assert done.exit_code == 3
    assert sentence in done.stderr
    assert "run `certwright clock reset`" in done.stderr


def test_looking_at_the_clock_stores_nothing(run: Run, home: Path) -> None:
    put_ahead(home)
    before = dump(home)
    run("clock")
    assert dump(home) == before


def test_a_reset_asks_first_and_says_what_it_means(run: Run, home: Path) -> None:
    put_ahead(home)
    before = dump(home)
    done = run("clock", "reset")
    assert (done.exit_code, dump(home)) == (1, before)
    assert "Only do that when the clock is right" in done.stdout
    assert "Is the clock of this machine right?" in done.stdout


def test_after_a_reset_signing_goes_on(run: Run, home: Path, up: Engine, zones: Zones) -> None:
    put_ahead(home)
    assert run("clock", "reset", "--yes").exit_code == 0
    assert run("clock").exit_code == 0
    issued(up, zones)


def test_a_reset_is_in_the_audit_log(run: Run, home: Path) -> None:
    put_ahead(home)
    run("clock", "reset", "--yes")
    assert rows(home, "audit_events", "action")[-1] == ("ResetClock",)
