"""The contracts of ports.store's methods that a rotation of keys goes by, and of `wipe_leftovers`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.adapters.store import engines
from certwright.adapters.store.sql_store import SqlStore
from certwright.core.envelope import header
from certwright.errors import NotFound, StoreUnavailable
from certwright.model.certificates import CertificateVersion
from certwright.model.scope import Scope
from sqlalchemy import event

from tests.contract.rows import (
    ACCOUNT,
    HERE,
    OTHER_ACCOUNT,
    make_arn,
    make_authority,
    make_certificate,
    make_event,
    make_installation,
    make_issued,
    make_kek,
    make_secret,
    make_version,
    put,
    write_each,
)
from tests.fakes import NOON
from tests.support.store import open_sealing_store

ELSEWHERE = Scope(ACCOUNT, "elsewhere")
ROOTS = Scope(ACCOUNT, "")
CANARY = b"the-sealed-canary-of-a-key"
LONG = CANARY * 400  # whole pages of it become free


def sealed_version(number: int, generation: int, scope: Scope = HERE, version: int = 1) -> CertificateVersion:
    """Make a version whose key is sealed under a generation."""
    made = make_issued(make_arn(number, scope), version)
    assert made.key is not None
    return replace(made, key=replace(made.key, sealed=header(generation) + b"\xff" * 40))


def put_sealed(store: SqlStore, *versions: CertificateVersion) -> None:
    for version in versions:
        put(store, make_certificate(version.arn), version)


def test_another_master_key_is_kept_with_the_rest_of_the_installation_as_it_is(store: SqlStore) -> None:
    store.write(lambda tx: tx.installations.add(make_installation()))
    store.write(lambda tx: tx.installations.keep_master_key("other check", b"other wrapped"))
    expected = replace(make_installation(), key_check="other check", seal_key=b"other wrapped")
    assert store.read(lambda tx: tx.installations.get()) == expected
    assert store.read(lambda tx: list(tx.integrity.damages()))[1:] == []


def test_a_store_without_installation_keeps_no_master_key(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.installations.keep_master_key("check", b"wrapped"))


def test_the_scopes_of_an_account_are_those_with_keys_its_own_first(store: SqlStore) -> None:
    others = [make_kek(Scope(OTHER_ACCOUNT, "third"))]
    keys = [make_kek(ELSEWHERE), make_kek(HERE), make_kek(HERE, 2), make_kek(ROOTS), *others]
    write_each(store, lambda tx, key: tx.keys.add_kek(key), keys)
    assert store.read(lambda tx: tx.keys.scopes(ACCOUNT)) == [ROOTS, ELSEWHERE, HERE]


def test_every_key_of_every_account_is_found(store: SqlStore) -> None:
    keys = [make_kek(ROOTS), make_kek(HERE), make_kek(HERE, 2), make_kek(Scope(OTHER_ACCOUNT, "third"))]
    write_each(store, lambda tx, key: tx.keys.add_kek(key), keys)
    assert store.read(lambda tx: tx.keys.every_kek()) == keys


def test_an_updated_key_takes_the_place_of_its_generation(store: SqlStore) -> None:
    write_each(store, lambda tx, key: tx.keys.add_kek(key), [make_kek(HERE), make_kek(HERE, 2)])
    store.write(lambda tx: tx.keys.update_kek(make_kek(HERE, wrapped=b"moved")))
    found = store.read(lambda tx: [tx.keys.kek(HERE, number) for number in (1, 2)])
    assert found == [make_kek(HERE, wrapped=b"moved"), make_kek(HERE, 2)]


def test_a_generation_that_is_not_there_is_not_updated(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.keys.update_kek(make_kek()))
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.keys.update_secret(make_secret()))


def test_every_secret_of_an_account_is_found_oldest_first_and_can_be_updated(store: SqlStore) -> None:
    write_each(store, lambda tx, row: tx.keys.add_secret(row), [make_secret(generation=n) for n in (10, 2, 1)])
    store.write(lambda tx: tx.keys.update_secret(make_secret(generation=2, sealed=b"moved")))
    found = store.read(lambda tx: tx.keys.secrets(ACCOUNT))
    assert found == [make_secret(), make_secret(generation=2, sealed=b"moved"), make_secret(generation=10)]


def test_versions_under_another_generation_are_found_in_pages(store: SqlStore) -> None:
    old = [sealed_version(number, 1) for number in (5, 1, 3)]
    put_sealed(store, *old, sealed_version(2, 2), sealed_version(4, 2))
    first = store.read(lambda tx: tx.keys.not_sealed_under(HERE, 2, None, 2))
    rest = store.read(lambda tx: tx.keys.not_sealed_under(HERE, 2, first[-1], 2))
    assert [*first, *rest] == sorted(old, key=lambda version: version.arn.id)


def test_versions_of_one_certificate_come_by_number(store: SqlStore) -> None:
    versions = [sealed_version(1, 1, version=number) for number in (1, 2, 10)]
    put(store, make_certificate(versions[0].arn), *versions)
    found = store.read(lambda tx: tx.keys.not_sealed_under(HERE, 2, versions[0], 10))
    assert found == versions[1:]


@pytest.mark.parametrize(("generation", "other"), [(1, 256), (256, 1), (2**31, 1), (255, 2**32 - 1)])
def test_generations_are_told_apart_whatever_their_size(store: SqlStore, generation: int, other: int) -> None:
    put_sealed(store, sealed_version(1, generation))
    found = store.read(
        lambda tx: [len(tx.keys.not_sealed_under(HERE, number, None, 9)) for number in (generation, other)]
    )
    assert found == [0, 1]


def test_deleted_certificates_count_and_versions_without_key_do_not(store: SqlStore) -> None:
    deleted = sealed_version(1, 1)
    put(store, make_certificate(deleted.arn, deleted_at=NOON), deleted)
    put(store, make_certificate(make_arn(2)), make_version(make_arn(2)))
    assert store.read(lambda tx: tx.keys.not_sealed_under(HERE, 2, None, 9)) == [deleted]


def test_versions_of_another_region_do_not_count(store: SqlStore) -> None:
    put_sealed(store, sealed_version(1, 1, ELSEWHERE), sealed_version(2, 1, HERE))
    assert store.read(lambda tx: tx.keys.not_sealed_under(HERE, 2, None, 9)) == [sealed_version(2, 1, HERE)]


def test_the_last_event_of_some_actions_is_found(store: SqlStore) -> None:
    events = [replace(make_event(number), action=action) for number, action in enumerate("ABCB", start=1)]
    write_each(store, lambda tx, event: tx.audit.add(event), events)
    found = store.read(lambda tx: [tx.audit.last_of(ACCOUNT, actions) for actions in (("A", "C"), ("A", "B"), ("D",))])
    assert found == [events[2], events[3], None]


def test_nothing_of_a_removed_key_is_left_once_wiped(store: SqlStore, tmp_path: Path) -> None:
    root = make_authority("r1", ROOTS)
    store.write(lambda tx: tx.authorities.add(replace(root, key=replace(root.key, sealed=LONG))))
    store.wipe_leftovers()
    store.write(lambda tx: tx.authorities.update(replace(root, key=replace(root.key, sealed=b""))))
    store.wipe_leftovers()
    assert store.read(lambda tx: tx.authorities.get(ACCOUNT, "r1")) == replace(root, key=replace(root.key, sealed=b""))
    assert [file.name for file in tmp_path.iterdir() if CANARY in file.read_bytes()] == []


@pytest.fixture
def file_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    """Give an impatient SQLite store from which a key was removed; some builds overwrite what they delete."""
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.5)
    store = open_sealing_store(f"sqlite:///{tmp_path}/store.db")
    event.listen(store.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA secure_delete = 0"))
    root = make_authority("r1", ROOTS)
    store.write(lambda tx: tx.authorities.add(replace(root, key=replace(root.key, sealed=LONG))))
    store.wipe_leftovers()
    store.write(lambda tx: tx.authorities.update(replace(root, key=replace(root.key, sealed=b""))))
    yield store
    store.close()


def test_a_removed_key_is_found_in_the_file_until_it_is_wiped(file_store: SqlStore, tmp_path: Path) -> None:
    found = [CANARY in (tmp_path / "store.db").read_bytes()]
    file_store.wipe_leftovers()
    assert [*found, CANARY in (tmp_path / "store.db").read_bytes()] == [True, False]


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"], ids=["reads", "writes"])
def test_whoever_keeps_the_log_is_told_and_wiping_can_be_repeated(
    file_store: SqlStore, tmp_path: Path, begin: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute(begin)
        other.execute("SELECT * FROM authorities").fetchall()
        with pytest.raises(StoreUnavailable, match=r"run th(is|e same command) again"):
            file_store.wipe_leftovers()
    file_store.wipe_leftovers()
    assert [file.name for file in tmp_path.iterdir() if CANARY in file.read_bytes()] == []
