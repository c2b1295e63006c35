"""The archive of a store as lines of JSON (docs/BACKUP-RESTORE.md), written and read as a stream.

First the header; then for each table its name and columns, followed by its rows; then the number of rows; last an
HMAC-SHA-256 over every line before it. Its key is random, in the header, and wrapped by the master key.
"""

import base64
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import IO

from certwright.errors import IntegrityError, Refused
from certwright.model.archive import ArchivedRow, ArchiveHeader, Cell, Section
from certwright.model.secret import SecretBytes

FORMAT = 1
_NAME = "certwrightArchive"
_HEADER_LIMIT = 64 * 1024
_LINE_LIMIT = 64 * 1024 * 1024
Write = Callable[[bytes], object]


class ArchiveWriter:
    """Write an archive line by line."""

    def __init__(self, write: Write, header: ArchiveHeader, key: SecretBytes) -> None:
        self._write = write
        self._digest = hmac.new(key.reveal(), digestmod="sha256")
        self.rows = 0
        self._line(_header_fields(header))

    def section(self, table: str, columns: Sequence[str]) -> None:
        """Begin a table."""
        self._line({"table": table, "columns": list(columns)})

    def row(self, values: Sequence[Cell]) -> None:
        """Write a row of the table that was begun last."""
        self.rows += 1
        self._line([_written(value) for value in values])

    def end(self) -> None:
        """Write the number of rows and the digest."""
        self._line({"rows": self.rows})
        self._write(_digest_line(self._digest))

    def _line(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._write(line)


def read_header(file: IO[bytes], name: str) -> ArchiveHeader:
    """Return the header; raise `Refused` for what is no archive, or one of a newer format."""
    line = file.readline(_HEADER_LIMIT)
    fields = _parsed(line)
    if not isinstance(fields, dict) or _NAME not in fields:
        msg = f"{name} is no archive of certwright."
        raise Refused(msg)
    if fields[_NAME] != FORMAT:
        msg = (
            f"{name} was written by a newer certwright (format {fields[_NAME]}). Upgrade this one; nothing was changed."
        )
        raise Refused(msg)
    try:
        return ArchiveHeader(
            installation_id=str(fields["installation"]),
            key_check=str(fields["keyCheck"]),
            schema=str(fields["schema"]),
            made_at=datetime.fromisoformat(str(fields["madeAt"])),
            wrapped_key=base64.b64decode(str(fields["digestKey"]), validate=True),
        )
    except (KeyError, ValueError) as error:
        raise _damaged(name) from error


def require_intact(file: IO[bytes], key: SecretBytes, name: str) -> None:
    """Read an archive to its end without looking into it; raise `IntegrityError` when it was changed or cut."""
    digest = hmac.new(key.reveal(), digestmod="sha256")
    last = b""
    while line := file.readline(_LINE_LIMIT):
        digest.update(last)
        last = line
    if not hmac.compare_digest(last, _digest_line(digest)):
        raise _damaged(name)


def read_lines(file: IO[bytes], key: SecretBytes, name: str) -> Iterator[Section | ArchivedRow]:
    """Yield sections and rows from the beginning of an archive that is intact.

    The digest is checked again when the last one was taken; if it does not fit, the file was changed meanwhile, and
    `IntegrityError` says that what was yielded is not to be kept.
    """
    digest = hmac.new(key.reveal(), digestmod="sha256")
    rows, line = 0, file.readline(_HEADER_LIMIT)
    while True:
        digest.update(line)
        line = file.readline(_LINE_LIMIT)
        match _parsed(line):
            case {"table": str() as table, "columns": list() as columns}:
                yield Section(table, tuple(map(str, columns)))
            case list() as values:
                rows += 1
                yield ArchivedRow(tuple(_read(value, name) for value in values))
            case {"rows": int() as expected} if expected == rows:
                continue
            case {"hmac": str()} if hmac.compare_digest(line, _digest_line(digest)):
                return
            case _:
                raise _damaged(name)


def _header_fields(header: ArchiveHeader) -> dict[str, object]:
    return {
        _NAME: FORMAT,
        "installation": header.installation_id,
        "schema": header.schema,
        "madeAt": header.made_at.isoformat(),
        "keyCheck": header.key_check,
        "digestKey": base64.b64encode(header.wrapped_key).decode(),
    }


def _digest_line(digest: hmac.HMAC) -> bytes:
    return json.dumps({"hmac": digest.hexdigest()}).encode() + b"\n"


def _written(value: object) -> object:
    return [base64.b64encode(value).decode()] if isinstance(value, bytes) else value


def _read(value: object, name: str) -> Cell:
    match value:
        case [str() as encoded]:
            return base64.b64decode(encoded)
        case str() | int() | None:
            return value
    raise _damaged(name)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _damaged(name: str) -> IntegrityError:
    return IntegrityError(f"{name} was cut or changed after it was written. Nothing was restored; use another one.")
