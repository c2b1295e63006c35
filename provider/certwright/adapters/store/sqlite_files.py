"""What must hold for the file of a SQLite store before it is opened."""

import os
from pathlib import Path

from certwright.errors import StoreUnavailable

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs"}
)
_MAGIC = b"SQLite format 3\x00"


def require_usable_file(path: Path, *, create: bool) -> None:
    """Make folder (0700) and file (0600) when asked to; raise `StoreUnavailable` where SQLite must not work."""
    if not path.is_absolute():
        msg = f"The path of the store, {path}, is relative. Use sqlite:////absolute/path/store.db."
        raise StoreUnavailable(msg)
    if not path.exists():
        _make(path, create=create)
    _require_database(path)
    _require_local(path)


def _make(path: Path, *, create: bool) -> None:
    if not create:
        msg = (
            f"There is no store at {path}. Run `certwright init` to make one, or point CERTWRIGHT_HOME or "
            "certwright:store at the store that this belongs to."
        )
        raise StoreUnavailable(msg)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
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


def _require_local(path: Path) -> None:
    kind = _file_system(path.resolve())
    if kind in _NETWORK:
        msg = f"{path} is on a network file system ({kind}), where SQLite loses data. Use a local disk, or PostgreSQL."
        raise StoreUnavailable(msg)


def _file_system(path: Path) -> str:
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        return ""
    best = ("", "")
    for line in mounts.read_text().splitlines():
        fields, _, tail = line.partition(" - ")
        point = fields.split()[4].replace("\\040", " ")
        if (path.is_relative_to(point)) and len(point) >= len(best[0]):
            best = (point, tail.split()[0])
    return best[1]
