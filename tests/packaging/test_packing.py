"""The parts of a release, each for itself."""

import os
import tarfile
from pathlib import Path

import pytest

from tools.packing.archives import rewrite_tar, write_tar
from tools.packing.plugin_bundle import divide, merge
from tools.packing.requirements import Pin, read_pins
from tools.packing.sbom import bill_of_materials
from tools.packing.steps import ReleaseError

LOCK = """\
# a comment
alembic==1.20.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via certwright
pyyaml-ft==8.0.0 ; python_full_version == '3.13.*' \\
    --hash=sha256:cc
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_lock_is_read_and_written_as_it_was() -> None:
    pins = read_pins(LOCK)
    assert [(pin.name, pin.version, len(pin.hashes)) for pin in pins] == [
        ("alembic", "1.20.1", 2),
        ("pyyaml-ft", "8.0.0", 1),
    ]
    assert read_pins("".join(pin.text for pin in pins)) == pins


def test_the_debugger_stays_out_of_the_plugin_and_what_has_two_versions_apart() -> None:
    idna, old, new = Pin("idna", "3.7", "", ()), Pin("six", "1.0", "", ()), Pin("six", "2.0", "", ())
    assert divide([Pin("debugpy", "1.0", "", ()), idna, old, new]) == ([idna], [old, new])


def test_trees_of_two_pythons_become_one(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    for python in ("311", "312"):
        tree = write(tmp_path / python, **{"a__b.py": "same", f"a__c.cpython-{python}.so": python, "bin__x": python})
        write(tree, **{"a.dist-info__WHEEL": python, "a.dist-info__RECORD": python})
        merge(tree, library)
    found = {path.relative_to(library).as_posix(): path.read_text() for path in library.rglob("*") if path.is_file()}
    assert found == {
        "a/b.py": "same",
        "a.dist-info/WHEEL": "311",
        "a/c.cpython-311.so": "311",
        "a/c.cpython-312.so": "312",
    }


def test_a_module_that_differs_between_pythons_is_refused(tmp_path: Path) -> None:
    merge(write(tmp_path / "311", a="one"), tmp_path / "lib")
    with pytest.raises(ReleaseError, match="a is not the same for every Python"):
        merge(write(tmp_path / "312", a="two"), tmp_path / "lib")


def test_an_archive_does_not_tell_who_made_it_when(tmp_path: Path) -> None:
    for name, umask, mtime in (("one", 0o022, 10), ("two", 0o077, 20)):
        folder = write(tmp_path / name, b="text", a__c="text")
        (folder / "b").chmod(0o777 & ~umask)
        os.utime(folder / "b", (mtime, mtime))
        with tarfile.open(tmp_path / f"{name}.tar.gz", "w:gz") as tar:
            tar.add(folder, ".")
        rewrite_tar(tmp_path / f"{name}.tar.gz", 1_000)
    write_tar(tmp_path / "three.tar.gz", tmp_path / "one", 1_000)
    assert len({(tmp_path / f"{name}.tar.gz").read_bytes() for name in ("one", "two", "three")}) == 1


def test_a_dependency_whose_licence_nobody_knows_stops_the_release() -> None:
    with pytest.raises(ReleaseError, match="not-installed-here is not installed, so its licence is not known"):
        bill_of_materials("1.0", [Pin("not-installed-here", "1.0", "", ())], 0)
