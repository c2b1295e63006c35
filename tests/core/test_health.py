"""Every stored value of a home in use matters: changed, swapped or missing, `examine` finds it (S15)."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import open_store
from certwright.adapters.store.tables import metadata
from certwright.core.health import Finding, examine
from certwright.core.installations import begin_sealing, find_installation
from certwright.core.issuance import drive
from certwright.core.revocation import revoke_version
from certwright.core.revocation_logs import accept_lost_revocations, replace_log
from certwright.errors import CertwrightError
from certwright.model.revocations import RevocationReason

from tests.contract.rows import make_hold
from tests.core.world import World, make_world
from tests.support.store import query

TABLES = sorted(metadata.tables)
ENOUGH = 8  # rows of a table; the others are of the same kind


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a home with certificates that are issued, wait and are revoked, and with two rows wherever that can be."""
    world = make_world(tmp_path_factory.mktemp("world"))
    world.publish("a.example.com", "b.example.com")
    for number, name in enumerate(("a.example.com", "b.example.com", "c.example.com")):
        view = world.request(name, urn=f"urn:{number}")
        if name[0] != "c":
            drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    for number in range(2):
        world.core.store.write(lambda tx, number=number: tx.zone_records.hold(make_hold(f"urn:{number}")))  # type: ignore[misc]
    for name in ("a.example.com", "b.example.com"):
        view = world.request(name, urn=f"urn:revoked.{name}")
        drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
        revoke_version(world.core, world.caller, view.certificate.arn, RevocationReason.SUPERSEDED)
    replace_log(world.core, world.caller)
    accept_lost_revocations(world.core, world.caller)
    yield world
    world.core.store.close()


def found_in(world: World, folder: Path, *statements: str) -> list[Finding]:
    """Return what is found in a copy of the home after statements of somebody else."""
    shutil.copytree(world.folder, folder, dirs_exist_ok=True)
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    try:
        return list(reopened(world, folder))
    except CertwrightError as error:
        return [Finding("the store does not open", str(error))]


def reopened(world: World, folder: Path) -> tuple[Finding, ...]:
    store = open_store(f"sqlite:///{folder}/store.db", create=False)
    with closing(store):
        installation = find_installation(store)
        assert installation is not None
        begin_sealing(store, installation, world.core.master_key, world.core.randomness)
        return examine(replace(world.core, store=store), world.caller)


def replacing(table: str, columns: list[str], rows: list[list[object]]) -> list[str]:
    """Return the statements that replace the rows with the same rowids or keys."""
    values = [", ".join(literal(value) for value in row) for row in rows]
    keys = [column.name for column in metadata.tables[table].primary_key.columns]
    gone = [" AND ".join(f"{key} = {literal(row[columns.index(key)])}" for key in keys) for row in rows]
    return [
        *(f"DELETE FROM {table} WHERE {where}" for where in gone),
        *(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({row})" for row in values),
    ]


def literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def rows_of(world: World, table: str) -> list[tuple[object, ...]]:
    return query(world.folder, f"SELECT rowid, * FROM {table} LIMIT {ENOUGH}")


def test_a_home_in_use_is_sound(world: World, tmp_path: Path) -> None:
    assert found_in(world, tmp_path) == []
    assert [table for table in TABLES if not rows_of(world, table)] == []


@pytest.mark.parametrize("table", TABLES)
def test_each_row_that_is_missing_is_found(world: World, tmp_path: Path, table: str) -> None:
    unseen = [
        row
        for row in rows_of(world, table)
        if not found_in(world, tmp_path, f"DELETE FROM {table} WHERE rowid = {row[0]}")
    ]
    assert unseen == []


@pytest.mark.parametrize("table", TABLES)
def test_each_value_that_is_changed_is_found(world: World, tmp_path: Path, table: str) -> None:
    unseen = []
    for row in rows_of(world, table):
        for column, value in zip(metadata.tables[table].columns, row[1:], strict=True):
            other = {str: f"{column.name} || 'x'", int: f"{column.name} + 100"}.get(type(value), "X'00'")
            statement = f"UPDATE {table} SET {column.name} = {other} WHERE rowid = {row[0]}"
            if not found_in(world, tmp_path, statement):
                unseen.append((column.name, value))
    assert unseen == []


@pytest.mark.parametrize("table", [table for table in TABLES if table != "installation"])
def test_each_pair_of_rows_that_changed_places_is_found(world: World, tmp_path: Path, table: str) -> None:
    columns = [column.name for column in metadata.tables[table].columns]
    first, *rest = (row[1:] for row in rows_of(world, table))
    keys = {columns.index(column.name) for column in metadata.tables[table].primary_key.columns}
    unseen = []
    for second in rest:
        swapped = [
            [own if place in keys else other for place, (own, other) in enumerate(zip(*pair, strict=True))]
            for pair in ((first, second), (second, first))
        ]
        if not found_in(world, tmp_path, *replacing(table, columns, swapped)):
            unseen.append(second)
    assert unseen == []
