"""What is there already, or hangs on something that is not, is a conflict and no store out of order."""

from collections.abc import Callable

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import Conflict, Kind
from certwright.ports.store import Transaction

from tests.contract.rows import make_arn, make_certificate, make_event, make_version, put

TWICE: dict[str, Callable[[Transaction], object]] = {
    "the ARN of a certificate": lambda tx: tx.certificates.add(make_certificate(urn="another")),
    "the URN of an unclaimed certificate": lambda tx: tx.certificates.add(
        make_certificate(make_arn(3), claimed=False, urn="u1")
    ),
    "the number of a version": lambda tx: tx.certificates.add_version(make_version()),
    "the sequence of an audit event": lambda tx: tx.audit.add(make_event()),
}


def fill(store: SqlStore) -> None:
    put(store, make_certificate())
    put(store, make_certificate(make_arn(2), claimed=False, urn="u1"))
    store.write(lambda tx: tx.audit.add(make_event()))


@pytest.mark.parametrize("add", TWICE.values(), ids=TWICE.keys())
def test_it_is_a_conflict_to_add_again(store: SqlStore, add: Callable[[Transaction], object]) -> None:
    fill(store)
    with pytest.raises(Conflict, match="holds something else there") as raised:
        store.write(add)
    assert raised.value.kind is Kind.CONFLICT


def test_it_is_a_conflict_to_add_a_version_of_nothing(store: SqlStore) -> None:
    with pytest.raises(Conflict):
        store.write(lambda tx: tx.certificates.add_version(make_version()))


def test_a_conflict_shows_no_stored_values(store: SqlStore) -> None:
    put(store, make_certificate(make_arn(2), claimed=False, urn="canary"))
    with pytest.raises(Conflict) as raised:
        store.write(lambda tx: tx.certificates.add(make_certificate(claimed=False, urn="canary")))
    assert "canary" not in str(raised.value)
