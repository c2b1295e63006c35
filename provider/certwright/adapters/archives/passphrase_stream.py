"""A stream under a passphrase: scrypt and AES-256-GCM in chunks, each bound to its place, the last one marked.

The first line is JSON with salt and costs, and is authenticated with every chunk. A chunk is its length (4 bytes, big
endian) and its ciphertext; its nonce is a random prefix (7 bytes), its number (4 bytes) and 1 for the last one. So no
chunk can be dropped, added, swapped or cut off (STREAM, Hoang et al., 2015).
"""

import base64
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from certwright.adapters.archives.private_files import open_file
from certwright.errors import IntegrityError, KeyUnavailable, Refused
from certwright.model.secret import SecretBytes

FORMAT = 1
_NAME = "certwrightHome"
_COST, _BLOCK, _LANES = 2**17, 8, 1
_MOST_COST = 2**20  # 1 GiB of memory: more would be an attack on whoever opens it
_CHUNK, _TAG, _PREFIX = 64 * 1024, 16, 7
_HEADER_LIMIT = 4096


class EncryptingWriter:
    """Encrypt what is written; `end` writes the last chunk."""

    def __init__(self, write: Callable[[bytes], object], passphrase: SecretBytes) -> None:
        salt, self._prefix = os.urandom(16), os.urandom(_PREFIX)
        costs = {"n": _COST, "r": _BLOCK, "p": _LANES}
        fields = {_NAME: FORMAT, **costs, "salt": _encoded(salt), "prefix": _encoded(self._prefix)}
        self._header = json.dumps(fields).encode() + b"\n"
        self._cipher = _cipher(passphrase, salt, _COST)
        self._write, self._pending, self._number = write, bytearray(), 0
        write(self._header)

    def write(self, content: bytes) -> None:
        """Take content of any length."""
        self._pending += content
        while len(self._pending) > _CHUNK:
            self._chunk(bytes(self._pending[:_CHUNK]), is_last=False)
            del self._pending[:_CHUNK]

    def end(self) -> None:
        """Write what is left as the last chunk."""
        self._chunk(bytes(self._pending), is_last=True)

    def _chunk(self, content: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        sealed = self._cipher.encrypt(nonce, content, self._header)
        self._write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


class EncryptedFile:
    """A file that `EncryptingWriter` wrote; it can be read several times.

    Raises `Refused` for a file of another kind. Reading raises `KeyUnavailable` for a wrong passphrase and
    `IntegrityError` for a file that was changed or cut.
    """

    def __init__(self, path: Path, passphrase: SecretBytes) -> None:
        self._path = path
        with open_file(path) as file:
            self._header = file.readline(_HEADER_LIMIT)
        salt, self._prefix, cost = _parse_header(self._header, str(path))
        self._cipher = _cipher(passphrase, salt, cost)

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Give the decrypted content as a stream."""
        with open_file(self._path) as file:
            file.seek(len(self._header))
            reader = _DecryptingReader(file, self._chunk, str(self._path))
            yield io.BufferedReader(reader, _CHUNK)

    def _chunk(self, sealed: bytes, number: int, *, is_last: bool) -> bytes | None:
        try:
            return self._cipher.decrypt(_nonce(self._prefix, number, is_last=is_last), sealed, self._header)
        except (InvalidTag, ValueError):
            return None


class _DecryptingReader(io.RawIOBase):
    """Decrypt chunk by chunk; the end is reached only by the last chunk."""

    def __init__(self, file: IO[bytes], decrypt: "_Decrypt", name: str) -> None:
        super().__init__()
        self._file, self._decrypt, self._name = file, decrypt, name
        self._number, self._is_done, self._content = 0, False, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._content and not self._is_done:
            self._content = self._next()
        taken = self._content[: len(view)]
        view[: len(taken)] = taken
        self._content = self._content[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        length = int.from_bytes(self._file.read(4), "big")
        sealed = self._file.read(length if length <= _CHUNK + _TAG else 0)
        content = self._decrypt(sealed, self._number, is_last=False)
        if content is None:
            content = self._decrypt(sealed, self._number, is_last=True)
            self._is_done = True
        if content is None or (self._is_done and self._file.read(1)):
            raise self._trouble()
        self._number += 1
        return content

    def _trouble(self) -> IntegrityError | KeyUnavailable:
        if self._number == 0:
            return KeyUnavailable(f"The passphrase does not open {self._name}, or the file was changed.")
        return IntegrityError(f"{self._name} was cut or changed after it was written. Nothing was imported.")


class _Decrypt(Protocol):
    def __call__(self, sealed: bytes, number: int, *, is_last: bool) -> bytes | None: ...


def _parse_header(line: bytes, name: str) -> tuple[bytes, bytes, int]:
    try:
        fields = json.loads(line)
        found = fields[_NAME]
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{name} is no exported home of certwright."
        raise Refused(msg) from error
    try:
        salt, prefix = (base64.b64decode(fields[part], validate=True) for part in ("salt", "prefix"))
        is_known = (found, fields["r"], fields["p"], len(prefix)) == (FORMAT, _BLOCK, _LANES, _PREFIX)
        cost = int(fields["n"])
    except (ValueError, KeyError, TypeError) as error:
        raise _unknown(name) from error
    if not is_known or not 2 <= cost <= _MOST_COST or cost & (cost - 1):
        raise _unknown(name)
    return salt, prefix, cost


def _unknown(name: str) -> Refused:
    return Refused(f"{name} was written by another certwright, or was changed; this one does not know its format.")


def _cipher(passphrase: SecretBytes, salt: bytes, cost: int) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=cost, r=_BLOCK, p=_LANES).derive(passphrase.reveal()))


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
