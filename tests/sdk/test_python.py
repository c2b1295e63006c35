"""The Python SDK as a type checker and a reader of its examples see it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.languages import PROGRAMS, doc_examples, install_python_sdk
from tests.support.stack import REPOSITORY


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an interpreter that has the SDK installed."""
    folder = tmp_path_factory.mktemp("python-sdk")
    install_python_sdk(folder)
    return folder


def findings(typed: Path, programs: dict[str, str]) -> str:
    """Return what mypy --strict says about programs."""
    for name, code in programs.items():
        (typed / f"{name}.py").write_text(code)
    options = ["--strict", "--python-executable", str(typed / "venv/bin/python"), "--cache-dir", str(typed / "cache")]
    command = [sys.executable, "-m", "mypy", *options, *(f"{name}.py" for name in programs)]
    return subprocess.run(command, cwd=typed, capture_output=True, text=True, check=False).stdout


def test_a_strict_type_checker_accepts_what_uses_every_resource_and_function(typed: Path) -> None:
    programs = {
        "members": (PROGRAMS / "python/__main__.py").read_text(),
        "quickstart": (REPOSITORY / "examples/quickstart/__main__.py").read_text(),
        **{f"example_{name}": code for name, code in doc_examples("python").items()},
    }
    assert findings(typed, programs) == f"Success: no issues found in {len(programs)} source files\n"


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param("domain_name=1", id="a wrong type"),
        pytest.param('domain_name="example.com", domain=""', id="an unknown input"),
        pytest.param('domain_name="example.com", validity={"type": "DAYS", "value": "90"}', id="a wrong nested type"),
    ],
)
def test_a_strict_type_checker_refuses(typed: Path, inputs: str) -> None:
    code = f'import pulumi_certwright as certwright\ncertwright.Certificate("x", {inputs})\n'
    assert "wrong.py:2: error: No overload variant" in findings(typed, {"wrong": code})
