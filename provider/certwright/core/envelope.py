"""The envelope around stored secrets: AES-256-GCM, versioned, bound to its place.

Layout: format version (1 byte, 0x01) | key generation (4 bytes, big endian) | nonce (12 bytes) | ciphertext with tag.
The header and the binding are authenticated (T2).
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from certwright.errors import IntegrityError
from certwright.model.keys import KeyBinding
from certwright.model.secret import SecretBytes

FORMAT = 1
KEY_SIZE = 32
NONCE_SIZE = 12
_HEADER_SIZE = 5


def header(generation: int) -> bytes:
    """Return what every blob that is sealed under this generation of a key begins with."""
    return bytes([FORMAT]) + generation.to_bytes(4, "big")


def seal(key: SecretBytes, generation: int, nonce: bytes, secret: SecretBytes, binding: KeyBinding) -> bytes:
    """Return `secret` sealed under a 32-byte key; `nonce` is 12 fresh random bytes."""
    start = header(generation)
    data = start + binding.authenticated_data()
    return start + nonce + AESGCM(key.reveal()).encrypt(nonce, secret.reveal(), data)


def generation_of(blob: bytes) -> int:
    """Return which generation of the key opens the blob; raise `IntegrityError` for an unknown format."""
    if len(blob) < _HEADER_SIZE + NONCE_SIZE or blob[0] != FORMAT:
        msg = "a sealed secret in the store has an unknown format"
        raise IntegrityError(msg)
    return int.from_bytes(blob[1:_HEADER_SIZE], "big")


def unseal(key: SecretBytes, blob: bytes, binding: KeyBinding) -> SecretBytes:
    """Return the secret; raise `IntegrityError` when blob, key or binding is not the one it was sealed with."""
    generation_of(blob)
    start, nonce, body = (
        blob[:_HEADER_SIZE],
        blob[_HEADER_SIZE : _HEADER_SIZE + NONCE_SIZE],
        blob[_HEADER_SIZE + NONCE_SIZE :],
    )
    try:
        return SecretBytes(AESGCM(key.reveal()).decrypt(nonce, body, start + binding.authenticated_data()))
    except InvalidTag as error:
        msg = (
            f"the sealed {binding.purpose.value} of {binding.subject} (version {binding.version}) was changed or moved"
        )
        raise IntegrityError(msg) from error
