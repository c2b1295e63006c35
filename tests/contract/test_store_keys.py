"""The contracts of ports.store's InstallationRows, KeyRows, NameRows and AuthorityRows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.adapters.store.tables import metadata
from certwright.errors import NotFound
from certwright.model.authorities import AuthorityRole, AuthorityState
from certwright.model.certificates import CertificateVersion
from certwright.model.names import DomainName
from certwright.model.scope import Scope
from certwright.ports.store import Transaction

from tests.contract.rows import (
    ACCOUNT,
    DAY,
    HERE,
    HOUR,
    OTHER_ACCOUNT,
    make_authority,
    make_certificate,
    make_event,
    make_hold,
    make_installation,
    make_issued,
    make_kek,
    make_log,
    make_name,
    make_revocation,
    make_secret,
    make_version,
)
from tests.fakes import NOON

ELSEWHERE = Scope(ACCOUNT, "elsewhere")
ROOTS = Scope(ACCOUNT, "")


def test_a_store_that_was_never_initialised_has_no_installation(store: SqlStore) -> None:
    assert store.read(lambda tx: tx.installations.get()) is None


def test_of_two_installations_the_first_stays(store: SqlStore) -> None:
    added = [store.write(lambda tx, name=name: tx.installations.add(make_installation(name))) for name in ("i1", "i2")]  # type: ignore[misc]
    assert added == [True, False]
    assert store.read(lambda tx: tx.installations.get()) == make_installation("i1")


@pytest.mark.parametrize("has_installation", [True, False], ids=["with installation", "without one"])
def test_a_store_is_alone_without_any_other_row(store: SqlStore, has_installation: bool) -> None:  # noqa: FBT001
    if has_installation:
        store.write(lambda tx: tx.installations.add(make_installation()))
    assert store.read(lambda tx: tx.installations.is_alone()) is True


ROWS: dict[str, Callable[[Transaction], object]] = {
    "key_encryption_keys": lambda tx: tx.keys.add_kek(make_kek()),
    "account_secrets": lambda tx: tx.keys.add_secret(make_secret()),
    "handed_out_names": lambda tx: tx.names.add([make_name()]),
    "certificates": lambda tx: tx.certificates.add(make_certificate(deleted_at=NOON)),
    "serials": lambda tx: tx.serials.reserve("ca", 7, "s", NOON),
    "authorities": lambda tx: tx.authorities.add(make_authority()),
    "leases": lambda tx: tx.leases.take("s", "o", NOON, HOUR),
    "audit_events": lambda tx: tx.audit.add(make_event()),
    "revocations": lambda tx: tx.revocations.add(make_revocation()),
    "revocation_logs": lambda tx: tx.revocations.add_log(make_log()),
    "zone_record_holds": lambda tx: tx.zone_records.hold(make_hold()),
}


@pytest.mark.parametrize("table", ROWS)
def test_a_store_is_not_alone_with_a_row_of(store: SqlStore, table: str) -> None:
    store.write(ROWS[table])
    assert store.read(lambda tx: tx.installations.is_alone()) is False


def test_every_table_can_end_the_loneliness_of_a_store() -> None:
    assert set(ROWS) == set(metadata.tables) - {"installation", "certificate_versions", "tallies"}


def test_the_clock_mark_starts_when_the_installation_was_made(store: SqlStore) -> None:
    store.write(lambda tx: tx.installations.add(make_installation()))
    assert store.write(lambda tx: tx.installations.advance_clock(NOON - DAY)) == NOON


def test_the_clock_mark_only_grows(store: SqlStore) -> None:
    store.write(lambda tx: tx.installations.add(make_installation()))
    steps = [NOON + HOUR, NOON - DAY, NOON + HOUR - timedelta(microseconds=1), NOON + 2 * HOUR, NOON]
    marks = [store.write(lambda tx, step=step: tx.installations.advance_clock(step)) for step in steps]  # type: ignore[misc]
    assert marks == [NOON, NOON + HOUR, NOON + HOUR, NOON + HOUR, NOON + 2 * HOUR]


def test_a_store_without_installation_has_no_clock_mark(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.installations.advance_clock(NOON))


def test_of_two_keys_of_one_generation_the_first_stays(store: SqlStore) -> None:
    first, second = make_kek(wrapped=b"first"), make_kek(wrapped=b"second")
    assert store.write(lambda tx: [tx.keys.add_kek(first), tx.keys.add_kek(second)]) == [True, False]
    assert store.read(lambda tx: tx.keys.kek(HERE, 1)) == first


def test_the_newest_key_is_that_of_the_highest_generation(store: SqlStore) -> None:
    store.write(lambda tx: [tx.keys.add_kek(make_kek(generation=number)) for number in (2, 10, 1)])
    assert store.read(lambda tx: tx.keys.newest_kek(HERE)) == make_kek(generation=10)


def test_every_generation_of_a_key_can_be_found(store: SqlStore) -> None:
    store.write(lambda tx: [tx.keys.add_kek(make_kek(generation=number)) for number in (1, 2)])
    found = store.read(lambda tx: [tx.keys.kek(HERE, number) for number in (1, 2, 3)])
    assert found == [make_kek(generation=1), make_kek(generation=2), None]


def test_every_region_has_keys_of_its_own(store: SqlStore) -> None:
    keys = [make_kek(HERE, wrapped=b"here"), make_kek(ELSEWHERE, 2, wrapped=b"elsewhere"), make_kek(ROOTS, 3)]
    store.write(lambda tx: [tx.keys.add_kek(key) for key in keys])
    found = store.read(lambda tx: [tx.keys.newest_kek(scope) for scope in (HERE, ELSEWHERE, ROOTS)])
    assert found == keys


def test_an_empty_store_has_no_keys_and_secrets(store: SqlStore) -> None:
    found = store.read(lambda tx: (tx.keys.newest_kek(HERE), tx.keys.kek(HERE, 1), tx.keys.newest_secret(ACCOUNT)))
    assert found == (None, None, None)


SEALED: dict[str, set[Scope]] = {
    "a wrapped key": set(),
    "a certificate without key": set(),
    "a certificate's key": {HERE},
    "an issuing CA's key": {HERE},
    "a root's key": {ROOTS},
    "an account's secret": {ROOTS},
}
SEALERS: dict[str, Callable[[Transaction], object]] = {
    "a wrapped key": lambda tx: [tx.keys.add_kek(make_kek(scope)) for scope in (HERE, ROOTS)],
    "a certificate without key": lambda tx: add_certificate(tx, make_version()),
    "a certificate's key": lambda tx: add_certificate(tx, make_issued()),
    "an issuing CA's key": lambda tx: tx.authorities.add(make_authority()),
    "a root's key": lambda tx: tx.authorities.add(make_authority("r1", ROOTS, AuthorityRole.ROOT)),
    "an account's secret": lambda tx: tx.keys.add_secret(make_secret()),
}


def add_certificate(tx: Transaction, version: CertificateVersion) -> None:
    tx.certificates.add(make_certificate(deleted_at=NOON))
    tx.certificates.add_version(version)


@pytest.mark.parametrize("what", SEALERS)
def test_the_scopes_with_something_sealed_are_those_of(store: SqlStore, what: str) -> None:
    store.write(SEALERS[what])
    scopes = (HERE, ELSEWHERE, ROOTS, Scope(OTHER_ACCOUNT, "local"), Scope(OTHER_ACCOUNT, ""))
    assert store.read(lambda tx: {scope for scope in scopes if tx.keys.has_sealed(scope)}) == SEALED[what]


def test_of_two_secrets_of_one_generation_the_first_stays(store: SqlStore) -> None:
    first, second = make_secret(sealed=b"first"), make_secret(sealed=b"second")
    assert store.write(lambda tx: [tx.keys.add_secret(first), tx.keys.add_secret(second)]) == [True, False]
    assert store.read(lambda tx: tx.keys.newest_secret(ACCOUNT)) == first


def test_the_newest_secret_is_that_of_the_highest_generation(store: SqlStore) -> None:
    store.write(lambda tx: [tx.keys.add_secret(make_secret(generation=number)) for number in (2, 10, 1)])
    assert store.read(lambda tx: tx.keys.newest_secret(ACCOUNT)) == make_secret(generation=10)


def test_an_account_has_no_names_until_the_first_is_handed_out(store: SqlStore) -> None:
    before = store.read(lambda tx: tx.names.is_empty(ACCOUNT))
    store.write(lambda tx: tx.names.add([make_name()]))
    assert (before, store.read(lambda tx: tx.names.is_empty(ACCOUNT))) == (True, False)


def test_only_names_that_were_handed_out_have_records(store: SqlStore) -> None:
    store.write(lambda tx: tx.names.add([make_name("a.test"), make_name("b.test"), make_name("c.test")]))
    asked = [DomainName(name) for name in ("a.test", "c.test", "d.test")]
    found = store.read(lambda tx: tx.names.records(ACCOUNT, "dns", asked))
    assert sorted(found, key=lambda item: item.name) == [make_name("a.test"), make_name("c.test")]


@pytest.mark.parametrize("names", [[], [DomainName("example.com")]], ids=["of no names", "of another purpose"])
def test_there_are_no_records(store: SqlStore, names: list[DomainName]) -> None:
    store.write(lambda tx: tx.names.add([make_name("example.com")]))
    assert store.read(lambda tx: tx.names.records(ACCOUNT, "acme", names)) == []


def test_a_name_that_was_handed_out_stays_as_it_is(store: SqlStore) -> None:
    store.write(lambda tx: tx.names.add([make_name("a.test", value="first.")]))
    store.write(lambda tx: tx.names.add([make_name("a.test", value="second."), make_name("b.test", value="second.")]))
    found = store.read(lambda tx: tx.names.records(ACCOUNT, "dns", [DomainName("a.test"), DomainName("b.test")]))
    assert {(item.name.text, item.record.value) for item in found} == {("a.test", "first."), ("b.test", "second.")}


def test_a_hundred_names_have_their_records_in_one_answer(store: SqlStore) -> None:
    names = [make_name(f"n{number}.test") for number in range(100)]
    store.write(lambda tx: tx.names.add(names))
    found = store.read(lambda tx: tx.names.records(ACCOUNT, "dns", [item.name for item in names]))
    assert sorted(found, key=lambda item: item.name) == sorted(names, key=lambda item: item.name)


def test_an_authority_comes_back_as_it_was_stored(store: SqlStore) -> None:
    assert store.write(lambda tx: tx.authorities.add(make_authority())) is True
    assert store.read(lambda tx: tx.authorities.get(ACCOUNT, "a1")) == make_authority()


def test_generations_come_oldest_first_for_each_scope_and_role(store: SqlStore) -> None:
    mine = [make_authority(f"a{number}", generation=number) for number in (10, 2, 1)]
    others = [make_authority("elsewhere", ELSEWHERE), make_authority("root", ROOTS, AuthorityRole.ROOT)]
    store.write(lambda tx: [tx.authorities.add(item) for item in (*mine, *others)])
    found = store.read(lambda tx: tx.authorities.all(HERE, AuthorityRole.ISSUING))
    assert [item.generation for item in found] == [1, 2, 10]


@pytest.mark.parametrize(
    "twin",
    [make_authority("a1", generation=2), make_authority("a2", generation=1)],
    ids=["the same id", "the same generation"],
)
def test_an_authority_that_exists_already_is_not_added(store: SqlStore, twin: Any) -> None:
    added = store.write(lambda tx: [tx.authorities.add(make_authority()), tx.authorities.add(twin)])
    assert added == [True, False]
    assert store.read(lambda tx: tx.authorities.all(HERE, AuthorityRole.ISSUING)) == [make_authority()]


def test_an_update_replaces_the_authority(store: SqlStore) -> None:
    active = make_authority(state=AuthorityState.ACTIVE, certificate=b"\x00der\xff", permitted_domains=())
    store.write(lambda tx: tx.authorities.add(make_authority()))
    store.write(lambda tx: tx.authorities.update(active))
    assert store.read(lambda tx: tx.authorities.get(ACCOUNT, "a1")) == active


def test_an_authority_that_was_never_added_is_not_there(store: SqlStore) -> None:
    assert store.read(lambda tx: tx.authorities.get(ACCOUNT, "a1")) is None
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.authorities.update(make_authority()))
