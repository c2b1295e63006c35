"""New folders are on disk before what is in them counts: every parent that got an entry is synced."""

import os
from pathlib import Path

import pytest
from certwright.adapters.folders import make_folder
from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.store.sql_store import open_store


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Collect what is synced, in order; it is synced all the same."""
    seen: list[Path] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return seen


def test_the_parents_of_all_new_folders_are_synced_from_the_top(tmp_path: Path, synced: list[Path]) -> None:
    make_folder(tmp_path / "a/b/c")
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a/b"]


def test_nothing_is_synced_for_a_folder_that_is_there(tmp_path: Path, synced: list[Path]) -> None:
    make_folder(tmp_path)
    assert synced == []


def test_a_new_key_file_is_synced_with_every_folder_above_it(tmp_path: Path, synced: list[Path]) -> None:
    open_master_key(f"file:{tmp_path}/a/b/master.key", {}, create=True)
    (draft,) = [path for path in synced if not path.is_dir()]
    assert draft.parent == tmp_path / "a/b"
    assert synced == [tmp_path, tmp_path / "a", draft, tmp_path / "a/b"]


def test_a_key_file_that_is_there_is_only_read(tmp_path: Path, synced: list[Path]) -> None:
    open_master_key(f"file:{tmp_path}/master.key", {}, create=True)
    synced.clear()
    assert not open_master_key(f"file:{tmp_path}/master.key", {}, create=True).is_new
    assert synced == []


def test_a_new_store_is_synced_with_every_folder_above_it(tmp_path: Path, synced: list[Path]) -> None:
    open_store(f"sqlite:///{tmp_path}/a/b/store.db", create=True).close()
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a/b"]


@pytest.mark.parametrize(
    ("uri", "environ"),
    [("env:KEY", {"KEY": "ab" * 32}), ("passphrase:env:KEY", {"KEY": "a passphrase"})],
    ids=["a key", "a passphrase"],
)
def test_what_was_given_by_the_environment_is_never_new(uri: str, environ: dict[str, str]) -> None:
    assert not open_master_key(uri, environ, create=True).is_new
