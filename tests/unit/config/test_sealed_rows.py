"""Which rows count as sealed under a scope's key-encryption key, on SQLite."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.model.scope import Scope
from certwright.ports.store import Transaction

from tests.contract.rows import (
    ACCOUNT,
    HERE,
    OTHER_ACCOUNT,
    make_arn,
    make_authority,
    make_certificate,
    make_installation,
    make_issued,
    make_name,
    make_secret,
    make_version,
)
from tests.support.store import open_sealing_store

OWN = Scope(ACCOUNT, "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_sealing_store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


def issued(tx: Transaction) -> None:
    tx.certificates.add(make_certificate(make_arn(1), current_version=1))
    tx.certificates.add_version(make_issued(make_arn(1)))


def pending(tx: Transaction) -> None:
    tx.certificates.add(make_certificate(make_arn(1)))
    tx.certificates.add_version(make_version(make_arn(1), key=None))


@pytest.mark.parametrize(
    ("write", "sealed"),
    [
        pytest.param(lambda _: None, set[Scope](), id="nothing"),
        pytest.param(lambda tx: tx.keys.add_secret(make_secret()), {OWN}, id="an account secret"),
        pytest.param(lambda tx: tx.authorities.add(make_authority(scope=OWN)), {OWN}, id="a root"),
        pytest.param(lambda tx: tx.authorities.add(make_authority(scope=HERE)), {HERE}, id="an issuing CA"),
        pytest.param(issued, {HERE}, id="a certificate's key"),
        pytest.param(pending, set[Scope](), id="a certificate without a key"),
        pytest.param(lambda tx: tx.names.add([make_name()]), set[Scope](), id="a name"),
    ],
)
def test_sealed_rows_belong_to_one_scope(
    store: SqlStore, write: Callable[[Transaction], object], sealed: set[Scope]
) -> None:
    store.write(write)
    scopes = (OWN, HERE, Scope(ACCOUNT, "elsewhere"), Scope(OTHER_ACCOUNT, ""), Scope(OTHER_ACCOUNT, HERE.region))
    assert store.read(lambda tx: {scope for scope in scopes if tx.keys.has_sealed(scope)}) == sealed


def test_names_are_counted_for_their_account_only(store: SqlStore) -> None:
    store.write(lambda tx: tx.names.add([make_name()]))
    assert store.read(lambda tx: (tx.names.is_empty(ACCOUNT), tx.names.is_empty(OTHER_ACCOUNT))) == (False, True)


@pytest.mark.parametrize(
    ("write", "is_alone"),
    [
        pytest.param(lambda tx: tx.installations.add(make_installation()), True, id="its installation"),
        pytest.param(lambda tx: tx.keys.add_secret(make_secret()), False, id="a secret"),
        pytest.param(issued, False, id="a certificate"),
    ],
)
def test_an_installation_is_alone_in_a_store_with_nothing_but(
    store: SqlStore,
    write: Callable[[Transaction], object],
    is_alone: bool,  # noqa: FBT001 - a row of a table
) -> None:
    store.write(write)
    assert store.read(lambda tx: tx.installations.is_alone()) is is_alone
