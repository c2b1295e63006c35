"""What the packages contain, and what they do not."""

import email
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from certwright import __version__

from tests.packaging.clones import PLATFORM, git
from tests.support.stack import TOOLS


def wheel(dist: Path, name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(dist / f"{name}-{__version__}-py3-none-any.whl")


def metadata(dist: Path, name: str) -> Message:
    with wheel(dist, name) as archive:
        return email.message_from_bytes(archive.read(f"{name}-{__version__}.dist-info/METADATA"))


def test_the_wheel_is_the_package_and_nothing_else(dist: Path) -> None:
    tracked = git(dist.parent, "ls-files", "provider").splitlines()
    with wheel(dist, "certwright") as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == {name.removeprefix("provider/") for name in tracked}


@pytest.mark.parametrize("name", ["certwright", "pulumi_certwright"])
def test_a_wheel_is_typed_and_licensed_and_described(dist: Path, name: str) -> None:
    with wheel(dist, name) as archive:
        files = set(archive.namelist())
    info = f"{name}-{__version__}.dist-info"
    assert {f"{name}/py.typed", f"{info}/licenses/LICENSE"} <= files
    assert "certificates for any infrastructure" in str(metadata(dist, name).get_payload()).lower()


def test_the_sdk_asks_for_certwright_and_names_the_plugins_version(dist: Path) -> None:
    with wheel(dist, "pulumi_certwright") as archive:
        plugin = json.loads(archive.read("pulumi_certwright/pulumi-plugin.json"))
    assert plugin == {"resource": True, "name": "certwright", "version": __version__}
    assert f"certwright>={__version__}" in metadata(dist, "pulumi_certwright").get_all("Requires-Dist", [])


@pytest.mark.parametrize("name", ["certwright", "pulumi_certwright"])
def test_a_source_archive_has_no_tests_and_is_nobodys(dist: Path, name: str) -> None:
    with tarfile.open(dist / f"{name}-{__version__}.tar.gz") as archive:
        members = archive.getmembers()
    assert [item.name for item in members if "/tests/" in item.name or "__pycache__" in item.name] == []
    assert {(item.uid, item.uname, item.mode & 0o022) for item in members} == {(0, "root", 0)}


@pytest.mark.parametrize("name", ["certwright", "pulumi_certwright"])
def test_a_source_archive_builds_the_same_wheel(dist: Path, name: str, tmp_path: Path) -> None:
    with tarfile.open(dist / f"{name}-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
        epoch = str(int(archive.getmembers()[0].mtime))
    built = f"{name}-{__version__}-py3-none-any.whl"
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [*pip, "--wheel-dir", tmp_path, tmp_path / f"{name}-{__version__}"],
        env={"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": epoch},
        umask=0o022,
        check=True,
    )
    assert (tmp_path / built).read_bytes() == (dist / built).read_bytes()


def test_the_npm_package_is_compiled_and_licensed(dist: Path) -> None:
    with tarfile.open(dist / f"pulumi-certwright-{__version__}.tgz") as archive:
        names = {item.name.removeprefix("package/") for item in archive.getmembers()}
    assert {"package.json", "LICENSE", "README.md", "bin/index.js", "bin/index.d.ts", "bin/package.json"} <= names
    assert [name for name in names if name.startswith("node_modules") or name.endswith("config.json")] == []


def test_the_npm_package_loads(dist: Path, tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("no Node.js on this machine")
    with tarfile.open(dist / f"pulumi-certwright-{__version__}.tgz") as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package").rename(tmp_path / "node_modules/pulumi-certwright")
    done = subprocess.run(
        ["node", "--eval", "console.log(typeof require('pulumi-certwright').Certificate)"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "NODE_PATH": str(TOOLS.parent / "nodejs/node_modules")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "function\n"), done.stderr


def test_the_go_archive_is_the_module_with_its_licence(dist: Path) -> None:
    with tarfile.open(dist / f"certwright-go-sdk-{__version__}.tar.gz") as archive:
        names = {item.name.removeprefix(f"certwright-go-sdk-{__version__}/") for item in archive.getmembers()}
    tracked = git(dist.parent, "ls-files", "sdk/go").splitlines()
    assert names == {name.removeprefix("sdk/go/") for name in tracked} | {"LICENSE"}


def test_the_plugin_archive_has_the_launchers_on_top_and_the_package_below(dist: Path) -> None:
    with tarfile.open(dist / f"pulumi-resource-certwright-v{__version__}-{PLATFORM}.tar.gz") as archive:
        modes = {item.name: item.mode for item in archive.getmembers()}
    top = {name: mode for name, mode in modes.items() if "/" not in name}
    assert top == {"certwright": 0o755, "pulumi-resource-certwright": 0o755, "start.py": 0o644}
    assert "lib/certwright/adapters/store/migrations/env.py" in modes
    unwanted = ("debugpy", "lib/bin/", "__pycache__", "/.lock")
    assert [name for name in modes if any(part in name for part in unwanted)] == []


def test_the_bill_of_materials_names_every_run_time_dependency_with_hashes_and_licence(dist: Path) -> None:
    bill = json.loads((dist / f"certwright-{__version__}.cdx.json").read_text())
    others = [item for item in bill["components"] if item["name"] != "pulumi-certwright"]
    assert {"cryptography", "grpcio", "pulumi", "psycopg-binary", "mako"} <= {item["name"] for item in others}
    assert not {"pytest", "ruff", "uv"} & {item["name"] for item in others}
    assert [item["name"] for item in others if not item.get("hashes") or not item.get("licenses")] == []
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in bill["dependencies"]}
    assert any(ref.startswith("cryptography==") for ref in needs[f"certwright=={__version__}"])
    assert needs[f"pulumi-certwright=={__version__}"][0] == f"certwright=={__version__}"
