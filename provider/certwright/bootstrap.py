"""The one place that chooses adapters: settings in, a working application out."""

import os
import socket
from collections.abc import Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers, NameServer, ServerFinder
from certwright.adapters.dns.hosted import HostedWriter
from certwright.adapters.dns.hosted_helpers import HostedHelpers
from certwright.adapters.dns.preview_cache import PreviewResolver
from certwright.adapters.dns.rfc2136 import Rfc2136Writer
from certwright.adapters.dns.validating import RecursiveValidator, trust_of
from certwright.adapters.dns.zone_walk import ZoneWalk
from certwright.adapters.home import Home, HomeFault, complete_home, look_at_home, open_home
from certwright.adapters.keys.signer import VaultSigner
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.adapters.revocation_log import FileRevocationLog
from certwright.adapters.store.sql_store import SqlStore
from certwright.adapters.system import EventCancellation, HostProcesses, SystemClock, SystemRandomness, process_owner
from certwright.core.authority import establish_account
from certwright.core.context import Core
from certwright.core.keyring import StoreKeyEncryptionKeys
from certwright.core.revocation_logs import replay_if_longer
from certwright.errors import IntegrityError, StoreUnavailable
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import HostedTarget, ZoneTarget
from certwright.ports.clock import Cancellation
from certwright.ports.keys import KeyCarrier
from certwright.ports.resolver import Resolver
from certwright.ports.zone_writer import ZoneWriter
from certwright.resources.session import Log, PlannedUpdates, Session
from certwright.settings import Settings


@dataclass(frozen=True, slots=True)
class App:
    """A working application: the core for doing, a core for previews, and what was noticed while opening.

    `place` is where the store is, without a password; `sql_store` is the one that `core` works with, for archives.
    `recovery_key` is there only when this opening made the key.
    """

    settings: Settings
    core: Core
    preview_core: Core
    caller: Caller
    cancellation: EventCancellation
    hosted_helpers: HostedHelpers
    key_carrier: KeyCarrier
    sql_store: SqlStore
    place: str
    is_new: bool
    notices: tuple[str, ...]
    recovery_key: SecretBytes | None
    closing: ExitStack

    def session(self, urn: str, log: Log, cancellation: Cancellation, planned: PlannedUpdates) -> Session:
        """Return what a handler works with for the resource of the URN, an empty one for a function."""
        return Session(
            core=self.core,
            preview_core=self.preview_core,
            caller=self.caller,
            log=log,
            cancellation=cancellation,
            planned=planned,
            zone_writers=partial(_zone_writer, self.hosted_helpers, cancellation, log),
            default_zone_target=self.settings.rfc2136 or self.settings.hosted,
            default_tags=self.settings.default_tags,
            urn=urn,
        )

    def close(self) -> None:
        """Release store and resolver."""
        self.closing.close()


def open_app(
    settings: Settings, environ: Mapping[str, str], *, expected: str | None = None, create: bool = True
) -> App:
    """Open the store and everything over it.

    `expected` is the installation a state or configuration insists on. A missing home is made, unless `create` is
    False, something is expected of it, or CI=true; the notices say so. With `create` the account gets what it lacks of
    keys and root.
    """
    with ExitStack() as opened:
        home = open_home(settings, environ, settings.installation or expected, create=create)
        opened.callback(home.store.close)
        resolver = AuthoritativeResolver(_finder(settings))
        opened.callback(resolver.close)
        helpers = HostedHelpers(environ)
        opened.callback(helpers.close)
        validating = _validating(settings)
        if validating is not None:
            opened.callback(validating.close)
        core = replace(_core(settings, home, resolver), validating=validating)
        caller = caller_of(settings)
        replayed = _replay(core, caller)
        if create:
            establish_account(core, caller, EventCancellation())
        return App(
            settings=settings,
            core=core,
            preview_core=_preview(core),
            caller=caller,
            cancellation=EventCancellation(),
            hosted_helpers=helpers,
            key_carrier=VaultSigner(core.vault),
            sql_store=home.store,
            place=home.store.place,
            is_new=home.is_new,
            notices=(*_notices(settings, home), *replayed),
            recovery_key=home.recovery_key,
            closing=opened.pop_all(),
        )


def caller_of(settings: Settings) -> Caller:
    """Return on whose behalf this process acts: the user that it runs as, in the configured account and Region."""
    return Caller(f"{process_owner()}@{socket.gethostname()}", settings.scope)


@dataclass(frozen=True, slots=True)
class ResolvedInstallation:
    """The installation of a store, None where it cannot be known; what is to be said of it, and what is wrong."""

    id: str | None
    notices: tuple[str, ...] = ()
    faults: tuple[HomeFault, ...] = ()


def resolve_installation(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    expected: str | None,
    unchecked: Collection[str] = frozenset(),
    is_trial: bool = False,
) -> ResolvedInstallation:
    """Return the installation of the configured store, made when `open_app` would make it, or everything wrong.

    A trial makes nothing, nor does a look at a part of the home: `unchecked` names the keys whose values say nothing.
    """
    sight = look_at_home(settings, environ, settings.installation or expected, unchecked=unchecked)
    with closing(sight):
        if sight.faults or unchecked or is_trial:
            return ResolvedInstallation(None, faults=sight.faults)
        home = complete_home(settings, environ, sight)
        home.store.close()
        return ResolvedInstallation(home.installation.id, _notices(settings, home))


def _core(settings: Settings, home: Home, resolver: Resolver) -> Core:
    vault = EnvelopeVault(home.master_key, StoreKeyEncryptionKeys(home.store))
    return Core(
        store=home.store,
        master_key=home.master_key,
        vault=vault,
        signer=VaultSigner(vault),
        resolver=resolver,
        clock=SystemClock(),
        randomness=SystemRandomness(),
        policy=settings.policy,
        installation_id=home.installation.id,
        process_id=f"{socket.gethostname()}/{os.getpid()}",
        revocation_log=FileRevocationLog(settings.home),
        processes=HostProcesses() if Path("/proc/self").exists() else None,
    )


def _replay(core: Core, caller: Caller) -> tuple[str, ...]:
    """Store what only the log of revocations holds; a log that cannot be read keeps nobody from working."""
    try:
        count = replay_if_longer(core, caller)
    except (IntegrityError, StoreUnavailable) as error:
        return (str(error),)
    return (f"The store went back in time: {count} revocations were stored again from the log.",) if count else ()


def _zone_writer(helpers: HostedHelpers, cancellation: Cancellation, log: Log, target: ZoneTarget) -> ZoneWriter:
    if isinstance(target, HostedTarget):
        return HostedWriter(target, helpers, cancellation, log.status)
    return Rfc2136Writer(target)


def _finder(settings: Settings) -> ServerFinder:
    if not settings.resolvers:
        return ZoneWalk()
    return ConfiguredServers(tuple(NameServer("", server.host, server.port) for server in settings.resolvers))


def _validating(settings: Settings) -> RecursiveValidator | None:
    address = settings.validating_resolver
    if address is None:
        return None
    place, identity = address.server, address.tls_identity
    server = NameServer(identity if identity != place.host else "", place.host, place.port)
    return RecursiveValidator(server, trust_of(identity) if identity else None)


def _preview(core: Core) -> Core:
    resolver = PreviewResolver(core.resolver, core.clock)
    validating = core.validating and resolver.validating(core.validating)
    return replace(core, resolver=resolver, validating=validating)


def _notices(settings: Settings, home: Home) -> tuple[str, ...]:
    notices = []
    if home.is_new:
        place = settings.home if settings.uses_default_store else home.store.place
        notices.append(
            f"A new certwright home was made at {place} (installation {home.installation.id}). Its records hold for "
            "this home only: keep it, or pin it with `pulumi config set certwright:installation "
            f"{home.installation.id}`."
        )
    if settings.is_ci and settings.store.startswith("sqlite"):
        notices.append("CI=true with a SQLite store: certificates are lost with this runner unless the file is kept.")
    return tuple(notices)
