"""Validation records in a zone: identical ones adopted, foreign ones kept, ours removed with their last hold."""

from dataclasses import dataclass, replace

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
class Published:
    """The hold that a resource has now, by id, and whether an identical record was there already."""

    hold_id: str
    adopted: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal did: whether the record left the zone, and which live certificates still needed it."""

    removed: bool
    needed_by: tuple[str, ...]


def publish(core: Core, caller: Caller, place: ZonePlace, wanted: ResourceRecord, ttl: int) -> Published:
    """Make sure the zone has the record and hold it.

    The hold is stored first, so that whoever gives the last other hold up meanwhile leaves the record in place.
    Raises `Refused` with both values when the name holds something else.
    """
    hold = _new_hold(core, caller, place, wanted, claimed=False)
    _store(core, caller, hold, "HoldValidationRecord")
    if place.writer.add(wanted, ttl):
        return Published(hold.id, adopted=False)
    values = place.writer.values(wanted.name, wanted.type)
    if values != (wanted.value,):
        core.store.write(lambda tx: _release(tx, core, caller, hold, "RefuseValidationRecord"))
        raise _foreign(wanted, values, place.zone)
    return Published(hold.id, adopted=True)


def republish(core: Core, caller: Caller, place: ZonePlace, hold_id: str, wanted: ResourceRecord, ttl: int) -> str:
    """Change value or TTL of a record that this resource holds, and return its hold's id.

    Raises `Refused` when somebody else changed the record, or another resource of the store holds it as it is.
    """
    hold = core.store.read(lambda tx: tx.zone_records.get(caller.account, hold_id))
    hold = hold or _new_hold(core, caller, place, wanted, claimed=True)
    values = place.writer.values(wanted.name, wanted.type)
    if values and values not in {(hold.record.value,), (wanted.value,)}:
        raise _foreign(wanted, values, place.zone)
    others = core.store.read(lambda tx: _others(tx, hold))
    if others and values != (wanted.value,):
        urns = ", ".join(sorted({other.urn for other in others}))
        msg = f"{wanted.name} in zone {place.zone} is not changed: {urns} of this store holds it as it is"
        raise Refused(msg)
    _store(core, caller, replace(hold, record=wanted, claimed=True), "UpdateValidationRecord")
    place.writer.replace(wanted, ttl)
    return hold.id


def read_record(wanted: ResourceRecord, writer: ZoneWriter) -> LiveRecord:
    """Ask the primary what it holds."""
    values = writer.values(wanted.name, wanted.type)
    return LiveRecord(values, writer.ttl(wanted.name, wanted.type) if values else None)


def hold_imported(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord) -> str:
    """Hold a record that the engine imports, and return the hold's id."""
    hold = _new_hold(core, caller, place, record, claimed=True)
    _store(core, caller, hold, "ImportValidationRecord")
    return hold.id


def claim_hold(core: Core, caller: Caller, hold_id: str, urn: str) -> None:
    """Note that the engine knows the hold, under the URN that the resource has now."""
    hold = core.store.read(lambda tx: tx.zone_records.get(caller.account, hold_id))
    if hold is not None and not (hold.claimed and hold.urn == urn):
        _store(core, caller, replace(hold, claimed=True, urn=urn), "ClaimValidationRecord")


def withdraw(core: Core, caller: Caller, place: ZonePlace, hold_id: str, record: ResourceRecord, ttl: int) -> Removal:
    """Give the hold up; remove the record when nobody else in this store holds it.

    What is removed is what was published, not what a refresh found instead. Somebody who adopted it between the two
    gets it back, with `ttl`.
    """
    hold = core.store.read(lambda tx: tx.zone_records.get(caller.account, hold_id))
    hold = hold or replace(_new_hold(core, caller, place, record, claimed=True), id=hold_id)
    if core.store.write(lambda tx: _release(tx, core, caller, hold, "DeleteValidationRecord")):
        return Removal(removed=False, needed_by=())
    place.writer.remove(hold.record)
    if core.store.read(lambda tx: tx.zone_records.holders(place.zone, record.name)):
        place.writer.add(hold.record, ttl)
        return Removal(removed=False, needed_by=())
    needing = core.store.read(lambda tx: tx.certificates.naming(caller.account, _validated_name(record)))
    return Removal(removed=True, needed_by=tuple(str(arn) for arn in needing))


def _validated_name(record: ResourceRecord) -> DomainName:
    return DomainName(record.name.removesuffix(".").partition(".")[2])


def _new_hold(core: Core, caller: Caller, place: ZonePlace, record: ResourceRecord, *, claimed: bool) -> ZoneRecordHold:
    hold_id = core.randomness.token(16).hex()
    return ZoneRecordHold(caller.account, hold_id, place.urn, place.zone, record, claimed, core.clock.now())


def _others(tx: Transaction, hold: ZoneRecordHold) -> list[ZoneRecordHold]:
    """Return the holds of other resources on the same record; a lost try of this one is none."""
    holds = tx.zone_records.holders(hold.zone, hold.record.name)
    return [
        other
        for other in holds
        if (other.account, other.id) != (hold.account, hold.id)
        and other.record.type is hold.record.type
        and not other.is_lost_try_of(hold)
    ]


def _release(tx: Transaction, core: Core, caller: Caller, hold: ZoneRecordHold, action: str) -> int:
    """Give the hold up, and what lost tries left of it; return how many others remain."""
    for other in tx.zone_records.holders(hold.zone, hold.record.name):
        if other.is_lost_try_of(hold):
            tx.zone_records.release(other)
    tx.zone_records.release(hold)
    others = len(_others(tx, hold))
    detail = {"urn": hold.urn, "zone": hold.zone, "otherHolds": str(others)}
    audit(tx, caller, core.clock.now(), action, hold.record.name, detail)
    return others


def _store(core: Core, caller: Caller, hold: ZoneRecordHold, action: str) -> None:
    def write(tx: Transaction) -> None:
        tx.zone_records.hold(hold)
        detail = {"urn": hold.urn, "zone": hold.zone, "value": hold.record.value}
        audit(tx, caller, core.clock.now(), action, hold.record.name, detail)

    core.store.write(write)


def _foreign(wanted: ResourceRecord, values: tuple[str, ...], zone: str) -> Refused:
    held = ", ".join(values) or "records of other types"
    return Refused(
        f"{wanted.name} in zone {zone} holds {held}; wanted {wanted.type.value} {wanted.value}. It is not overwritten: "
        "remove it by hand if it is yours, then run `pulumi up` again."
    )
