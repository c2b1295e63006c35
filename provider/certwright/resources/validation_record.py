"""The ValidationRecord resource: one record in a zone, by RFC 2136 or through a DNS provider's API."""

import re
from dataclasses import dataclass, replace

from certwright.core.zone_records import ZonePlace, claim_hold, hold_imported, publish, read_record, republish, withdraw
from certwright.errors import Fault, InvalidInput
from certwright.model.records import RecordType, ResourceRecord
from certwright.ports.zone_writer import ZoneWriter
from certwright.resources.fields import Decoded, decode, encode, prop
from certwright.resources.session import (
    HIDDEN,
    ChangeKind,
    CheckResult,
    Created,
    DiffResult,
    Hidden,
    PropertyChange,
    ReadResult,
    Session,
    require_same_installation,
)
from certwright.resources.validation_record_target import HostedArgs, Rfc2136Args, Target
from certwright.resources.values import UNKNOWN, Properties, Unknown

DEFAULT_TTL = 300
_NAME = re.compile(r"[a-z0-9_*-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_LONGEST_TTL = 604800
_IDENTITY = ("zone", "name", "type")


@dataclass(frozen=True, slots=True)
class ValidationRecordArgs:
    """Inputs of a ValidationRecord."""

    zone: str | None = prop("Zone that holds the record, such as `example.com`.", required=True, replaces=True)
    name: str | None = prop("Owner name: a Certificate's resourceRecordName.", required=True, replaces=True)
    type: str | None = prop("Type of the record: `CNAME`.", required=True, replaces=True)
    value: str | None = prop("Value: a Certificate's resourceRecordValue.", required=True)
    ttl: int | None = prop("Time to live in seconds, 300 by default.")
    rfc2136: Rfc2136Args | None = prop("Where updates of the zone go; default: certwright:rfc2136.")
    hosted: HostedArgs | None = prop(
        "The provider that hosts the zone, to write through its API instead; default: certwright:hosted."
    )


@dataclass(frozen=True, slots=True)
class ValidationRecordState(ValidationRecordArgs):
    """Outputs of a ValidationRecord."""

    fqdn: str | Unknown | None = prop("The record's name without trailing dot.", required=True)


def check(session: Session, news: Properties) -> CheckResult:
    """Check names, type, TTL and the update target."""
    decoded = decode(ValidationRecordArgs, news)
    faults = [*decoded.faults, *(_faults(session, decoded))]
    return CheckResult(dict(news), tuple(faults))


def diff(session: Session, resource_id: str, state: Properties, old_inputs: Properties, news: Properties) -> DiffResult:
    """Compare canonical names and values; zone, name and type replace."""
    del resource_id
    hidden = require_same_installation(session, state)
    claim_hold(session.core, session.caller, hidden.hold, session.urn)
    old = decode(ValidationRecordArgs, old_inputs or {key: state[key] for key in state if key not in {"fqdn", HIDDEN}})
    new = decode(ValidationRecordArgs, news)
    before, after = _meanings(session, old.args), _meanings(session, new.args)
    changes = [
        PropertyChange(path, ChangeKind.UPDATE, replaces=path in _IDENTITY)
        for path in after
        if before[path] != after[path] or not new.is_known(path)
    ]
    return DiffResult(tuple(changes), stables=tuple(path for path in _IDENTITY if before[path] == after[path]))


def create(session: Session, inputs: Properties, seconds: float, *, preview: bool) -> Created:
    """Publish the record, or adopt an identical one; updates have a time limit of their own."""
    del seconds
    decoded = decode(ValidationRecordArgs, inputs)
    if preview:
        return Created("", _preview_outputs(session, inputs, decoded))
    args = decoded.args
    record = _record(args)
    published = publish(session.core, session.caller, _place(session, args), record, args.ttl or DEFAULT_TTL)
    if published.adopted:
        session.log.info(f"An identical record was there already and is adopted: {record.name}")
    return Created(_id(args), _outputs(session, inputs, record, published.hold_id))


def read(session: Session, resource_id: str, state: Properties, inputs: Properties) -> ReadResult:
    """Ask the zone's primary; gone only where it says so with authority."""
    hidden = require_same_installation(session, state)
    known = inputs or _inputs_of_id(resource_id)
    args = decode(ValidationRecordArgs, {"value": "", **known}).args
    live = read_record(_record(args), _writer(session, args))
    if not live.values:
        return ReadResult(None)
    kept = dict(known)
    if _absolute(args.value) != live.values[0] or len(live.values) > 1:
        kept["value"] = " ".join(live.values)
    if (args.ttl or DEFAULT_TTL) != live.ttl:
        kept["ttl"] = live.ttl
    record = replace(_record(args), value=live.values[0])
    hold_id = hidden.hold or hold_imported(session.core, session.caller, _place(session, args), record)
    claim_hold(session.core, session.caller, hold_id, session.urn)
    return ReadResult(resource_id, _outputs(session, kept, record, hold_id), kept)


def update(
    session: Session, resource_id: str, state: Properties, inputs: Properties, seconds: float, *, preview: bool
) -> Properties:
    """Change value or TTL; updates have a time limit of their own."""
    del resource_id, seconds
    hidden = require_same_installation(session, state)
    decoded = decode(ValidationRecordArgs, inputs)
    if preview:
        return _preview_outputs(session, inputs, decoded)
    args, record, place = decoded.args, _record(decoded.args), _place(session, decoded.args)
    hold_id = republish(session.core, session.caller, place, hidden.hold, record, args.ttl or DEFAULT_TTL)
    return _outputs(session, inputs, record, hold_id)


def delete(session: Session, resource_id: str, state: Properties) -> None:
    """Remove the record unless another ValidationRecord of the store holds it."""
    del resource_id
    hidden = require_same_installation(session, state)
    args = decode(ValidationRecordArgs, {key: state[key] for key in state if key not in {"fqdn", HIDDEN}}).args
    record = _record(args)
    ttl = args.ttl or DEFAULT_TTL
    removal = withdraw(session.core, session.caller, _place(session, args), hidden.hold, record, ttl)
    if not removal.removed:
        session.log.info(f"{record.name} stays: another ValidationRecord of this store holds it.")
    for arn in removal.needed_by:
        session.log.warning(f"{record.name} is gone; unless it is deleted too, {arn} needs it for its renewal.")


def _faults(session: Session, decoded: Decoded[ValidationRecordArgs]) -> list[Fault]:
    args = decoded.args
    faults = [
        Fault(path, "BAD_NAME", f"{text!r} is no domain name", "Use letters, digits, hyphens, underscores and dots.")
        for path, text in (("zone", args.zone), ("name", args.name), ("value", args.value))
        if text is not None and not _is_name(text)
    ]
    if args.type not in {None, "CNAME"}:
        faults.append(Fault("type", "NOT_IN_SET", f"{args.type!r} is not allowed here", "Use CNAME."))
    if args.ttl is not None and not 1 <= args.ttl <= _LONGEST_TTL:
        faults.append(Fault("ttl", "BAD_TTL", f"{args.ttl} is outside 1 to {_LONGEST_TTL}", "Use 300."))
    if args.zone and args.name and not _absolute(args.name).endswith("." + _absolute(args.zone)):
        fix = "Name the zone that holds the record."
        faults.append(Fault("name", "OUTSIDE_ZONE", f"{args.name} is not in zone {args.zone}", fix))
    faults.extend(_target(session, args).faults(decoded.is_known, args.ttl))
    return faults


def _is_name(text: str) -> bool:
    bare = text.removesuffix(".")
    return _NAME.fullmatch(text) is not None and len(bare) <= 253 and all(len(label) <= 63 for label in bare.split("."))


def _meanings(session: Session, args: ValidationRecordArgs) -> dict[str, object]:
    return {
        "zone": _absolute(args.zone),
        "name": _absolute(args.name),
        "type": args.type,
        "value": _absolute(args.value),
        "ttl": args.ttl or DEFAULT_TTL,
        **_target(session, args).meanings(),
    }


def _record(args: ValidationRecordArgs) -> ResourceRecord:
    return ResourceRecord(_absolute(args.name), RecordType.CNAME, _absolute(args.value))


def _absolute(text: str | None) -> str:
    bare = (text or "").lower().removesuffix(".")
    return f"{bare}." if bare else ""


def _id(args: ValidationRecordArgs) -> str:
    return f"{_absolute(args.zone)[:-1]}/{_absolute(args.name)[:-1]}/{args.type}"


def _inputs_of_id(resource_id: str) -> Properties:
    parts = resource_id.split("/")
    if len(parts) != len(_IDENTITY) or not all(parts):
        message = f"{resource_id!r} is not zone/name/type"
        fix = "Import example.com/_x.www.example.com/CNAME."
        raise InvalidInput([Fault("id", "BAD_ID", message, fix)])
    return dict(zip(_IDENTITY, parts, strict=True))


def _place(session: Session, args: ValidationRecordArgs) -> ZonePlace:
    return ZonePlace(session.urn, _absolute(args.zone), _writer(session, args))


def _writer(session: Session, args: ValidationRecordArgs) -> ZoneWriter:
    return session.zone_writers(_target(session, args).resolve(_absolute(args.zone)))


def _target(session: Session, args: ValidationRecordArgs) -> Target:
    return Target(args.rfc2136, args.hosted, session.default_zone_target)


def _preview_outputs(session: Session, inputs: Properties, decoded: Decoded[ValidationRecordArgs]) -> Properties:
    """Return what is known; a writer that could not be made in `up` either is refused now, and nothing is sent."""
    args = decoded.args
    if args.hosted and all(map(decoded.is_known, ("zone", "hosted"))):
        _writer(session, args)
    fqdn = _absolute(args.name)[:-1] if decoded.is_known("name") else UNKNOWN
    return {**inputs, "fqdn": fqdn, HIDDEN: Hidden(session.core.installation_id).encode()}


def _outputs(session: Session, inputs: Properties, record: ResourceRecord, hold_id: str) -> Properties:
    state = ValidationRecordState(fqdn=record.name.removesuffix("."))
    return {**inputs, **encode(state), HIDDEN: Hidden(session.core.installation_id, hold=hold_id).encode()}
