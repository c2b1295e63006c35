"""A whole home in one file under a passphrase: the content of the key file, and the archive of the store.

The log of revocations stays behind: whatever the old home revokes after the export is in no copy of it.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TypeVar

from certwright.adapters.archives.backup import Source
from certwright.adapters.archives.lines import Write
from certwright.adapters.archives.passphrase_stream import EncryptedFile, EncryptingWriter
from certwright.errors import IntegrityError
from certwright.model.secret import SecretBytes

T = TypeVar("T")
_HEAD_LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class CarriedHome:
    """What an exported home holds; no key when the old home's master key was no file."""

    key: SecretBytes | None
    archive: Source


def write_home(
    write: Write, passphrase: SecretBytes, key: SecretBytes | None, write_archive: Callable[[Write], T]
) -> T:
    """Encrypt the content of the key file and what `write_archive` writes; return what that returned."""
    encoded = base64.b64encode(key.reveal()).decode() if key else None
    encrypting = EncryptingWriter(write, passphrase)
    encrypting.write(json.dumps({"masterKeyFile": encoded}).encode() + b"\n")
    done = write_archive(encrypting.write)
    encrypting.end()
    return done


def read_home(file: EncryptedFile, name: str) -> CarriedHome:
    """Return what an exported home holds."""
    with file.open() as content:
        head = content.readline(_HEAD_LIMIT)
    try:
        encoded = json.loads(head)["masterKeyFile"]
        key = None if encoded is None else SecretBytes(base64.b64decode(encoded))
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{name} holds something else than a home."
        raise IntegrityError(msg) from error

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with file.open() as content:
            content.readline(_HEAD_LIMIT)
            yield content

    return CarriedHome(key, Source(name, opened))
