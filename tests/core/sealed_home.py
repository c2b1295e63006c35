"""A home with many sealed secrets, and what must hold of every one of them."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from certwright.adapters.keys.signer import VaultSigner
from certwright.adapters.store.sql_store import SqlStore
from certwright.core.certificates import delete_certificate
from certwright.core.context import Core
from certwright.core.envelope import generation_of
from certwright.core.issuance import drive
from certwright.core.keyring import secret_binding
from certwright.model.authorities import AuthorityRole

from tests.core.world import ZoneResolver, make_world
from tests.fakes import CountingRandomness, FakeClock
from tests.support.cores import CALLER, make_core
from tests.support.store import query

KEYS = "SELECT sealed_key FROM certificate_versions WHERE sealed_key IS NOT NULL"
SEALED = f"{KEYS} UNION ALL SELECT sealed_key FROM authorities UNION ALL SELECT sealed FROM account_secrets"


def make_sealed_home(folder: Path, certificates: int) -> Path:
    """Issue certificates in a new home; one of them is deleted, one waits."""
    world = make_world(folder)
    names = [f"n{number}.example.com" for number in range(certificates)]
    world.publish(*names)
    views = [world.request(name, urn=f"urn:{name}") for name in (*names, "waits.example.com")]
    for view in views[:-1]:
        drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    delete_certificate(world.core, world.caller, views[0].certificate.arn)
    world.core.store.close()
    return folder


def copy_of(home: Path, folder: Path) -> Path:
    """Copy a closed home."""
    shutil.copytree(home, folder, dirs_exist_ok=True)
    return folder


@contextmanager
def opened(home: Path, seed: str = "") -> Iterator[Core]:
    """Open the home as a process of its own; other seeds draw other bytes."""
    core = make_core(home, resolver=ZoneResolver(), clock=FakeClock(), randomness=CountingRandomness(f"{home}{seed}"))
    try:
        yield core
    finally:
        core.store.close()


def files_of(core: Core) -> SqlStore:
    """Return the store as what wipes its files."""
    return cast("SqlStore", core.store)


def carrier_of(core: Core) -> VaultSigner:
    """Return the signer as what carries keys out and in."""
    return cast("VaultSigner", core.signer)


def require_everything_opens(home: Path) -> None:
    """Open every sealed secret of the account in a process that knows nothing yet."""
    with opened(home, "another") as core:
        found = core.store.read(lambda tx: tx.keys.not_sealed_under(CALLER.scope, 0, None, 10_000))
        assert len(found) == len(query(home, KEYS))
        for version in found:
            assert version.key is not None
            core.signer.require_pair(version.key)
        for secret in core.store.read(lambda tx: tx.keys.secrets(CALLER.account)):
            core.vault.open(secret.sealed, secret_binding(secret.account, secret.generation))
        for role in AuthorityRole:
            for scope in core.store.read(lambda tx: tx.keys.scopes(CALLER.account)):
                for authority in core.store.read(lambda tx, s=scope, r=role: tx.authorities.all(s, r)):  # type: ignore[misc]
                    core.signer.require_pair(authority.key)
        assert core.store.read(lambda tx: list(tx.integrity.damages())) == []


def generations(home: Path) -> Counter[int]:
    """Return how many blobs of the home are sealed under which generation."""
    return Counter(generation_of(cast("bytes", blob)) for (blob,) in query(home, SEALED))


def actions(home: Path) -> list[str]:
    """Return the actions of the audit log in order."""
    return [str(action) for (action,) in query(home, "SELECT action FROM audit_events ORDER BY sequence")]
