"""Power losses, replayed: what one process wrote is recorded by strace, then lost, kept or torn sector by sector.

Until a file is synced any subset of the sectors written since may be on the disk, in any order, and the file may have
its old length; until its folder is synced a new file may be missing. The write-ahead log's index lives in memory that
is mapped, so it is not recorded; SQLite makes it anew.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
TRACED = "openat,pwrite64,write,fdatasync,fsync,ftruncate,unlink"
_CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_TEXT = r'"((?:\\x[0-9a-f]{2})*)"'
_FILE = r"\d+<((?:\\x[0-9a-f]{2})*)>"


@dataclass(frozen=True)
class Operation:
    """One call: `what` is write, sync, cut, make, remove or say; `say` is a line on standard output."""

    what: str
    path: str = ""
    data: bytes = b""
    at: int = 0


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)
    is_linked: bool = False


class Disk:
    """Files as a disk may hold them; `play` lets a process write, `after_power_loss` draws what is left."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self.said: list[str] = []

    def play(self, operation: Operation) -> None:
        """Take one operation in."""
        if operation.what == "say":
            self.said += operation.data.decode().splitlines()
        elif operation.what == "sync":
            self._sync(operation.path)
        elif operation.what == "remove":
            self._files.pop(operation.path, None)
        elif operation.what == "make":
            self._files.setdefault(operation.path, _File())
        else:
            self._files.setdefault(operation.path, _File()).pending.append(operation)

    def after_power_loss(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files that are there, with what became of unsynced sectors left to chance."""
        kept = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        found = {}
        for path, file in self._files.items():
            if file.is_linked or chance.random() < kept:
                content = bytearray(file.durable)
                for operation in file.pending:
                    _apply_in_part(content, operation, chance, kept)
                found[path] = bytes(content)
        return found

    def _sync(self, path: str) -> None:
        file = self._files.get(path)
        if file is None:
            for name, item in self._files.items():
                item.is_linked |= str(Path(name).parent) == path
            return
        for operation in file.pending:
            _apply(file.durable, operation)
        file.pending.clear()


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.what == "cut":
        del content[operation.at :]
        content.extend(bytes(operation.at - len(content)))
        return
    end = operation.at + len(operation.data)
    content.extend(bytes(max(0, end - len(content))))
    content[operation.at : end] = operation.data


def _apply_in_part(content: bytearray, operation: Operation, chance: random.Random, kept: float) -> None:
    if operation.what == "cut":
        if chance.random() < kept:
            _apply(content, operation)
        return
    start = operation.at
    while start < operation.at + len(operation.data):
        end = min(start - start % SECTOR + SECTOR, operation.at + len(operation.data))
        if chance.random() < kept:
            part = operation.data[start - operation.at : end - operation.at]
            _apply(content, Operation("write", operation.path, part, start))
        start = end


def recorded(log: Path, folder: Path) -> Iterator[Operation]:
    """Yield what a process did to the files of a folder, from a log of `strace -f -y -xx` over TRACED."""
    positions: dict[str, int] = {}
    for line in log.read_text(errors="replace").splitlines():
        call = _CALL.match(line)
        if call is None or int(call[3]) < 0:
            continue
        operation = _operation(call[1], call[2], positions)
        is_ours = operation is not None and Path(operation.path).is_relative_to(folder)
        if operation is not None and (operation.what == "say" or (is_ours and not operation.path.endswith("-shm"))):
            yield operation


def _operation(name: str, arguments: str, positions: dict[str, int]) -> Operation | None:
    path = _unquoted(_FILE, arguments) if name not in {"unlink", "openat"} else _unquoted(_TEXT, arguments)
    match name:
        case "openat":
            return Operation("make", path.decode()) if "O_CREAT" in arguments else None
        case "unlink":
            return Operation("remove", path.decode())
        case "fdatasync" | "fsync":
            return Operation("sync", path.decode())
        case "ftruncate":
            return Operation("cut", path.decode(), at=int(arguments.rpartition(", ")[2]))
        case "pwrite64":
            return Operation("write", path.decode(), _unquoted(_TEXT, arguments), int(arguments.rpartition(", ")[2]))
        case _:
            return _plain_write(path.decode(), arguments, positions)


def _plain_write(path: str, arguments: str, positions: dict[str, int]) -> Operation:
    data = _unquoted(_TEXT, arguments)
    if arguments.startswith("1<"):
        return Operation("say", data=data)
    at = positions.get(path, 0)
    positions[path] = at + len(data)
    return Operation("write", path, data, at)


def _unquoted(pattern: str, arguments: str) -> bytes:
    found = re.search(pattern, arguments)
    assert found is not None, arguments[:200]
    return bytes.fromhex(found[1].replace("\\x", ""))


def losses(operations: Sequence[Operation], seeds: Iterable[int]) -> Iterator[tuple[Disk, dict[str, bytes]]]:
    """Yield for each seed the disk and the files left on it by a power loss, in the order of the instants."""
    drawn = sorted((random.Random(seed).randrange(len(operations)), seed) for seed in seeds)
    disk, done = Disk(), 0
    for instant, seed in drawn:
        for operation in operations[done : instant + 1]:
            disk.play(operation)
        done = max(done, instant + 1)
        yield disk, disk.after_power_loss(random.Random(seed))
