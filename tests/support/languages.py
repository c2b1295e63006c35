"""Programs in other languages beside the SDKs of this repository, with what set-up put into .tools."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from tests.support.stack import REPOSITORY, TOOLS

PROGRAMS = REPOSITORY / "tests" / "sdk" / "programs"
NODE_PACKAGES = TOOLS.parent / "nodejs" / "node_modules"
NODE_SDK = REPOSITORY / "sdk" / "nodejs"
GO_SDK = REPOSITORY / "sdk" / "go"
GO_MODULE = "github.com/certwright/certwright/sdk/go"


def why_no_typescript() -> str:
    """Return what is missing for TypeScript; nothing when all is there."""
    if shutil.which("node") is None:
        return "Node.js is not installed: apt-get install nodejs npm, then run make test"
    if not NODE_PACKAGES.exists():
        return f"no Node.js packages at {NODE_PACKAGES}: run make test with Node.js 18 or newer"
    return ""


def why_no_go() -> str:
    """Return what is missing for Go; nothing when all is there."""
    return "" if shutil.which("go") else "Go is not on PATH: install Go 1.22 or newer, then run make test"


def doc_examples(language: str) -> dict[str, str]:
    """Return by resource or function the examples of the schema's descriptions."""
    schema = json.loads((REPOSITORY / "schema.json").read_text())
    return {
        token.rpartition(":")[2]: code
        for token, member in {**schema["resources"], **schema["functions"]}.items()
        for code in re.findall(rf"```{language}\n(.*?)```", member["description"], re.DOTALL)
    }


def install_python_sdk(folder: Path) -> Path:
    """Install the Python SDK as a wheel does, beside everything this environment has; return the interpreter.

    A type checker looks at installed files only, and only when the SDK says that it is typed.
    """
    require([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], folder)
    packages = next((folder / "venv" / "lib").iterdir()) / "site-packages"
    (packages / "environment.pth").write_text(sysconfig.get_path("purelib"))
    source = shutil.copytree(REPOSITORY / "sdk" / "python", folder / "source")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--target", str(packages)]
    require([sys.executable, "-m", "pip", "install", *options, str(source)], folder)
    return folder / "venv" / "bin" / "python"


def compile_node_sdk(folder: Path) -> Path:
    """Build the Node.js SDK in a folder as npm would before packing it; return the package."""
    shutil.copytree(NODE_SDK, folder, ignore=shutil.ignore_patterns("node_modules", "bin"))
    (folder / "node_modules").symlink_to(NODE_PACKAGES)
    tsc(folder)
    shutil.copy(folder / "package.json", folder / "bin")
    (folder / "node_modules").unlink()
    return folder


def install_node_packages(program: Path, sdk: Path) -> None:
    """Give a program the locked packages and the SDK, so that both load one copy of Pulumi's own."""
    modules = program / "node_modules"
    modules.mkdir()
    for package in NODE_PACKAGES.iterdir():
        (modules / package.name).symlink_to(package)
    target = modules / "pulumi-certwright"
    shutil.copytree(sdk / "bin", target / "bin")
    shutil.copy(sdk / "package.json", target)


def tsc(folder: Path, *args: str) -> None:
    """Compile a TypeScript project; fail with the compiler's words."""
    require([str(NODE_PACKAGES / ".bin" / "tsc"), "-p", str(folder), *args], folder)


def use_go_sdk(program: Path) -> None:
    """Make a copied program's module take the SDK of this repository."""
    require(["go", "mod", "edit", f"-replace={GO_MODULE}={GO_SDK}"], program)


def require(command: Sequence[str], cwd: Path) -> str:
    """Run a command and return what it prints; fail with that when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
