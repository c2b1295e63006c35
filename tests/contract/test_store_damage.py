"""Rows that somebody changed behind the store's back: found when read, and keys belong to their place (S15, T2)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import IntegrityError
from certwright.model.authorities import AuthorityRole
from certwright.model.keys import KeyPurpose
from certwright.model.names import DomainName
from certwright.model.scope import Scope
from certwright.ports.store import Transaction
from sqlalchemy import text

from tests.contract.rows import (
    ACCOUNT,
    HERE,
    OTHER_ACCOUNT,
    make_arn,
    make_authority,
    make_certificate,
    make_event,
    make_hold,
    make_issued,
    make_key,
    make_name,
    put,
)

READERS: dict[str, Callable[[Transaction], object]] = {
    "certificates": lambda tx: tx.certificates.view(make_arn()),
    "certificate_versions": lambda tx: tx.certificates.version(make_arn(), 1),
    "authorities": lambda tx: tx.authorities.all(HERE, AuthorityRole.ISSUING),
    "audit_events": lambda tx: tx.audit.last(ACCOUNT),
    "handed_out_names": lambda tx: tx.names.records(ACCOUNT, "dns", [DomainName("example.com")]),
    "zone_record_holds": lambda tx: tx.zone_records.holders("example.com", "_n.example.com."),
}
DAMAGES = [
    ("certificates", "type", "UNKNOWN"),
    ("certificates", "spec", "{"),
    ("certificates", "spec", "[]"),
    ("certificates", "spec", '{"v": 2}'),
    ("certificates", "spec", '{"v": 1}'),
    ("certificates", "spec", '{"v": 1, "names": [], "keyAlgorithm": "DES", "issuer": "", "lifetime": 1}'),
    ("certificates", "spec", '{"v": 1, "names": "a.test", "keyAlgorithm": "RSA_2048", "issuer": "", "lifetime": 1}'),
    ("certificates", "options", "nothing"),
    ("certificates", "options", '{"v": 1}'),
    ("certificate_versions", "spec", '{"v": 1}'),
    ("certificate_versions", "state", "UNKNOWN"),
    ("certificate_versions", "cause", "UNKNOWN"),
    ("certificate_versions", "failure_reason", "UNKNOWN"),
    ("certificate_versions", "serial", "no hex"),
    ("certificate_versions", "key_algorithm", "UNKNOWN"),
    ("authorities", "state", "UNKNOWN"),
    ("authorities", "serial", "no hex"),
    ("authorities", "key_algorithm", "UNKNOWN"),
    ("authorities", "permitted_domains", "{"),
    ("audit_events", "detail", "{"),
    ("handed_out_names", "record_type", "UNKNOWN"),
    ("zone_record_holds", "type", "UNKNOWN"),
]


def fill(tx: Transaction) -> None:
    tx.certificates.add(make_certificate(current_version=1))
    tx.certificates.add_version(make_issued())
    tx.authorities.add(make_authority())
    tx.audit.add(make_event())
    tx.names.add([make_name()])
    tx.zone_records.hold(make_hold())


@pytest.mark.parametrize(("table", "column", "value"), DAMAGES, ids=lambda item: str(item)[:40])
def test_a_row_is_damaged_and_no_traceback_with(store: SqlStore, table: str, column: str, value: str) -> None:
    store.write(fill)
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})
    with pytest.raises(IntegrityError):
        store.read(READERS[table])


KEY = make_key()
FOREIGN_KEYS = [
    pytest.param(make_key(make_arn(2)), id="another certificate"),
    pytest.param(make_key(make_arn(1, Scope(OTHER_ACCOUNT, "local"))), id="another account"),
    pytest.param(make_key(make_arn(1, Scope(ACCOUNT, "elsewhere"))), id="another Region"),
    pytest.param(make_key(version=2), id="a later version"),
    pytest.param(make_key(version=0), id="no version"),
    pytest.param(replace(KEY, binding=replace(KEY.binding, purpose=KeyPurpose.AUTHORITY_KEY)), id="an authority"),
]


@pytest.mark.parametrize("key", FOREIGN_KEYS)
def test_a_version_is_not_stored_with_the_key_of(store: SqlStore, key: object) -> None:
    foreign = make_issued(key=key)
    put(store, make_certificate(), make_issued())
    with pytest.raises(IntegrityError):
        store.write(lambda tx: tx.certificates.update_version(foreign))
    assert store.read(lambda tx: tx.certificates.version(make_arn(), 1)) == make_issued()


def test_a_version_may_have_the_key_of_an_earlier_one(store: SqlStore) -> None:
    second = make_issued(number=2, key=make_key(version=1))
    put(store, make_certificate(current_version=2, newest_version=2), make_issued(number=1), second)
    assert store.read(lambda tx: tx.certificates.version(make_arn(), 2)) == second


def test_a_key_that_was_moved_takes_the_binding_of_its_new_place(store: SqlStore) -> None:
    put(store, make_certificate(), make_issued())
    other = make_issued(make_arn(2), key=replace(make_key(make_arn(2)), sealed=b"other"))
    put(store, make_certificate(make_arn(2)), other)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE certificate_versions SET sealed_key = :sealed"), {"sealed": b"other"})
    moved = store.read(lambda tx: tx.certificates.version(make_arn(), 1))
    assert moved is not None
    assert moved.key == replace(make_key(), sealed=b"other")


@pytest.mark.parametrize(
    "changes", [{"subject": "a2"}, {"version": 2}, {"purpose": KeyPurpose.CERTIFICATE_KEY}], ids=str
)
def test_an_authority_is_not_stored_with_a_key_bound_elsewhere(store: SqlStore, changes: dict[str, object]) -> None:
    key = make_authority().key
    foreign = replace(key, binding=replace(key.binding, **changes))  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        store.write(lambda tx: tx.authorities.add(make_authority(key=foreign)))
    assert store.read(lambda tx: tx.authorities.get(ACCOUNT, "a1")) is None
