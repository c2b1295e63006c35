"""The one place that chooses adapters: settings in, a working application out."""

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import make_url

from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers, NameServer, ServerFinder
from certwright.adapters.dns.preview_cache import PreviewResolver
from certwright.adapters.dns.rfc2136 import Rfc2136Writer
from certwright.adapters.dns.zone_walk import ZoneWalk
from certwright.adapters.keys.master_keys import RawMasterKey, open_master_key
from certwright.adapters.keys.signer import VaultSigner
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.adapters.system import EventCancellation, SystemClock, SystemRandomness
from certwright.core.context import Core
from certwright.core.installations import (
    establish_installation,
    find_installation,
    require_installation,
    require_master_key,
)
from certwright.core.keyring import StoreKeyEncryptionKeys, ensure_scope_keys
from certwright.errors import StoreUnavailable
from certwright.model.installation import Installation
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey
from certwright.ports.zone_writer import ZoneWriters
from certwright.settings import Settings


@dataclass(frozen=True, slots=True)
class App:
    """A working application: the core for doing, a core for previews, and what was noticed while opening.

    `recovery_key` is there only when this opening made the master key.
    """

    settings: Settings
    core: Core
    preview_core: Core
    caller: Caller
    cancellation: EventCancellation
    zone_writers: ZoneWriters
    notices: tuple[str, ...]
    recovery_key: SecretBytes | None

    def close(self) -> None:
        """Release store and resolver."""
        self.core.store.close()


def open_app(
    settings: Settings, environ: Mapping[str, str], *, expected: str | None = None, create: bool = True
) -> App:
    """Open the store and everything over it.

    `expected` is the installation a state or configuration insists on. A missing home is made, unless `create` is
    False, something is expected of it, or CI=true; the notices say so.
    """
    expected = settings.installation or expected
    store, master_key, installation, is_new = _open_installation(settings, environ, expected, create=create)
    core = _core(settings, store, master_key, installation)
    caller = Caller(_actor(), settings.scope)
    ensure_scope_keys(core, caller)
    return App(
        settings=settings,
        core=core,
        preview_core=replace(core, resolver=PreviewResolver(core.resolver, core.clock)),
        caller=caller,
        cancellation=EventCancellation(),
        zone_writers=Rfc2136Writer,
        notices=_notices(settings, installation, is_new=is_new),
        recovery_key=master_key.recovery_key() if is_new and isinstance(master_key, RawMasterKey) else None,
    )


@dataclass(frozen=True, slots=True)
class ResolvedInstallation:
    """The installation of a store, and what is to be said of it."""

    id: str
    notices: tuple[str, ...]


def resolve_installation(
    settings: Settings, environ: Mapping[str, str], *, expected: str | None
) -> ResolvedInstallation:
    """Return the installation of the configured store, made when `open_app` would make it."""
    store, _, installation, is_new = _open_installation(
        settings, environ, settings.installation or expected, create=True
    )
    store.close()
    return ResolvedInstallation(installation.id, _notices(settings, installation, is_new=is_new))


def _open_installation(
    settings: Settings, environ: Mapping[str, str], expected: str | None, *, create: bool
) -> tuple[SqlStore, MasterKey, Installation, bool]:
    if create and _is_missing(settings):
        _require_may_create(settings, expected)
    store = open_store(settings.store, create=create and expected is None)
    found = find_installation(store)
    require_installation(found, expected, store.place)
    master_key = open_master_key(settings.master_key, environ, create=found is None)
    if found is not None:
        require_master_key(found, master_key)
        return store, master_key, found, False
    installation, is_new = establish_installation(store, master_key, SystemClock(), SystemRandomness())
    return store, master_key, installation, is_new


def _is_missing(settings: Settings) -> bool:
    url = make_url(settings.store)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()


def _require_may_create(settings: Settings, expected: str | None) -> None:
    if expected is not None:
        require_installation(None, expected, settings.store)
    if settings.is_ci:
        msg = (
            f"There is no certwright home at {settings.home}, and CI=true: a home made here would die with the runner, "
            "and its records and certificates with it. Run `certwright init` once on a machine that stays and point "
            "certwright:store and certwright:masterKey (or CERTWRIGHT_HOME) at what it made."
        )
        raise StoreUnavailable(msg)


def _core(settings: Settings, store: SqlStore, master_key: MasterKey, installation: Installation) -> Core:
    vault = EnvelopeVault(master_key, StoreKeyEncryptionKeys(store))
    return Core(
        store=store,
        master_key=master_key,
        vault=vault,
        signer=VaultSigner(vault),
        resolver=AuthoritativeResolver(_finder(settings)),
        clock=SystemClock(),
        randomness=SystemRandomness(),
        policy=settings.policy,
        installation_id=installation.id,
        process_id=f"{socket.gethostname()}/{os.getpid()}",
    )


def _finder(settings: Settings) -> ServerFinder:
    if not settings.resolvers:
        return ZoneWalk()
    return ConfiguredServers(tuple(NameServer("", server.host, server.port) for server in settings.resolvers))


def _actor() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _notices(settings: Settings, installation: Installation, *, is_new: bool) -> tuple[str, ...]:
    notices = []
    if is_new:
        notices.append(
            f"A new certwright home was made at {settings.home} (installation {installation.id}). Its records hold for "
            "this home only: keep it, or pin it with `pulumi config set certwright:installation "
            f"{installation.id}`."
        )
    if settings.is_ci and settings.store.startswith("sqlite"):
        notices.append("CI=true with a SQLite store: certificates are lost with this runner unless the file is kept.")
    return tuple(notices)
