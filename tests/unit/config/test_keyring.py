"""Keys of a scope: made once outside any other transaction, and never anew over what old ones sealed."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.core.authority import issuing_authority
from certwright.core.context import Core
from certwright.core.keyring import StoreKeyEncryptionKeys, account_secret, ensure_scope_keys
from certwright.core.records import hand_out, validation_records
from certwright.errors import KeyUnavailable
from certwright.model.names import DomainName
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.store import Store, Transaction

from tests.fakes import FakeCancellation, ScriptedResolver
from tests.support.cores import CALLER, make_core

T = TypeVar("T")
ELSEWHERE = Caller("tester@host", Scope("000000000001", "eu-1"))
KEKS = "SELECT account, region, generation FROM key_encryption_keys ORDER BY account, region"


@dataclass
class OneAtATime:
    """A store on which a transaction within a transaction fails: it would take a second connection."""

    store: Store
    busy: threading.local = field(default_factory=threading.local)

    def seal_rows_with(self, key: SecretBytes) -> None:
        self.store.seal_rows_with(key)

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._run(self.store.read, work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self._run(self.store.write, work)

    def close(self) -> None:
        self.store.close()

    def _run(self, run: Callable[[Callable[[Transaction], T]], T], work: Callable[[Transaction], T]) -> T:
        assert not getattr(self.busy, "is_busy", False), "a transaction was begun within another"
        self.busy.is_busy = True
        try:
            return run(work)
        finally:
            self.busy.is_busy = False


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    core = make_core(tmp_path, resolver=ScriptedResolver({}))
    yield core
    core.store.close()


def strict(core: Core) -> Core:
    """Return the core, its vault included, over a store that refuses transactions within transactions."""
    store = OneAtATime(core.store)
    return replace(core, store=store, vault=EnvelopeVault(core.master_key, StoreKeyEncryptionKeys(store)))


def ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        return list(connection.execute(query))


def delete(folder: Path, rows: str) -> None:
    """Lose rows behind the store's back."""
    with closing(sqlite3.connect(folder / "store.db")) as connection, connection:
        assert connection.execute(f"DELETE FROM {rows}").rowcount > 0


def test_keys_are_sealed_before_the_transaction_that_stores_them(core: Core, tmp_path: Path) -> None:
    ensure_scope_keys(strict(core), ELSEWHERE)
    made = [row for row in ask(tmp_path, KEKS) if row[0] == ELSEWHERE.account]
    assert made == [(ELSEWHERE.account, "", 1), (ELSEWHERE.account, "eu-1", 1)]


def test_a_made_secret_opens(core: Core) -> None:
    ensure_scope_keys(core, ELSEWHERE)
    assert len(account_secret(core, ELSEWHERE.account).reveal()) == 32


def test_keys_that_are_there_stay_as_they_are(core: Core, tmp_path: Path) -> None:
    tables = ("key_encryption_keys", "account_secrets", "audit_events")
    before = [ask(tmp_path, f"SELECT * FROM {table}") for table in tables]
    ensure_scope_keys(core, CALLER)
    assert [ask(tmp_path, f"SELECT * FROM {table}") for table in tables] == before


def test_of_many_at_once_one_makes_each_key(core: Core, tmp_path: Path) -> None:
    barrier = threading.Barrier(6)

    def go() -> None:
        barrier.wait()
        ensure_scope_keys(core, ELSEWHERE)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    where = f"WHERE account = '{ELSEWHERE.account}'"
    actions = [str(row[0]) for row in ask(tmp_path, f"SELECT action FROM audit_events {where} ORDER BY sequence")]
    assert actions == ["CreateKeyEncryptionKey", "CreateKeyEncryptionKey", "CreateAccountSecret"]


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        pytest.param("key_encryption_keys WHERE region = ''", "Region (account)", id="the account's key"),
        pytest.param("key_encryption_keys WHERE region = 'local'", "Region local", id="the Region's key"),
        pytest.param("account_secrets", "the secret of account", id="the account's secret"),
    ],
)
def test_what_sealed_something_is_not_made_anew(core: Core, tmp_path: Path, lost: str, said: str) -> None:
    validations = validation_records(core, CALLER, [DomainName("example.com")])
    core.store.write(lambda tx: hand_out(tx, core, CALLER, validations))
    issuing_authority(core, CALLER, FakeCancellation())
    delete(tmp_path, lost)
    left = ask(tmp_path, KEKS)
    with pytest.raises(KeyUnavailable, match="restore the store from a backup") as caught:
        ensure_scope_keys(core, CALLER)
    assert (said in str(caught.value), ask(tmp_path, KEKS)) == (True, left)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param("account_secrets", id="an account secret"),
        pytest.param("authorities", id="a root"),
    ],
)
def test_one_row_sealed_under_the_accounts_key_is_enough(core: Core, tmp_path: Path, kept: str) -> None:
    issuing_authority(core, CALLER, FakeCancellation())
    delete(tmp_path, "key_encryption_keys WHERE region = ''")
    delete(tmp_path, "authorities WHERE role = 'ISSUING'")
    delete(tmp_path, "account_secrets" if kept == "authorities" else "authorities")
    with pytest.raises(KeyUnavailable):
        ensure_scope_keys(core, CALLER)


def test_a_lost_key_that_sealed_nothing_is_made_anew(core: Core, tmp_path: Path) -> None:
    before = ask(tmp_path, KEKS)
    delete(tmp_path, "key_encryption_keys WHERE region = 'local'")
    ensure_scope_keys(core, CALLER)
    assert ask(tmp_path, KEKS) == before


def test_a_newer_generation_stands_in_for_no_older_one(core: Core, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        connection.execute("UPDATE key_encryption_keys SET generation = 2 WHERE region = ''")
    ensure_scope_keys(core, CALLER)
    forgetful = replace(core, vault=EnvelopeVault(core.master_key, StoreKeyEncryptionKeys(core.store)))
    with pytest.raises(KeyUnavailable):
        account_secret(forgetful, CALLER.account)
