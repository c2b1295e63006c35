"""Rotation of key-encryption keys: a new generation, then every sealed secret under it, batch by batch.

A secret opens at every moment, since its blob names the generation that opens it and no generation is ever removed: a
process that is running may seal under the one before for another minute, and a backup may bring it back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from certwright.core.audit import record
from certwright.core.context import Core
from certwright.core.envelope import generation_of, header
from certwright.core.keyring import FIRST_GENERATION, fresh_kek, require_present_master_key, secret_binding
from certwright.core.leases import held
from certwright.errors import Cancelled, CertwrightError, Conflict, IntegrityError, KeyUnavailable, StoreUnavailable
from certwright.model.authorities import Authority, AuthorityRole
from certwright.model.certificates import CertificateVersion
from certwright.model.installation import AccountSecret, KeyEncryptionKey
from certwright.model.keys import KeyBinding, ManagedKey
from certwright.model.lease import Lease
from certwright.model.scope import Caller, Scope
from certwright.ports.clock import Cancellation
from certwright.ports.store import Leftovers, Transaction

BEGUN, DONE = "RotateKeyEncryptionKeys", "CompleteKeyRotation"
_LEASE = timedelta(seconds=60)
_PATIENCE = 5.0
_BATCH = 20
Generations = Mapping[Scope, int]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: each scope's newest generation, how many secrets moved, and whether it went on with one."""

    generations: Generations
    moved: int
    went_on: bool


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A sealed secret as it was read; `swap` puts another blob in its place unless somebody changed it meanwhile."""

    binding: KeyBinding
    blob: bytes
    swap: Callable[[Transaction, bytes], bool]


def rotate_keys(
    core: Core,
    caller: Caller,
    leftovers: Leftovers,
    cancellation: Cancellation,
    watch: Callable[[int], None] = lambda _: None,
) -> Rotation:
    """Make a new generation for the account and each of its Regions, and seal everything under it.

    A rotation that was interrupted is gone on with instead. `watch` is told after every batch how many moved so far.
    """
    with held(core, f"rotation:{caller.account}", _LEASE, _PATIENCE, cancellation) as lease:
        generations, went_on = core.store.read(partial(_under_way, account=caller.account)), True
        if not generations:
            generations, went_on = _begin(core, caller, lease), False
        moved = _move_all(core, generations, lease, cancellation, watch)
        core.store.write(lambda tx: _finish(tx, core, caller, lease, generations, moved))
    wipe(leftovers, "The keys are rotated")
    return Rotation(generations, moved, went_on)


def wipe(leftovers: Leftovers, done: str) -> None:
    """Wipe what the store's files still hold of what was replaced; `done` is what was reached before."""
    try:
        leftovers.wipe_leftovers()
    except StoreUnavailable as error:
        msg = f"{done}, but the store's files still hold what was replaced: {error} Run `certwright keys wipe`."
        raise StoreUnavailable(msg) from error


def generations_in_use(core: Core, caller: Caller) -> Mapping[Scope, Mapping[int, int]]:
    """Return for each scope of the account how many secrets are sealed under which generation of its key."""
    newest = core.store.read(lambda tx: _newest(tx, caller.account))
    return {scope: _used(core, scope, generation) for scope, generation in newest.items()}


def _used(core: Core, scope: Scope, newest: int) -> Mapping[int, int]:
    counts = dict.fromkeys(range(FIRST_GENERATION, newest + 1), 0)
    for batch in _batches(core, scope, 0):
        for sealed in batch:
            counts[generation_of(sealed.blob)] = counts.get(generation_of(sealed.blob), 0) + 1
    return counts


def _newest(tx: Transaction, account: str) -> Generations:
    found = (tx.keys.newest_kek(scope) for scope in tx.keys.scopes(account))
    return {Scope(key.account, key.region): key.generation for key in found if key is not None}


def _under_way(tx: Transaction, account: str) -> Generations:
    """Return the generations of a rotation that has not ended, nothing when there is none."""
    last = tx.audit.last_of(account, (BEGUN, DONE))
    return _newest(tx, account) if last is not None and last.action == BEGUN else {}


def _begin(core: Core, caller: Caller, lease: Lease) -> Generations:
    """Store the next generations, wrapped before, of all scopes at once."""
    newest = core.store.read(lambda tx: _newest(tx, caller.account))
    if not newest:
        msg = f"account {caller.account} has no key-encryption key in this store. Run `certwright init`."
        raise KeyUnavailable(msg)
    keys = [fresh_kek(core, scope, generation + 1) for scope, generation in newest.items()]
    core.store.write(lambda tx: _store_generations(tx, core, caller, lease, keys))
    return {Scope(key.account, key.region): key.generation for key in keys}


def _store_generations(
    tx: Transaction, core: Core, caller: Caller, lease: Lease, keys: Sequence[KeyEncryptionKey]
) -> None:
    tx.leases.extend(lease, core.clock.now(), _LEASE)
    require_present_master_key(tx, core)
    if not all(tx.keys.add_kek(key) for key in keys):
        msg = f"Another process rotates the keys of account {caller.account}; nothing was changed."
        raise Conflict(msg)
    detail = {_name(key.region): str(key.generation) for key in keys}
    record(tx, caller, core.clock.now(), BEGUN, caller.account, detail)


def _finish(tx: Transaction, core: Core, caller: Caller, lease: Lease, generations: Generations, moved: int) -> None:
    tx.leases.require(lease, core.clock.now())
    detail = {_name(scope.region): str(generation) for scope, generation in generations.items()}
    record(tx, caller, core.clock.now(), DONE, caller.account, {**detail, "moved": str(moved)})


def _name(region: str) -> str:
    return f"region {region}" if region else "account"


def _move_all(
    core: Core, generations: Generations, lease: Lease, cancellation: Cancellation, watch: Callable[[int], None]
) -> int:
    """Move everything that opens and return how much that was; raise `IntegrityError` when something does not."""
    moved, damages = 0, list[CertwrightError]()
    for scope, generation in generations.items():
        for batch in _batches_left(core, scope, generation, damages):
            _require_wanted(cancellation)
            moved += _move(core, batch, generation, lease, damages)
            watch(moved)
    if damages:
        msg = (
            f"{len(damages)} secrets do not open and stay as they are, the first: {damages[0]}. Everything else is "
            "under the new generation. Run `certwright doctor`, and restore the store from a backup."
        )
        raise IntegrityError(msg)
    return moved


def _batches_left(
    core: Core, scope: Scope, generation: int, damages: list[CertwrightError]
) -> Iterator[Sequence[_Sealed]]:
    """Yield what is to be moved until all that is left is damaged: others may have sealed something meanwhile."""
    known = len(damages)
    while True:
        del damages[known:]
        left = 0
        for batch in _batches(core, scope, generation):
            left += len(batch)
            yield batch
        if left == len(damages) - known:
            return


def _require_wanted(cancellation: Cancellation) -> None:
    if cancellation.is_cancelled():
        msg = "stopped; every key opens as before. Run `certwright keys rotate` again, and it goes on."
        raise Cancelled(msg)


def _move(core: Core, batch: Sequence[_Sealed], generation: int, lease: Lease, damages: list[CertwrightError]) -> int:
    """Seal a batch anew outside of the transaction that stores it, as the vault reads its keys from the store."""
    moved = []
    for sealed in batch:
        try:
            moved.append((sealed, core.vault.rewrap(sealed.blob, sealed.binding, generation)))
        except (IntegrityError, KeyUnavailable) as error:
            damages.append(error)
    return core.store.write(lambda tx: _store_moved(tx, core, lease, moved))


def _store_moved(tx: Transaction, core: Core, lease: Lease, moved: Sequence[tuple[_Sealed, bytes]]) -> int:
    tx.leases.extend(lease, core.clock.now(), _LEASE)
    return sum(sealed.swap(tx, blob) for sealed, blob in moved)


def _batches(core: Core, scope: Scope, generation: int) -> Iterator[Sequence[_Sealed]]:
    """Yield everything of a scope that is sealed under another generation."""
    few = core.store.read(lambda tx: [*_of_secrets(tx, scope), *_of_authorities(tx, scope)])
    old = [sealed for sealed in few if not sealed.blob.startswith(header(generation))]
    if old:
        yield old
    last: CertificateVersion | None = None
    while True:
        page = core.store.read(partial(_page, scope=scope, generation=generation, after=last))
        if not page:
            return
        last = page[-1]
        yield [_of_key(version.key, partial(_swap_version, version)) for version in page if version.key is not None]


def _page(
    tx: Transaction, scope: Scope, generation: int, after: CertificateVersion | None
) -> Sequence[CertificateVersion]:
    return tx.keys.not_sealed_under(scope, generation, after, _BATCH)


def _of_secrets(tx: Transaction, scope: Scope) -> list[_Sealed]:
    """Return the account's secrets, which are sealed under the account's own key."""
    return [
        _Sealed(secret_binding(secret.account, secret.generation), secret.sealed, partial(_swap_secret, secret))
        for secret in ([] if scope.region else tx.keys.secrets(scope.account))
    ]


def _of_authorities(tx: Transaction, scope: Scope) -> list[_Sealed]:
    found = [authority for role in AuthorityRole for authority in tx.authorities.all(scope, role)]
    return [_of_key(item.key, partial(_swap_authority, item)) for item in found if not item.key.is_away]


def _of_key(key: ManagedKey, swap: Callable[[Transaction, bytes], bool]) -> _Sealed:
    return _Sealed(key.binding, key.sealed, swap)


def _swap_secret(read: AccountSecret, tx: Transaction, blob: bytes) -> bool:
    found = [secret for secret in tx.keys.secrets(read.account) if secret == read]
    for secret in found:
        tx.keys.update_secret(replace(secret, sealed=blob))
    return bool(found)


def _swap_authority(read: Authority, tx: Transaction, blob: bytes) -> bool:
    found = tx.authorities.get(read.scope.account, read.id)
    if found is None or found.key.sealed != read.key.sealed:
        return False
    tx.authorities.update(replace(found, key=replace(found.key, sealed=blob)))
    return True


def _swap_version(read: CertificateVersion, tx: Transaction, blob: bytes) -> bool:
    found = tx.certificates.version(read.arn, read.number)
    if found is None or found.key is None or read.key is None or found.key.sealed != read.key.sealed:
        return False
    tx.certificates.update_version(replace(found, key=replace(found.key, sealed=blob)))
    return True
