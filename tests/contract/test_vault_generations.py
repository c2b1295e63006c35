"""The contract of ports.keys.KeyVault where keys have several generations (threat T28)."""

from dataclasses import replace

import pytest
from certwright.adapters.keys.vault import NEWEST_IS_KNOWN_FOR, EnvelopeVault
from certwright.core import envelope
from certwright.errors import IntegrityError, KeyUnavailable
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.secret import SecretBytes

from tests.contract.rows import HERE
from tests.contract.vaults import ELSEWHERE, MASTER, KeysInMemory, make_keys, make_vault, wrap

SECRET = SecretBytes(b"secret-canary")
PLACE = KeyBinding(KeyPurpose.CERTIFICATE_KEY, HERE, "arn:1", 2)


def test_a_blob_begins_with_the_header_of_its_generation() -> None:
    assert make_vault(make_keys(3)).seal(SECRET, PLACE).startswith(envelope.header(3))
    assert {envelope.generation_of(envelope.header(number) + bytes(28)) for number in (1, 2**32 - 1)} == {1, 2**32 - 1}


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_a_secret_moves_to_any_generation_and_opens_there(generation: int) -> None:
    vault = make_vault(make_keys(3))
    moved = vault.rewrap(vault.seal(SECRET, PLACE), PLACE, generation)
    assert envelope.generation_of(moved) == generation
    assert vault.open(moved, PLACE).reveal() == SECRET.reveal()


def test_a_moved_secret_opens_without_the_generation_it_came_from() -> None:
    keys = make_keys(2)
    moved = make_vault(keys).rewrap(make_vault(make_keys_of(keys, 1)).seal(SECRET, PLACE), PLACE, 2)
    assert make_vault(make_keys_of(keys, 2)).open(moved, PLACE).reveal() == SECRET.reveal()


def make_keys_of(keys: KeysInMemory, generation: int) -> KeysInMemory:
    """Return the keys of one generation alone."""
    return KeysInMemory({place: wrapped for place, wrapped in keys.wrapped.items() if place[1] == generation})


def test_a_secret_of_another_place_is_not_moved() -> None:
    vault = make_vault(make_keys(2))
    blob = vault.seal(SECRET, PLACE)
    with pytest.raises(IntegrityError):
        vault.rewrap(blob, replace(PLACE, subject="arn:2"), 2)


def test_a_generation_that_was_never_made_seals_nothing() -> None:
    vault = make_vault(make_keys(2))
    with pytest.raises(KeyUnavailable):
        vault.rewrap(vault.seal(SECRET, PLACE), PLACE, 3)


@pytest.mark.parametrize(("seconds", "generation"), [(NEWEST_IS_KNOWN_FOR - 1, 1), (NEWEST_IS_KNOWN_FOR, 2)])
def test_a_running_process_seals_under_a_new_generation_within_a_minute(seconds: float, generation: int) -> None:
    keys, times = make_keys(), [100.0]
    vault = EnvelopeVault(MASTER, keys, lambda: times[0])
    vault.seal(SECRET, PLACE)
    keys.wrapped[HERE, 2] = wrap(HERE, 2)
    times[0] += seconds
    assert envelope.generation_of(vault.seal(SECRET, PLACE)) == generation


def test_what_a_process_seals_meanwhile_under_the_old_generation_opens_everywhere() -> None:
    keys = make_keys()
    running = make_vault(keys)
    running.seal(SECRET, PLACE)
    keys.wrapped[HERE, 2] = wrap(HERE, 2)
    late = running.seal(SECRET, PLACE)
    assert (envelope.generation_of(late), make_vault(keys).open(late, PLACE).reveal()) == (1, SECRET.reveal())


def test_every_scope_has_a_newest_generation_of_its_own() -> None:
    keys = make_keys()
    keys.wrapped[HERE, 2] = wrap(HERE, 2)
    vault = make_vault(keys)
    blobs = [vault.seal(SECRET, replace(PLACE, scope=scope)) for scope in (HERE, ELSEWHERE)]
    assert [envelope.generation_of(blob) for blob in blobs] == [2, 1]
