"""The schema as the engine's own commands see it."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.stack import REPOSITORY, TOOLS, make_stack

pytestmark = pytest.mark.skipif(not (TOOLS / "pulumi").exists(), reason=f"no Pulumi engine at {TOOLS}: run make test")


def test_the_engine_finds_nothing_wrong_with_the_schema(tmp_path: Path) -> None:
    done = make_stack(tmp_path).pulumi("schema", "check", str(REPOSITORY / "schema.json"))
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "", "")


def test_the_engine_reads_the_schema_of_the_repository_from_the_plugin(tmp_path: Path) -> None:
    plugin = shutil.which("pulumi-resource-certwright", path=str(Path(sys.executable).parent))
    done = make_stack(tmp_path).pulumi("package", "get-schema", str(plugin))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((REPOSITORY / "schema.json").read_text())
