"""The Node.js SDK as the TypeScript compiler and a reader of its examples see it."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.support.languages import (
    NODE_PACKAGES,
    PROGRAMS,
    compile_node_sdk,
    doc_examples,
    install_node_packages,
    require,
    tsc,
    why_no_typescript,
)
from tests.support.stack import REPOSITORY

pytestmark = pytest.mark.skipif(bool(why_no_typescript()), reason=why_no_typescript() or "all is there")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a TypeScript project that has the SDK installed."""
    folder = tmp_path_factory.mktemp("typescript")
    sdk = compile_node_sdk(folder / "sdk")
    project = folder / "project"
    project.mkdir()
    install_node_packages(project, sdk)
    return project


def write(project: Path, programs: dict[str, str]) -> None:
    """Make programs the files of a project, with the options of the quickstart."""
    options = json.loads((REPOSITORY / "examples/quickstart-typescript/tsconfig.json").read_text())
    for name, code in programs.items():
        (project / f"{name}.ts").write_text(code)
    (project / "tsconfig.json").write_text(json.dumps({**options, "files": [f"{name}.ts" for name in programs]}))


def test_the_strict_compiler_accepts_what_uses_every_resource_and_function(project: Path) -> None:
    programs = {
        "members": (PROGRAMS / "typescript/index.ts").read_text(),
        "quickstart": (REPOSITORY / "examples/quickstart-typescript/index.ts").read_text(),
        **{f"example-{name}": code for name, code in doc_examples("typescript").items()},
    }
    write(project, programs)
    tsc(project, "--strict", "--noEmit")


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        pytest.param("domainName: 1", "TS2322", id="a wrong type"),
        pytest.param('domainName: "example.com", domain: ""', "TS2353", id="an unknown input"),
        pytest.param("", "TS2345", id="a missing input"),
    ],
)
def test_the_strict_compiler_refuses(project: Path, inputs: str, error: str) -> None:
    code = f'import {{ Certificate }} from "pulumi-certwright";\nnew Certificate("x", {{ {inputs} }});\n'
    write(project, {"wrong": code})
    command = [str(NODE_PACKAGES / ".bin" / "tsc"), "-p", str(project), "--noEmit"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert f"error {error}:" in done.stdout


def test_the_package_builds_itself_and_holds_only_what_programs_load(tmp_path: Path) -> None:
    sdk = tmp_path / "nodejs"
    shutil.copytree(REPOSITORY / "sdk/nodejs", sdk, ignore=shutil.ignore_patterns("node_modules", "bin"))
    (sdk / "node_modules").symlink_to(NODE_PACKAGES)
    require(["npm", "pack", "--pack-destination", str(tmp_path)], sdk)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as packed:
        names = {name.removeprefix("package/") for name in packed.getnames()}
    assert {"package.json", "README.md", "bin/index.js", "bin/index.d.ts", "bin/package.json"} <= names
    assert {name.partition("/")[0] for name in names} == {"package.json", "README.md", "bin"}
