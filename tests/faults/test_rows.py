"""A bit flipped in any column of one certificate: the others are listed and renewed as if nothing were wrong (S15)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from certwright.adapters.store.tables import certificate_versions, certificates
from certwright.core.health import examine
from certwright.core.issuance import drive
from certwright.core.listing import list_certificates
from certwright.core.upkeep import work_due
from certwright.model.arns import CertificateArn

from tests.core.world import World, make_world

_COLUMNS = [(table.name, column.name) for table in (certificates, certificate_versions) for column in table.columns]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.core.store.close()


def issued(world: World, name: str) -> CertificateArn:
    arn = world.request(name, urn=name).certificate.arn
    world.publish(name)
    drive(world.core, world.caller, arn, 1, world.cancellation)
    return arn


def flip(folder: Path, table: str, column: str, arn: CertificateArn) -> bool:
    """Flip the highest bit of the last byte of a value; return False when the row has none there."""
    key = "id" if table == "certificates" else "certificate_id"
    with closing(sqlite3.connect(folder / "store.db")) as store, store:
        store.execute("PRAGMA foreign_keys = OFF")
        (value,) = store.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (arn.id,)).fetchone()
        if value is None:
            return False
        store.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (flipped(value), arn.id))
        return True


def flipped(value: object) -> object:
    match value:
        case int():
            return value ^ (1 << 62) if value > 1 else value ^ 1
        case str():
            return value[:-1] + chr(ord(value[-1] or "a") ^ 64) if value else "\x40"
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 0x80])
    raise AssertionError(value)


@pytest.mark.parametrize(("table", "column"), _COLUMNS, ids=[f"{table}.{column}" for table, column in _COLUMNS])
def test_the_other_certificates_are_listed_and_renewed(world: World, table: str, column: str) -> None:
    damaged, other = issued(world, "damaged.example.com"), issued(world, "other.example.com")
    if not flip(world.folder, table, column, damaged):
        pytest.skip(f"{table}.{column} is empty in an issued certificate")
    assert examine(world.core, world.caller) != ()
    assert other in {view.certificate.arn for view in list_certificates(world.core, world.caller).views}
    world.clock.wait(timedelta(days=360))
    done = {outcome.arn for outcome in work_due(world.core, world.caller, world.cancellation) if outcome.is_done}
    assert other in done


def test_a_certificate_that_cannot_be_read_is_told_with_its_arn(world: World) -> None:
    damaged = issued(world, "damaged.example.com")
    assert flip(world.folder, "certificates", "spec", damaged)
    assert [item.arn for item in list_certificates(world.core, world.caller).unreadable] == [damaged]
    world.clock.wait(timedelta(days=360))
    (outcome,) = work_due(world.core, world.caller, world.cancellation)
    assert (outcome.arn, outcome.is_trouble) == (damaged, True)
