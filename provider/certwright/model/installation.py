"""The installation: one store and the master key that belongs to it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """Identify a store; `key_check` recognises the right master key without revealing it.

    `seal_key` is the key that seals the store's rows, wrapped by the master key; None in a store never sealed.
    """

    id: str
    created_at: datetime
    key_check: str
    seal_key: bytes | None


@dataclass(frozen=True, slots=True)
class AccountSecret:
    """One generation of the secret that record labels derive from; `sealed` under the account's key."""

    account: str
    generation: int
    sealed: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyEncryptionKey:
    """One generation of a scope's key-encryption key, wrapped by the master key; Region empty for the account's own."""

    account: str
    region: str
    generation: int
    wrapped: bytes
    created_at: datetime
