"""What the commands say of CI and of faults of their own."""

from pathlib import Path

import pytest
from certwright.transport.cli import main
from certwright.transport.cli.opening import INTERNAL
from click.testing import CliRunner

from tests.support.store import change


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str | None]:
    return {"CERTWRIGHT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "CI": "true"}


def test_init_makes_a_home_in_ci_because_it_was_asked_to(environment: dict[str, str | None]) -> None:
    made = CliRunner().invoke(main, ["init"], env=environment)
    assert made.exit_code == 0, made.output
    assert "A new home was made" in made.output
    status = CliRunner().invoke(main, ["status"], env=environment)
    assert status.exit_code == 0, status.output


def test_a_command_that_only_looks_makes_no_home(environment: dict[str, str | None], tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["status"], env=environment).exit_code != 0
    assert not (tmp_path / "home").exists()


def test_a_fault_of_its_own_is_a_sentence_and_a_traceback_only_on_demand(
    environment: dict[str, str | None], tmp_path: Path
) -> None:
    CliRunner().invoke(main, ["init"], env=environment)
    change(tmp_path / "home", "UPDATE installation SET created_at = 9999999999999999999")
    failed = CliRunner().invoke(main, ["status"], env=environment)
    assert (failed.exit_code, "Traceback" in failed.output) == (INTERNAL, False), failed.output
    assert "fault of its own" in failed.output
    shown = CliRunner().invoke(main, ["status"], env={**environment, "CERTWRIGHT_TRACEBACK": "1"})
    assert shown.exception is not None
    assert not isinstance(shown.exception, SystemExit)
