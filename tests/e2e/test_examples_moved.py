"""Programs written for pulumi-aws, and the same with another import."""

import difflib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ZONES
from tests.support.foreign_dns import SDKS, example_with_foreign_dns, route53_records, sdks_are_there
from tests.support.knot import Knot
from tests.support.stack import REPOSITORY, Stack

_FOLDER = REPOSITORY / "examples" / "from-pulumi-aws"
_PROGRAMS = sorted(path.name for path in _FOLDER.iterdir())
_CONFIG = {
    "one-name": {"domain": "example.net"},
    "many-names": {"domain": "example.net", "otherDomain": "example.org"},
    "options-and-lookup": {"domain": "example.net"},
}
_RECORDS = {"one-name": 1, "many-names": 3, "options-and-lookup": 1}
_IMPORT = re.compile(r"(import|from) pulumi_(aws|certwright)\b.*")
_SETTING = re.compile(r"  certwright:\w+:|    value: .*")
_WITH_SDKS = pytest.mark.skipif(not sdks_are_there(), reason="no SDKs of other providers: run make test")
Moved = Callable[[str], Stack]


@pytest.fixture
def moved(tmp_path: Path, knot: Knot) -> Moved:
    return lambda name: example_with_foreign_dns(f"from-pulumi-aws/{name}/moved", tmp_path, knot, ZONES, _CONFIG[name])


def changed_lines(name: str, file: str) -> Iterator[str]:
    """Yield the lines that the original and the moved program do not share."""
    before, after = ((_FOLDER / name / side / file).read_text().splitlines() for side in ("aws", "moved"))
    return (line[2:] for line in difflib.ndiff(before, after) if line[0] in "+-")


def issued(stack: Stack) -> dict[str, Any]:
    """Return the outputs of the stack's one CertificateValidation."""
    (found,) = (item for item in stack.resources().values() if item["type"].endswith("CertificateValidation"))
    outputs: dict[str, Any] = found["outputs"]
    return outputs


@pytest.mark.parametrize("name", _PROGRAMS)
def test_a_moved_program_differs_in_its_imports_alone(name: str) -> None:
    changed = list(changed_lines(name, "__main__.py"))
    assert changed
    assert [line for line in changed if not _IMPORT.fullmatch(line)] == []


@pytest.mark.parametrize("name", _PROGRAMS)
def test_a_moved_project_differs_in_certwrights_configuration_alone(name: str) -> None:
    changed = list(changed_lines(name, "Pulumi.yaml"))
    assert [line for line in changed if not _SETTING.fullmatch(line)] == []


@_WITH_SDKS
@pytest.mark.parametrize("name", _PROGRAMS)
def test_an_original_is_a_program_that_pulumi_aws_takes(name: str) -> None:
    program = _FOLDER / name / "aws" / "__main__.py"
    config = [f"{key}={value}" for key, value in _CONFIG[name].items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.mocked_program", str(program), *config],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{SDKS}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    types = [item["type"] for item in json.loads(done.stdout)]
    assert {kind.split(":")[0] for kind in types} == {"aws"}
    assert [types.count(f"aws:acm/{kind}") for kind in _ACM] == [1, 1]


_ACM = ("certificate:Certificate", "certificateValidation:CertificateValidation")


@_WITH_SDKS
@pytest.mark.parametrize("name", _PROGRAMS)
def test_a_moved_program_previews_its_records_issues_and_is_stable(moved: Moved, knot: Knot, name: str) -> None:
    stack = moved(name)
    shown = route53_records(stack.preview().require_ok())
    assert len(shown) == _RECORDS[name]
    stack.up().require_ok()
    assert [(owner, *knot.query(owner, "CNAME")) for owner, _ in shown] == shown
    assert issued(stack)["status"] == "ISSUED"
    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()
    assert [knot.query(owner, "CNAME") for owner, _ in shown] == [[] for _ in shown]


@_WITH_SDKS
def test_the_moved_data_source_finds_the_certificate_with_its_tags(moved: Moved) -> None:
    stack = moved("options-and-lookup")
    stack.up().require_ok()
    outputs, made = stack.outputs(), issued(stack)
    assert (outputs["arn"], outputs["status"]) == (made["certificateArn"], "ISSUED")
    assert (outputs["certificate"], outputs["chain"]) == (made["certificatePem"], made["chainPem"])
    assert outputs["tags"] == outputs["allTags"] == {"Name": "api", "stage": "dev", "team": "platform"}
    stack.destroy().require_ok()


@_WITH_SDKS
def test_the_moved_configuration_decides_on_the_region(moved: Moved) -> None:
    stack = moved("one-name")
    stack.up().require_ok()
    assert stack.outputs()["certificateArn"].startswith("arn:certwright:acm:eu-central-1:000000000000:certificate/")
    stack.destroy().require_ok()
