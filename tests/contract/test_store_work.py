"""The contracts of ports.store's SerialRows, LeaseRows, AuditRows and ZoneRecordRows."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import Conflict, LeaseLost, NotFound
from certwright.model.lease import Lease
from certwright.model.records import RecordType
from certwright.model.zone_records import ZoneRecordHold
from certwright.ports.store import Transaction
from sqlalchemy import text

from tests.contract.rows import ACCOUNT, HOUR, LONGEST_SERIAL, OTHER_ACCOUNT, make_event, make_hold, write_each
from tests.fakes import NOON

LIFE = timedelta(seconds=60)
SOON = NOON + timedelta(seconds=59)
MICROSECOND = timedelta(microseconds=1)


def take_if_free(store: SqlStore, owner: str, now: datetime = NOON, subject: str = "s") -> Lease | None:
    return store.write(lambda tx: tx.leases.take(subject, owner, now, LIFE))


def take(store: SqlStore, owner: str, now: datetime = NOON, subject: str = "s") -> Lease:
    """Take a lease that must be free."""
    lease = take_if_free(store, owner, now, subject)
    assert lease is not None
    return lease


@pytest.mark.parametrize("serial", [1, 255, 2**64, LONGEST_SERIAL], ids=hex)
def test_a_serial_is_reserved_once(store: SqlStore, serial: int) -> None:
    reserved = [store.write(lambda tx: tx.serials.reserve("ca", serial, "arn#1", NOON)) for _ in range(2)]
    assert reserved == [True, False]


def test_two_issuers_may_use_the_same_serial(store: SqlStore) -> None:
    reserved = store.write(lambda tx: [tx.serials.reserve(issuer, 7, "arn#1", NOON) for issuer in ("ca1", "ca2")])
    assert reserved == [True, True]


@pytest.mark.parametrize("outcome", ["ISSUED", "MAY_EXIST"])
def test_a_serial_stays_reserved_whatever_came_of_it(store: SqlStore, outcome: str) -> None:
    store.write(lambda tx: tx.serials.reserve("ca", 7, "arn#1", NOON))
    store.write(lambda tx: tx.serials.mark("ca", 7, outcome))
    assert store.write(lambda tx: tx.serials.reserve("ca", 7, "arn#2", NOON)) is False


@pytest.mark.parametrize("outcome", ["ISSUED", "MAY_EXIST"])
def test_what_was_to_be_signed_stays_with_its_serial(store: SqlStore, outcome: str) -> None:
    store.write(lambda tx: tx.serials.reserve("ca", 7, "arn#1", NOON))
    store.write(lambda tx: tx.serials.intend("ca", 7, b"\x00tbs\xff", b"\x00spki\xff"))
    store.write(lambda tx: tx.serials.mark("ca", 7, outcome))
    with store.engine.connect() as connection:
        kept = connection.execute(text("SELECT tbs, public_key, outcome, subject FROM serials")).all()
    assert [tuple(map(plain, row)) for row in kept] == [(b"\x00tbs\xff", b"\x00spki\xff", outcome, "arn#1")]


def plain(value: object) -> object:
    """Return octets as such, whatever the driver calls them."""
    return bytes(value) if isinstance(value, memoryview) else value


def test_nothing_is_intended_under_a_serial_that_was_not_reserved(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.serials.intend("ca", 7, b"tbs", b"spki"))


def test_the_outcome_of_a_serial_that_was_not_reserved_is_an_error(store: SqlStore) -> None:
    store.write(lambda tx: tx.serials.reserve("ca", 7, "arn#1", NOON))
    with pytest.raises(NotFound):
        store.write(lambda tx: tx.serials.mark("other", 7, "ISSUED"))


def test_a_free_lease_is_taken_for_its_life(store: SqlStore) -> None:
    assert take(store, "a") == Lease("s", "a", 1, NOON + LIFE)
    assert store.read(lambda tx: tx.leases.holder("s")) == Lease("s", "a", 1, NOON + LIFE)


def test_a_lease_that_was_never_taken_has_no_holder(store: SqlStore) -> None:
    assert store.read(lambda tx: tx.leases.holder("s")) is None


def test_a_lease_that_is_held_is_not_taken_by_another(store: SqlStore) -> None:
    take(store, "a")
    assert take_if_free(store, "b", SOON) is None
    assert store.read(lambda tx: tx.leases.holder("s")) == Lease("s", "a", 1, NOON + LIFE)


def test_a_lease_of_another_subject_is_free(store: SqlStore) -> None:
    take(store, "a")
    assert take(store, "b", subject="t") == Lease("t", "b", 1, NOON + LIFE)


def test_an_expired_lease_goes_to_another_with_a_higher_epoch(store: SqlStore) -> None:
    take(store, "a")
    assert take(store, "b", NOON + LIFE) == Lease("s", "b", 2, NOON + 2 * LIFE)


def test_an_expired_lease_keeps_its_last_holder(store: SqlStore) -> None:
    lease = take(store, "a")
    assert store.read(lambda tx: tx.leases.holder("s")) == lease


def test_a_holder_takes_its_own_lease_again_with_a_higher_epoch(store: SqlStore) -> None:
    take(store, "a")
    assert take(store, "a", SOON) == Lease("s", "a", 2, SOON + LIFE)


@pytest.mark.parametrize("now", [NOON, NOON + LIFE - MICROSECOND], ids=["at once", "until its last microsecond"])
def test_the_newest_epoch_may_go_on(store: SqlStore, now: datetime) -> None:
    lease = take(store, "a")
    store.write(lambda tx: tx.leases.require(lease, now))


def test_an_epoch_that_has_expired_is_lost(store: SqlStore) -> None:
    lease = take(store, "a")
    with pytest.raises(LeaseLost):
        store.write(lambda tx: tx.leases.require(lease, NOON + LIFE))


@pytest.mark.parametrize("next_owner", ["a", "b"], ids=["itself", "another"])
def test_an_epoch_that_was_overtaken_by_is_lost(store: SqlStore, next_owner: str) -> None:
    lease = take(store, "a")
    take(store, next_owner, NOON + LIFE)
    for act in (lambda tx: tx.leases.require(lease, NOON), lambda tx: tx.leases.extend(lease, NOON, LIFE)):
        with pytest.raises(LeaseLost):
            store.write(act)


def test_a_lost_lease_rolls_back_what_was_written_under_it(store: SqlStore) -> None:
    lease = take(store, "a")
    take(store, "b", NOON + LIFE)

    def work(tx: Transaction) -> None:
        tx.audit.add(make_event())
        tx.leases.require(lease, NOON)

    with pytest.raises(LeaseLost):
        store.write(work)
    assert store.read(lambda tx: tx.audit.last(ACCOUNT)) is None


def test_a_lease_that_was_never_taken_is_lost(store: SqlStore) -> None:
    with pytest.raises(LeaseLost):
        store.write(lambda tx: tx.leases.require(Lease("s", "a", 1, NOON + LIFE), NOON))


def test_an_extended_lease_keeps_its_epoch_and_ends_later(store: SqlStore) -> None:
    lease = take(store, "a")
    assert store.write(lambda tx: tx.leases.extend(lease, SOON, LIFE)) == Lease("s", "a", 1, SOON + LIFE)
    assert store.read(lambda tx: tx.leases.holder("s")) == Lease("s", "a", 1, SOON + LIFE)
    assert take_if_free(store, "b", NOON + LIFE) is None


def test_an_extension_never_ends_a_lease_earlier(store: SqlStore) -> None:
    lease = take(store, "a")
    assert store.write(lambda tx: tx.leases.extend(lease, NOON, MICROSECOND)) == Lease("s", "a", 1, NOON + LIFE)


def test_a_lease_that_has_expired_is_not_extended(store: SqlStore) -> None:
    lease = take(store, "a")
    with pytest.raises(LeaseLost):
        store.write(lambda tx: tx.leases.extend(lease, NOON + LIFE, LIFE))
    assert store.read(lambda tx: tx.leases.holder("s")) == lease


@pytest.mark.parametrize("extended", [True, False], ids=["after it was extended", "as it was taken"])
def test_a_lease_may_go_on_and_be_given_up(store: SqlStore, extended: bool) -> None:  # noqa: FBT001
    taken = take(store, "a")
    longer = store.write(lambda tx: tx.leases.extend(taken, SOON, LIFE))
    lease = longer if extended else taken
    store.write(lambda tx: tx.leases.require(lease, NOON + LIFE))
    store.write(lambda tx: tx.leases.release(lease))
    assert take_if_free(store, "b", NOON + LIFE) is not None


def test_a_lease_that_was_given_up_is_free_and_its_epochs_go_on(store: SqlStore) -> None:
    lease = take(store, "a")
    store.write(lambda tx: tx.leases.release(lease))
    assert take(store, "b", NOON) == Lease("s", "b", 2, NOON + LIFE)


def test_giving_up_a_lost_lease_changes_nothing(store: SqlStore) -> None:
    lost = take(store, "a")
    held = take(store, "b", NOON + LIFE)
    store.write(lambda tx: tx.leases.release(lost))
    assert store.read(lambda tx: tx.leases.holder("s")) == held


def test_an_event_comes_back_as_it_was_stored(store: SqlStore) -> None:
    store.write(lambda tx: tx.audit.add(make_event(at=NOON + MICROSECOND)))
    assert store.read(lambda tx: tx.audit.last(ACCOUNT)) == make_event(at=NOON + MICROSECOND)


def test_the_last_event_is_that_of_the_highest_sequence(store: SqlStore) -> None:
    write_each(store, lambda tx, number: tx.audit.add(make_event(number)), (2, 10, 1))
    assert store.read(lambda tx: tx.audit.last(ACCOUNT)) == make_event(10)


def test_an_account_without_events_has_no_last_one(store: SqlStore) -> None:
    assert store.read(lambda tx: tx.audit.last(ACCOUNT)) is None


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [(0, 10, [1, 2, 3, 4]), (2, 10, [3, 4]), (0, 3, [1, 2, 3]), (4, 10, []), (0, 0, [])],
    ids=["from the start", "after the second", "at most three", "after the last", "none at all"],
)
def test_events_come_in_order(store: SqlStore, after: int, limit: int, expected: list[int]) -> None:
    write_each(store, lambda tx, number: tx.audit.add(make_event(number)), (3, 1, 4, 2))
    events = store.read(lambda tx: tx.audit.events(ACCOUNT, after, limit))
    assert [item.sequence for item in events] == expected


def test_a_sequence_is_used_once(store: SqlStore) -> None:
    store.write(lambda tx: tx.audit.add(make_event(subject="first")))
    with pytest.raises(Conflict):
        store.write(lambda tx: tx.audit.add(make_event(subject="second")))
    assert store.read(lambda tx: tx.audit.last(ACCOUNT)) == make_event(subject="first")


def test_a_hold_comes_back_as_it_was_stored(store: SqlStore) -> None:
    store.write(lambda tx: tx.zone_records.hold(make_hold()))
    assert store.read(lambda tx: tx.zone_records.holders("example.com", "_n.example.com.")) == [make_hold()]


def test_a_renewed_hold_takes_the_place_of_the_old_one(store: SqlStore) -> None:
    later = replace(make_hold(value="other.test."), created_at=NOON + HOUR)
    store.write(lambda tx: tx.zone_records.hold(make_hold()))
    store.write(lambda tx: tx.zone_records.hold(later))
    assert store.read(lambda tx: tx.zone_records.holders("example.com", "_n.example.com.")) == [later]


OTHER_HOLDS = [
    pytest.param(make_hold(urn="u2"), id="another resource"),
    pytest.param(make_hold(account=OTHER_ACCOUNT), id="another account"),
    pytest.param(make_hold(urn="u2", zone="example.org"), id="another zone"),
    pytest.param(make_hold(urn="u2", name="_m.example.com."), id="another name"),
    pytest.param(make_hold(urn="u2", rtype=RecordType.TXT), id="another type"),
]


@pytest.mark.parametrize("other", OTHER_HOLDS)
def test_a_release_leaves_the_hold_of(store: SqlStore, other: ZoneRecordHold) -> None:
    write_each(store, lambda tx, item: tx.zone_records.hold(item), (make_hold(), other))
    store.write(lambda tx: tx.zone_records.release(make_hold()))
    assert store.read(lambda tx: tx.zone_records.holders(other.zone, other.record.name)) == [other]


def test_a_release_of_no_hold_changes_nothing(store: SqlStore) -> None:
    store.write(lambda tx: tx.zone_records.hold(make_hold(urn="u2")))
    store.write(lambda tx: tx.zone_records.release(make_hold(urn="u1")))
    assert store.read(lambda tx: tx.zone_records.holders("example.com", "_n.example.com.")) == [make_hold(urn="u2")]


def test_two_holds_of_one_resource_are_two(store: SqlStore) -> None:
    first, second = make_hold(hold_id="a"), make_hold(hold_id="b")
    write_each(store, lambda tx, item: tx.zone_records.hold(item), (first, second))
    store.write(lambda tx: tx.zone_records.release(first))
    assert store.read(lambda tx: tx.zone_records.get(ACCOUNT, "a")) is None
    assert store.read(lambda tx: tx.zone_records.get(ACCOUNT, "b")) == second


def test_holders_of_all_accounts_are_found_by_zone_and_name(store: SqlStore) -> None:
    same = [make_hold(), make_hold(urn="u2"), make_hold(account=OTHER_ACCOUNT)]
    others = [make_hold(zone="example.org"), make_hold(name="_m.example.com.")]
    write_each(store, lambda tx, item: tx.zone_records.hold(item), (*same, *others))
    holders = store.read(lambda tx: tx.zone_records.holders("example.com", "_n.example.com."))
    assert sorted(holders, key=lambda item: (item.account, item.urn)) == same
