"""The package works wherever it is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stack import REPOSITORY, VENV


@pytest.mark.parametrize("name", ["two words", "job%2Fbranch", "größe", "it's #1"])
def test_a_home_is_made_wherever_the_package_lies(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    shutil.copytree(REPOSITORY / "provider", place, ignore=shutil.ignore_patterns("__pycache__"))
    told = "import sys, certwright; sys.stderr.write(certwright.__file__)"
    code = f"{told}; from certwright.transport.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "init"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(place), "CERTWRIGHT_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, str(place / "certwright/__init__.py"))


@pytest.mark.parametrize("name", ["two words", "job%2Fbranch", "100%", "größe", "it's #1?"])
def test_a_store_lies_in_its_home_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    done = subprocess.run(
        [VENV / "bin/certwright", "init"],
        env={"PATH": os.environ["PATH"], "CERTWRIGHT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in home.iterdir()} >= {"store.db", "master.key"}
    assert [path.name for path in tmp_path.iterdir()] == [name]
