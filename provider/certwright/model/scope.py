"""Who asks, and for which account and Region."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Name an account (12 digits) and a Region (one key-encryption key and one issuing CA)."""

    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Say on whose behalf the core acts; `actor` goes into the audit log."""

    actor: str
    scope: Scope

    @property
    def account(self) -> str:
        """Return the caller's account."""
        return self.scope.account
