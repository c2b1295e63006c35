"""Files outside the store that keep private keys (ports.keys.KeyFile)."""

import os
from pathlib import Path

from certwright.adapters.archives.private_files import new_private_file
from certwright.errors import KeyUnavailable, Refused

_LARGEST = 1_000_000


class PrivateKeyFile:
    """A file for its owner only, written once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        """Return where it is."""
        return str(self._path)

    def create(self, content: bytes) -> None:
        """Write a new file, durable and for its owner only."""
        if os.path.lexists(self._path):
            msg = f"{self._path} exists already. Name a file that does not; nothing was changed."
            raise Refused(msg)
        with new_private_file(self._path, replace=False) as file:
            file.write(content)

    def read(self) -> bytes:
        """Return what it holds."""
        try:
            with self._path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            msg = f"Cannot read {self._path}: {error.strerror}. Nothing was changed."
            raise KeyUnavailable(msg) from error
        if len(content) > _LARGEST:
            msg = f"{self._path} is too large to hold keys of a root. Nothing was changed."
            raise KeyUnavailable(msg)
        return content
