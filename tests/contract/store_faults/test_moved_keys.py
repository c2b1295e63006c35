"""An attacker who may write the database moves keys between rows: none opens elsewhere (T2)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

import pytest
from certwright.adapters.keys.signer import VaultSigner
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import IntegrityError, SigningRefused
from certwright.model.arns import CertificateArn
from certwright.model.authorities import Authority, AuthorityRole
from certwright.model.keys import KeyAlgorithm, ManagedKey, authority_key_binding, certificate_key_binding
from certwright.model.linted import seal_linted
from certwright.model.scope import Scope
from sqlalchemy import text

from tests.contract.rows import ACCOUNT, HERE, make_arn, make_authority, make_certificate, make_issued, put
from tests.contract.vaults import ELSEWHERE, OTHER, ROOT, make_vault

SIGNER = VaultSigner(make_vault())
ROWS = 20
SCOPES = (HERE, ELSEWHERE, OTHER)
COLUMNS = {
    "the sealed half": "sealed_key = :sealed_key",
    "both halves": "sealed_key = :sealed_key, public_key = :public_key",
    "the whole key": "sealed_key = :sealed_key, public_key = :public_key, key_algorithm = :key_algorithm",
}


@dataclass(frozen=True)
class Place:
    """One version of a certificate."""

    arn: CertificateArn
    number: int

    def read(self, store: SqlStore) -> ManagedKey:
        version = store.read(lambda tx: tx.certificates.version(self.arn, self.number))
        assert version is not None
        assert version.key is not None
        return version.key

    def columns(self) -> dict[str, object]:
        return {"account": self.arn.account, "certificate_id": self.arn.id, "number": self.number}


HERE_ROW = "account = :account AND certificate_id = :certificate_id AND number = :number"


def generate(place: Place) -> ManagedKey:
    return SIGNER.generate(KeyAlgorithm.EC_PRIME256V1, certificate_key_binding(place.arn, place.number))


def fill(store: SqlStore) -> list[Place]:
    """Store certificates of several accounts and Regions with two versions each, and all their keys."""
    arns = [make_arn(number, SCOPES[number % len(SCOPES)]) for number in range(1, ROWS // 2 + 1)]
    places = [Place(arn, number) for arn in arns for number in (1, 2)]
    for arn in arns:
        versions = [make_issued(arn, number, key=generate(Place(arn, number))) for number in (1, 2)]
        put(store, make_certificate(arn, current_version=2, newest_version=2), *versions)
    return places


def make_authorities(store: SqlStore) -> Iterator[Authority]:
    for name, scope, role in (("root", ROOT, AuthorityRole.ROOT), ("issuing", HERE, AuthorityRole.ISSUING)):
        key = SIGNER.generate(KeyAlgorithm.EC_PRIME256V1, authority_key_binding(scope, name, 1))
        authority = make_authority(name, scope, role, key=key)
        store.write(lambda tx, row=authority: tx.authorities.add(row))  # type: ignore[misc]
        yield authority


def change(store: SqlStore, statement: str, **values: object) -> None:
    """Write into the database behind the store's back."""
    with store.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount == 1


def move(store: SqlStore, key: ManagedKey, place: Place, columns: str) -> None:
    stolen = {"sealed_key": key.sealed, "public_key": key.public_key, "key_algorithm": key.algorithm.value}
    taken = {name: value for name, value in stolen.items() if f":{name}" in columns}
    change(store, f"UPDATE certificate_versions SET {columns} WHERE {HERE_ROW}", **taken, **place.columns())


def test_every_key_is_exported_from_its_own_row(store: SqlStore) -> None:
    exported = [SIGNER.export(place.read(store)).reveal() for place in fill(store)]
    assert len(set(exported)) == ROWS
    assert all(pem.startswith(b"-----BEGIN PRIVATE KEY-----") for pem in exported)


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS.keys())
def test_of_every_pair_of_rows_no_key_is_exported_from_the_row_of_another_after_moving(
    store: SqlStore, columns: str
) -> None:
    places = fill(store)
    keys = {place: place.read(store) for place in places}
    for source, target in permutations(places, 2):
        move(store, keys[source], target, columns)
        with pytest.raises(IntegrityError):
            SIGNER.export(target.read(store))
        move(store, keys[target], target, columns)
    assert [place.read(store) for place in places] == list(keys.values())


@pytest.mark.parametrize("origin", [-1, 0, 2], ids=["below", "zero", "of a later version"])
def test_a_key_of_a_version_that_cannot_have_made_it_is_not_read(store: SqlStore, origin: int) -> None:
    place = fill(store)[0]
    change(
        store,
        f"UPDATE certificate_versions SET key_version = :origin WHERE {HERE_ROW}",
        origin=origin,
        **place.columns(),
    )
    with pytest.raises(IntegrityError, match=rf"version 1 has a key of version {origin}"):
        place.read(store)


def test_a_version_that_claims_the_key_of_an_earlier_one_does_not_open_its_own_as_that(store: SqlStore) -> None:
    place = fill(store)[1]
    change(store, f"UPDATE certificate_versions SET key_version = 1 WHERE {HERE_ROW}", **place.columns())
    with pytest.raises(IntegrityError):
        SIGNER.export(place.read(store))


def test_a_key_that_is_used_again_for_a_later_version_is_exported_from_there(store: SqlStore) -> None:
    arn = make_arn()
    key = generate(Place(arn, 1))
    versions = [make_issued(arn, number, key=key) for number in (1, 2)]
    put(store, make_certificate(arn, current_version=2, newest_version=2), *versions)
    assert SIGNER.export(Place(arn, 2).read(store)).reveal() == SIGNER.export(key).reveal()


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS.keys())
@pytest.mark.parametrize("name", ["root", "issuing"])
def test_the_key_of_an_authority_is_not_exported_from_the_row_of_a_certificate(
    store: SqlStore, name: str, columns: str
) -> None:
    place = fill(store)[0]
    authority = {item.id: item for item in make_authorities(store)}[name]
    move(store, authority.key, place, columns)
    with pytest.raises(IntegrityError):
        SIGNER.export(place.read(store))


def test_the_key_of_a_certificate_does_not_sign_from_the_row_of_an_authority(store: SqlStore) -> None:
    key = fill(store)[0].read(store)
    list(make_authorities(store))
    change(
        store,
        "UPDATE authorities SET sealed_key = :sealed, public_key = :public WHERE id = 'issuing'",
        sealed=key.sealed,
        public=key.public_key,
    )
    moved = store.read(lambda tx: tx.authorities.get(ACCOUNT, "issuing"))
    assert moved is not None
    with pytest.raises(IntegrityError):
        SIGNER.sign(moved.key, seal_linted(b"to be signed", key.public_key, "profile"))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE authorities SET id = 'other' WHERE id = 'issuing'", id="id"),
        pytest.param("UPDATE authorities SET generation = 7 WHERE id = 'issuing'", id="generation"),
        pytest.param("UPDATE authorities SET region = 'elsewhere' WHERE id = 'issuing'", id="Region"),
    ],
)
def test_an_authority_does_not_sign_under_another(store: SqlStore, statement: str) -> None:
    list(make_authorities(store))
    change(store, statement)
    scopes = (HERE, ELSEWHERE)
    found = [row for scope in scopes for row in store.read(lambda tx, at=scope: all_issuing(tx, at))]  # type: ignore[misc]
    (moved,) = found
    with pytest.raises(IntegrityError):
        SIGNER.sign(moved.key, seal_linted(b"to be signed", moved.key.public_key, "profile"))


def test_a_certificate_that_was_moved_to_another_region_does_not_open_its_key(store: SqlStore) -> None:
    place = fill(store)[4]
    assert place.arn.scope == HERE
    change(store, "UPDATE certificates SET region = 'elsewhere' WHERE id = :id", id=place.arn.id)
    view = store.read(lambda tx: tx.certificates.view(replace(place.arn, region="elsewhere")))
    assert view is not None
    assert view.newest.key is not None
    with pytest.raises(IntegrityError):
        SIGNER.export(view.newest.key)


def test_the_signer_uses_each_kind_of_key_for_its_own_purpose_only(store: SqlStore) -> None:
    certificate_key = fill(store)[0].read(store)
    authority = next(make_authorities(store))
    with pytest.raises(SigningRefused, match="no certificate-key"):
        SIGNER.export(authority.key)
    with pytest.raises(SigningRefused, match="no authority-key"):
        SIGNER.sign(certificate_key, seal_linted(b"to be signed", certificate_key.public_key, "profile"))


def all_issuing(tx: object, scope: Scope) -> list[Authority]:
    return list(tx.authorities.all(scope, AuthorityRole.ISSUING))  # type: ignore[attr-defined]
