"""The plugin's log: one sentence for the engine, types and frames in the home, and values nowhere."""

import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from certwright.adapters.plugin_log import FILE, SentenceFormatter

SECRET = "hunter2"
PROGRAM = """
import logging, pathlib, sys
from certwright.adapters.plugin_log import start_log
start_log(pathlib.Path(sys.argv[1]))
def inner():
    raise ValueError("hunter2")
try:
    try:
        inner()
    except ValueError as error:
        raise RuntimeError("hunter2") from error
except RuntimeError:
    logging.getLogger("grpc._server").exception("Exception calling application: hunter2")
"""


def run(home: Path) -> str:
    """Log a fault in a process of its own and return what the engine shows of it."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(home)], capture_output=True, text=True, check=True)
    return done.stderr


def test_the_engine_shows_one_sentence(tmp_path: Path) -> None:
    shown = run(tmp_path)
    assert (shown.startswith("certwright has a fault of its own (RuntimeError);"), shown.count("\n")) == (True, 1)


@pytest.mark.parametrize("inside", [SECRET, "Traceback", ".py", "ValueError"])
def test_the_engine_shows_nothing_of_the_inside(tmp_path: Path, inside: str) -> None:
    assert inside not in run(tmp_path)


def test_the_home_keeps_types_and_frames_of_a_fault_and_its_cause(tmp_path: Path) -> None:
    run(tmp_path)
    lines = [line.strip() for line in (tmp_path / FILE).read_text().splitlines()]
    assert [line for line in lines if line.startswith("builtins.")] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert [line.rpartition(" in ")[2] for line in lines if " in " in line] == ["<module>", "<module>", "inner"]


def test_the_home_keeps_no_value(tmp_path: Path) -> None:
    run(tmp_path)
    assert SECRET not in (tmp_path / FILE).read_text()


def test_the_log_is_for_its_owner_alone_and_grows(tmp_path: Path) -> None:
    run(tmp_path)
    first = (tmp_path / FILE).stat().st_size
    (tmp_path / FILE).chmod(0o644)
    run(tmp_path)
    found = (tmp_path / FILE).stat()
    assert (stat.S_IMODE(found.st_mode), found.st_size) == (0o600, 2 * first)


@pytest.mark.parametrize("home", ["absent", "absent/below"])
def test_no_home_is_made_for_the_logs_sake(tmp_path: Path, home: str) -> None:
    assert "a fault of its own" in run(tmp_path / home)
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_logs_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("")
    (tmp_path / FILE).symlink_to(tmp_path / "target")
    run(tmp_path)
    assert (tmp_path / "target").read_text() == ""


def test_a_message_is_one_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "two\nlines", None, None)
    assert SentenceFormatter().format(record) == "certwright: two lines"
