"""PKCS#8 under a passphrase: PBES2 with scrypt (RFC 8018, RFC 7914) and AES-256-CBC, as OpenSSL reads it.

The library's own encryption derives its key by 2,048 rounds of PBKDF2, too few for a key that signs for ten years.
"""

import base64
import os
import textwrap

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

from certwright.model.secret import SecretBytes

# 16 MB and eight rounds: the work of N = 2^17 within the 32 MB that OpenSSL allows for scrypt.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 8
_KEY_SIZE, _SALT_SIZE, _BLOCK_SIZE = 32, 16, 16
_PBES2 = "2a864886f70d01050d"
_SCRYPT = "2b06010401da47040b"
_AES_256_CBC = "60864801650304012a"
_LABEL = "ENCRYPTED PRIVATE KEY"


def encrypted_pem(pkcs8: SecretBytes, passphrase: SecretBytes) -> bytes:
    """Return the PEM of a PKCS#8 structure (DER), encrypted under a passphrase."""
    salt, start = os.urandom(_SALT_SIZE), os.urandom(_BLOCK_SIZE)
    derivation = Scrypt(salt=salt, length=_KEY_SIZE, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
    encryptor = Cipher(algorithms.AES256(derivation.derive(passphrase.reveal())), modes.CBC(start)).encryptor()
    padder = PKCS7(_BLOCK_SIZE * 8).padder()
    padded = padder.update(pkcs8.reveal()) + padder.finalize()
    body = encryptor.update(padded) + encryptor.finalize()
    return _pem(_sequence(_algorithm(salt, start), _octets(body)))


def _algorithm(salt: bytes, start: bytes) -> bytes:
    costs = (_integer(cost) for cost in (SCRYPT_N, SCRYPT_R, SCRYPT_P, _KEY_SIZE))
    derivation = _sequence(_identifier(_SCRYPT), _sequence(_octets(salt), *costs))
    cipher = _sequence(_identifier(_AES_256_CBC), _octets(start))
    return _sequence(_identifier(_PBES2), _sequence(derivation, cipher))


def _pem(der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {_LABEL}-----", *lines, f"-----END {_LABEL}-----", ""]).encode()


def _sequence(*parts: bytes) -> bytes:
    return _encode(0x30, b"".join(parts))


def _octets(value: bytes) -> bytes:
    return _encode(0x04, value)


def _identifier(encoded: str) -> bytes:
    return _encode(0x06, bytes.fromhex(encoded))


def _integer(value: int) -> bytes:
    return _encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _encode(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
