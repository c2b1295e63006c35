"""The release: the same bytes again, or a refusal."""

import hashlib
import json
from pathlib import Path

import pytest
from certwright import __version__

from tests.packaging.clones import build_release, commit, git, make_clone


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path / "clone")


def test_another_build_in_another_folder_has_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(dist.parent), "other")
    built = build_release(tmp_path / "other", "sh", "-c", 'umask 077; exec "$@"', "sh", TZ="Asia/Tokyo")
    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "other/dist/SHA256SUMS").read_text() == (dist / "SHA256SUMS").read_text()


def test_the_sums_are_those_of_every_file(dist: Path) -> None:
    lines = [line.split("  ") for line in (dist / "SHA256SUMS").read_text().splitlines()]
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in dist.iterdir()}
    assert {name: digest for digest, name in lines} == {k: v for k, v in files.items() if k != "SHA256SUMS"}


@pytest.mark.parametrize("name", ["README.md", "provider/certwright/new.py"], ids=["changed", "not in the commit"])
def test_a_work_tree_that_is_not_the_commits_is_refused(clone: Path, name: str) -> None:
    (clone / name).write_text("# other\n")
    built = build_release(clone)
    assert (built.returncode, f" {name}" in built.stderr, (clone / "dist").exists()) == (1, True, False)


def test_versions_that_disagree_are_all_named(clone: Path) -> None:
    schema = json.loads((clone / "schema.json").read_text())
    (clone / "schema.json").write_text(json.dumps({**schema, "version": "9.9.9"}))
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 0.0.9 - 2026-01-01\n")
    commit(clone)
    built = build_release(clone)
    assert built.returncode == 1
    assert built.stderr.splitlines()[0] == f"dist: pyproject.toml says version {__version__}, but"
    assert "  schema.json says 9.9.9" in built.stderr.splitlines()
    assert "  CHANGELOG.md (its newest section) says Unreleased" in built.stderr.splitlines()


def test_a_lock_that_does_not_pin_what_is_asked_for_is_refused(clone: Path) -> None:
    project = clone / "pyproject.toml"
    project.write_text(project.read_text().replace("\ndependencies = [\n", '\ndependencies = [\n    "tabulate",\n'))
    commit(clone)
    built = build_release(clone)
    assert (built.returncode, "requirements.lock does not pin tabulate" in built.stderr) == (1, True), built.stderr
