"""Vaults over key-encryption keys in memory."""

import os
from dataclasses import dataclass, field

from certwright.adapters.keys.master_keys import RawMasterKey
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.core.keyring import kek_binding
from certwright.errors import KeyUnavailable
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.ports.keys import KeyEncryptionKeys

from tests.contract.rows import ACCOUNT, HERE, OTHER_ACCOUNT

ELSEWHERE = Scope(ACCOUNT, "elsewhere")
OTHER = Scope(OTHER_ACCOUNT, HERE.region)
ROOT = Scope(ACCOUNT, "")
SCOPES = (HERE, ELSEWHERE, OTHER, ROOT)
MASTER = RawMasterKey(SecretBytes(b"m" * 32), "test")


@dataclass
class KeysInMemory:
    """Wrapped keys in a dictionary (ports.keys.KeyEncryptionKeys)."""

    wrapped: dict[tuple[Scope, int], bytes] = field(default_factory=dict)

    def newest(self, scope: Scope) -> tuple[int, bytes]:
        found = max((generation for known, generation in self.wrapped if known == scope), default=None)
        if found is None:
            raise KeyUnavailable(scope.region)
        return found, self.wrapped[scope, found]

    def of_generation(self, scope: Scope, generation: int) -> bytes:
        if (scope, generation) not in self.wrapped:
            raise KeyUnavailable(scope.region)
        return self.wrapped[scope, generation]


def wrap(scope: Scope, generation: int, master: RawMasterKey = MASTER) -> bytes:
    """Make a key-encryption key and return it wrapped."""
    return master.wrap(SecretBytes(os.urandom(32)), kek_binding(scope, generation).authenticated_data())


def make_keys(generations: int = 1) -> KeysInMemory:
    return KeysInMemory(
        {(scope, number): wrap(scope, number) for scope in SCOPES for number in range(1, generations + 1)}
    )


def make_vault(keys: KeyEncryptionKeys | None = None, master: RawMasterKey = MASTER) -> EnvelopeVault:
    return EnvelopeVault(master, keys or make_keys())
