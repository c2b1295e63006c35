"""The contracts of ports.keys.KeyVault and KeyEncryptionKeys (threat T2: blobs changed, swapped or rolled back)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from certwright.adapters.keys.master_keys import RawMasterKey
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.adapters.store.sql_store import SqlStore
from certwright.core import envelope
from certwright.core.keyring import StoreKeyEncryptionKeys, kek_binding
from certwright.errors import IntegrityError, KeyUnavailable
from certwright.model.installation import KeyEncryptionKey
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.ports.keys import KeyEncryptionKeys

from tests.contract.rows import HERE
from tests.contract.vaults import ELSEWHERE, MASTER, OTHER, ROOT, SCOPES, KeysInMemory, make_keys, make_vault, wrap
from tests.fakes import NOON

SECRET = SecretBytes(b"secret-canary")
PLACE = KeyBinding(KeyPurpose.CERTIFICATE_KEY, HERE, "arn:1", 2)


def test_what_was_sealed_is_opened_by_another_vault_over_the_same_keys() -> None:
    keys = make_keys()
    blob = make_vault(keys).seal(SECRET, PLACE)
    assert make_vault(keys).open(blob, PLACE).reveal() == SECRET.reveal()


@pytest.mark.parametrize("secret", [b"", b"x", bytes(5000)], ids=["nothing", "one octet", "5,000 octets"])
def test_a_secret_may_be(secret: bytes) -> None:
    vault = make_vault()
    assert vault.open(vault.seal(SecretBytes(secret), PLACE), PLACE).reveal() == secret


def test_a_blob_starts_with_format_and_generation_and_is_never_the_same_twice() -> None:
    vault = make_vault(make_keys(generations=3))
    blobs = [vault.seal(SECRET, PLACE) for _ in range(100)]
    assert {blob[:5] for blob in blobs} == {b"\x01\x00\x00\x00\x03"}
    assert len({blob[5:17] for blob in blobs}) == 100
    assert not any(SECRET.reveal() in blob for blob in blobs)


OTHER_PLACES = [
    pytest.param(replace(PLACE, purpose=KeyPurpose.AUTHORITY_KEY), id="purpose"),
    pytest.param(replace(PLACE, scope=OTHER), id="account"),
    pytest.param(replace(PLACE, scope=ELSEWHERE), id="Region"),
    pytest.param(replace(PLACE, scope=ROOT), id="Region, which is none"),
    pytest.param(replace(PLACE, subject="arn:2"), id="subject"),
    pytest.param(replace(PLACE, subject="arn:1 "), id="subject by a blank"),
    pytest.param(replace(PLACE, version=1), id="version, rolled back"),
    pytest.param(replace(PLACE, version=22), id="version by a digit"),
]


@pytest.mark.parametrize("place", OTHER_PLACES)
def test_a_blob_is_not_opened_in_a_place_of_another(place: KeyBinding) -> None:
    vault = make_vault()
    with pytest.raises(IntegrityError) as raised:
        vault.open(vault.seal(SECRET, PLACE), place)
    assert "canary" not in str(raised.value)


def test_no_blob_of_a_table_opens_in_the_place_of_another() -> None:
    vault = make_vault()
    places = [
        KeyBinding(purpose, scope, subject, version)
        for purpose in (KeyPurpose.CERTIFICATE_KEY, KeyPurpose.AUTHORITY_KEY)
        for scope in (HERE, OTHER)
        for subject in ("a", "b")
        for version in (1, 2, 12)
    ]
    blobs = {place: vault.seal(SECRET, place) for place in places}
    opened = {(at, of) for at in places for of in places if opens(vault, blobs[of], at)}
    assert opened == {(place, place) for place in places}


def opens(vault: EnvelopeVault, blob: bytes, place: KeyBinding) -> bool:
    try:
        return vault.open(blob, place).reveal() == SECRET.reveal()
    except IntegrityError:
        return False


def test_the_parts_of_a_place_cannot_run_into_each_other() -> None:
    places = [
        KeyBinding(KeyPurpose.CERTIFICATE_KEY, Scope("1", "23"), "4", 5),
        KeyBinding(KeyPurpose.CERTIFICATE_KEY, Scope("12", "3"), "4", 5),
        KeyBinding(KeyPurpose.CERTIFICATE_KEY, Scope("1", "2"), "34", 5),
        KeyBinding(KeyPurpose.CERTIFICATE_KEY, Scope("1", "23"), "", 45),
    ]
    assert len({place.authenticated_data() for place in places}) == len(places)


def test_a_blob_with_any_bit_changed_is_not_opened() -> None:
    vault = make_vault(make_keys(generations=2))
    blob = vault.seal(SECRET, PLACE)
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        allowed = (IntegrityError, KeyUnavailable) if 1 <= position < 5 else IntegrityError
        with pytest.raises(allowed):
            vault.open(bytes(changed), PLACE)


def test_the_generation_of_a_blob_cannot_be_changed_even_where_both_have_the_same_key() -> None:
    keys = make_keys()
    same = MASTER.unwrap(keys.wrapped[HERE, 1], kek_binding(HERE, 1).authenticated_data())
    keys.wrapped[HERE, 2] = MASTER.wrap(same, kek_binding(HERE, 2).authenticated_data())
    vault = make_vault(keys)
    blob = vault.seal(SECRET, PLACE)
    assert blob[4] == 2
    with pytest.raises(IntegrityError):
        vault.open(blob[:4] + b"\x01" + blob[5:], PLACE)


def test_a_blob_of_any_other_length_is_not_opened() -> None:
    vault = make_vault()
    blob = vault.seal(SECRET, PLACE)
    for wrong in (*(blob[:length] for length in range(len(blob))), blob + b"\x00"):
        with pytest.raises(IntegrityError):
            vault.open(wrong, PLACE)


def test_blobs_of_every_generation_are_opened_and_new_ones_are_of_the_newest() -> None:
    keys = make_keys()
    old = make_vault(keys).seal(SECRET, PLACE)
    keys.wrapped[HERE, 2] = wrap(HERE, 2)
    vault = make_vault(keys)
    new = vault.seal(SECRET, PLACE)
    assert [envelope.generation_of(blob) for blob in (old, new)] == [1, 2]
    assert [vault.open(blob, PLACE).reveal() for blob in (old, new)] == [SECRET.reveal()] * 2


def test_a_vault_that_sealed_before_opens_what_a_newer_generation_sealed() -> None:
    keys = make_keys()
    running = make_vault(keys)
    running.seal(SECRET, PLACE)
    keys.wrapped[HERE, 2] = wrap(HERE, 2)
    assert running.open(make_vault(keys).seal(SECRET, PLACE), PLACE).reveal() == SECRET.reveal()


def test_another_master_key_opens_nothing() -> None:
    keys = make_keys()
    blob = make_vault(keys).seal(SECRET, PLACE)
    other = make_vault(keys, RawMasterKey(SecretBytes(b"o" * 32), "test"))
    with pytest.raises(KeyUnavailable):
        other.open(blob, PLACE)
    with pytest.raises(KeyUnavailable):
        other.seal(SECRET, PLACE)


@pytest.mark.parametrize(
    "source", [(ELSEWHERE, 1), (OTHER, 1), (HERE, 2)], ids=["a Region", "an account", "a generation"]
)
def test_a_key_encryption_key_does_not_serve_in_the_place_of_another_of(source: tuple[Scope, int]) -> None:
    keys = make_keys(generations=2)
    keys.wrapped[HERE, 1] = keys.wrapped[source]
    del keys.wrapped[HERE, 2]
    with pytest.raises(KeyUnavailable):
        make_vault(keys).seal(SECRET, PLACE)


def test_a_scope_without_key_encryption_key_seals_nothing() -> None:
    with pytest.raises(KeyUnavailable):
        make_vault(KeysInMemory()).seal(SECRET, PLACE)


def test_many_threads_share_a_vault() -> None:
    vault = make_vault()
    places = [replace(PLACE, scope=scope, version=number) for scope in SCOPES for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        blobs = list(pool.map(lambda place: vault.seal(SECRET, place), places))
        opened = list(pool.map(lambda pair: vault.open(*pair).reveal(), zip(blobs, places, strict=True)))
    assert opened == [SECRET.reveal()] * len(places)


def of_store(store: SqlStore, wrapped: Mapping[tuple[Scope, int], bytes]) -> KeyEncryptionKeys:
    """Put wrapped keys into a store."""
    for (scope, generation), blob in wrapped.items():
        row = KeyEncryptionKey(scope.account, scope.region, generation, blob, NOON)
        store.write(lambda tx, row=row: tx.keys.add_kek(row))  # type: ignore[misc]
    return StoreKeyEncryptionKeys(store)


@pytest.mark.parametrize("kind", ["memory", "store"])
def test_wrapped_keys_are_found_by_scope_and_generation(store: SqlStore, kind: str) -> None:
    wrapped = {(HERE, 1): b"one", (HERE, 2): b"two", (OTHER, 1): b"other"}
    keys = KeysInMemory(dict(wrapped)) if kind == "memory" else of_store(store, wrapped)
    assert keys.newest(HERE) == (2, b"two")
    assert [keys.of_generation(HERE, 1), keys.of_generation(OTHER, 1)] == [b"one", b"other"]
    with pytest.raises(KeyUnavailable):
        keys.newest(ELSEWHERE)
    with pytest.raises(KeyUnavailable):
        keys.of_generation(HERE, 3)
