"""Finding work: the contract of ports.store.CertificateRows for unclaimed, pending and due."""

from datetime import timedelta
from typing import Any

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import Conflict
from certwright.model.certificates import VersionState
from certwright.model.scope import Scope

from tests.contract.rows import (
    ACCOUNT,
    DAY,
    HERE,
    HOUR,
    make_arn,
    make_certificate,
    make_issued,
    make_version,
    put,
)
from tests.fakes import NOON

RENEWAL = make_issued().renewal
PENDING = [state for state in VersionState if state.is_pending]
FINAL = [state for state in VersionState if not state.is_pending]


def test_an_unclaimed_certificate_is_found_by_its_urn(store: SqlStore) -> None:
    certificate = make_certificate(claimed=False, urn="u1")
    put(store, certificate)
    found = store.read(lambda tx: [tx.certificates.unclaimed(HERE, urn) for urn in ("u1", "u2", "U1")])
    assert found == [certificate, None, None]


@pytest.mark.parametrize(
    "changes", [{"claimed": True}, {"claimed": False, "deleted_at": NOON}], ids=["claimed", "deleted"]
)
def test_what_is_claimed_or_deleted_is_not_unclaimed(store: SqlStore, changes: dict[str, Any]) -> None:
    put(store, make_certificate(urn="u1", **changes))
    assert store.read(lambda tx: tx.certificates.unclaimed(HERE, "u1")) is None


def test_a_urn_has_one_unclaimed_certificate_at_most(store: SqlStore) -> None:
    put(store, make_certificate(claimed=False, urn="u1"))
    with pytest.raises(Conflict):
        store.write(lambda tx: tx.certificates.add(make_certificate(make_arn(2), claimed=False, urn="u1")))


def test_a_urn_may_have_many_claimed_and_deleted_certificates(store: SqlStore) -> None:
    put(store, make_certificate(make_arn(1), claimed=False, urn="u1"))
    put(store, make_certificate(make_arn(2), claimed=True, urn="u1"))
    put(store, make_certificate(make_arn(3), claimed=True, urn="u1"))
    put(store, make_certificate(make_arn(4), claimed=False, urn="u1", deleted_at=NOON))
    put(store, make_certificate(make_arn(5, Scope(ACCOUNT, "elsewhere")), claimed=False, urn="u1"))
    found = store.read(lambda tx: tx.certificates.unclaimed(HERE, "u1"))
    assert found is not None
    assert found.arn == make_arn(1)


@pytest.mark.parametrize("state", PENDING)
def test_a_version_in_a_pending_state_is_pending(store: SqlStore, state: VersionState) -> None:
    version = make_version(state=state)
    put(store, make_certificate(), version)
    assert store.read(lambda tx: tx.certificates.pending(HERE)) == [version]


@pytest.mark.parametrize("state", FINAL)
def test_a_version_in_a_final_state_is_not_pending(store: SqlStore, state: VersionState) -> None:
    put(store, make_certificate(), make_version(state=state))
    assert store.read(lambda tx: tx.certificates.pending(HERE)) == []


def test_pending_versions_come_oldest_first(store: SqlStore) -> None:
    for number, age in ((1, 1), (2, 3), (3, 2)):
        put(store, make_certificate(make_arn(number)), make_version(make_arn(number), requested_at=NOON - age * HOUR))
    pending = store.read(lambda tx: tx.certificates.pending(HERE))
    assert [version.arn for version in pending] == [make_arn(2), make_arn(3), make_arn(1)]


def test_work_is_found_for_certificates_that_nobody_claimed_yet(store: SqlStore) -> None:
    arn = make_arn()
    put(
        store,
        make_certificate(arn, current_version=1, newest_version=2, claimed=False),
        make_issued(),
        make_version(arn, 2),
    )
    found = store.read(lambda tx: (tx.certificates.pending(HERE), tx.certificates.due(HERE, NOON + 1000 * DAY)))
    assert found == ([make_version(arn, 2)], [make_issued()])


def test_a_version_that_was_overtaken_is_not_pending(store: SqlStore) -> None:
    put(store, make_certificate(newest_version=2), make_version(number=1), make_version(number=2))
    assert store.read(lambda tx: tx.certificates.pending(HERE)) == [make_version(number=2)]


OUT_OF_SIGHT = [
    pytest.param({"deleted_at": NOON}, HERE, id="deleted"),
    pytest.param({}, Scope(ACCOUNT, "elsewhere"), id="in another Region"),
]


@pytest.mark.parametrize(("changes", "scope"), OUT_OF_SIGHT)
def test_work_is_not_found_for_certificates_that_are(store: SqlStore, changes: dict[str, Any], scope: Scope) -> None:
    arn = make_arn(1, scope)
    put(
        store,
        make_certificate(arn, current_version=1, newest_version=2, **changes),
        make_issued(arn),
        make_version(arn, 2),
    )
    found = store.read(lambda tx: (tx.certificates.pending(HERE), tx.certificates.due(HERE, NOON + 1000 * DAY)))
    assert found == ([], [])


@pytest.mark.parametrize(
    ("ahead", "is_due"),
    [(timedelta(microseconds=1), False), (timedelta(0), True), (-DAY, True)],
    ids=["before its instant", "at its instant", "a day late"],
)
def test_a_version_is_due_from_its_chosen_instant_on(store: SqlStore, ahead: timedelta, is_due: bool) -> None:  # noqa: FBT001
    assert RENEWAL is not None
    put(store, make_certificate(current_version=1), make_issued())
    due = store.read(lambda tx: tx.certificates.due(HERE, RENEWAL.chosen - ahead))
    assert due == ([make_issued()] if is_due else [])


def test_due_versions_come_most_urgent_first(store: SqlStore) -> None:
    for number, left in ((1, 9), (2, 1), (3, 5)):
        arn = make_arn(number)
        put(store, make_certificate(arn, current_version=1), make_issued(arn, not_after=NOON + left * DAY))
    due = store.read(lambda tx: tx.certificates.due(HERE, NOON + 1000 * DAY))
    assert [version.arn for version in due] == [make_arn(2), make_arn(3), make_arn(1)]


@pytest.mark.parametrize("state", [state for state in VersionState if state is not VersionState.ISSUED])
def test_a_current_version_that_is_not_issued_is_not_due(store: SqlStore, state: VersionState) -> None:
    put(store, make_certificate(current_version=1), make_issued(state=state))
    assert store.read(lambda tx: tx.certificates.due(HERE, NOON + 1000 * DAY)) == []


def test_only_the_current_version_is_due(store: SqlStore) -> None:
    put(store, make_certificate(current_version=2, newest_version=2), make_issued(number=1), make_issued(number=2))
    due = store.read(lambda tx: tx.certificates.due(HERE, NOON + 1000 * DAY))
    assert due == [make_issued(number=2)]


def test_a_version_without_a_renewal_decision_is_not_due(store: SqlStore) -> None:
    put(store, make_certificate(current_version=1), make_issued(renewal=None))
    assert store.read(lambda tx: tx.certificates.due(HERE, NOON + 1000 * DAY)) == []
