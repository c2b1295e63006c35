"""The contract of ports.store's RevocationRows, and what SerialRows tells of a serial."""

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import Conflict, IntegrityError, NotFound
from certwright.model.revocations import ReservedSerial, RevocationReason
from certwright.ports import store as ports

from tests.contract.rows import HOUR, LONGEST_SERIAL, make_log, make_revocation, write_each
from tests.fakes import NOON


def test_a_revocation_is_read_back_as_it_was_written(store: SqlStore) -> None:
    store.write(lambda tx: tx.revocations.add(make_revocation()))
    assert store.read(lambda tx: tx.revocations.get(*make_revocation().key)) == make_revocation()
    assert store.read(lambda tx: tx.revocations.get("ca", 1)) is None
    assert store.read(lambda tx: tx.revocations.get("other", make_revocation().serial)) is None


@pytest.mark.parametrize("reason", RevocationReason)
def test_every_reason_is_kept(store: SqlStore, reason: RevocationReason) -> None:
    store.write(lambda tx: tx.revocations.add(make_revocation(reason=reason)))
    (found,) = store.read(lambda tx: tx.revocations.all())
    assert found.reason is reason


def test_the_first_revocation_of_a_serial_stays(store: SqlStore) -> None:
    again = make_revocation(reason=RevocationReason.SUPERSEDED, revoked_at=NOON + HOUR)
    added = [store.write(lambda tx, row=row: tx.revocations.add(row)) for row in (make_revocation(), again)]  # type: ignore[misc]
    assert added == [True, False]
    assert store.read(lambda tx: tx.revocations.all()) == [make_revocation()]


def test_revocations_come_oldest_first_and_are_counted(store: SqlStore) -> None:
    later, earlier = make_revocation(1, revoked_at=NOON + HOUR), make_revocation(2)
    store.write(lambda tx: [tx.revocations.add(row) for row in (later, earlier)])
    assert store.read(lambda tx: tx.revocations.all()) == [earlier, later]
    assert store.read(lambda tx: tx.revocations.count()) == 2


def test_nothing_in_the_port_changes_or_removes_a_revocation() -> None:
    methods = {name for name in vars(ports.RevocationRows) if not name.startswith("_")}
    assert methods == {"get", "all", "count", "add", "logs", "add_log", "update_log"}


def test_a_revocation_of_something_that_is_no_certificate_is_damage(store: SqlStore) -> None:
    store.write(lambda tx: tx.revocations.add(make_revocation()))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revocations SET arn = 'x'")
    with pytest.raises(IntegrityError, match="names no certificate"):
        store.read(lambda tx: tx.revocations.all())


def test_logs_come_by_their_numbers_whatever_the_clock_said(store: SqlStore) -> None:
    first, second = make_log(1, opened_at=NOON + 9 * HOUR), make_log(2)
    write_each(store, lambda tx, log: tx.revocations.add_log(log), (second, first))
    assert store.read(lambda tx: tx.revocations.logs()) == [first, second]


def test_a_log_is_changed_in_place_and_its_number_and_id_are_unique(store: SqlStore) -> None:
    store.write(lambda tx: tx.revocations.add_log(make_log(accepted_at=None)))
    store.write(lambda tx: tx.revocations.update_log(make_log()))
    assert store.read(lambda tx: tx.revocations.logs()) == [make_log()]
    for other in (make_log(id="other"), make_log(2, id="log 1")):
        with pytest.raises(Conflict):
            store.write(lambda tx, log=other: tx.revocations.add_log(log))  # type: ignore[misc]
    with pytest.raises(NotFound, match="log of revocations log 9"):
        store.write(lambda tx: tx.revocations.update_log(make_log(9)))


def test_a_serial_tells_for_whom_when_and_with_which_outcome_it_was_given_out(store: SqlStore) -> None:
    store.write(lambda tx: tx.serials.reserve("ca", LONGEST_SERIAL, "arn#1", NOON))
    store.write(lambda tx: tx.serials.mark("ca", LONGEST_SERIAL, "ISSUED"))
    expected = ReservedSerial("ca", LONGEST_SERIAL, "arn#1", "ISSUED", NOON)
    assert store.read(lambda tx: tx.serials.get("ca", LONGEST_SERIAL)) == expected
    assert store.read(lambda tx: tx.serials.get("ca", 1)) is None
    assert store.read(lambda tx: tx.serials.get("other", LONGEST_SERIAL)) is None
