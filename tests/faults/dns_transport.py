"""D3: what goes wrong on the way: cut, lost and slow answers, EDNS refused, TCP that does not work."""

import dns.edns
import dns.message
import dns.rcode

from tests.faults.dns_replies import altered, broken_off, header_alone, promising, refused_by, trickled
from tests.faults.dns_rows import SEEN, Outcome, Row, always, missing, serves, through, unread, wrong
from tests.support.nameserver import (
    Act,
    Behaviour,
    Reply,
    acts,
    after,
    at_first,
    by_transport,
    changed,
    says,
    streams,
    truncated,
    without_edns,
)

_ISSUED, _WAITS = Outcome.ISSUED, Outcome.WAITS
_SILENT = acts(Act.SILENCE)
_LONG = tuple(f'{{value}} TXT "{index:03} {"x" * 240}"' for index in range(20))


def _cut_with_other_record(good: Behaviour) -> Behaviour:
    """Cut the answer by UDP behind our record; by TCP there is another one."""
    cut = altered(lambda message: setattr(message, "flags", message.flags | dns.flags.TC))(good)
    return by_transport(cut, altered(_points_elsewhere)(good))


def _points_elsewhere(message: dns.message.Message) -> None:
    message.answer = [
        dns.rrset.from_text(item.name, item.ttl, "IN", "CNAME", "elsewhere.example.") for item in message.answer
    ]


def _bad_version(good: Behaviour) -> Behaviour:
    """Know no EDNS of our version, as the server's own OPT record says."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        if query.edns < 0:
            return good(query, over_tcp)
        response = dns.message.make_response(query)
        response.use_edns(0)
        response.set_rcode(dns.rcode.BADVERS)
        return response.to_wire()

    return reply


def _with_option(message: dns.message.Message) -> None:
    message.use_edns(0, options=[dns.edns.GenericOption("65001", b"unknown")])


def _bare(rcode: str, good: Behaviour) -> Behaviour:
    """Refuse EDNS in a header alone."""
    bare = changed(refused_by(rcode)(good), header_alone)
    return lambda query, over_tcp: (good if query.edns < 0 else bare)(query, over_tcp)


def _empties_edns(good: Behaviour) -> Behaviour:
    """Answer BADVERS without the OPT record that would say so: what is left of the rcode is NOERROR."""
    empty = altered(lambda message: message.use_edns(edns=False))(refused_by("NOERROR")(good))
    return lambda query, over_tcp: (good if query.edns < 0 else empty)(query, over_tcp)


def _drops_edns(good: Behaviour) -> Behaviour:
    return lambda query, over_tcp: (good if query.edns < 0 else _SILENT)(query, over_tcp)


ROWS = [
    Row("D3 cut", "cuts the answer by UDP and has it by TCP", (through(truncated),), _ISSUED, SEEN),
    Row(
        "D3 cut behind the record",
        "cuts the answer behind the record, and by TCP has another target",
        (through(_cut_with_other_record),),
        _WAITS,
        wrong("elsewhere.example."),
    ),
    Row("D3 UDP lost", "is reached by TCP alone", (through(lambda good: by_transport(_SILENT, good)),), _ISSUED, SEEN),
    Row(
        "D3 UDP lost once",
        "is reached at the second try",
        (through(lambda good: at_first(_SILENT, good)),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 EDNS FORMERR",
        "answers FORMERR to EDNS, without an OPT record",
        (through(without_edns),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 EDNS NOTIMP", "answers NOTIMP to EDNS", (through(lambda good: without_edns(good, "NOTIMP")),), _ISSUED, SEEN
    ),
    Row("D3 EDNS BADVERS", "answers BADVERS to EDNS", (through(_bad_version),), _ISSUED, SEEN),
    Row(
        "D3 EDNS bare FORMERR",
        "answers FORMERR to EDNS in a header without a question",
        (through(lambda good: _bare("FORMERR", good)),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 EDNS dropped",
        "drops questions with EDNS",
        (through(_drops_edns),),
        _WAITS,
        unread("no answer by UDP, no answer by TCP"),
    ),
    Row(
        "D3 EDNS BADVERS without OPT",
        "answers EDNS with nothing, as the OPT record that says BADVERS is missing",
        (through(_empties_edns),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row("D3 EDNS option", "answers with an unknown EDNS option", (through(altered(_with_option)),), _ISSUED, SEEN),
    Row(
        "D3 EDNS and then cut",
        "answers FORMERR to EDNS and cuts the answer without",
        (through(lambda good: without_edns(truncated(good))),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 4 kB by UDP",
        "sends more than 4 kB by UDP",
        (serves("{record} CNAME {value}", value=_LONG),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 4 kB by TCP",
        "cuts by UDP and sends more than 4 kB by TCP",
        (through(truncated, serves("{record} CNAME {value}", value=_LONG)),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 TCP slow",
        "takes a second for each answer by TCP",
        (through(lambda good: truncated(after(1.0, good))),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D3 TCP trickles",
        "sends an octet a second by TCP",
        (through(lambda good: truncated(streams(good, trickled))),),
        _WAITS,
        unread("cut answer by UDP, no answer by TCP"),
    ),
    Row(
        "D3 TCP silent",
        "cuts by UDP and says nothing by TCP",
        (always(truncated(_SILENT)),),
        _WAITS,
        unread("cut answer by UDP, no answer by TCP"),
    ),
    Row(
        "D3 TCP refused",
        "cuts by UDP and does not listen by TCP",
        (through(truncated),),
        _WAITS,
        unread("cut answer by UDP, not reachable by TCP (Connection refused)"),
        with_tcp=False,
    ),
    Row(
        "D3 TCP closed",
        "cuts by UDP and closes the connection by TCP",
        (always(truncated(acts(Act.HANG_UP))),),
        _WAITS,
        unread("cut answer by UDP, unusable answer by TCP (the connection was closed)"),
    ),
    Row(
        "D3 TCP broken off",
        "cuts by UDP and breaks off in the middle of the answer by TCP",
        (through(lambda good: truncated(streams(good, broken_off))),),
        _WAITS,
        unread("cut answer by UDP, no answer by TCP"),
    ),
    Row(
        "D3 TCP empty",
        "cuts by UDP and sends a message of no octets by TCP",
        (through(lambda good: truncated(streams(good, promising(0)))),),
        _WAITS,
        unread("cut answer by UDP, unusable answer by TCP (it cannot be parsed)"),
    ),
    Row(
        "D3 TCP promises more",
        "cuts by UDP and promises 64 kB by TCP that never come",
        (through(lambda good: truncated(streams(good, promising(65_535)))),),
        _WAITS,
        unread("cut answer by UDP, no answer by TCP"),
    ),
    Row(
        "D3 cut by TCP too",
        "cuts the answer by UDP and by TCP",
        (through(lambda good: lambda query, _: truncated(good)(query, False)),),
        _WAITS,
        unread("cut answer by UDP, cut answer by TCP"),
    ),
    Row(
        "D3 SERVFAIL by TCP",
        "cuts by UDP and answers SERVFAIL by TCP",
        (always(truncated(says(rcode="SERVFAIL"))),),
        _WAITS,
        unread("SERVFAIL"),
    ),
]
