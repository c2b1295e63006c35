"""Audit events, chained by hash within an account."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Say who did what to which subject, when, with which details; linked to its predecessor by hash (T12)."""

    account: str
    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: tuple[tuple[str, str], ...]
    previous_hash: str
    hash: str
