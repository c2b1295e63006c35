"""Rotation of the master key: everything that it wraps moves to another one in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from certwright.core.audit import record
from certwright.core.context import Core
from certwright.core.installations import require_master_key, seal_key_context
from certwright.core.keyring import kek_binding
from certwright.core.rotation import wipe
from certwright.errors import Conflict, KeyUnavailable, Refused
from certwright.model.installation import Installation, KeyEncryptionKey
from certwright.model.scope import Caller, Scope
from certwright.ports.keys import MasterKey
from certwright.ports.store import Leftovers, Transaction

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """All that the master key wraps."""

    installation: Installation
    keys: tuple[KeyEncryptionKey, ...]


def rotate_master_key(
    core: Core, caller: Caller, new: MasterKey, leftovers: Leftovers, watch: Callable[[int], None] = lambda _: None
) -> int:
    """Wrap the store's keys by another master key and return how many there are; `watch` is told of each.

    Before the one transaction the old master key opens everything, after it the new one. A process that still holds the
    old one can use what it has unwrapped, and wraps nothing any more (core.keyring).
    """
    for _ in range(_ATTEMPTS):
        before = core.store.read(_wrapped)
        require_master_key(before.installation, core.master_key)
        after = _wrapped_by(core.master_key, new, before, watch)
        if core.store.write(lambda tx: _store(tx, core, caller, before, after)):  # noqa: B023 - called at once
            wipe(leftovers, "The store has the new master key")
            return len(after.keys)
    msg = "Other processes made keys at every attempt; nothing was changed. Run the same command again."
    raise Conflict(msg)


def require_other(core: Core, new: MasterKey) -> None:
    """Raise `Refused` when this is the master key that the store has already."""
    if new.check_value(core.installation_id) == core.master_key.check_value(core.installation_id):
        msg = "This is the master key that the store has already; nothing was changed. Name another one with --to."
        raise Refused(msg)


def _wrapped(tx: Transaction) -> _Wrapped:
    installation = tx.installations.get()
    if installation is None or installation.seal_key is None:
        msg = "The store has no installation, or was never sealed; nothing was changed."
        raise KeyUnavailable(msg)
    return _Wrapped(installation, tuple(tx.keys.every_kek()))


def _wrapped_by(old: MasterKey, new: MasterKey, before: _Wrapped, watch: Callable[[int], None]) -> _Wrapped:
    """Wrap everything by another key, outside any transaction: keys from passphrases take their time."""
    installation = before.installation
    context = seal_key_context(installation.id)
    seal_key = new.wrap(old.unwrap(installation.seal_key or b"", context), context)
    moved = replace(installation, key_check=new.check_value(installation.id), seal_key=seal_key)
    keys = []
    for number, key in enumerate(before.keys, start=1):
        keys.append(_wrapped_key(old, new, key))
        watch(number)
    return _Wrapped(moved, tuple(keys))


def _wrapped_key(old: MasterKey, new: MasterKey, key: KeyEncryptionKey) -> KeyEncryptionKey:
    context = kek_binding(Scope(key.account, key.region), key.generation).authenticated_data()
    return replace(key, wrapped=new.wrap(old.unwrap(key.wrapped, context), context))


def _store(tx: Transaction, core: Core, caller: Caller, before: _Wrapped, after: _Wrapped) -> bool:
    if _wrapped(tx) != before:
        return False
    tx.installations.keep_master_key(after.installation.key_check, after.installation.seal_key or b"")
    _update(tx, after.keys)
    detail = {"keys": str(len(after.keys))}
    record(tx, caller, core.clock.now(), "RotateMasterKey", after.installation.id, detail)
    return True


def _update(tx: Transaction, keys: Sequence[KeyEncryptionKey]) -> None:
    for key in keys:
        tx.keys.update_kek(key)
