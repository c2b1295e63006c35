"""The plugin as the engine unpacks it: a launcher and everything it needs but Python itself."""

import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.packing.archives import copy_into
from tools.packing.requirements import Pin
from tools.packing.steps import UV, ReleaseError, run

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# By the engine's name of the platform; what the wheels for it need of the system.
PLATFORMS: Mapping[str, str] = {
    "linux-amd64": "x86_64-manylinux_2_28",
    "linux-arm64": "aarch64-manylinux_2_28",
}
_HERE = Path(__file__).parent / "plugin"
_COMMANDS = ("pulumi-resource-certwright", "certwright")
_DEBUGGER = "debugpy"  # 30 MB that the SDK asks for and only language hosts load
_OF_THE_INSTALLER = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", ".lock"}


@dataclass(frozen=True)
class Bundle:
    """What is put together: certwright's wheel and pins, for one platform."""

    wheel: Path
    pins: tuple[Pin, ...]
    platform: str


def fill(folder: Path, bundle: Bundle, scratch: Path) -> None:
    """Fill a folder with launchers and libraries.

    Compiled modules carry the Python they are for in their names, so `lib` serves every version. What the lock pins in
    several versions lies in a folder for each.
    """
    library = folder / "lib"
    common, forked = divide(bundle.pins)
    for version in PYTHONS:
        for pins, target in ((common, library), (forked, folder / f"lib-{version}")):
            if pins:
                tree = scratch / f"{target.name}-for-{version}"
                _install(tree, pins, version, PLATFORMS[bundle.platform])
                merge(tree, target)
    with zipfile.ZipFile(bundle.wheel) as wheel:
        wheel.extractall(library)
    for name in _COMMANDS:
        shutil.copyfile(_HERE / "launch.sh", folder / name)
        (folder / name).chmod(0o755)
    copy_into(_HERE / "start.py", folder)


def merge(tree: Path, library: Path) -> None:
    """Move a tree's files into the library; raise `ReleaseError` for a module that another Python has otherwise."""
    for path in sorted(item for item in tree.rglob("*") if item.is_file() and _is_kept(item.relative_to(tree).parts)):
        place = library / path.relative_to(tree)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)
        elif not _is_metadata(path.relative_to(tree)) and place.read_bytes() != path.read_bytes():
            msg = f"{path.relative_to(tree)} is not the same for every Python: one folder cannot serve them all"
            raise ReleaseError(msg)


def divide(pins: Sequence[Pin]) -> tuple[list[Pin], list[Pin]]:
    """Return the pins that the plugin runs with: those of one version, and those that have several."""
    versions = Counter(pin.name for pin in pins)
    wanted = [pin for pin in pins if pin.name != _DEBUGGER]
    return [pin for pin in wanted if versions[pin.name] == 1], [pin for pin in wanted if versions[pin.name] > 1]


def _install(tree: Path, pins: Iterable[Pin], version: str, platform: str) -> None:
    tree.mkdir(parents=True)
    wanted = tree.with_name(f"{tree.name}.txt")
    wanted.write_text("".join(pin.text for pin in pins))
    safe = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--link-mode", "copy", "--quiet"]
    aim = ["--python-version", version, "--python-platform", platform, "--target", str(tree)]
    run([UV, "pip", "install", "--python", sys.executable, *safe, *aim, "-r", str(wanted)], tree.parent)


def _is_kept(parts: tuple[str, ...]) -> bool:
    return parts[0] != "bin" and parts[-1] not in _OF_THE_INSTALLER and "__pycache__" not in parts


def _is_metadata(path: Path) -> bool:
    return path.parts[0].endswith(".dist-info")
