"""The SDKs that are not Python's: a package for npm, and the Go module's files."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.packing.archives import copy_into, rewrite_tar, write_tar
from tools.packing.steps import ReleaseError, run

# As tools/setup.py lays them beside the virtual environment.
_MODULES = Path(sys.prefix).with_name(".tools") / "nodejs/node_modules"


def pack_nodejs(sdk: Path, licence: Path, dist: Path, epoch: int, environment: Mapping[str, str]) -> None:
    """Compile the SDK with the locked compiler and pack it as npm does."""
    if not _MODULES.is_dir():
        msg = f"{_MODULES} is missing: the SDK for Node.js cannot be compiled. Run: python3 tools/setup.py nodejs"
        raise ReleaseError(msg)
    copy_into(licence, sdk)
    (sdk / "node_modules").symlink_to(_MODULES)
    run(["node", "node_modules/typescript/bin/tsc"], sdk, environment)
    shutil.copyfile(sdk / "package.json", sdk / "bin/package.json")
    quiet = ["--ignore-scripts", "--silent", "--offline"]
    packed = run(["npm", "pack", *quiet, "--pack-destination", str(dist)], sdk, environment).strip()
    rewrite_tar(dist / packed, epoch)


def pack_go(sdk: Path, licence: Path, dist: Path, epoch: int, version: str) -> None:
    """Pack the Go module's files."""
    copy_into(licence, sdk)
    name = f"certwright-go-sdk-{version}"
    write_tar(dist / f"{name}.tar.gz", sdk, epoch, f"{name}/")
