"""Validation records in a zone: identical ones adopted, foreign ones kept, ours removed with their last hold."""

from dataclasses import dataclass

from certwright.core.audit import record as audit
from certwright.core.context import Core
from certwright.errors import Refused
from certwright.model.records import ResourceRecord
from certwright.model.scope import Caller
from certwright.model.zone_records import ZoneRecordHold
from certwright.ports.store import Transaction
from certwright.ports.zone_writer import ZoneWriter


@dataclass(frozen=True, slots=True)
class ZonePlace:
    """Where a resource (`urn`) keeps a record: the zone and its writer."""

    urn: str
    zone: str
    writer: ZoneWriter


@dataclass(frozen=True, slots=True)
class LiveRecord:
    """What the zone's primary holds for a name and type: its values and TTL."""

    values: tuple[str, ...]
    ttl: int | None


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal did: whether the record left the zone, and which live certificates still needed it."""

    removed: bool
    needed_by: tuple[str, ...]


def publish(core: Core, caller: Caller, place: ZonePlace, wanted: ResourceRecord, ttl: int) -> bool:
    """Make sure the zone has the record and hold it; return whether an identical one was adopted.

    Raises `Refused` with both values when the name holds something else.
    """
    adopted = not place.writer.add(wanted, ttl)
    if adopted:
        _require_identical(wanted, place.writer.values(wanted.name, wanted.type), place.zone)
    _hold(core, caller, place, wanted, "AdoptValidationRecord" if adopted else "CreateValidationRecord")
    return adopted


def republish(core: Core, caller: Caller, place: ZonePlace, old_value: str, wanted: ResourceRecord, ttl: int) -> None:
    """Change value or TTL of a record that this resource holds; raise `Refused` when somebody else changed it."""
    values = place.writer.values(wanted.name, wanted.type)
    if values and values not in {(old_value,), (wanted.value,)}:
        _require_identical(wanted, values, place.zone)
    place.writer.replace(wanted, ttl)
    _hold(core, caller, place, wanted, "UpdateValidationRecord")


def read_record(wanted: ResourceRecord, writer: ZoneWriter) -> LiveRecord:
    """Ask the primary what it holds."""
    values = writer.values(wanted.name, wanted.type)
    return LiveRecord(values, writer.ttl(wanted.name, wanted.type) if values else None)


def withdraw(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord) -> Removal:
    """Give the hold up; remove the record when nobody else in this store holds it."""
    holders = core.store.read(lambda tx: tx.zone_records.holders(place.zone, record.name))
    others = [item for item in holders if (item.account, item.urn) != (caller.account, place.urn)]
    if not others:
        place.writer.remove(record)

    def release(tx: Transaction) -> None:
        now = core.clock.now()
        tx.zone_records.release(ZoneRecordHold(caller.account, place.urn, place.zone, record, now))
        detail = {"urn": place.urn, "zone": place.zone, "removed": str(not others)}
        audit(tx, caller, now, "DeleteValidationRecord", record.name, detail)

    core.store.write(release)
    return Removal(not others, _needing(core, caller, record) if not others else ())


def _needing(core: Core, caller: Caller, record: ResourceRecord) -> tuple[str, ...]:
    _, _, base = record.name.removesuffix(".").partition(".")
    return tuple(
        str(view.certificate.arn)
        for view in core.store.read(lambda tx: tx.certificates.views(caller.scope))
        if any(name.base.text == base for name in view.certificate.spec.names)
    )


def _require_identical(wanted: ResourceRecord, values: tuple[str, ...], zone: str) -> None:
    if values == (wanted.value,):
        return
    held = ", ".join(values) or "records of other types"
    msg = (
        f"{wanted.name} in zone {zone} holds {held}; wanted {wanted.type.value} {wanted.value}. It is not overwritten: "
        "remove it by hand if it is yours, then run `pulumi up` again."
    )
    raise Refused(msg)


def _hold(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord, action: str) -> None:
    def write(tx: Transaction) -> None:
        now = core.clock.now()
        tx.zone_records.hold(ZoneRecordHold(caller.account, place.urn, place.zone, record, now))
        detail = {"urn": place.urn, "zone": place.zone, "value": record.value}
        audit(tx, caller, now, action, record.name, detail)

    core.store.write(write)
