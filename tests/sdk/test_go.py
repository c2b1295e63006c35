"""The Go SDK as the Go compiler and a reader of its examples see it."""

import subprocess
from pathlib import Path

import pytest

from tests.support.languages import GO_SDK, PROGRAMS, doc_examples, require, use_go_sdk, why_no_go
from tests.support.stack import REPOSITORY

pytestmark = pytest.mark.skipif(bool(why_no_go()), reason=why_no_go() or "all is there")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Return a folder that is a module with the quickstart's dependencies."""
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_text((REPOSITORY / "examples/quickstart-go" / name).read_text())
    use_go_sdk(tmp_path)
    return tmp_path


def write(module: Path, programs: dict[str, str]) -> None:
    """Write each program as a package of its own."""
    for name, code in programs.items():
        (module / name).mkdir()
        (module / name / "main.go").write_text(code)


def test_the_sdk_passes_vet_and_builds() -> None:
    require(["go", "vet", "./..."], GO_SDK)
    require(["go", "build", "-mod=readonly", "./..."], GO_SDK)


def test_vet_accepts_what_uses_every_resource_and_function(module: Path) -> None:
    programs = {
        "members": (PROGRAMS / "go/main.go").read_text(),
        "quickstart": (REPOSITORY / "examples/quickstart-go/main.go").read_text(),
        **{name.lower(): code for name, code in doc_examples("go").items()},
    }
    write(module, programs)
    require(["go", "vet", "-mod=readonly", "./..."], module)
    assert require(["gofmt", "-l", "."], module) == ""


def test_the_compiler_refuses_an_unknown_input(module: Path) -> None:
    code = doc_examples("go")["Certificate"].replace("DomainName:", "Domain:")
    write(module, {"wrong": code})
    done = subprocess.run(["go", "vet", "./wrong"], cwd=module, capture_output=True, text=True, check=False)
    assert "unknown field Domain in struct literal" in done.stderr
