"""Files that only their owner reads, and that are whole or not there."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from certwright.adapters.folders import sync_folder
from certwright.errors import Refused, StoreUnavailable

_WITHOUT_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


@contextmanager
def new_private_file(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """Give a file to write (0600) that takes its place, durable, when the block ends without an exception.

    Raise `Refused` when there is something at the path and `replace` is False, `StoreUnavailable` when it cannot be
    written; then nothing is left behind.
    """
    if not replace and os.path.lexists(path):
        raise _taken(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with _told(path):
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _place(draft, path, replace=replace)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        sync_folder(path.parent)


def _place(draft: Path, path: Path, *, replace: bool) -> None:
    """Put the draft in its place; a file system without hard links cannot rule out that another file came first."""
    try:
        if not replace:
            os.link(draft, path)
            return
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
    draft.replace(path)


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading; raise `StoreUnavailable` with the reason."""
    try:
        file = path.open("rb")
    except OSError as error:
        msg = f"Cannot read {path}: {error.strerror}."
        raise StoreUnavailable(msg) from error
    with file:
        yield file


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"Cannot write {path}: {error.strerror}. Nothing was left there."
        raise StoreUnavailable(msg) from error


def _taken(path: Path) -> Refused:
    return Refused(f"{path} is there already. Choose another name, or allow to replace it with --replace.")
