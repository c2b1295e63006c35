"""Files of SQLite stores: where they may be, who may read them, and what is never taken for an empty store."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.adapters.store import sqlite_files
from certwright.adapters.store.sql_store import open_store
from certwright.errors import StoreMissing, StoreUnavailable

from tests.contract.rows import make_event
from tests.support.store import open_sealing_store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_only_the_owner_may_read_a_store_that_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    store = open_sealing_store(f"sqlite:///{folder}/store.db")
    store.write(lambda tx: tx.audit.add(make_event()))
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "store.db": 0o600,
        "store.db-wal": 0o600,
        "store.db-shm": 0o600,
    }
    assert mode(folder) == 0o700
    store.close()


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    open_store(f"sqlite:///{tmp_path}/store.db", create=True).close()
    assert mode(tmp_path) == 0o750


def test_a_store_that_is_not_there_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="certwright init"):
        open_store(f"sqlite:///{tmp_path}/home/store.db", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [False, True], ids=["without create", "with create"])
@pytest.mark.parametrize("url", ["sqlite:///store.db", "sqlite:///../store.db", "sqlite://"])
def test_a_store_without_an_absolute_path_is_refused(url: str, create: bool) -> None:  # noqa: FBT001
    with pytest.raises(StoreUnavailable, match="relative"):
        open_store(url, create=create)


@pytest.mark.parametrize(
    "content",
    [b"certwright-master-key-v1\n", b"x", b"SQLite format 2\x00" + bytes(4096), bytes(4096)],
    ids=["a key file", "one octet", "another format", "zeros"],
)
@pytest.mark.parametrize("create", [False, True], ids=["without create", "with create"])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, create: bool) -> None:  # noqa: FBT001
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="no SQLite database"):
        open_store(f"sqlite:///{path}", create=create)
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\xa5" * 8176)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        open_store(f"sqlite:///{path}", create=True)


def test_a_folder_in_the_place_of_the_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="Is a directory"):
        open_store(f"sqlite:///{tmp_path}", create=True)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(StoreUnavailable, match="Cannot make"):
        open_store(f"sqlite:///{tmp_path}/home/store.db", create=True)


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/proc", "proc"), ("/proc/self/status", "proc"), ("/sys", "sysfs"), ("/dev/shm", "tmpfs")],
)
def test_a_path_is_on_the_file_system_that_is_mounted_above_it(place: str, kind: str) -> None:
    assert sqlite_files._file_system(Path(place)) == kind


def test_a_folder_beside_a_mount_is_not_on_it() -> None:
    assert sqlite_files._file_system(Path("/process")) == sqlite_files._file_system(Path("/"))


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.sshfs"])
def test_a_file_system_is_known_to_be_on_the_network(kind: str) -> None:
    assert kind in sqlite_files._NETWORK


def test_a_store_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = sqlite_files._file_system(tmp_path.resolve())
    monkeypatch.setattr(sqlite_files, "_NETWORK", frozenset({kind}))
    with pytest.raises(StoreUnavailable, match=rf"network file system \({kind}\).*PostgreSQL"):
        open_store(f"sqlite:///{tmp_path}/store.db", create=True)
