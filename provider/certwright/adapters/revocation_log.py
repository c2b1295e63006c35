"""The log of revocations as a file of JSON lines in the home (ports.revocation_log.RevocationLog).

The first line names log and installation, each further one is a revocation, and every line ends with a digest over
itself and the line before. A last line without its end is what a crash left of an append that never returned.
"""

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from certwright.adapters.archives.private_files import new_private_file
from certwright.adapters.folders import make_folder, sync_folder
from certwright.errors import IntegrityError, Refused, StoreUnavailable
from certwright.model.arns import parse_certificate_arn
from certwright.model.revocations import LoggedRevocations, Revocation, RevocationReason

FILE_NAME = "revocations.log"
_FORMAT = 1
_CHAIN = "chain"


def read_log(path: Path) -> LoggedRevocations:
    """Read a log that is anywhere; raise `StoreUnavailable` when it cannot be read, `IntegrityError` when damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"Cannot read {path}: {error.strerror}."
        raise StoreUnavailable(msg) from error
    return _parse(content, path)[0]


class FileRevocationLog:
    """Keep the log in a folder; processes take turns by a lock on the file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    @property
    def place(self) -> str:
        """Return host and path."""
        return f"{socket.gethostname()}:{self._path}"

    def read(self) -> LoggedRevocations | None:
        """Return everything; None when there is no log."""
        content = self._content()
        return None if content is None else _parse(content, self._path)[0]

    def count(self) -> int:
        """Return the number of whole lines after the first."""
        content = self._content()
        return 0 if content is None else max(0, content.count(b"\n") - 1)

    def open(self, log_id: str, installation_id: str, revocations: Sequence[Revocation]) -> LoggedRevocations:
        """Write a log beside its place and link it there, or return the one that is there."""
        header = {"certwrightRevocations": _FORMAT, "log": log_id, "installation": installation_id}
        lines = _chained([header, *map(_write, revocations)], "")
        with self._told(), suppress(Refused):
            make_folder(self._path.parent)
            with new_private_file(self._path, replace=False) as file:
                file.write("".join(lines).encode())
        found = self.read()
        if found is None:
            raise self._vanished()
        return found

    def set_aside(self) -> None:
        """Rename the log to one with the first free number."""
        with self._told():
            if not self._path.exists():
                return
            places = (self._path.with_name(f"{FILE_NAME}.{number}.old") for number in count(1))
            self._path.rename(next(place for place in places if not place.exists()))
            sync_folder(self._path.parent)

    def append(self, log_id: str, revocations: Sequence[Revocation]) -> None:
        """Write whole lines at the end and make them durable; a failed write is taken back."""
        with self._told(), self._locked() as descriptor:
            content = _read_whole(descriptor)
            logged, chain = _parse(content, self._path)
            if logged.id != log_id:
                raise self._vanished()
            end = content.rfind(b"\n") + 1
            os.ftruncate(descriptor, end)
            try:
                _write_whole(descriptor, "".join(_chained(map(_write, revocations), chain)).encode(), end)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise

    def _content(self) -> bytes | None:
        with self._told():
            return self._path.read_bytes() if self._path.exists() else None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            descriptor = os.open(self._path, os.O_RDWR)
        except FileNotFoundError as error:
            raise self._vanished() from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            msg = f"The log of revocations {self._path} cannot be used: {error.strerror}. Nothing was revoked."
            raise StoreUnavailable(msg) from error

    def _vanished(self) -> Refused:
        return Refused(f"The log of revocations {self._path} is another one now, or gone. Run it again.")


def _write(revocation: Revocation) -> dict[str, object]:
    return {
        "issuer": revocation.issuer_id,
        "serial": f"{revocation.serial:x}",
        "arn": str(revocation.arn),
        "version": revocation.version,
        "reason": revocation.reason.value,
        "revokedAt": revocation.revoked_at.isoformat(),
    }


def _read(fields: Mapping[str, object]) -> Revocation:
    return Revocation(
        issuer_id=str(fields["issuer"]),
        serial=int(str(fields["serial"]), 16),
        arn=parse_certificate_arn(str(fields["arn"])),
        version=int(str(fields["version"])),
        reason=RevocationReason(fields["reason"]),
        revoked_at=datetime.fromisoformat(str(fields["revokedAt"])),
    )


def _chained(lines: Iterable[dict[str, object]], chain: str) -> Iterator[str]:
    for fields in lines:
        chain = _link_of(fields, chain)
        yield json.dumps({**fields, _CHAIN: chain}) + "\n"


def _link_of(fields: Mapping[str, object], previous: str) -> str:
    return hashlib.sha256(json.dumps([previous, fields], sort_keys=True).encode()).hexdigest()


def _parse(content: bytes, path: Path) -> tuple[LoggedRevocations, str]:
    """Return what the whole lines hold, and the digest of the last one."""
    chain = ""
    header: dict[str, object] = {}
    revocations = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        fields = _fields(line, number, path)
        claimed = fields.pop(_CHAIN, None)
        chain = _link_of(fields, chain)
        if claimed != chain:
            raise _damaged(number, path)
        if number == 1:
            header = fields
        else:
            revocations.append(_read(fields))
    if header.get("certwrightRevocations") != _FORMAT:
        raise _damaged(1, path)
    return LoggedRevocations(str(header["log"]), str(header["installation"]), tuple(revocations)), chain


def _fields(line: bytes, number: int, path: Path) -> dict[str, object]:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise _damaged(number, path) from error
    if not isinstance(fields, dict):
        raise _damaged(number, path)
    return fields


def _damaged(number: int, path: Path) -> IntegrityError:
    return IntegrityError(
        f"The log of revocations {path} is damaged at line {number}. Put an intact copy back, or move it away and run "
        "`certwright restore --accept-lost-revocations`; until then nothing is called good."
    )


def _read_whole(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read()


def _write_whole(descriptor: int, content: bytes, at: int) -> None:
    while content:
        written = os.pwrite(descriptor, content, at)
        content, at = content[written:], at + written
