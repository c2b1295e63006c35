"""Everything that a run leaves behind or shows while it lasts, by place, as octets."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import MetaData, create_engine, select

_PLUGIN = b"pulumi-resource-certwright"


def files_of(*folders: Path, without: Collection[str] = ()) -> dict[str, bytes]:
    """Return every file below the folders, but those of these names."""
    return {
        str(file): file.read_bytes()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and file.name not in without
    }


def rows_of(home: Path) -> bytes:
    """Return a dump of the home's store, nothing where there is none."""
    if not (home / "store.db").exists():
        return b""
    with closing(sqlite3.connect(home / "store.db")) as store:
        return "\n".join(store.iterdump()).encode()


def rows_at(url: str) -> bytes:
    """Return every row of every table of a database, octets as they are."""
    engine, tables = create_engine(url), MetaData()
    try:
        with engine.connect() as connection:
            tables.reflect(connection)
            rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    finally:
        engine.dispose()
    values = (value for row in rows for value in row)
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def plugins_below(process: int) -> list[int]:
    """Return the plugins that a process, or one that it started, has started."""
    return [found for found in descendants(process) if _PLUGIN in _shown(found, "cmdline")]


def descendants(process: int) -> Iterator[int]:
    """Yield the children of a process and theirs; those that end meanwhile may be missing."""
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                yield child
                yield from descendants(child)


def shown_by_the_kernel(plugin: int) -> dict[str, bytes]:
    """Return the arguments of a plugin and of its children, and the children's environments.

    The plugin's own environment is not there: it is what the engine gave, until the plugin gets round to wiping it.
    """
    children = list(descendants(plugin))
    shown = [(process, "cmdline") for process in (plugin, *children)] + [(child, "environ") for child in children]
    return {f"{name} of process {process}": _shown(process, name) for process, name in shown}


def variables_of(process: int) -> dict[str, str]:
    """Return the environment of a process as the kernel shows it; a value that was overwritten is empty."""
    entries = _shown(process, "environ").decode(errors="replace").split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def _shown(process: int, name: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/{name}").read_bytes()
    return b""
