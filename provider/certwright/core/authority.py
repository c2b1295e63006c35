"""The built-in authority: one root per account, one issuing CA per account and Region, each made when first needed."""

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certwright.core.audit import record
from certwright.core.clock_guard import check_clock
from certwright.core.context import Core
from certwright.core.hierarchy import (
    is_sealed,
    last_issuing_ca,
    misfit,
    needs_root,
    newest_root,
    signing_root,
    unexpired,
    usable_issuing_ca,
)
from certwright.core.keyring import account_scope, ensure_scope_keys
from certwright.core.leases import held
from certwright.core.lint import lint
from certwright.core.profiles import (
    ISSUING_LIFE,
    ROOT_LIFE,
    SERIAL_SIZE,
    Expected,
    ProfileName,
    build,
    ca_subject,
    ca_validity,
    serial_from,
)
from certwright.core.signing import Prepared, prepare
from certwright.errors import IntegrityError, NotFound, SigningRefused
from certwright.model.authorities import Authority, AuthorityRole, AuthorityState
from certwright.model.keys import KeyAlgorithm, ManagedKey, authority_key_binding
from certwright.model.lease import Lease
from certwright.model.linted import Linted
from certwright.model.scope import Caller, Scope
from certwright.ports.clock import Cancellation
from certwright.ports.store import Transaction

MAY_EXIST = "MAY_EXIST"
ISSUED = "ISSUED"
_LEASE = timedelta(seconds=60)
_PATIENCE = 30.0
_KEY_ALGORITHM = {AuthorityRole.ROOT: KeyAlgorithm.EC_SECP384R1, AuthorityRole.ISSUING: KeyAlgorithm.EC_PRIME256V1}
_LIFE = {AuthorityRole.ROOT: ROOT_LIFE, AuthorityRole.ISSUING: ISSUING_LIFE}
_PROFILE = {AuthorityRole.ROOT: ProfileName.ROOT, AuthorityRole.ISSUING: ProfileName.ISSUING}


def issuing_authority(core: Core, caller: Caller, cancellation: Cancellation) -> Authority:
    """Return the Region's issuing CA, made or rolled over when needed, with its roots (core.hierarchy)."""
    root = root_authority(core, caller, cancellation)
    return _find_issuing(core, caller, root) or _ensure(core, caller, AuthorityRole.ISSUING, root, cancellation)


def root_authority(core: Core, caller: Caller, cancellation: Cancellation) -> Authority:
    """Return the root that signs; make the account's first or next one when it is time and none is sealed away."""
    roots = require_fitting_root(core, caller)
    if needs_root(roots, core.clock.now()) and not is_sealed(roots):
        _ensure(core, caller, AuthorityRole.ROOT, None, cancellation)
        roots = require_fitting_root(core, caller)
    root = signing_root(roots, core.policy, core.clock.now())
    if root is None:
        msg = f"account {caller.account} has no valid root{_sealed_hint(roots)}"
        raise SigningRefused(msg)
    require_own_authority_key(core, root)
    return root


def require_fitting_root(core: Core, caller: Caller) -> Sequence[Authority]:
    """Return the account's roots; raise `SigningRefused` when the newest permits other domains than the policy asks.

    A process with another configuration must not make a root of its own beside the one that everybody installed.
    """
    roots = _generations(core, caller, AuthorityRole.ROOT)
    difference = misfit(roots, core.policy, core.clock.now())
    if difference is not None:
        raise SigningRefused(difference)
    return roots


def new_root(core: Core, caller: Caller, cancellation: Cancellation) -> Authority:
    """Make a root for the configured permittedDomains, on purpose; the valid ones stay in the trust bundle."""
    with held_roots(core, caller, cancellation) as lease:
        if is_sealed(roots_of(core, caller)):
            raise SigningRefused(needs_sealed_key("A new root"))
        core.store.write(lambda tx: _abandon_unfinished(tx, core, caller, AuthorityRole.ROOT, lease))
        return _make(core, caller, AuthorityRole.ROOT, None, lease)


def held_roots(core: Core, caller: Caller, cancellation: Cancellation) -> AbstractContextManager[Lease]:
    """Hold the lease under which the account's roots change."""
    return held(core, _lease_subject(caller, AuthorityRole.ROOT), _LEASE, _PATIENCE, cancellation)


def needs_sealed_key(what: str, then: str = "the same again") -> str:
    """Return the sentence about what cannot be had without the root's private key; `then` is what to run with it."""
    return (
        f"{what} needs the private key of the root, which is sealed away. Run `certwright ca unseal-root FILE` with "
        f"the file that `certwright ca seal-root` wrote, then {then}, and seal the root again in a new file."
    )


def establish_account(core: Core, caller: Caller, cancellation: Cancellation) -> None:
    """Make what an account lacks before its first preview: keys, secret and root; safe to race and to repeat."""
    ensure_scope_keys(core, caller)
    if not trust_bundle(core, caller):
        root_authority(core, caller, cancellation)


def roots_of(core: Core, caller: Caller) -> Sequence[Authority]:
    """Return every root that the account ever had, oldest first, whatever became of it."""
    return _generations(core, caller, AuthorityRole.ROOT)


def trust_bundle(core: Core, caller: Caller) -> tuple[Authority, ...]:
    """Return every root of the account that is still valid, oldest first; never makes one.

    Each was made by this installation: certificate and key belong together, or `IntegrityError`.
    """
    roots = unexpired(_generations(core, caller, AuthorityRole.ROOT), core.clock.now())
    for root in roots:
        require_own_authority_key(core, root)
    return roots


def issuing_cas(core: Core, caller: Caller) -> tuple[Authority, ...]:
    """Return every issuing CA of the Region that is still valid, oldest first; never makes one."""
    return unexpired(_generations(core, caller, AuthorityRole.ISSUING), core.clock.now())


def chain_of(core: Core, account: str, authority_id: str) -> tuple[Authority, ...]:
    """Return the issuers from this authority upwards, nearest first, the root last."""
    chain = [_authority(core, account, authority_id)]
    while chain[-1].issuer_id != chain[-1].id:
        if chain[-1].issuer_id in {authority.id for authority in chain}:
            msg = f"the issuers of authority {authority_id} go round in a circle"
            raise IntegrityError(msg)
        chain.append(_authority(core, account, chain[-1].issuer_id))
    return tuple(chain)


def require_own_authority_key(core: Core, authority: Authority) -> None:
    """Require that the sealed key opens, where it is in the store, and that public key and certificate fit (T2)."""
    if not authority.key.is_away:
        core.signer.require_pair(authority.key)
    key = certificate_of(authority).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key != authority.key.public_key:
        msg = f"the certificate of authority {authority.id} is not for its key"
        raise IntegrityError(msg)


def _authority(core: Core, account: str, authority_id: str) -> Authority:
    found = core.store.read(lambda tx: tx.authorities.get(account, authority_id))
    if found is None:
        msg = f"authority {authority_id} is not in the store"
        raise NotFound(msg)
    return found


def certificate_of(authority: Authority) -> x509.Certificate:
    """Return an ACTIVE authority's certificate."""
    if authority.certificate is None:
        msg = f"authority {authority.id} has no certificate"
        raise SigningRefused(msg)
    return x509.load_der_x509_certificate(authority.certificate)


def authority_pem(authority: Authority) -> str:
    """Return an ACTIVE authority's certificate in PEM."""
    return certificate_of(authority).public_bytes(Encoding.PEM).decode()


def reserve_serial(tx: Transaction, core: Core, issuer_id: str, subject: str) -> int:
    """Reserve a fresh serial under an issuer; a collision draws again (T7)."""
    while True:
        serial = serial_from(core.randomness.token(SERIAL_SIZE))
        if tx.serials.reserve(issuer_id, serial, subject, core.clock.now()):
            return serial


def _generations(core: Core, caller: Caller, role: AuthorityRole) -> Sequence[Authority]:
    return core.store.read(lambda tx: tx.authorities.all(_scope(caller, role), role))


def _find_issuing(core: Core, caller: Caller, root: Authority) -> Authority | None:
    cas, now = _generations(core, caller, AuthorityRole.ISSUING), core.clock.now()
    found = usable_issuing_ca(cas, root, core.policy, now)
    if found is None and root.key.is_away:
        return last_issuing_ca(cas, roots_of(core, caller), core.policy, now)
    return found


def _made_meanwhile(core: Core, caller: Caller, issuer: Authority | None) -> Authority | None:
    """Return what another holder of the lease made before us."""
    if issuer is not None:
        return _find_issuing(core, caller, issuer)
    roots, now = _generations(core, caller, AuthorityRole.ROOT), core.clock.now()
    return None if needs_root(roots, now) else newest_root(roots, now)


def _lease_subject(caller: Caller, role: AuthorityRole) -> str:
    scope = _scope(caller, role)
    return f"authority:{scope.account}:{scope.region}:{role.value}"


def _scope(caller: Caller, role: AuthorityRole) -> Scope:
    return account_scope(caller.account) if role is AuthorityRole.ROOT else caller.scope


def _ensure(
    core: Core, caller: Caller, role: AuthorityRole, issuer: Authority | None, cancellation: Cancellation
) -> Authority:
    if issuer is not None and issuer.key.is_away:
        raise SigningRefused(needs_sealed_key(f"The next issuing CA of Region {caller.scope.region}"))
    with held(core, _lease_subject(caller, role), _LEASE, _PATIENCE, cancellation) as lease:
        made = _made_meanwhile(core, caller, issuer)
        if made is not None:
            return made
        core.store.write(lambda tx: _abandon_unfinished(tx, core, caller, role, lease))
        return _make(core, caller, role, issuer, lease)


def _abandon_unfinished(tx: Transaction, core: Core, caller: Caller, role: AuthorityRole, lease: Lease) -> None:
    """Never sign again what a crash left in SIGNING: its serial may exist."""
    tx.leases.require(lease, core.clock.now())
    for item in tx.authorities.all(_scope(caller, role), role):
        if item.state is AuthorityState.SIGNING:
            tx.authorities.update(replace(item, state=AuthorityState.ABANDONED))
            tx.serials.mark(item.issuer_id, item.serial, MAY_EXIST)
            detail = {"serial": f"{item.serial:x}", "generation": str(item.generation)}
            record(tx, caller, core.clock.now(), "AbandonAuthority", item.id, detail)


def _make(core: Core, caller: Caller, role: AuthorityRole, issuer: Authority | None, lease: Lease) -> Authority:
    """Reserve, build, lint, store, sign, verify, store: the order of docs/ISSUANCE-CYCLE.md."""
    authority_id = str(uuid.UUID(bytes=core.randomness.token(16), version=4))
    scope = _scope(caller, role)
    generation = len(core.store.read(lambda tx: tx.authorities.all(scope, role))) + 1
    binding = authority_key_binding(scope, authority_id, generation)
    key = core.signer.generate(_KEY_ALGORITHM[role], binding)
    issuer_id = issuer.id if issuer else authority_id
    serial = core.store.write(lambda tx: reserve_serial(tx, core, issuer_id, authority_id))
    expected = _expected(core, scope, role, issuer, key, generation, serial)
    prepared = prepare(build(expected), expected.issuer_spki)
    linted = lint(prepared, expected)
    authority = Authority(
        id=authority_id,
        scope=scope,
        role=role,
        generation=generation,
        state=AuthorityState.SIGNING,
        key=key,
        serial=serial,
        issuer_id=issuer_id,
        tbs=prepared.tbs,
        certificate=None,
        not_before=expected.validity.not_before,
        not_after=expected.validity.not_after,
        permitted_domains=expected.permitted_domains,
    )
    core.store.write(lambda tx: _store_intent(tx, core, caller, authority, lease))
    return _sign(core, caller, authority, issuer, prepared, linted, lease)


def _expected(
    core: Core,
    scope: Scope,
    role: AuthorityRole,
    issuer: Authority | None,
    key: ManagedKey,
    generation: int,
    serial: int,
) -> Expected:
    issuer_certificate = certificate_of(issuer) if issuer else None
    return Expected(
        profile=_PROFILE[role],
        subject=ca_subject(
            "root" if issuer is None else "issuing CA", scope.account, scope.region, core.installation_id, generation
        ),
        names=(),
        spki=key.public_key,
        issuer=issuer_certificate,
        issuer_spki=issuer.key.public_key if issuer else key.public_key,
        serial=serial,
        validity=ca_validity(core.clock.now(), _LIFE[role], issuer_certificate),
        permitted_domains=core.policy.permitted_domains,
    )


def _store_intent(tx: Transaction, core: Core, caller: Caller, authority: Authority, lease: Lease) -> None:
    tx.leases.require(lease, core.clock.now())
    check_clock(tx, core.clock.now())
    if not tx.authorities.add(authority):
        msg = f"generation {authority.generation} of the {authority.role.value} authority exists already"
        raise SigningRefused(msg)
    tx.serials.intend(authority.issuer_id, authority.serial, authority.tbs, authority.key.public_key)
    record(tx, caller, core.clock.now(), "SignAuthority", authority.id, _detail(authority))


def _sign(
    core: Core,
    caller: Caller,
    authority: Authority,
    issuer: Authority | None,
    prepared: Prepared,
    linted: Linted,
    lease: Lease,
) -> Authority:
    certificate = prepared.finish(core.signer.sign(issuer.key if issuer else authority.key, linted))
    active = replace(authority, state=AuthorityState.ACTIVE, certificate=certificate)

    def store(tx: Transaction) -> None:
        tx.leases.require(lease, core.clock.now())
        tx.authorities.update(active)
        tx.serials.mark(active.issuer_id, active.serial, ISSUED)
        record(tx, caller, core.clock.now(), "CreateAuthority", active.id, _detail(active))

    core.store.write(store)
    return active


def _sealed_hint(roots: Sequence[Authority]) -> str:
    return f". {needs_sealed_key('A new root')}" if is_sealed(roots) else ""


def _detail(authority: Authority) -> dict[str, str]:
    return {
        "role": authority.role.value,
        "generation": str(authority.generation),
        "serial": f"{authority.serial:x}",
        "notAfter": authority.not_after.isoformat(),
    }


def fingerprint(authority: Authority) -> str:
    """Return the SHA-256 fingerprint of an authority's certificate, hex pairs with colons."""
    return certificate_of(authority).fingerprint(hashes.SHA256()).hex(":").upper()
