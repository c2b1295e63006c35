"""Back a store up into an archive, and restore it: everything is checked before anything is written."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from certwright.adapters.archives.lines import ArchiveWriter, Write, read_header, read_lines, require_intact
from certwright.adapters.store.archive import Snapshot, load, require_empty, require_known, snapshot
from certwright.adapters.store.schema import HEAD
from certwright.adapters.store.sql_store import SqlStore
from certwright.adapters.system import SystemClock, SystemRandomness
from certwright.core.audit import record
from certwright.core.installations import (
    begin_sealing,
    find_installation,
    require_installation,
    require_master_key,
)
from certwright.errors import IntegrityError, StoreMissing
from certwright.model.archive import ArchivedRow, ArchiveHeader, Section
from certwright.model.damage import Damage
from certwright.model.installation import Installation
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey
from certwright.ports.store import Store

_KEY_SIZE = 32
_WATCH_EVERY = 1000
Watch = Callable[[int], None]
"""Told how many rows are done, now and then."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was archived; `damages` are rows that were not as certwright wrote them, archived as they are."""

    installation_id: str
    made_at: datetime
    rows: int
    damages: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """An archive that can be read several times; `name` is for people."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to restore to: the store's URL, and the installation that is insisted on, if any."""

    url: str
    place: str
    expected: str | None


def write_archive(store: SqlStore, master_key: MasterKey, write: Write, watch: Watch) -> BackedUp:
    """Write the store as it is at one instant; others may go on working with it."""
    with snapshot(store) as taken:
        installation = taken.transaction.installations.get()
        if installation is None:
            msg = f"There is no installation in {store.place}; nothing was backed up."
            raise StoreMissing(msg)
        damages = tuple(taken.transaction.integrity.damages())
        made_at = SystemClock().now()
        rows = _write_rows(taken, _writer(installation, master_key, made_at, write), watch)
    return BackedUp(installation.id, made_at, rows, damages)


def restore_archive(
    source: Source, destination: Destination, master_key: MasterKey, caller: Caller, watch: Watch
) -> ArchiveHeader:
    """Load an archive into a missing or empty store and return its header.

    Master key, schema, digest and emptiness are checked first. Raises `Refused`, `KeyUnavailable` or `IntegrityError`
    with the store as it was.
    """
    with source.open() as file:
        header = read_header(file, source.name)
    installation = Installation(header.installation_id, header.made_at, header.key_check, None)
    require_known(header.schema)
    require_installation(installation, destination.expected, source.name)
    require_master_key(installation, master_key)
    require_empty(destination.url)
    key = master_key.unwrap(header.wrapped_key, _context(header.installation_id))
    with source.open() as file:
        require_intact(file, key, source.name)
    with source.open() as file:
        lines = _watched(read_lines(file, key, source.name), watch)
        load(destination.url, header.schema, lines, lambda store: _finish(store, header, master_key, caller))
    return header


def _writer(installation: Installation, master_key: MasterKey, made_at: datetime, write: Write) -> ArchiveWriter:
    key = SecretBytes(os.urandom(_KEY_SIZE))
    wrapped = master_key.wrap(key, _context(installation.id))
    return ArchiveWriter(write, ArchiveHeader(installation.id, installation.key_check, HEAD, made_at, wrapped), key)


def _write_rows(taken: Snapshot, writer: ArchiveWriter, watch: Watch) -> int:
    for line in _watched(taken.rows(), watch):
        if isinstance(line, Section):
            writer.section(line.table, line.columns)
        else:
            writer.row(line.values)
    writer.end()
    return writer.rows


def _watched(lines: Iterator[Section | ArchivedRow], watch: Watch) -> Iterator[Section | ArchivedRow]:
    for number, line in enumerate(lines):
        yield line
        if number % _WATCH_EVERY == 0:
            watch(number)


def _finish(store: Store, header: ArchiveHeader, master_key: MasterKey, caller: Caller) -> None:
    installation = find_installation(store)
    if installation is None or installation.id != header.installation_id:
        msg = "The archive holds another installation than its header says. Nothing was restored; use another one."
        raise IntegrityError(msg)
    begin_sealing(store, installation, master_key, SystemRandomness())
    detail = {"madeAt": header.made_at.isoformat(), "schema": header.schema}
    store.write(lambda tx: record(tx, caller, SystemClock().now(), "RestoreStore", installation.id, detail))


def _context(installation_id: str) -> bytes:
    """Return what the wrapped key of an archive's digest is bound to."""
    return b"certwright archive v1 " + installation_id.encode()
