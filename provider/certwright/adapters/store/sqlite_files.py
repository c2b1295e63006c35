"""What must hold for the file of a SQLite store before it is opened."""

import os
import re
import stat
from pathlib import Path

from certwright.adapters.folders import make_folder, sync_folder
from certwright.errors import StoreMissing, StoreUnavailable

_LOCAL = frozenset(
    {
        *("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "reiserfs", "apfs"),
        *("tmpfs", "ramfs", "overlay", "ecryptfs"),
    }
)
_WITHOUT_MODES = frozenset({"exfat", "fuseblk", "msdos", "ntfs3", "vfat"})
_NETWORK = frozenset(
    {
        *("9p", "virtiofs", "prl_fs", "vboxsf"),  # folders of the host of a virtual machine
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "davfs"),
        *("beegfs", "ceph", "glusterfs", "gpfs", "lizardfs", "lustre", "ocfs2"),
        *("fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    }
)
_MAGIC = b"SQLite format 3\x00"


def require_usable_file(path: Path, *, create: bool) -> None:
    """Make folder (0700) and file (0600) when asked to; raise `StoreUnavailable` where SQLite must not work."""
    if not path.is_absolute():
        msg = f"The path of the store, {path}, is relative. Use sqlite:////absolute/path/store.db."
        raise StoreUnavailable(msg)
    is_there = _exists(path)
    kind = _file_system(path.resolve())
    _require_local(path, kind)
    if not is_there:
        _make(path, create=create)
    _require_database(path)
    _require_private(path, kind)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        msg = f"Cannot look at the store {path}: {error.strerror}."
        raise StoreUnavailable(msg) from error


def _make(path: Path, *, create: bool) -> None:
    if not create:
        msg = (
            f"There is no store at {path}. Run `certwright init` to make one, or point CERTWRIGHT_HOME or "
            "certwright:store at the store that this belongs to."
        )
        raise StoreMissing(msg)
    try:
        make_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        sync_folder(path.parent)
    except OSError as error:
        msg = f"Cannot make the store {path}: {error.strerror}."
        raise StoreUnavailable(msg) from error


def _require_database(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        msg = f"Cannot read the store {path}: {error.strerror}."
        raise StoreUnavailable(msg) from error
    if head not in {b"", _MAGIC}:
        msg = f"{path} is no SQLite database, or it is damaged. Restore it from a backup; nothing was changed."
        raise StoreUnavailable(msg)


def _require_local(path: Path, kind: str) -> None:
    """Refuse what is shared over a network, and whatever is not known to be local; no kind means no Linux."""
    if kind in _NETWORK:
        msg = f"{path} is on a network file system ({kind}), where SQLite loses data. Use a local disk, or PostgreSQL."
        raise StoreUnavailable(msg)
    if kind and kind not in _LOCAL | _WITHOUT_MODES:
        msg = (
            f"{path} is on a file system ({kind}) that is not known to be local, and SQLite loses data on shared ones. "
            "Use a local disk (ext4, xfs, btrfs, zfs, tmpfs) by CERTWRIGHT_HOME or certwright:store, or PostgreSQL."
        )
        raise StoreUnavailable(msg)


def _require_private(path: Path, kind: str) -> None:
    """Refuse a file that others may read because its file system keeps no modes."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if kind in _WITHOUT_MODES and mode & 0o077:
        msg = (
            f"{path} can be read by others (mode {mode:04o}), as {kind} keeps no modes. Mount it with umask=077, or "
            "use another disk."
        )
        raise StoreUnavailable(msg)


def _file_system(path: Path) -> str:
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        return ""
    best = ("", "")
    for line in os.fsdecode(mounts.read_bytes()).splitlines():
        fields, _, tail = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields.split()[4])
        if path.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, tail.split()[0])
    return best[1]
