"""DNS responses read into the core's records."""

from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rdtypes.ANY.CAA
import dns.rrset

from certwright.model.records import AnswerRecord, CaaRecord, RecordType, ServerAnswer, ServerFailure, ServerReply

_KNOWN = {dns.rdatatype.from_text(item.value): item for item in RecordType}
_CRITICAL = 0x80
_ELSEWHERE = frozenset({dns.rcode.REFUSED, dns.rcode.NOTAUTH})


def read_answer(server: str, response: dns.message.Message, name: str, rtype: RecordType) -> ServerReply:
    """Return the answer, or the failure that an unusable response is."""
    rcode = response.rcode()
    if rcode not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return ServerFailure(server, dns.rcode.to_text(rcode), is_elsewhere=rcode in _ELSEWHERE)
    if not response.flags & dns.flags.AA:
        return ServerFailure(server, "not authoritative for the name (no AA)", is_elsewhere=True)
    asked = dns.name.from_text(name)
    if response.answer and not any(rrset.name == asked or asked.is_subdomain(rrset.name) for rrset in response.answer):
        return ServerFailure(server, "answered for another name")
    records = tuple(record for rrset in response.answer for record in _records(rrset))
    caa, unparsed = _caa(response.answer) if rtype is RecordType.CAA else ((), 0)
    return ServerAnswer(server, dns.rcode.to_text(rcode), records, caa, unparsed)


def _records(rrset: dns.rrset.RRset) -> Iterator[AnswerRecord]:
    known = _KNOWN.get(rrset.rdtype)
    if known is None:
        return
    owner = rrset.name.to_text().lower()
    for rdata in rrset:
        text = rdata.to_text()
        yield AnswerRecord(owner, known, text.lower() if known in _NAMES else text, rrset.ttl)


_NAMES = frozenset({RecordType.CNAME, RecordType.DNAME, RecordType.NS})


def _caa(answer: list[dns.rrset.RRset]) -> tuple[tuple[CaaRecord, ...], int]:
    rdatas = [rdata for rrset in answer if rrset.rdtype == dns.rdatatype.CAA for rdata in rrset]
    parsed = [rdata for rdata in rdatas if isinstance(rdata, dns.rdtypes.ANY.CAA.CAA)]
    records = tuple(
        CaaRecord(bool(rdata.flags & _CRITICAL), rdata.tag.decode("ascii"), rdata.value.decode("utf-8", "replace"))
        for rdata in parsed
    )
    return tuple(sorted(records, key=lambda item: (item.tag, item.value))), len(rdatas) - len(parsed)
