"""Zones in memory, answered as an authoritative server answers them (RFC 1034 section 4.3.2, RFC 4592, RFC 6672)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.support.nameserver import Behaviour, Reply

_TTL = 300
PLAIN_SOA = "ns hostmaster 1 3600 600 86400 5"
Records = Sequence[str]
"""Lines such as `www.example.com. CNAME cdn.example.com.`."""


@dataclass(frozen=True)
class _Zone:
    apex: dns.name.Name
    rrsets: tuple[dns.rrset.RRset, ...]
    soa: dns.rrset.RRset

    def at(self, node: dns.name.Name, rtype: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
        return next((item for item in self.rrsets if (item.name, item.rdtype) == (node, rtype)), None)

    def has(self, node: dns.name.Name) -> bool:
        """Say whether a node exists, if only because something stands below it."""
        return any(item.name.is_subdomain(node) for item in self.rrsets)


def zones(contents: Mapping[str, Records], soa: str = PLAIN_SOA, *, chases: bool = True) -> Behaviour:
    """Answer for the zones of these apexes, and refuse everything else; without `chases` leave aliases to the asker."""
    held = [_zone(apex, records, soa) for apex, records in contents.items()]

    def reply(query: dns.message.Message, _: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        response = dns.message.make_response(query)
        asked = query.question[0]
        zone = _holder(held, asked.name)
        if zone is None:
            response.set_rcode(dns.rcode.REFUSED)
        else:
            response.flags |= dns.flags.AA
            _answer(held if chases else [], zone, asked.name, asked.rdtype, response)
        return response.to_wire(max_size=65_535)

    return reply


def _zone(apex: str, records: Records, soa: str) -> _Zone:
    at_apex = dns.rrset.from_text(apex, _TTL, "IN", "SOA", *_with_origin(soa, apex))
    return _Zone(dns.name.from_text(apex), (at_apex, *_rrsets(records)), at_apex)


def _with_origin(soa: str, apex: str) -> tuple[str]:
    server, mailbox, *numbers = soa.split()
    return (" ".join([f"{server}.{apex}", f"{mailbox}.{apex}", *numbers]),)


def _rrsets(records: Records) -> Iterator[dns.rrset.RRset]:
    """Put records of the same owner and type together, in the case in which the first of them is written."""
    grouped: dict[tuple[str, str], list[str]] = {}
    written: dict[str, str] = {}
    for line in records:
        owner, rtype, value = line.split(" ", 2)
        grouped.setdefault((owner.lower(), rtype), []).append(value)
        written.setdefault(owner.lower(), owner)
    for (owner, rtype), values in grouped.items():
        yield dns.rrset.from_text(written[owner], _TTL, "IN", rtype, *values)


def _holder(held: Sequence[_Zone], name: dns.name.Name) -> _Zone | None:
    return max(
        (zone for zone in held if name.is_subdomain(zone.apex)), key=lambda zone: len(zone.apex.labels), default=None
    )


def _answer(
    held: Sequence[_Zone],
    zone: _Zone,
    name: dns.name.Name,
    rtype: dns.rdatatype.RdataType,
    response: dns.message.Message,
) -> None:
    """Follow aliases as long as they stay in zones that are held, and go no circle twice."""
    seen: set[dns.name.Name] = set()
    here: _Zone | None = zone
    while here is not None and name not in seen:
        seen.add(name)
        target = _step(here, name, rtype, response)
        if target is None:
            return
        name, here = target, _holder(held, target)


def _step(
    zone: _Zone, name: dns.name.Name, rtype: dns.rdatatype.RdataType, response: dns.message.Message
) -> dns.name.Name | None:
    """Add what the zone has for the name; return the name that an alias leads on to."""
    above = next((found for node in _above(name, zone.apex) if (found := zone.at(node, dns.rdatatype.DNAME))), None)
    if above is not None:
        target = name.relativize(above.name).concatenate(above[0].target)
        response.answer += [above, dns.rrset.from_text(name, _TTL, "IN", "CNAME", target.to_text())]
        return target if rtype != dns.rdatatype.CNAME else None
    source = name if zone.has(name) else _wildcard(zone, name)
    if source is None:
        response.set_rcode(dns.rcode.NXDOMAIN)
        response.authority.append(zone.soa)
        return None
    found = zone.at(source, rtype)
    alias = zone.at(source, dns.rdatatype.CNAME)
    if found is None and alias is None:
        response.authority.append(zone.soa)
    elif found is not None:
        response.answer.append(_renamed(found, name if source != name else found.name))
    elif alias is not None:
        response.answer.append(_renamed(alias, name if source != name else alias.name))
        target = alias[0].target
        return target if isinstance(target, dns.name.Name) else None
    return None


def _above(name: dns.name.Name, apex: dns.name.Name) -> Iterator[dns.name.Name]:
    """Yield the nodes above a name up to the apex, nearest first."""
    while name != apex:
        name = name.parent()
        yield name


def _wildcard(zone: _Zone, name: dns.name.Name) -> dns.name.Name | None:
    """Return the wildcard at the closest node that exists, where there is one."""
    encloser = next(node for node in _above(name, zone.apex) if zone.has(node))
    wildcard = dns.name.Name((b"*", *encloser.labels))
    return wildcard if zone.has(wildcard) else None


def _renamed(rrset: dns.rrset.RRset, name: dns.name.Name) -> dns.rrset.RRset:
    return dns.rrset.from_text(
        name, rrset.ttl, "IN", dns.rdatatype.to_text(rrset.rdtype), *(str(item) for item in rrset)
    )
