"""Key-encryption keys and account secrets: made once per scope, wrapped before they are stored."""

from dataclasses import dataclass

from certwright.core import envelope
from certwright.core.audit import record
from certwright.core.context import Core
from certwright.core.installations import require_master_key
from certwright.errors import Conflict, KeyUnavailable
from certwright.model.installation import AccountSecret, KeyEncryptionKey
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.store import Store, Transaction

FIRST_GENERATION = 1
_SECRET_SIZE = 32


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


def secret_binding(account: str, generation: int) -> KeyBinding:
    """Return what a sealed account secret is bound to."""
    return KeyBinding(KeyPurpose.ACCOUNT_SECRET, account_scope(account), "secret", generation)


def ensure_scope_keys(core: Core, caller: Caller) -> None:
    """Make what the caller's account and Region lack: key-encryption keys, then the account secret. Safe to race.

    Raise `KeyUnavailable` where something was made with what is lacking: another one would open nothing of it.
    """
    if not core.store.read(lambda tx: _lacks_any(tx, caller.scope)):
        return
    _ensure_kek(core, caller, account_scope(caller.account))
    _ensure_kek(core, caller, caller.scope)
    _ensure_secret(core, caller)


def account_secret(core: Core, account: str) -> SecretBytes:
    """Return the account's newest secret, from which record labels derive."""
    newest = _newest_secret(core, account)
    return core.vault.open(newest.sealed, secret_binding(account, newest.generation))


def rotate_account_secret(core: Core, caller: Caller) -> int:
    """Make another generation of the account secret and return its number; names handed out keep their records."""
    newest = _newest_secret(core, caller.account)
    secret = _fresh_secret(core, caller.account, newest.generation + 1)
    core.store.write(lambda tx: _add_next_secret(tx, caller, secret))
    return secret.generation


def fresh_kek(core: Core, scope: Scope, generation: int) -> KeyEncryptionKey:
    """Return a new key-encryption key, wrapped; before the transaction that stores it, as wrapping may be slow."""
    context = kek_binding(scope, generation).authenticated_data()
    wrapped = core.master_key.wrap(SecretBytes(core.randomness.token(envelope.KEY_SIZE)), context)
    return KeyEncryptionKey(scope.account, scope.region, generation, wrapped, core.clock.now())


def require_present_master_key(tx: Transaction, core: Core) -> None:
    """Raise `KeyUnavailable` when the store moved to another master key since this process opened it.

    What this process wraps would never open again.
    """
    installation = tx.installations.get()
    if installation is None:
        msg = "The store has no installation, so nothing tells whether this is its master key; nothing was changed."
        raise KeyUnavailable(msg)
    require_master_key(installation, core.master_key)


def _ensure_kek(core: Core, caller: Caller, scope: Scope) -> None:
    if not core.store.read(lambda tx: _lacks_kek(tx, scope)):
        return
    key = fresh_kek(core, scope, FIRST_GENERATION)
    core.store.write(lambda tx: _add_kek(tx, core, caller, key))


def _add_kek(tx: Transaction, core: Core, caller: Caller, key: KeyEncryptionKey) -> None:
    require_present_master_key(tx, core)
    if _lacks_kek(tx, Scope(key.account, key.region)) and tx.keys.add_kek(key):
        subject = key.region or "account"
        record(tx, caller, key.created_at, "CreateKeyEncryptionKey", subject, {"generation": str(key.generation)})


def _ensure_secret(core: Core, caller: Caller) -> None:
    """Seal a fresh secret before the transaction that stores it, as the vault reads its key from the store."""
    if not core.store.read(lambda tx: _lacks_secret(tx, caller.account)):
        return
    secret = _fresh_secret(core, caller.account, FIRST_GENERATION)
    core.store.write(lambda tx: _add_secret(tx, caller, secret))


def _newest_secret(core: Core, account: str) -> AccountSecret:
    row = core.store.read(lambda tx: tx.keys.newest_secret(account))
    if row is None:
        msg = f"account {account} has no secret in this store"
        raise KeyUnavailable(msg)
    return row


def _fresh_secret(core: Core, account: str, generation: int) -> AccountSecret:
    secret = SecretBytes(core.randomness.token(_SECRET_SIZE))
    sealed = core.vault.seal(secret, secret_binding(account, generation))
    return AccountSecret(account, generation, sealed, core.clock.now())


def _add_next_secret(tx: Transaction, caller: Caller, secret: AccountSecret) -> None:
    if not tx.keys.add_secret(secret):
        msg = f"Another process rotated the secret of account {secret.account} at this moment; nothing was changed."
        raise Conflict(msg)
    detail = {"generation": str(secret.generation)}
    record(tx, caller, secret.created_at, "RotateAccountSecret", secret.account, detail)


def _add_secret(tx: Transaction, caller: Caller, secret: AccountSecret) -> None:
    if _lacks_secret(tx, caller.account) and tx.keys.add_secret(secret):
        detail = {"generation": str(secret.generation)}
        record(tx, caller, secret.created_at, "CreateAccountSecret", secret.account, detail)


def _lacks_any(tx: Transaction, scope: Scope) -> bool:
    return _lacks_kek(tx, account_scope(scope.account)) or _lacks_kek(tx, scope) or _lacks_secret(tx, scope.account)


def _lacks_kek(tx: Transaction, scope: Scope) -> bool:
    if tx.keys.newest_kek(scope) is not None:
        return False
    if tx.keys.has_sealed(scope):
        what = f"the key-encryption key of account {scope.account}, Region {scope.region or '(account)'}"
        raise _lost(what, "secrets are sealed under it")
    return True


def _lacks_secret(tx: Transaction, account: str) -> bool:
    if tx.keys.newest_secret(account) is not None:
        return False
    if not tx.names.is_empty(account):
        what = f"the secret of account {account}"
        raise _lost(what, "validation records were derived from it")
    return True


def _lost(what: str, use: str) -> KeyUnavailable:
    return KeyUnavailable(
        f"The store has lost {what}, and {use}. No new one is made, since it would fit nothing: restore the store "
        "from a backup. Nothing was changed."
    )


def _found(scope: Scope, row: KeyEncryptionKey | None) -> tuple[int, bytes]:
    if row is None:
        msg = f"the store has no key-encryption key for account {scope.account}, Region {scope.region or '(account)'}"
        raise KeyUnavailable(msg)
    return row.generation, row.wrapped
