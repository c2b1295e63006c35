"""Revocations and their logs in SQL (ports.store.RevocationRows)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from certwright.adapters.store.rows import reading, write_serial
from certwright.adapters.store.statements import RowWriter, where
from certwright.adapters.store.tables import revocation_logs, revocations
from certwright.errors import IntegrityError, InvalidArn
from certwright.model.arns import CertificateArn, parse_certificate_arn
from certwright.model.revocations import Revocation, RevocationLogEntry, RevocationReason


class SqlRevocationRows:
    """Revocations, only ever added to, and the logs that hold them outside the store."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def get(self, issuer_id: str, serial: int) -> Revocation | None:
        """Return the revocation of a serial."""
        key = {"issuer_id": issuer_id, "serial": write_serial(serial)}
        row = self._connection.execute(where(revocations, "issuer_id", "serial"), key).first()
        return None if row is None else _read_revocation(row)

    def all(self) -> Sequence[Revocation]:
        """Return every revocation, oldest first."""
        order = (revocations.c.revoked_at, revocations.c.issuer_id, revocations.c.serial)
        return [_read_revocation(row) for row in self._connection.execute(select(revocations).order_by(*order))]

    def count(self) -> int:
        """Return how many there are."""
        return self._connection.execute(select(func.count()).select_from(revocations)).scalar_one()

    def add(self, revocation: Revocation) -> bool:
        """Add a revocation; return False when the serial is revoked already."""
        row = {
            "issuer_id": revocation.issuer_id,
            "serial": write_serial(revocation.serial),
            "arn": str(revocation.arn),
            "version": revocation.version,
            "reason": revocation.reason.value,
            "revoked_at": revocation.revoked_at,
        }
        return self._writer.add_unless_there(revocations, row)

    def logs(self) -> Sequence[RevocationLogEntry]:
        """Return every log by its number."""
        table = revocation_logs
        return [_read_log(row) for row in self._connection.execute(select(table).order_by(table.c.number))]

    def add_log(self, log: RevocationLogEntry) -> None:
        """Add a log."""
        self._writer.add(revocation_logs, _write_log(log))

    def update_log(self, log: RevocationLogEntry) -> None:
        """Replace the row of the same number."""
        self._writer.replace(revocation_logs, _write_log(log), f"log of revocations {log.id}")


@reading("revocation")
def _read_revocation(row: Row[Any]) -> Revocation:
    return Revocation(
        issuer_id=row.issuer_id,
        serial=int(row.serial, 16),
        arn=_read_arn(row.arn),
        version=row.version,
        reason=RevocationReason(row.reason),
        revoked_at=row.revoked_at,
    )


def _read_arn(text: str) -> CertificateArn:
    try:
        return parse_certificate_arn(text)
    except InvalidArn as error:
        msg = "a stored revocation names no certificate; restore the store from a backup"
        raise IntegrityError(msg) from error


def _read_log(row: Row[Any]) -> RevocationLogEntry:
    return RevocationLogEntry(row.number, row.id, row.place, row.opened_at, row.lost_before, row.accepted_at)


def _write_log(log: RevocationLogEntry) -> dict[str, object]:
    return {
        "number": log.number,
        "id": log.id,
        "place": log.place,
        "opened_at": log.opened_at,
        "lost_before": log.lost_before,
        "accepted_at": log.accepted_at,
    }
