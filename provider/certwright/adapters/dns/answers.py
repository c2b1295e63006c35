"""DNS responses read into the core's records."""

from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.CAA
import dns.rrset

from certwright.model.printable import printable
from certwright.model.records import (
    AnswerRecord,
    CaaRecord,
    RecordType,
    ServerAnswer,
    ServerFailure,
    ServerReply,
    ValidatedAnswer,
    ValidatedReply,
)

_KNOWN = {dns.rdatatype.from_text(item.value): item for item in RecordType}
_NAMES = frozenset({RecordType.CNAME, RecordType.DNAME, RecordType.NS})
_CRITICAL = 0x80
_ELSEWHERE = frozenset({dns.rcode.REFUSED, dns.rcode.NOTAUTH})


def read_answer(server: str, response: dns.message.Message, name: str, rtype: RecordType) -> ServerReply:
    """Return an authority's answer, or the failure that an unusable response is."""
    if _is_answer(response) and not response.flags & dns.flags.AA:
        return ServerFailure(server, "not authoritative for the name (no AA)", is_elsewhere=True)
    return _read(server, response, name, rtype)


def read_validated(server: str, response: dns.message.Message, name: str, rtype: RecordType) -> ValidatedReply:
    """Return a validating resolver's answer with its verdict on the signatures (AD), or the failure."""
    reply = _read(server, response, name, rtype)
    if isinstance(reply, ServerFailure):
        return ServerFailure(server, reply.reason + _explanations(response))
    return ValidatedAnswer(reply, is_secure=bool(response.flags & dns.flags.AD))


def _read(server: str, response: dns.message.Message, name: str, rtype: RecordType) -> ServerReply:
    rcode = response.rcode()
    if not _is_answer(response):
        return ServerFailure(server, dns.rcode.to_text(rcode), is_elsewhere=rcode in _ELSEWHERE)
    asked = dns.name.from_text(name)
    if response.answer and not any(rrset.name == asked or asked.is_subdomain(rrset.name) for rrset in response.answer):
        return ServerFailure(server, "answered for another name")
    records = tuple(dict.fromkeys(record for rrset in response.answer for record in _records(rrset)))
    caa, unparsed = _caa(response.answer) if rtype is RecordType.CAA else ((), 0)
    return ServerAnswer(server, dns.rcode.to_text(rcode), records, caa, unparsed, _zone(response))


def _is_answer(response: dns.message.Message) -> bool:
    return response.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}


def _zone(response: dns.message.Message) -> str:
    """Return the owner of the SOA record that a negative answer carries (RFC 2308 section 3)."""
    owners = (rrset.name for rrset in response.authority if rrset.rdtype == dns.rdatatype.SOA)
    return next((owner.to_text().lower() for owner in owners), "")


def _explanations(response: dns.message.Message) -> str:
    """Return the extended errors (RFC 8914), which say why a validation failed."""
    told = [
        dns.edns.EDECode.to_text(item.code).replace("_", " ") + (f": {printable(item.text)}" if item.text else "")
        for item in response.extended_errors()
    ]
    return f" ({printable('; '.join(told))})" if told else ""


def _records(rrset: dns.rrset.RRset) -> Iterator[AnswerRecord]:
    known = _KNOWN.get(rrset.rdtype)
    if known is None or rrset.rdclass != dns.rdataclass.IN:
        return
    owner = rrset.name.to_text().lower()
    for rdata in rrset:
        text = rdata.to_text()
        yield AnswerRecord(owner, known, text.lower() if known in _NAMES else text, rrset.ttl)


def _caa(answer: list[dns.rrset.RRset]) -> tuple[tuple[CaaRecord, ...], int]:
    sets = (rrset for rrset in answer if (rrset.rdclass, rrset.rdtype) == (dns.rdataclass.IN, dns.rdatatype.CAA))
    rdatas = [rdata for rrset in sets for rdata in rrset]
    parsed = [rdata for rdata in rdatas if isinstance(rdata, dns.rdtypes.ANY.CAA.CAA)]
    records = tuple(
        CaaRecord(bool(rdata.flags & _CRITICAL), rdata.tag.decode("ascii"), rdata.value.decode("utf-8", "replace"))
        for rdata in parsed
    )
    return tuple(sorted(records, key=lambda item: (item.tag, item.value))), len(rdatas) - len(parsed)
