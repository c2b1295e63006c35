"""The private keys of roots, carried out of the store into a file under a passphrase, and back.

A root signs once in a year or two. Until then its key need not lie where every `pulumi up` could open it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from certwright.core.audit import record
from certwright.core.authority import (
    fingerprint,
    held_roots,
    issuing_authority,
    issuing_cas,
    needs_sealed_key,
    roots_of,
)
from certwright.core.context import Core
from certwright.core.hierarchy import (
    is_sealed,
    last_issuing_ca,
    misfit,
    needs_root,
    signing_root,
    usable_issuing_ca,
)
from certwright.core.rotation import wipe
from certwright.errors import IntegrityError, NotFound, Refused
from certwright.model.authorities import Authority
from certwright.model.keys import ManagedKey
from certwright.model.lease import Lease
from certwright.model.policy import Policy
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.ports.clock import Cancellation
from certwright.ports.keys import KeyCarrier, KeyFile
from certwright.ports.store import Leftovers, Transaction

_BEGIN = b"-----BEGIN "
_RENEW = "`certwright ca renew`"


@dataclass(frozen=True, slots=True)
class Custody:
    """Where private keys are kept outside the store: a file, its passphrase, and what carries them there and back."""

    file: KeyFile
    passphrase: SecretBytes
    carrier: KeyCarrier


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will need the root while its key is sealed away; `is_final` when nothing can be issued without it now."""

    sentence: str
    is_final: bool


def seal_root(
    core: Core, caller: Caller, custody: Custody, leftovers: Leftovers, cancellation: Cancellation
) -> tuple[Authority, ...]:
    """Move the private key of every root of the account into a new file, and return those roots.

    What is due of roots and the Region's issuing CA is made before, so that the Region issues afterwards. The file is
    written, durable, and read back before the store gives its copies up. Interrupted at any point, the file or the
    store has each key. One that is sealed already is wiped from the store's files once more.
    """
    _require_here(core, caller, leftovers)
    issuing_authority(core, caller, cancellation)
    with held_roots(core, caller, cancellation) as lease:
        roots = _require_here(core, caller, leftovers)
        custody.file.create(b"".join(_written(custody, root) for root in roots))
        _require_readable(custody, roots)
        core.store.write(lambda tx: _give_up(tx, core, caller, lease, roots, custody.file))
    wipe(leftovers, f"The root is sealed in {custody.file.place}")
    return tuple(roots)


def unseal_root(core: Core, caller: Caller, custody: Custody, cancellation: Cancellation) -> tuple[Authority, ...]:
    """Bring private keys of the account's roots back from a file, and return the roots whose keys were away.

    Nothing is changed unless every key of the file belongs to one of them.
    """
    with held_roots(core, caller, cancellation) as lease:
        roots = roots_of(core, caller)
        keys = _read(custody, roots)
        back = [replace(root, key=keys[root.id]) for root in roots if root.key.is_away and root.id in keys]
        core.store.write(lambda tx: _take_back(tx, core, caller, lease, back, custody.file))
        return tuple(back)


def outlook_while_sealed(core: Core, caller: Caller, roots: Sequence[Authority]) -> Outlook | None:
    """Return what needs the roots' sealed key now or within 60 days; None when it is in the store, or nothing does."""
    now, policy = core.clock.now(), core.policy
    if not is_sealed(roots) or misfit(roots, policy, now) is not None:
        return None
    root, cas = signing_root(roots, policy, now), issuing_cas(core, caller)
    if root is None:
        return Outlook(needs_sealed_key("A new root", _RENEW), is_final=True)
    if root.key.is_away and usable_issuing_ca(cas, root, policy, now) is None:
        return _without_successor(caller.scope.region, last_issuing_ca(cas, roots, policy, now), policy)
    if needs_root(roots, now):
        return Outlook(needs_sealed_key("The next root, which is due,", _RENEW), is_final=False)
    return None


def _without_successor(region: str, last: Authority | None, policy: Policy) -> Outlook:
    if last is None:
        return Outlook(needs_sealed_key(f"The next issuing CA of Region {region}", _RENEW), is_final=True)
    end = last.not_after - policy.longest_lifetime
    what = f"The issuing CA of Region {region} issues until {end:%Y-%m-%d}. The next one"
    return Outlook(needs_sealed_key(what, _RENEW), is_final=False)


def _written(custody: Custody, root: Authority) -> bytes:
    told = f"certwright root, account {root.scope.account}, generation {root.generation}"
    print_ = f", SHA-256 {fingerprint(root)}" if root.certificate else ""
    return f"{told}{print_}\n".encode() + custody.carrier.carry_out(root.key, custody.passphrase)


def _read(custody: Custody, roots: Sequence[Authority]) -> dict[str, ManagedKey]:
    """Return the file's keys, sealed for their places, by the id of their root."""
    blocks = custody.file.read().split(_BEGIN)[1:]
    if not blocks:
        msg = f"{custody.file.place} holds no private key that `certwright ca seal-root` wrote. Nothing was changed."
        raise Refused(msg)
    known = [root.key for root in roots]
    keys = [custody.carrier.carry_in(_BEGIN + block, custody.passphrase, known) for block in blocks]
    return {key.binding.subject: key for key in keys}


def _require_readable(custody: Custody, roots: Sequence[Authority]) -> None:
    if set(_read(custody, roots)) != {root.id for root in roots}:
        msg = f"{custody.file.place} does not hold what was written to it: remove it. The store keeps the root's key."
        raise IntegrityError(msg)


def _give_up(
    tx: Transaction, core: Core, caller: Caller, lease: Lease, roots: Sequence[Authority], file: KeyFile
) -> None:
    tx.leases.require(lease, core.clock.now())
    for root in roots:
        _store(tx, core, caller, root.id, replace(root.key, sealed=b""), "SealRoot", file)


def _take_back(
    tx: Transaction, core: Core, caller: Caller, lease: Lease, roots: Sequence[Authority], file: KeyFile
) -> None:
    tx.leases.require(lease, core.clock.now())
    for root in roots:
        _store(tx, core, caller, root.id, root.key, "UnsealRoot", file)


def _store(
    tx: Transaction, core: Core, caller: Caller, authority_id: str, key: ManagedKey, action: str, file: KeyFile
) -> None:
    root = tx.authorities.get(caller.account, authority_id)
    if root is None or root.key.public_key != key.public_key:
        msg = f"root {authority_id} changed meanwhile; nothing was written"
        raise NotFound(msg)
    tx.authorities.update(replace(root, key=key))
    detail = {"generation": str(root.generation), "file": file.place}
    record(tx, caller, core.clock.now(), action, authority_id, detail)


def _require_here(core: Core, caller: Caller, leftovers: Leftovers) -> list[Authority]:
    """Return the roots whose keys are in the store; raise `Refused` when there is none."""
    roots = roots_of(core, caller)
    if not roots:
        msg = f"Account {caller.account} has no root yet. Run `certwright init`."
        raise Refused(msg)
    here = [root for root in roots if not root.key.is_away]
    if not here:
        wipe(leftovers, "The root is sealed already")
        msg = "The root is sealed already, and no file was written. Keep the one that was written when it was sealed."
        raise Refused(msg)
    return here
