"""A release built from a clone, once for all test processes, and an empty environment with its wheels."""

import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.packaging.clones import PLATFORM, build_release, make_clone, shared
from tests.support.knot import Knot, start_knot
from tests.support.stack import TOOLS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the engine, with the reason, where there is none."""
    if (TOOLS / "pulumi").exists():
        return
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.skip(reason=f"no Pulumi engine at {TOOLS}: run make test"))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return what makes a folder once for all test processes of this run."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if base.name.startswith("popen-") else base
    return lambda name, make: shared(root / name, make)


@pytest.fixture(scope="session")
def dist(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Return dist/ with everything for this machine's platform."""
    if PLATFORM is None:
        pytest.skip(f"no plugin archive is built for {platform.system()} on {platform.machine()}")

    def make(folder: Path) -> None:
        done = build_release(make_clone(folder))
        assert done.returncode == 0, done.stdout + done.stderr

    return once("release", make) / "dist"


@pytest.fixture(scope="session")
def installed(dist: Path, once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Return a virtual environment with nothing but the two wheels and what they ask for, in a path with a space."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, *map(str, dist.glob("*.whl"))], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return once("an environment", make)


@pytest.fixture(scope="session")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    server = start_knot(tmp_path_factory.mktemp("knot"), ["example.com"])
    yield server
    server.stop()
