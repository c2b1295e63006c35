"""Cores over a real SQLite store, a real key file and the real signer; time, chance and DNS are the test's."""

from dataclasses import replace
from pathlib import Path

from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.keys.signer import VaultSigner
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.adapters.revocation_log import FileRevocationLog
from certwright.adapters.store.sql_store import open_store
from certwright.core.context import Core
from certwright.core.installations import establish_installation
from certwright.core.keyring import StoreKeyEncryptionKeys, ensure_scope_keys
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.scope import Caller, Scope
from certwright.ports.clock import Clock, Randomness
from certwright.ports.resolver import Resolver, ValidatingResolver

from tests.fakes import CountingRandomness, FakeClock

ACCOUNT = "000000000000"
CALLER = Caller("tester@host", Scope(ACCOUNT, "local"))
POLICY = Policy(
    validation_domain="acm-validations.certwright.internal",
    caa_identities=(),
    caa_policy=CaaPolicy.WARN,
    permitted_domains=(),
    preflight=True,
)


def make_core(
    tmp_path: Path,
    *,
    resolver: Resolver,
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    policy: Policy = POLICY,
    process_id: str = "host/1",
    validating: ValidatingResolver | None = None,
) -> Core:
    """Return a core whose home is `tmp_path`; a second call with the same folder is a second process on that home.

    The installation and the keys of `CALLER` are made when they are not there. Close the store of each core.
    """
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    master_key = open_master_key(f"file:{tmp_path}/master.key", {}, create=True).key
    clock, randomness = clock or FakeClock(), randomness or CountingRandomness()
    installation, _ = establish_installation(store, master_key, clock, randomness)
    vault = EnvelopeVault(master_key, StoreKeyEncryptionKeys(store))
    core = Core(
        store=store,
        master_key=master_key,
        vault=vault,
        signer=VaultSigner(vault),
        resolver=resolver,
        clock=clock,
        randomness=randomness,
        policy=policy,
        installation_id=installation.id,
        process_id=process_id,
        revocation_log=FileRevocationLog(tmp_path),
        validating=validating,
    )
    ensure_scope_keys(core, CALLER)
    return core


def second_process(core: Core, name: str = "host/2") -> Core:
    """Return the core as another process on the same store sees itself."""
    return replace(core, process_id=name)
