"""No query shows or changes what belongs to another account."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.model.authorities import AuthorityRole
from certwright.model.names import DomainName
from certwright.model.scope import Scope
from certwright.ports import store as ports
from certwright.ports.store import Transaction

from tests.contract.rows import (
    DAY,
    HERE,
    OTHER_ACCOUNT,
    make_arn,
    make_authority,
    make_certificate,
    make_event,
    make_hold,
    make_issued,
    make_kek,
    make_name,
    make_secret,
    make_spec,
    make_version,
    write_each,
)
from tests.fakes import NOON

LATER = NOON + 1000 * DAY
THERE = Scope(OTHER_ACCOUNT, HERE.region)
TWICE_SHARED = {
    "InstallationRows": "one installation holds all accounts",
    "SerialRows": "serials belong to an issuer, and an issuer to one account",
    "RevocationRows": "relying parties ask an issuer for a serial, and the log of a home holds every account",
    "LeaseRows": "the subject of a lease names its account",
    "IntegrityRows": "seals and tallies cover the whole store",
    "CertificateRows.begun_after": "the clock of an installation is that of all its accounts",
    "KeyRows.every_kek": "the master key wraps the keys of all accounts",
    "ZoneRecordRows.holders": "a record in a zone goes when its last hold of any account goes",
}


@dataclass(frozen=True)
class Query:
    """One method: `ask` it as an account; `empty` is the answer where that account has nothing."""

    method: str
    ask: Callable[[Transaction, Scope], object]
    empty: object


READS = [
    Query("CertificateRows.view", lambda tx, at: tx.certificates.view(make_arn(1, at)), None),
    Query("CertificateRows.views", lambda tx, at: tx.certificates.views(at), []),
    Query("CertificateRows.arns", lambda tx, at: tx.certificates.arns(at), []),
    Query("CertificateRows.is_empty", lambda tx, at: tx.certificates.is_empty(at.account), True),
    Query("CertificateRows.version", lambda tx, at: tx.certificates.version(make_arn(1, at), 1), None),
    Query("CertificateRows.unclaimed", lambda tx, at: tx.certificates.unclaimed(at, "u1"), None),
    Query("CertificateRows.naming", lambda tx, at: tx.certificates.naming(at.account, DomainName("example.com")), []),
    Query("CertificateRows.pending", lambda tx, at: tx.certificates.pending(at), []),
    Query("CertificateRows.due", lambda tx, at: tx.certificates.due(at, LATER), []),
    Query("KeyRows.newest_kek", lambda tx, at: tx.keys.newest_kek(at), None),
    Query("KeyRows.kek", lambda tx, at: tx.keys.kek(at, 1), None),
    Query("KeyRows.scopes", lambda tx, at: tx.keys.scopes(at.account), []),
    Query("KeyRows.secrets", lambda tx, at: tx.keys.secrets(at.account), []),
    Query("KeyRows.not_sealed_under", lambda tx, at: tx.keys.not_sealed_under(at, 7, None, 10), []),
    Query("KeyRows.has_sealed", lambda tx, at: tx.keys.has_sealed(at), False),
    Query("KeyRows.newest_secret", lambda tx, at: tx.keys.newest_secret(at.account), None),
    Query("NameRows.records", lambda tx, at: tx.names.records(at.account, "dns", [DomainName("example.com")]), []),
    Query("NameRows.is_empty", lambda tx, at: tx.names.is_empty(at.account), True),
    Query("AuthorityRows.all", lambda tx, at: tx.authorities.all(at, AuthorityRole.ISSUING), []),
    Query("AuthorityRows.get", lambda tx, at: tx.authorities.get(at.account, "a1"), None),
    Query("ZoneRecordRows.get", lambda tx, at: tx.zone_records.get(at.account, make_hold().id), None),
    Query("AuditRows.last", lambda tx, at: tx.audit.last(at.account), None),
    Query("AuditRows.last_of", lambda tx, at: tx.audit.last_of(at.account, ["RequestCertificate"]), None),
    Query("AuditRows.events", lambda tx, at: tx.audit.events(at.account, 0, 10), []),
]
WRITES = [
    Query("CertificateRows.add", lambda tx, at: tx.certificates.add(make_certificate(make_arn(9, at))), None),
    Query(
        "CertificateRows.update",
        lambda tx, at: tx.certificates.update(make_certificate(make_arn(1, at), spec=make_spec("changed.test"))),
        None,
    ),
    Query(
        "CertificateRows.add_version",
        lambda tx, at: tx.certificates.add_version(make_version(make_arn(1, at), 9)),
        None,
    ),
    Query(
        "CertificateRows.update_version",
        lambda tx, at: tx.certificates.update_version(make_issued(make_arn(1, at), reason="changed")),
        None,
    ),
    Query("KeyRows.add_kek", lambda tx, at: tx.keys.add_kek(make_kek(at, 9)), True),
    Query("KeyRows.update_kek", lambda tx, at: tx.keys.update_kek(make_kek(at, wrapped=b"changed")), None),
    Query("KeyRows.update_secret", lambda tx, at: tx.keys.update_secret(make_secret(at.account, sealed=b"c")), None),
    Query("KeyRows.add_secret", lambda tx, at: tx.keys.add_secret(make_secret(at.account, 9)), True),
    Query("NameRows.add", lambda tx, at: tx.names.add([make_name("changed.test", at.account)]), None),
    Query("AuthorityRows.add", lambda tx, at: tx.authorities.add(make_authority("a9", at, generation=9)), True),
    Query("AuthorityRows.update", lambda tx, at: tx.authorities.update(make_authority("a1", at, serial=1)), None),
    Query("AuditRows.add", lambda tx, at: tx.audit.add(make_event(9, at.account)), None),
    Query("ZoneRecordRows.hold", lambda tx, at: tx.zone_records.hold(make_hold(account=at.account, value="c.")), None),
    Query("ZoneRecordRows.release", lambda tx, at: tx.zone_records.release(make_hold(account=at.account)), None),
]


def fill(tx: Transaction, at: Scope) -> None:
    """Store one of everything for an account; the ids are the same for every account."""
    issued, waiting, lost = (make_arn(number, at) for number in (1, 2, 3))
    tx.certificates.add(make_certificate(issued, current_version=1))
    tx.certificates.add_version(make_issued(issued))
    tx.certificates.add(make_certificate(waiting))
    tx.certificates.add_version(make_version(waiting))
    tx.certificates.add(make_certificate(lost, claimed=False, urn="u1"))
    tx.certificates.add_version(make_version(lost))
    tx.keys.add_kek(make_kek(at))
    tx.keys.add_secret(make_secret(at.account))
    tx.names.add([make_name(account=at.account)])
    tx.authorities.add(make_authority(scope=at))
    tx.audit.add(make_event(account=at.account))
    tx.zone_records.hold(make_hold(account=at.account))


def everything(tx: Transaction, at: Scope) -> list[object]:
    """Read all that an account has."""
    holds = [item for item in tx.zone_records.holders("example.com", "_n.example.com.") if item.account == at.account]
    return [*(query.ask(tx, at) for query in READS), holds]


@pytest.mark.parametrize("query", READS, ids=lambda query: query.method)
def test_an_account_does_not_see_what_another_has(store: SqlStore, query: Query) -> None:
    store.write(lambda tx: fill(tx, HERE))
    assert store.read(lambda tx: query.ask(tx, HERE)) != query.empty
    assert store.read(lambda tx: query.ask(tx, THERE)) == query.empty


@pytest.mark.parametrize("query", READS, ids=lambda query: query.method)
def test_an_account_sees_its_own_beside_the_same_ids_of_another(store: SqlStore, query: Query) -> None:
    store.write(lambda tx: fill(tx, THERE))
    alone = store.read(lambda tx: query.ask(tx, THERE))
    store.write(lambda tx: fill(tx, HERE))
    assert store.read(lambda tx: query.ask(tx, THERE)) == alone


@pytest.mark.parametrize("query", WRITES, ids=lambda query: query.method)
def test_an_account_changes_nothing_that_another_has(store: SqlStore, query: Query) -> None:
    write_each(store, fill, (HERE, THERE))
    before = store.read(lambda tx: everything(tx, HERE))
    assert store.write(lambda tx: query.ask(tx, THERE)) == query.empty
    assert store.read(lambda tx: everything(tx, HERE)) == before


def test_every_method_of_the_port_is_asked_here_or_shared_for_a_reason() -> None:
    groups = [group for name, group in vars(ports).items() if name.endswith("Rows")]
    methods = {
        f"{group.__name__}.{name}"
        for group in groups
        for name, _ in inspect.getmembers(group, inspect.isfunction)
        if not name.startswith("_")
    }
    shared = {name for name in methods if name in TWICE_SHARED or name.partition(".")[0] in TWICE_SHARED}
    assert methods - shared == {query.method for query in (*READS, *WRITES)}
