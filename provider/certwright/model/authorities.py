"""The built-in authority's own certificates: one root per account, one issuing CA per account and Region."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from certwright.model.keys import ManagedKey
from certwright.model.scope import Scope


class AuthorityRole(Enum):
    """Places in the hierarchy; a root belongs to the account, so its scope has an empty Region."""

    ROOT = "ROOT"
    ISSUING = "ISSUING"


class AuthorityState(Enum):
    """SIGNING is stored before the key signs; a crash there leads to ABANDONED, never to a second signature."""

    SIGNING = "SIGNING"
    ACTIVE = "ACTIVE"
    ABANDONED = "ABANDONED"


@dataclass(frozen=True, slots=True)
class Authority:
    """One generation of a CA: key, to-be-signed bytes and, once ACTIVE, the certificate (DER)."""

    id: str
    scope: Scope
    role: AuthorityRole
    generation: int
    state: AuthorityState
    key: ManagedKey
    serial: int
    issuer_id: str
    tbs: bytes
    certificate: bytes | None
    not_before: datetime
    not_after: datetime
    permitted_domains: tuple[str, ...]
