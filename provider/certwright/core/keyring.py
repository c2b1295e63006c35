"""Key-encryption keys and account secrets: made once per scope, wrapped before they are stored."""

from dataclasses import dataclass

from certwright.core import envelope
from certwright.core.audit import record
from certwright.core.context import Core
from certwright.errors import KeyUnavailable
from certwright.model.installation import AccountSecret, KeyEncryptionKey
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.store import Store, Transaction

FIRST_GENERATION = 1


@dataclass(frozen=True, slots=True)
class StoreKeyEncryptionKeys:
    """Find key-encryption keys in the store (ports.keys.KeyEncryptionKeys)."""

    store: Store

    def newest(self, scope: Scope) -> tuple[int, bytes]:
        """Return generation and wrapped key of the scope's newest; raise `KeyUnavailable` when there is none."""
        return _found(scope, self.store.read(lambda tx: tx.keys.newest_kek(scope)))

    def of_generation(self, scope: Scope, generation: int) -> bytes:
        """Return that wrapped key; raise `KeyUnavailable` when there is none."""
        return _found(scope, self.store.read(lambda tx: tx.keys.kek(scope, generation)))[1]


def kek_binding(scope: Scope, generation: int) -> KeyBinding:
    """Return what a wrapped key-encryption key is bound to."""
    return KeyBinding(KeyPurpose.KEY_ENCRYPTION_KEY, scope, "kek", generation)


def account_scope(account: str) -> Scope:
    """Return the scope of the account's own key-encryption key."""
    return Scope(account, "")


def ensure_scope_keys(core: Core, caller: Caller) -> None:
    """Make what the caller's account and Region lack: key-encryption keys, then the account secret. Safe to race."""
    missing = core.store.read(lambda tx: _missing(tx, caller.scope))
    if not missing:
        return
    core.store.write(lambda tx: _add_keks(tx, core, caller))
    core.store.write(lambda tx: _add_secret(tx, core, caller))


def account_secret(core: Core, account: str) -> SecretBytes:
    """Return the account's newest secret, from which record labels derive."""
    row = core.store.read(lambda tx: tx.keys.newest_secret(account))
    if row is None:
        msg = f"account {account} has no secret in this store"
        raise KeyUnavailable(msg)
    return core.vault.open(row.sealed, _secret_binding(account, row.generation))


def _missing(tx: Transaction, scope: Scope) -> bool:
    rows = (tx.keys.newest_kek(account_scope(scope.account)), tx.keys.newest_kek(scope))
    return None in rows or tx.keys.newest_secret(scope.account) is None


def _add_keks(tx: Transaction, core: Core, caller: Caller) -> None:
    for scope in (account_scope(caller.account), caller.scope):
        if tx.keys.newest_kek(scope) is not None:
            continue
        context = kek_binding(scope, FIRST_GENERATION).authenticated_data()
        wrapped = core.master_key.wrap(SecretBytes(core.randomness.token(envelope.KEY_SIZE)), context)
        now = core.clock.now()
        if tx.keys.add_kek(KeyEncryptionKey(scope.account, scope.region, FIRST_GENERATION, wrapped, now)):
            record(tx, caller, now, "CreateKeyEncryptionKey", scope.region or "account", {"generation": "1"})


def _add_secret(tx: Transaction, core: Core, caller: Caller) -> None:
    if tx.keys.newest_secret(caller.account) is not None:
        return
    secret = SecretBytes(core.randomness.token(32))
    sealed = core.vault.seal(secret, _secret_binding(caller.account, FIRST_GENERATION))
    now = core.clock.now()
    if tx.keys.add_secret(AccountSecret(caller.account, FIRST_GENERATION, sealed, now)):
        record(tx, caller, now, "CreateAccountSecret", caller.account, {"generation": "1"})


def _secret_binding(account: str, generation: int) -> KeyBinding:
    return KeyBinding(KeyPurpose.ACCOUNT_SECRET, account_scope(account), "secret", generation)


def _found(scope: Scope, row: KeyEncryptionKey | None) -> tuple[int, bytes]:
    if row is None:
        msg = f"the store has no key-encryption key for account {scope.account}, Region {scope.region or '(account)'}"
        raise KeyUnavailable(msg)
    return row.generation, row.wrapped
