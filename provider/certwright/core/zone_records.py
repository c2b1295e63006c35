"""Validation records in a zone: identical ones adopted, foreign ones kept, ours removed with their last hold."""

from dataclasses import dataclass

from certwright.core.audit import record as audit
from certwright.core.context import Core
from certwright.errors import Refused
from certwright.model.names import DomainName
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

    The hold is stored first, so that whoever gives the last other hold up meanwhile leaves the record in place.
    Raises `Refused` with both values when the name holds something else.
    """
    hold_record(core, caller, place, wanted, "HoldValidationRecord")
    adopted = not place.writer.add(wanted, ttl)
    if not adopted:
        return False
    values = place.writer.values(wanted.name, wanted.type)
    if values != (wanted.value,):
        core.store.write(lambda tx: _release(tx, core, caller, place, wanted, "RefuseValidationRecord"))
        raise _foreign(wanted, values, place.zone)
    return True


def republish(core: Core, caller: Caller, place: ZonePlace, old_value: str, wanted: ResourceRecord, ttl: int) -> None:
    """Change value or TTL of a record that this resource holds; raise `Refused` when somebody else changed it."""
    values = place.writer.values(wanted.name, wanted.type)
    if values and values not in {(old_value,), (wanted.value,)}:
        raise _foreign(wanted, values, place.zone)
    others = [hold.urn for hold in _other_holds(core, caller, place, wanted)]
    if others and values != (wanted.value,):
        msg = f"{wanted.name} in zone {place.zone} is not changed: {', '.join(others)} of this store holds it as it is"
        raise Refused(msg)
    hold_record(core, caller, place, wanted, "UpdateValidationRecord")
    place.writer.replace(wanted, ttl)


def _other_holds(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord) -> list[ZoneRecordHold]:
    holds = core.store.read(lambda tx: tx.zone_records.holders(place.zone, record.name))
    return [hold for hold in holds if (hold.account, hold.urn) != (caller.account, place.urn)]


def read_record(wanted: ResourceRecord, writer: ZoneWriter) -> LiveRecord:
    """Ask the primary what it holds."""
    values = writer.values(wanted.name, wanted.type)
    return LiveRecord(values, writer.ttl(wanted.name, wanted.type) if values else None)


def withdraw(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord, ttl: int) -> Removal:
    """Give the hold up; remove the record when nobody else in this store holds it.

    Somebody who adopted it between the two gets it back, with `ttl`.
    """
    others = core.store.write(lambda tx: _release(tx, core, caller, place, record, "DeleteValidationRecord"))
    if others:
        return Removal(removed=False, needed_by=())
    place.writer.remove(record)
    if core.store.read(lambda tx: tx.zone_records.holders(place.zone, record.name)):
        place.writer.add(record, ttl)
        return Removal(removed=False, needed_by=())
    needing = core.store.read(lambda tx: tx.certificates.naming(caller.account, _validated_name(record)))
    return Removal(removed=True, needed_by=tuple(str(arn) for arn in needing))


def _validated_name(record: ResourceRecord) -> DomainName:
    return DomainName(record.name.removesuffix(".").partition(".")[2])


def _release(tx: Transaction, core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord, action: str) -> int:
    """Give the hold up and return how many others remain."""
    now = core.clock.now()
    others = tx.zone_records.release(ZoneRecordHold(caller.account, place.urn, place.zone, record, now))
    audit(tx, caller, now, action, record.name, {"urn": place.urn, "zone": place.zone, "otherHolds": str(others)})
    return others


def _foreign(wanted: ResourceRecord, values: tuple[str, ...], zone: str) -> Refused:
    held = ", ".join(values) or "records of other types"
    return Refused(
        f"{wanted.name} in zone {zone} holds {held}; wanted {wanted.type.value} {wanted.value}. It is not overwritten: "
        "remove it by hand if it is yours, then run `pulumi up` again."
    )


def hold_record(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord, action: str) -> None:
    """Store that a resource wants the record; again is no change."""

    def write(tx: Transaction) -> None:
        now = core.clock.now()
        tx.zone_records.hold(ZoneRecordHold(caller.account, place.urn, place.zone, record, now))
        detail = {"urn": place.urn, "zone": place.zone, "value": record.value}
        audit(tx, caller, now, action, record.name, detail)

    core.store.write(write)
