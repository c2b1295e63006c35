"""The examples, as a reader would run them."""

import json
import re
import shutil
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.e2e.conftest import target
from tests.support.knot import Knot
from tests.support.stack import REPOSITORY, make_stack

_CERTIFICATES = {"quickstart": 2, "quickstart-yaml": 1}


def test_every_example_is_run_by_a_test() -> None:
    examples = [path.name for path in (REPOSITORY / "examples").iterdir()]
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    named = [re.sub(r"\{\w+\}", "*", text) for text in re.findall(r'"([a-z-]+(?:\{\w+\})?)"', tests)]
    assert [name for name in examples if not any(fnmatch(name, pattern) for pattern in named)] == []


@pytest.mark.parametrize("example", sorted(_CERTIFICATES))
def test_an_example_runs_twice_and_the_second_run_changes_nothing(example: str, tmp_path: Path, knot: Knot) -> None:
    folder = tmp_path / example
    shutil.copytree(REPOSITORY / "examples" / example, folder)
    stack = make_stack(folder, tmp_path / "home")
    stack.configure("domain", "example.net")
    stack.configure("certwright:resolvers", json.dumps([knot.address]))
    stack.configure("certwright:rfc2136", target(knot), "--secret")
    stack.up().require_ok()
    validations = [item for item in stack.resources().values() if item["type"].endswith("CertificateValidation")]
    assert len(validations) == _CERTIFICATES[example]
    assert {item["outputs"]["status"] for item in validations} == {"ISSUED"}
    assert stack.up().require_ok().changed() == {}
    stack.destroy().require_ok()
