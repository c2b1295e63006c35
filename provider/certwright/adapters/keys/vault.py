"""The vault: envelopes under the key-encryption key of each scope."""

import os
import threading
import time
from collections.abc import Callable

from certwright.core import envelope
from certwright.core.keyring import kek_binding
from certwright.model.keys import KeyBinding
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.ports.keys import KeyEncryptionKeys, MasterKey

NEWEST_IS_KNOWN_FOR = 60.0


class EnvelopeVault:
    """Seal and open under key-encryption keys, which stay unwrapped in memory once used (ports.keys.KeyVault).

    A process that is running seals under a new generation within a minute of its making.
    """

    def __init__(
        self, master_key: MasterKey, keys: KeyEncryptionKeys, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._master_key = master_key
        self._keys = keys
        self._monotonic = monotonic
        self._unwrapped: dict[tuple[Scope, int], SecretBytes] = {}
        self._newest: dict[Scope, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def seal(self, secret: SecretBytes, binding: KeyBinding) -> bytes:
        """Return the sealed secret."""
        return self._seal(secret, binding, self._newest_generation(binding.scope))

    def open(self, blob: bytes, binding: KeyBinding) -> SecretBytes:
        """Return the secret that was sealed under the same binding."""
        return envelope.unseal(self._key(binding.scope, envelope.generation_of(blob)), blob, binding)

    def rewrap(self, blob: bytes, binding: KeyBinding, generation: int) -> bytes:
        """Return the same secret sealed under this generation."""
        return self._seal(self.open(blob, binding), binding, generation)

    def _seal(self, secret: SecretBytes, binding: KeyBinding, generation: int) -> bytes:
        key = self._key(binding.scope, generation)
        return envelope.seal(key, generation, os.urandom(envelope.NONCE_SIZE), secret, binding)

    def _newest_generation(self, scope: Scope) -> int:
        now = self._monotonic()
        with self._lock:
            known = self._newest.get(scope)
        if known is not None and now - known[1] < NEWEST_IS_KNOWN_FOR:
            return known[0]
        generation, _ = self._keys.newest(scope)
        with self._lock:
            self._newest[scope] = generation, now
        return generation

    def _key(self, scope: Scope, generation: int) -> SecretBytes:
        with self._lock:
            known = self._unwrapped.get((scope, generation))
        if known is not None:
            return known
        wrapped = self._keys.of_generation(scope, generation)
        key = self._master_key.unwrap(wrapped, kek_binding(scope, generation).authenticated_data())
        with self._lock:
            self._unwrapped[scope, generation] = key
        return key
