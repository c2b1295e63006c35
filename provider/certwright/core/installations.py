"""Installations: made once per store, recognised ever after."""

import uuid

from certwright.errors import InstallationMismatch, KeyUnavailable, StoreMissing, StoreUnavailable
from certwright.model.installation import Installation
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.ports.clock import Clock, Randomness
from certwright.ports.keys import MasterKey
from certwright.ports.store import Store, Transaction

_SEAL_KEY_SIZE = 32
_INCOMPLETE = (
    "The store has rows but no installation: a part of it was lost, or they were copied into it. Restore the whole "
    "store from a backup, together with its master key; nothing was changed."
)


def find_installation(store: Store) -> Installation | None:
    """Return the store's installation, None in a store that was never initialised.

    Raise `StoreUnavailable` for one that lost its installation but not its rows: whoever made a new one over them
    would make keys that open none of them.
    """
    return store.read(_find)


def establish_installation(
    store: Store, master_key: MasterKey, clock: Clock, randomness: Randomness
) -> tuple[Installation, bool]:
    """Return the store's installation and whether it was made now; of two processes at once, one makes it."""
    installation_id = str(uuid.UUID(bytes=randomness.token(16), version=4))
    seal_key = SecretBytes(randomness.token(_SEAL_KEY_SIZE))
    wrapped = master_key.wrap(seal_key, seal_key_context(installation_id))
    fresh = Installation(installation_id, clock.now(), master_key.check_value(installation_id), wrapped)
    store.seal_rows_with(seal_key)
    is_new = store.write(lambda tx: _add_first(tx, fresh))
    installation = find_installation(store) or fresh
    require_master_key(installation, master_key)
    begin_sealing(store, installation, master_key, randomness)
    return installation, is_new


def begin_sealing(store: Store, installation: Installation, master_key: MasterKey, randomness: Randomness) -> None:
    """Let the store seal its rows under the installation's key; a store that was never sealed is sealed now, whole."""
    wrapped = installation.seal_key or _seal_first(store, installation.id, master_key, randomness)
    store.seal_rows_with(master_key.unwrap(wrapped, seal_key_context(installation.id)))


def seal_key_context(installation_id: str) -> bytes:
    """Return what the wrapped key that seals the rows is bound to."""
    return KeyBinding(KeyPurpose.SEAL_KEY, Scope("", ""), installation_id, 1).authenticated_data()


def require_master_key(installation: Installation, master_key: MasterKey) -> None:
    """Raise `KeyUnavailable` unless this is the master key that the installation was made with."""
    if master_key.check_value(installation.id) != installation.key_check:
        msg = (
            f"The master key does not belong to installation {installation.id}. Set certwright:masterKey (or "
            "CERTWRIGHT_MASTER_KEY) to the key of this store, the newest if it was rotated; nothing was changed."
        )
        raise KeyUnavailable(msg)


def require_installation(found: Installation | None, expected: str | None, place: str) -> None:
    """Require the installation that a state or configuration insists on.

    Raise `InstallationMismatch` when the store's is another one, and `StoreMissing` when it has none.
    """
    if expected is None or (found is not None and found.id == expected):
        return
    what = f"is installation {found.id}" if found else "is empty"
    msg = (
        f"This stack belongs to certwright installation {expected}, but the store {place} {what}. Point "
        "CERTWRIGHT_HOME (or certwright:store and certwright:masterKey) at the right one, or restore it from a backup; "
        "nothing was changed."
    )
    raise InstallationMismatch(msg) if found else StoreMissing(msg)


def _seal_first(store: Store, installation_id: str, master_key: MasterKey, randomness: Randomness) -> bytes:
    """Return the wrapped key of a store sealed now; of two processes at once, one seals it."""
    key = SecretBytes(randomness.token(_SEAL_KEY_SIZE))
    wrapped = master_key.wrap(key, seal_key_context(installation_id))
    store.seal_rows_with(key)
    return store.write(lambda tx: _seal_all(tx, wrapped))


def _seal_all(tx: Transaction, wrapped: bytes) -> bytes:
    found = tx.installations.get()
    if found is not None and found.seal_key is not None:
        return found.seal_key
    tx.integrity.seal_everything()
    tx.installations.keep_seal_key(wrapped)
    return wrapped


def _add_first(tx: Transaction, fresh: Installation) -> bool:
    if _find(tx) is not None:
        return False
    tx.integrity.seal_everything()  # what an attempt left that came to nothing is sealed under another key
    return tx.installations.add(fresh)


def _find(tx: Transaction) -> Installation | None:
    found = tx.installations.get()
    if found is None and not tx.installations.is_alone():
        raise StoreUnavailable(_INCOMPLETE)
    return found
