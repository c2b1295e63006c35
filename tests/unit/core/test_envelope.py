"""The envelope around stored secrets: what was sealed comes out at its own place only, or nothing does (T2)."""

from dataclasses import replace

import pytest
from certwright.core.envelope import FORMAT, KEY_SIZE, NONCE_SIZE, generation_of, seal, unseal
from certwright.errors import IntegrityError
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

KEY = SecretBytes(bytes(range(KEY_SIZE)))
NONCE = bytes(range(100, 100 + NONCE_SIZE))
SECRET = b"a private key"
ARN = "arn:certwright:acm:local:123456789012:certificate/0d1c7a52-3c0b-4f0e-9a51-0d6b0b1f6c11"
BINDING = KeyBinding(KeyPurpose.CERTIFICATE_KEY, Scope("123456789012", "local"), ARN, 3)
BLOB = seal(KEY, 7, NONCE, SecretBytes(SECRET), BINDING)

ELSEWHERE: dict[str, KeyBinding] = {
    "another purpose": replace(BINDING, purpose=KeyPurpose.AUTHORITY_KEY),
    "another account": replace(BINDING, scope=Scope("123456789013", "local")),
    "another Region": replace(BINDING, scope=Scope("123456789012", "eu-1")),
    "the account's own key": replace(BINDING, scope=Scope("123456789012", "")),
    "another certificate": replace(BINDING, subject=ARN.replace("0d1c", "0d1d")),
    "an older version": replace(BINDING, version=2),
    "a newer version": replace(BINDING, version=4),
}

MANGLED: dict[str, bytes] = {
    "nothing": b"",
    "format zero": b"\x00" + BLOB[1:],
    "the next format": bytes([FORMAT + 1]) + BLOB[1:],
    "a header alone": BLOB[:5],
    "all but the last octet of the nonce": BLOB[: 5 + NONCE_SIZE - 1],
    "no ciphertext": BLOB[: 5 + NONCE_SIZE],
    "half a tag": BLOB[: 5 + NONCE_SIZE + 8],
    "all but the last octet": BLOB[:-1],
    "one octet more": BLOB + b"\0",
    "another generation": BLOB[:1] + (8).to_bytes(4, "big") + BLOB[5:],
}


def test_the_layout_is_format_generation_nonce_ciphertext_with_tag() -> None:
    header = b"\x01\x00\x00\x00\x07"
    body = AESGCM(KEY.reveal()).encrypt(NONCE, SECRET, header + BINDING.authenticated_data())
    assert header + NONCE + body == BLOB


def test_a_blob_of_format_1_opens_for_ever() -> None:
    header, nonce = b"\x01\x00\x00\x00\x07", b"twelve bytes"
    body = AESGCM(bytes(range(32))).encrypt(nonce, SECRET, header + BINDING.authenticated_data())
    assert unseal(SecretBytes(bytes(range(32))), header + nonce + body, BINDING).reveal() == SECRET


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.binary(min_size=NONCE_SIZE, max_size=NONCE_SIZE))
def test_what_was_sealed_comes_out_with_its_generation(secret: bytes, generation: int, nonce: bytes) -> None:
    blob = seal(KEY, generation, nonce, SecretBytes(secret), BINDING)
    assert generation_of(blob) == generation
    assert unseal(KEY, blob, BINDING).reveal() == secret


def test_the_blob_does_not_contain_the_secret() -> None:
    assert SECRET not in BLOB


def test_no_bit_can_be_flipped() -> None:
    opened = []
    for position in range(8 * len(BLOB)):
        flipped = bytearray(BLOB)
        flipped[position // 8] ^= 1 << position % 8
        try:
            unseal(KEY, bytes(flipped), BINDING)
        except IntegrityError:
            continue
        opened.append(position)
    assert opened == []


@pytest.mark.parametrize("binding", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_blob_that_is_moved_does_not_open_at(binding: KeyBinding) -> None:
    with pytest.raises(IntegrityError, match="was changed or moved"):
        unseal(KEY, BLOB, binding)


@pytest.mark.parametrize("blob", MANGLED.values(), ids=MANGLED.keys())
def test_a_blob_does_not_open_with(blob: bytes) -> None:
    with pytest.raises(IntegrityError):
        unseal(KEY, blob, BINDING)


@pytest.mark.parametrize("form", [0, 2, 255])
def test_the_generation_of_an_unknown_format_is_not_guessed(form: int) -> None:
    with pytest.raises(IntegrityError, match="unknown format"):
        generation_of(bytes([form]) + BLOB[1:])


def test_the_shortest_blob_with_a_generation_is_header_and_nonce() -> None:
    assert generation_of(BLOB[: 5 + NONCE_SIZE]) == 7


@pytest.mark.parametrize("blob", [b"", BLOB[: 5 + NONCE_SIZE - 1], b"\x02" + BLOB[1:]])
def test_the_error_of_an_unknown_format_says_so(blob: bytes) -> None:
    with pytest.raises(IntegrityError) as caught:
        generation_of(blob)
    assert str(caught.value) == "a sealed secret in the store has an unknown format"


def test_another_key_does_not_open_the_blob() -> None:
    with pytest.raises(IntegrityError):
        unseal(SecretBytes(bytes(KEY_SIZE)), BLOB, BINDING)


def test_the_error_names_the_place_and_shows_neither_key_nor_secret() -> None:
    with pytest.raises(IntegrityError) as caught:
        unseal(KEY, BLOB[:-1], BINDING)
    assert str(caught.value) == f"the sealed certificate-key of {ARN} (version 3) was changed or moved"


def test_no_two_blobs_of_twenty_can_be_swapped() -> None:
    bindings = [replace(BINDING, subject=f"{ARN}{row}", version=row % 3) for row in range(20)]
    blobs = [seal(KEY, 1, NONCE, SecretBytes(SECRET), binding) for binding in bindings]
    opened = []
    for row, binding in enumerate(bindings):
        for other, blob in enumerate(blobs):
            try:
                unseal(KEY, blob, binding)
            except IntegrityError:
                continue
            opened.append((row, other))
    assert opened == [(row, row) for row in range(20)]
