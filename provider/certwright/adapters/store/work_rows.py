"""Authorities, leases, audit events and holds on zone records in SQL."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from certwright.adapters.store.rows import read_key, reading, write_key, write_serial
from certwright.adapters.store.statements import RowWriter, newest_where, where
from certwright.adapters.store.tables import audit_events, authorities, leases, zone_record_holds
from certwright.errors import LeaseLost
from certwright.model.audit import AuditEvent
from certwright.model.authorities import Authority, AuthorityRole, AuthorityState
from certwright.model.keys import authority_key_binding
from certwright.model.lease import Lease
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.scope import Scope
from certwright.model.zone_records import ZoneRecordHold

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SqlAuthorityRows:
    """Generations of roots and issuing CAs (ports.store.AuthorityRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def all(self, scope: Scope, role: AuthorityRole) -> Sequence[Authority]:
        """Return every generation, oldest first."""
        found = where(authorities, "account", "region", "role", by="generation")
        values = {"account": scope.account, "region": scope.region, "role": role.value}
        rows = self._connection.execute(found, values)
        return [_read_authority(row) for row in rows]

    def get(self, account: str, authority_id: str) -> Authority | None:
        """Return one authority."""
        key = {"account": account, "id": authority_id}
        row = self._connection.execute(where(authorities, "account", "id"), key).first()
        return None if row is None else _read_authority(row)

    def add(self, authority: Authority) -> bool:
        """Add a generation; return False when it exists."""
        return self._writer.add_unless_there(authorities, _write_authority(authority))

    def update(self, authority: Authority) -> None:
        """Replace the row of the same id."""
        self._writer.replace(authorities, _write_authority(authority), f"authority {authority.id}")


def _write_authority(authority: Authority) -> dict[str, Any]:
    return {
        "account": authority.scope.account,
        "id": authority.id,
        "region": authority.scope.region,
        "role": authority.role.value,
        "generation": authority.generation,
        "state": authority.state.value,
        **write_key(authority.key, authority_key_binding(authority.scope, authority.id, authority.generation)),
        "serial": write_serial(authority.serial),
        "issuer_id": authority.issuer_id,
        "tbs": authority.tbs,
        "certificate": authority.certificate,
        "not_before": authority.not_before,
        "not_after": authority.not_after,
        "permitted_domains": json.dumps(authority.permitted_domains),
    }


@reading("authority")
def _read_authority(row: Row[Any]) -> Authority:
    scope = Scope(row.account, row.region)
    binding = authority_key_binding(scope, row.id, row.generation)
    return Authority(
        id=row.id,
        scope=scope,
        role=AuthorityRole(row.role),
        generation=row.generation,
        state=AuthorityState(row.state),
        key=read_key(row.key_algorithm, row.public_key, row.sealed_key, binding),
        serial=int(row.serial, 16),
        issuer_id=row.issuer_id,
        tbs=row.tbs,
        certificate=row.certificate,
        not_before=row.not_before,
        not_after=row.not_after,
        permitted_domains=tuple(json.loads(row.permitted_domains)),
    )


class SqlLeaseRows:
    """Leases with fencing epochs (ports.store.LeaseRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def take(self, subject: str, owner: str, now: datetime, life: timedelta) -> Lease | None:
        """Take the lease when it is free, expired or ours already."""
        held = self.holder(subject)
        if held is not None and held.owner != owner and held.expires_at > now:
            return None
        lease = Lease(subject, owner, held.epoch + 1 if held else 1, now + life)
        if held is None:
            return lease if self._writer.add_unless_there(leases, _write_lease(lease)) else None
        self._keep(lease)
        return lease

    def holder(self, subject: str) -> Lease | None:
        """Return the present lease, expired or not."""
        row = self._connection.execute(where(leases, "subject"), {"subject": subject}).first()
        return None if row is None else Lease(row.subject, row.owner, row.epoch, row.expires_at)

    def require(self, lease: Lease, now: datetime) -> None:
        """Raise `LeaseLost` unless the epoch is still the newest and has not expired."""
        self._require(lease, now)

    def extend(self, lease: Lease, now: datetime, life: timedelta) -> Lease:
        """Return the lease with the same epoch and a later end; raise `LeaseLost` when it was lost."""
        held = self._require(lease, now)
        longer = replace(held, expires_at=max(held.expires_at, now + life))
        self._keep(longer)
        return longer

    def _require(self, lease: Lease, now: datetime) -> Lease:
        held = self.holder(lease.subject)
        if held is None or held.epoch != lease.epoch:
            msg = f"the lease on {lease.subject} went to another process; nothing was written"
            raise LeaseLost(msg)
        if now >= held.expires_at:
            msg = f"the lease on {lease.subject} ended at {held.expires_at:%H:%M:%S} UTC; nothing was written"
            raise LeaseLost(msg)
        return held

    def release(self, lease: Lease) -> None:
        """End the lease now; its epoch stays, so that the next one is higher."""
        held = self.holder(lease.subject)
        if held is not None and held.epoch == lease.epoch:
            self._keep(replace(held, expires_at=_LONG_AGO))

    def _keep(self, lease: Lease) -> None:
        self._writer.replace(leases, _write_lease(lease), f"the lease on {lease.subject}")


def _write_lease(lease: Lease) -> dict[str, Any]:
    return {"subject": lease.subject, "owner": lease.owner, "epoch": lease.epoch, "expires_at": lease.expires_at}


class SqlAuditRows:
    """The hash chain of each account (ports.store.AuditRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def last(self, account: str) -> AuditEvent | None:
        """Return the newest event."""
        newest = newest_where(audit_events, "account", by="sequence")
        row = self._connection.execute(newest, {"account": account}).first()
        return None if row is None else _read_event(row)

    def last_of(self, account: str, actions: Sequence[str]) -> AuditEvent | None:
        """Return the newest event with one of these actions."""
        table = audit_events
        is_one = (table.c.account == account, table.c.action.in_(actions))
        row = self._connection.execute(select(table).where(*is_one).order_by(table.c.sequence.desc()).limit(1)).first()
        return None if row is None else _read_event(row)

    def add(self, event: AuditEvent) -> None:
        """Append an event."""
        values = {
            "account": event.account,
            "sequence": event.sequence,
            "at": event.at,
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "detail": json.dumps(event.detail),
            "previous_hash": event.previous_hash,
            "hash": event.hash,
        }
        self._writer.add(audit_events, values)

    def events(self, account: str, after: int, limit: int) -> Sequence[AuditEvent]:
        """Return events with a sequence above `after`, in order."""
        table = audit_events
        is_later = (table.c.account == account, table.c.sequence > after)
        rows = self._connection.execute(select(table).where(*is_later).order_by(table.c.sequence).limit(limit))
        return [_read_event(row) for row in rows]


@reading("audit event")
def _read_event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        account=row.account,
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=tuple((str(key), str(value)) for key, value in json.loads(row.detail)),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


class SqlZoneRecordRows:
    """Holds of ValidationRecord resources (ports.store.ZoneRecordRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def get(self, account: str, hold_id: str) -> ZoneRecordHold | None:
        """Return a hold."""
        key = {"account": account, "id": hold_id}
        row = self._connection.execute(where(zone_record_holds, "account", "id"), key).first()
        return None if row is None else _read_hold(row)

    def hold(self, hold: ZoneRecordHold) -> None:
        """Add a hold, or replace the one of the same account and id."""
        row = {
            "account": hold.account,
            "id": hold.id,
            "urn": hold.urn,
            "zone": hold.zone,
            "name": hold.record.name,
            "type": hold.record.type.value,
            "value": hold.record.value,
            "claimed": hold.claimed,
            "created_at": hold.created_at,
        }
        if not self._writer.add_unless_there(zone_record_holds, row):
            self._writer.replace(zone_record_holds, row, f"hold on {hold.record.name}")

    def release(self, hold: ZoneRecordHold) -> None:
        """Remove a hold."""
        table = zone_record_holds.c
        self._writer.remove(zone_record_holds, table.account == hold.account, table.id == hold.id)

    def holders(self, zone: str, name: str) -> Sequence[ZoneRecordHold]:
        """Return all holds on records of that name."""
        found = where(zone_record_holds, "zone", "name", by="created_at")
        rows = self._connection.execute(found, {"zone": zone, "name": name})
        return [_read_hold(row) for row in rows]


@reading("hold on a zone record")
def _read_hold(row: Row[Any]) -> ZoneRecordHold:
    record = ResourceRecord(row.name, RecordType(row.type), row.value)
    return ZoneRecordHold(row.account, row.id, row.urn, row.zone, record, row.claimed, row.created_at)
