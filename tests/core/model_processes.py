"""Processes on one home: they start, are killed in the middle of a write, and others go on."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from certwright.core.context import Core
from certwright.core.keyring import ensure_scope_keys
from certwright.model.keys import KeyAlgorithm, KeyBinding, ManagedKey
from certwright.model.linted import Linted
from certwright.model.policy import CaaPolicy
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.clock import Clock
from certwright.ports.keys import Signer
from certwright.ports.store import Store, Transaction

from tests.core.model_book import OURS
from tests.core.model_zone import ZoneServers
from tests.fakes import CountingRandomness
from tests.support.cores import POLICY, make_core

T = TypeVar("T")
CALLERS = tuple(
    Caller("tester@host", Scope(account, region))
    for account, region in (("000000000000", "local"), ("000000000000", "eu-1"), ("111111111111", "local"))
)


class Killed(BaseException):
    """End a process: whatever it still tries on its way out has no effect."""


@dataclass
class FragileStore:
    """A store whose process can be killed at its n-th write, before the commit or after it (ports.store.Store)."""

    inner: Store
    _left: int = -1
    _commits: bool = False
    _is_dead: bool = False

    def kill_at(self, writes: int, *, commits: bool) -> None:
        """Kill at the write after so many others."""
        self._left, self._commits = writes, commits

    def seal_rows_with(self, key: SecretBytes) -> None:
        """Seal rows under this key."""
        self.inner.seal_rows_with(key)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Read, while alive."""
        self._require_alive()
        return self.inner.read(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Write, while alive."""
        self._require_alive()
        self._left -= 1
        if self._left != -1:
            return self.inner.write(work)
        if self._commits:
            self.inner.write(work)
        self._is_dead = True
        raise Killed

    def close(self) -> None:
        """Release connections."""
        self.inner.close()

    def _require_alive(self) -> None:
        if self._is_dead:
            raise Killed


@dataclass
class WatchedSigner:
    """The real signer; `at_signature` happens once, right after the next signature over a leaf (ports.keys.Signer)."""

    inner: Signer
    at_signature: Callable[[], None] | None = None

    def generate(self, algorithm: KeyAlgorithm, binding: KeyBinding) -> ManagedKey:
        """Make a key."""
        return self.inner.generate(algorithm, binding)

    def sign(self, key: ManagedKey, linted: Linted) -> bytes:
        """Sign."""
        signature = self.inner.sign(key, linted)
        happens = self.at_signature if b"example" in linted.tbs else None
        if happens is not None:
            self.at_signature = None
            happens()
        return signature

    def require_pair(self, key: ManagedKey) -> None:
        """Look whether the halves belong together."""
        self.inner.require_pair(key)

    def export(self, key: ManagedKey) -> SecretBytes:
        """Return the private key."""
        return self.inner.export(key)


class Chance:
    """Bytes that differ at each call, but for a serial that is drawn once more (ports.clock.Randomness)."""

    def __init__(self, seed: str) -> None:
        self._inner = CountingRandomness(seed)
        self._last = b""
        self._repeats = False

    def repeat(self, *, repeats: bool) -> None:
        """Let the next 16 bytes be the last ones again, or not."""
        self._repeats = repeats and bool(self._last)

    def token(self, size: int) -> bytes:
        """Return `size` bytes."""
        if size != 16:
            return self._inner.token(size)
        if not self._repeats:
            self._last = self._inner.token(size)
        self._repeats = False
        return self._last


@dataclass(frozen=True)
class Configuration:
    """What one process is configured with."""

    domain: str = POLICY.validation_domain
    enforces_caa: bool = False


@dataclass
class Process:
    """A running process, by the core it works with."""

    core: Core
    store: FragileStore
    signer: WatchedSigner
    chance: Chance
    configuration: Configuration


@dataclass
class Ended:
    """Know which processes have ended (ports.processes.Processes)."""

    ids: set[str] = field(default_factory=set)

    def has_ended(self, process_id: str) -> bool:
        """Say whether it has."""
        return process_id in self.ids


@dataclass
class Host:
    """A home, and what all processes on it share."""

    home: Path
    servers: ZoneServers
    clock: Clock
    ended: Ended = field(default_factory=Ended)
    started: int = 0

    def start(self, configuration: Configuration) -> Process:
        """Start a process."""
        self.started += 1
        name = f"host/{self.started}"
        policy = replace(
            POLICY,
            validation_domain=configuration.domain,
            caa_policy=CaaPolicy.ENFORCE if configuration.enforces_caa else CaaPolicy.WARN,
            caa_identities=(OURS,),
        )
        chance = Chance(name)
        core = make_core(
            self.home, resolver=self.servers, clock=self.clock, randomness=chance, policy=policy, process_id=name
        )
        for caller in CALLERS:
            ensure_scope_keys(core, caller)
        store, signer = FragileStore(core.store), WatchedSigner(core.signer)
        core = replace(core, store=store, signer=signer, processes=self.ended)
        return Process(core, store, signer, chance, configuration)

    def end(self, process: Process) -> None:
        """End a process, however it stands."""
        self.ended.ids.add(process.core.process_id)
        process.store.close()
