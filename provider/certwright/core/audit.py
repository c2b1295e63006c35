"""Audit events: built and chained in the transaction of what they record."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from certwright.errors import IntegrityError
from certwright.model.audit import AuditEvent
from certwright.model.scope import Caller
from certwright.ports.store import Transaction

GENESIS = "0" * 64
_LONGEST_VALUE = 2000


def record(
    tx: Transaction, caller: Caller, at: datetime, action: str, subject: str, detail: Mapping[str, str] | None = None
) -> AuditEvent:
    """Append an event to the caller's account; `action` is a verb in ACM's style such as `RequestCertificate`."""
    last = tx.audit.last(caller.account)
    event = _link(last, caller, at, action, subject, detail or {})
    tx.audit.add(event)
    return event


def verify_chain(events: Iterable[AuditEvent], previous_hash: str = GENESIS, previous_sequence: int = 0) -> str:
    """Return the last hash of an unbroken chain; raise `IntegrityError` naming the first event that does not fit."""
    for event in events:
        fits = event.previous_hash == previous_hash and event.sequence == previous_sequence + 1
        if not fits or event.hash != event_hash(event):
            msg = f"audit log of account {event.account} is broken at event {event.sequence}: changed, moved or missing"
            raise IntegrityError(msg)
        previous_hash, previous_sequence = event.hash, event.sequence
    return previous_hash


def event_hash(event: AuditEvent) -> str:
    """Return SHA-256 (hex) over every field but the hash itself, in one canonical JSON form."""
    fields = [
        event.account,
        event.sequence,
        event.at.isoformat(),
        event.actor,
        event.action,
        event.subject,
        event.detail,
        event.previous_hash,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()


def _link(
    last: AuditEvent | None, caller: Caller, at: datetime, action: str, subject: str, detail: Mapping[str, str]
) -> AuditEvent:
    pairs = tuple((key, value[:_LONGEST_VALUE]) for key, value in sorted(detail.items()))
    unhashed = AuditEvent(
        account=caller.account,
        sequence=last.sequence + 1 if last else 1,
        at=at,
        actor=caller.actor[:_LONGEST_VALUE],
        action=action,
        subject=subject,
        detail=pairs,
        previous_hash=last.hash if last else GENESIS,
        hash="",
    )
    return replace(unhashed, hash=event_hash(unhashed))
