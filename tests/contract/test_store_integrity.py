"""The contract of ports.store's IntegrityRows: what was changed, swapped, dropped or added is found, with its row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from certwright.adapters.store.integrity_rows import SEALED_TABLES
from certwright.adapters.store.sql_store import SqlStore
from certwright.adapters.store.tables import SEAL, metadata, tallies
from certwright.errors import IntegrityError, KeyUnavailable
from certwright.model.damage import Damage
from certwright.model.secret import SecretBytes
from certwright.ports.store import Transaction
from sqlalchemy import Column, Connection, LargeBinary, Table, Text, TypeDecorator, select, text

from tests.contract.rows import (
    ACCOUNT,
    HERE,
    HOUR,
    LONGEST_SERIAL,
    OTHER_ACCOUNT,
    make_arn,
    make_authority,
    make_certificate,
    make_event,
    make_hold,
    make_installation,
    make_issued,
    make_kek,
    make_log,
    make_name,
    make_revocation,
    make_secret,
)
from tests.fakes import NOON

EMPTY_EVERYWHERE = {"certificate_versions.failure_reason"}
COLUMNS = [
    pytest.param(column, id=f"{table.name}.{column.name}")
    for table in (*SEALED_TABLES, tallies)
    for column in table.columns
    if f"{table.name}.{column.name}" not in EMPTY_EVERYWHERE
]
REWRITES: dict[str, tuple[str, Callable[[Transaction], object]]] = {
    "account_secrets": ("sealed", lambda tx: tx.keys.update_secret(make_secret(generation=1))),
    "authorities": ("tbs", lambda tx: tx.authorities.update(make_authority("a1", HERE, certificate=b"other"))),
    "certificate_versions": ("not_after", lambda tx: tx.certificates.update_version(make_issued(make_arn(1)))),
    "certificates": ("spec", lambda tx: tx.certificates.update(make_certificate(make_arn(1)))),
    "installation": ("clock_mark", lambda tx: tx.installations.advance_clock(NOON + 2 * HOUR)),
    "key_encryption_keys": ("wrapped", lambda tx: tx.keys.update_kek(make_kek(generation=1))),
    "leases": ("owner", lambda tx: tx.leases.take("subject 1", "other", NOON + 2 * HOUR, HOUR)),
    "revocation_logs": ("place", lambda tx: tx.revocations.update_log(make_log(1))),
    "serials": ("tbs", lambda tx: tx.serials.mark("ca", LONGEST_SERIAL - 1, "MAY_EXIST")),
    "tallies": ("counts", lambda tx: tx.leases.take("subject 3", "o", NOON, HOUR)),
    "zone_record_holds": ("value", lambda tx: tx.zone_records.hold(make_hold("u1"))),
}
NEVER_REWRITTEN = {"audit_events", "handed_out_names", "revocations"}
TABLES = [pytest.param(table, id=table.name) for table in (*SEALED_TABLES, tallies)]


def fill(tx: Transaction) -> None:
    """Write two rows to every table but the installation's; the second one differs in its key alone where it can."""
    tx.installations.add(make_installation())
    for number, account in ((1, ACCOUNT), (2, OTHER_ACCOUNT)):
        tx.keys.add_kek(make_kek(generation=number))
        tx.keys.add_secret(make_secret(generation=number))
        tx.names.add([make_name(f"n{number}.test")])
        tx.certificates.add(make_certificate(make_arn(number), current_version=1, deleted_at=NOON))
        tx.certificates.add_version(make_issued(make_arn(number)))
        tx.serials.reserve("ca", LONGEST_SERIAL - number, "s", NOON)
        tx.serials.intend("ca", LONGEST_SERIAL - number, b"tbs", b"spki")
        tx.serials.mark("ca", LONGEST_SERIAL - number, "ISSUED")
        tx.authorities.add(make_authority(f"a{number}", HERE, generation=number, certificate=b"certificate"))
        tx.revocations.add(make_revocation(number))
        tx.revocations.add_log(make_log(number))
        tx.leases.take(f"subject {number}", "o", NOON, HOUR)
        tx.audit.add(make_event(account=account))
        tx.zone_records.hold(make_hold(f"u{number}"))


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    store.write(fill)
    return store


def damages(store: SqlStore) -> list[Damage]:
    return store.read(lambda tx: list(tx.integrity.damages()))


@contextmanager
def behind(store: SqlStore) -> Iterator[Connection]:
    """Write to the store's tables as something else than certwright, without foreign keys."""
    with store.engine.connect() as connection:
        is_server = connection.dialect.name == "postgresql"
        if is_server:
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        connection.commit()
        with connection.begin():
            yield connection
        if is_server:
            connection.exec_driver_sql("SET session_replication_role = origin")
            connection.commit()
        else:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]


def other_value(column: Column[object]) -> str:
    """Return SQL for a value that differs from the column's by as little as can be."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, LargeBinary):
        return f"{column.name} || {column.name}"
    if isinstance(kind, Text):
        return f"{column.name} || ' '"
    return f"NOT {column.name}" if column.name == "claimed" else f"{column.name} + 100"


def test_what_certwright_writes_has_no_damage(filled: SqlStore) -> None:
    assert damages(filled) == []
    filled.write(lambda tx: tx.zone_records.release(make_hold("u1")))
    filled.write(lambda tx: tx.certificates.update(make_certificate(make_arn(1))))
    filled.write(lambda tx: tx.installations.advance_clock(NOON + HOUR))
    filled.write(lambda tx: tx.leases.take("subject 1", "other", NOON + 2 * HOUR, HOUR))
    assert damages(filled) == []


def test_a_transaction_that_was_rolled_back_is_not_counted(filled: SqlStore) -> None:
    def fail(tx: Transaction) -> None:
        tx.audit.add(make_event(2))
        raise LookupError

    with pytest.raises(LookupError):
        filled.write(fail)
    assert damages(filled) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_is_found_and_names_its_table(filled: SqlStore, column: Column[object]) -> None:
    table = column.table
    assert isinstance(table, Table)
    with behind(filled) as connection:
        is_given = column.is_not(None)
        key = connection.execute(select(*table.primary_key.columns).where(is_given).limit(1)).mappings().one()
        where = (item == key[item.name] for item in table.primary_key.columns)
        changed = table.update().where(*where).values({column.name: text(other_value(column))})
        assert connection.execute(changed).rowcount == 1
    assert {damage.table for damage in damages(filled)} == {table.name}


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_row_is_found_and_its_table_named(filled: SqlStore, table: Table) -> None:
    with behind(filled) as connection:
        first = connection.execute(select(table).limit(1)).mappings().one()
        connection.execute(table.delete().where(*(item == first[item.name] for item in table.primary_key.columns)))
    assert any(damage.table == table.name and "missing" in damage.what for damage in damages(filled))


@pytest.mark.parametrize(
    "table", [pytest.param(table, id=table.name) for table in SEALED_TABLES if table.name != "installation"]
)
def test_two_rows_that_changed_places_are_both_found(filled: SqlStore, table: Table) -> None:
    keys = {column.name for column in table.primary_key.columns}
    with behind(filled) as connection:
        one, two = (dict(row) for row in connection.execute(select(table).limit(2)).mappings())
        connection.execute(table.delete())
        mine = {name: value for name, value in one.items() if name in keys}
        yours = {name: value for name, value in two.items() if name in keys}
        connection.execute(table.insert(), [{**two, **mine}, {**one, **yours}])
    assert len([damage for damage in damages(filled) if damage.table == table.name and damage.row]) == 2


def test_a_row_without_a_seal_and_one_too_many_are_found(filled: SqlStore) -> None:
    with behind(filled) as connection:
        connection.exec_driver_sql("INSERT INTO leases (subject, owner, epoch, expires_at) VALUES ('x', 'o', 1, 1)")
    whats = [damage.what for damage in damages(filled) if damage.table == "leases"]
    assert len(whats) == 2
    assert "has no seal" in whats[0]
    assert "1 rows were added" in whats[1]


def test_a_seal_of_another_key_is_no_seal(filled: SqlStore) -> None:
    filled.seal_rows_with(SecretBytes(bytes(32)))
    assert {damage.table for damage in damages(filled)} == {*metadata.tables} - {"alembic_version"}


def test_text_that_is_none_hides_no_other_damage(filled: SqlStore) -> None:
    if filled.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL takes no text that is no UTF-8")
    with behind(filled) as connection:
        connection.exec_driver_sql("UPDATE leases SET owner = CAST(x'ff' AS TEXT) WHERE subject = 'subject 1'")
        connection.exec_driver_sql("UPDATE leases SET epoch = 'many' WHERE subject = 'subject 2'")
    assert {damage.row for damage in damages(filled)} == {"subject 1", "subject 2"}


def test_a_tally_that_does_not_parse_hides_no_other_damage(filled: SqlStore) -> None:
    if filled.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL takes no text that is no UTF-8")
    with behind(filled) as connection:
        connection.exec_driver_sql("UPDATE tallies SET counts = CAST(x'ff' AS TEXT) WHERE shard = 1")
        connection.exec_driver_sql("UPDATE tallies SET counts = x'ff' WHERE shard = 2")
        connection.exec_driver_sql("UPDATE leases SET owner = 'other' WHERE subject = 'subject 1'")
    assert {damage.row for damage in damages(filled)} >= {"1", "2", "subject 1"}


def test_a_store_that_was_never_sealed_is_sealed_whole(filled: SqlStore) -> None:
    with behind(filled) as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.update().values({SEAL: None}))
        connection.execute(tallies.delete())
    assert len(damages(filled)) > len(metadata.tables)
    filled.write(lambda tx: tx.integrity.seal_everything())
    assert damages(filled) == []


def test_nothing_is_written_before_the_key_is_known(filled: SqlStore) -> None:
    keyless = SqlStore(filled.engine, filled.place, filled.turns, type(filled.seals)())
    with pytest.raises(KeyUnavailable):
        keyless.write(lambda tx: tx.audit.add(make_event(2)))
    assert damages(filled) == []


def test_every_table_is_rewritten_by_a_test_or_never() -> None:
    assert set(REWRITES) | NEVER_REWRITTEN == {table.name for table in (*SEALED_TABLES, tallies)}


@pytest.mark.parametrize("name", REWRITES)
def test_a_row_that_was_changed_gets_no_good_seal_by_being_written(filled: SqlStore, name: str) -> None:
    column, rewrite = REWRITES[name]
    table = metadata.tables[name]
    is_binary = isinstance(table.c[column].type, LargeBinary)
    with behind(filled) as connection:
        connection.execute(table.update().values({column: b"x" if is_binary else text(other_value(table.c[column]))}))
    before = damages(filled)
    with pytest.raises(IntegrityError, match=r"by something else than certwright.*certwright doctor.*backup"):
        filled.write(rewrite)
    assert damages(filled) == before


def test_a_tally_that_does_not_parse_is_said_to_be_changed(filled: SqlStore) -> None:
    with behind(filled) as connection:
        connection.execute(tallies.update().values(counts="{"))
    with pytest.raises(IntegrityError, match="the tally of rows was changed"):
        filled.write(lambda tx: tx.audit.add(make_event(2)))
