"""Build everything that a release consists of into dist/, the same bytes from the same commit. Publishes nothing."""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.packing.archives import copy_into, rewrite_tar, unpack_tar, write_tar
from tools.packing.languages import pack_go, pack_nodejs
from tools.packing.plugin_bundle import PLATFORMS, Bundle, fill
from tools.packing.requirements import Pin, runtime_pins
from tools.packing.sbom import bill_of_materials
from tools.packing.steps import UV, ReleaseError, run, step
from tools.packing.versions import agreed_version

REPOSITORY = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Release:
    """What is released: the commit's files at `source`, as `version`, at the commit's time; and where it is put."""

    source: Path
    version: str
    epoch: int
    dist: Path
    temporary: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what makes build tools repeat themselves."""
        fixed = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}
        return {"SOURCE_DATE_EPOCH": str(self.epoch), "TMPDIR": str(self.temporary), **fixed}


def main() -> int:
    """Build; the exit code is 1 when something stands in the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="plugin for this one only; repeatable")
    platforms = parser.parse_args().platform or list(PLATFORMS)
    os.umask(0o022)
    try:
        with tempfile.TemporaryDirectory(prefix="certwright-dist-") as scratch:
            build(REPOSITORY, Path(scratch), platforms)
    except ReleaseError as error:
        print(f"dist: {error}", file=sys.stderr)
        return 1
    return 0


def build(repository: Path, scratch: Path, platforms: Sequence[str]) -> None:
    """Build every artefact from the repository's commit; dist/ is replaced when all of it is there."""
    release = _lay_out(repository, scratch)
    release.dist.mkdir()
    for number, project in enumerate((release.source, release.source / "sdk/python")):
        _build_python(release, project, scratch / f"python-{number}")
    _build_other_languages(release)
    with step("pinned run-time dependencies"):
        pins = runtime_pins(release.source)
    for platform in platforms:
        _build_plugin(release, platform, pins, scratch)
    with step("bill of materials"):
        text = bill_of_materials(release.version, pins, release.epoch)
        (release.dist / f"certwright-{release.version}.cdx.json").write_text(text)
    _write_sums(release.dist)
    target = repository / "dist"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(release.dist, target)
    for path in sorted(target.iterdir()):
        print(f"  {path.stat().st_size / 1e6:6.1f} MB  {path.name}")
    print(f"dist: certwright {release.version} is in {target}. Nothing was published: docs/RELEASING.md tells how.")


def _lay_out(repository: Path, scratch: Path) -> Release:
    """Lay the commit's files out; raise `ReleaseError` when the work tree has others or versions disagree."""
    if changed := run(["git", "status", "--porcelain"], repository).rstrip():
        msg = f"The work tree is not the commit's. Commit or remove, then build again:\n{changed}"
        raise ReleaseError(msg)
    source, temporary = scratch / "source", scratch / "temporary"
    source.mkdir()
    temporary.mkdir()
    run(["git", "-c", "tar.umask=0022", "archive", "--output", str(scratch / "source.tar"), "HEAD"], repository)
    unpack_tar(scratch / "source.tar", source)
    epoch = int(run(["git", "log", "-1", "--format=%ct"], repository))
    release = Release(source, agreed_version(source), epoch, scratch / "dist", temporary)
    commit = run(["git", "rev-parse", "--short=12", "HEAD"], repository).strip()
    print(f"dist: certwright {release.version} from commit {commit}")
    return release


def _build_python(release: Release, project: Path, scratch: Path) -> None:
    """Build a source archive, and the wheel from it."""
    with step(f"wheel and source archive of {project.relative_to(release.source)}"):
        for name in ("LICENSE", "README.md"):
            if not (project / name).exists():
                copy_into(release.source / name, project)
        _uv_build(release, "--sdist", project, scratch)
        (sdist,) = scratch.glob("*.tar.gz")
        rewrite_tar(sdist, release.epoch)
        _uv_build(release, "--wheel", sdist, scratch)
        for built in (sdist, *scratch.glob("*.whl")):
            built.rename(release.dist / built.name)


def _uv_build(release: Release, kind: str, source: Path, target: Path) -> None:
    base = [UV, "build", "--quiet", "--offline", "--no-build-isolation", "--python", sys.executable]
    run([*base, kind, "--out-dir", str(target), str(source)], release.source, release.environment)


def _build_other_languages(release: Release) -> None:
    """Build what is there: the SDKs are generated, each by its own step."""
    nodejs, go, licence = release.source / "sdk/nodejs", release.source / "sdk/go", release.source / "LICENSE"
    if nodejs.is_dir():
        with step("package for npm"):
            pack_nodejs(nodejs, licence, release.dist, release.epoch, release.environment)
    if go.is_dir():
        with step("files of the Go module"):
            pack_go(go, licence, release.dist, release.epoch, release.version)


def _build_plugin(release: Release, platform: str, pins: tuple[Pin, ...], scratch: Path) -> None:
    name = f"pulumi-resource-certwright-v{release.version}-{platform}.tar.gz"
    with step(f"plugin for {platform}"):
        (wheel,) = release.dist.glob("certwright-*.whl")
        folder = scratch / platform
        fill(folder, Bundle(wheel, pins, platform), scratch / f"{platform}-wheels")
        write_tar(release.dist / name, folder, release.epoch)


def _write_sums(dist: Path) -> None:
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(dist.iterdir())]
    (dist / SUMS).write_text("".join(lines))


if __name__ == "__main__":
    raise SystemExit(main())
