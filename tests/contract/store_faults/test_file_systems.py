"""A SQLite store is on a file system that is known to be local, and nowhere else."""

import os
from pathlib import Path

import pytest
from certwright.adapters.store import sqlite_files
from certwright.adapters.store.sql_store import open_store
from certwright.errors import StoreUnavailable

PLACE = Path("/somewhere/store.db")
LOCAL = [
    *("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "reiserfs"),
    *("tmpfs", "ramfs", "overlay", "ecryptfs", "apfs"),
    *("vfat", "exfat", "ntfs3", "fuseblk"),
]
NETWORK = [
    *("nfs", "nfs4", "cifs", "smb2", "smb3", "afs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "ocfs2", "davfs"),
    *("9p", "virtiofs", "vboxsf", "prl_fs", "lizardfs"),
    *("fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.juicefs"),
]
UNKNOWN = ["fuse.mfs", "fuse.grpcfuse", "fuse", "nfsd", "orangefs", "pvfs2", "coda", "proc", "squashfs", "EXT4", "ext"]


@pytest.mark.parametrize("kind", LOCAL)
def test_a_store_may_be_on(kind: str) -> None:
    sqlite_files._require_local(PLACE, kind)


@pytest.mark.parametrize("kind", NETWORK)
def test_a_store_is_refused_on_the_network_by(kind: str) -> None:
    with pytest.raises(StoreUnavailable, match=rf"network file system \({kind}\).*PostgreSQL"):
        sqlite_files._require_local(PLACE, kind)


@pytest.mark.parametrize("kind", UNKNOWN)
def test_a_store_is_refused_on_what_is_not_known_as(kind: str) -> None:
    with pytest.raises(StoreUnavailable, match=rf"\({kind}\) that is not known to be local.*CERTWRIGHT_HOME"):
        sqlite_files._require_local(PLACE, kind)


def test_a_store_may_be_where_mounts_cannot_be_read() -> None:
    sqlite_files._require_local(PLACE, "")


@pytest.mark.parametrize("create", [False, True], ids=["without create", "with create"])
def test_a_refused_place_is_named_before_anything_is_made(create: bool) -> None:  # noqa: FBT001
    with pytest.raises(StoreUnavailable, match=r"\(proc\) that is not known to be local"):
        open_store("sqlite:////proc/self/certwright/store.db", create=create)


@pytest.mark.parametrize("kind", ["vfat", "exfat", "ntfs3", "fuseblk"])
def test_without_modes_a_file_that_others_may_read_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "store.db"
    path.touch()
    path.chmod(0o755)
    with pytest.raises(StoreUnavailable, match=r"mode 0755.*umask=077"):
        sqlite_files._require_private(path, kind)


def test_without_modes_a_file_that_is_private_by_its_mount_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    path.chmod(0o700)
    sqlite_files._require_private(path, "vfat")


def test_the_folder_of_a_store_and_its_parents_are_private(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        open_store(f"sqlite:///{tmp_path}/a/b/store.db", create=True).close()
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b", "a/b/store.db")] == [0o700, 0o700, 0o600]
