"""D2 and D5: answers that somebody remembers, and a zone of four servers that are not alike."""

from collections.abc import Callable

import dns.flags

from tests.faults.dns_replies import altered, emptied, half, header_alone, refused_by, without
from tests.faults.dns_rows import (
    GOOD,
    RECORD,
    SEEN,
    Outcome,
    Row,
    Server,
    Words,
    always,
    for_question,
    missing,
    serves,
    through,
    wrong,
)
from tests.support.nameserver import Act, Behaviour, acts, by_question, changed, later, recurses, says

_ISSUED, _WAITS = Outcome.ISSUED, Outcome.WAITS
_SILENT = always(acts(Act.SILENCE))
_GOOD, _STALE = serves(RECORD, top=()), serves(top=())
_DAY = "ns hostmaster 1 86400 86400 86400 86400"
_AGREE = "while {ns1} has the right record; the servers must agree. Set {record} CNAME {value}"
_ALL = "{record} CNAME {value} seen at {ns1}, {ns2}, {ns3}, {ns4}"
_THREE = "{record} CNAME {value} seen at {ns1}, {ns2}, {ns3}; {ns4} failed: "


def _through(change: Callable[[Behaviour], Behaviour], server: Server = _GOOD) -> Server:
    return through(change, server)


def _published_later(words: Words) -> Behaviour:
    """Deny the record for a second from the first question on, and let everybody remember that for a day."""
    return later(1.0, serves(soa=_DAY)(words), GOOD(words))


def _remembering(words: Words) -> Behaviour:
    """Find the zone's server; deny the record for ever, as a cache does that was asked too early."""
    zone = words["zone"]
    soa = f"{zone} 86400 SOA ns.{zone} hostmaster.{zone} 1 86400 86400 86400 86400"
    top = f"{words['top']} 86400 SOA ns.{zone} hostmaster.{zone} 1 86400 86400 86400 86400"
    denial = recurses(authority=[soa], rcode="NXDOMAIN")
    table = {
        (zone, "SOA"): recurses(soa),
        (zone, "NS"): recurses(f"{zone} 86400 NS ns.{zone}"),
        (f"ns.{zone}", "A"): recurses(f"ns.{zone} 86400 A 127.0.0.1"),
        (words["top"], "SOA"): recurses(top),
        (words["top"], "NS"): recurses(f"{words['top']} 86400 NS ns.{zone}"),
    }
    return by_question(table, denial)


def _finds(*rcode: str) -> Server:
    """Be a system resolver that answers nothing but an rcode, or nothing at all."""
    return always(recurses(rcode=rcode[0]) if rcode else acts(Act.SILENCE))


def _of_four(name: str, behaviour: str, fourth: Server, outcome: Outcome, sentence: str) -> Row:
    """Have the record at three servers, and something else at the fourth."""
    return Row(f"D5 {name}", f"one of four servers {behaviour}", (_GOOD, _GOOD, _GOOD, fourth), outcome, sentence)


ROWS = [
    Row(
        "D2 published late",
        "denied the record for a day, a second before it was published",
        (_published_later,),
        _ISSUED,
        SEEN,
        patience=30.0,
    ),
    Row(
        "D2 cached by the system resolver",
        "has the record, and the system resolver remembers for a day that there is none",
        (serves("{record} CNAME {value}", top=()),),
        _ISSUED,
        "{record} CNAME {value} seen at ns.{zone_name} ({ns1})",
        system=_remembering,
    ),
    Row(
        "D2 system resolver SERVFAIL",
        "cannot be found, as the system resolver answers SERVFAIL",
        (GOOD,),
        _WAITS,
        "no server could be asked for {record} CNAME (system resolver: the zone of {record} could not be found: "
        "{name}. SOA is not answered (127.0.0.1: SERVFAIL)). Check the zone's servers.",
        system=_finds("SERVFAIL"),
    ),
    Row(
        "D2 system resolver silent",
        "cannot be found, as the system resolver says nothing",
        (GOOD,),
        _WAITS,
        "no server could be asked for {record} CNAME (system resolver: the zone of {record} could not be found: "
        "{name}. SOA is not answered (127.0.0.1: no answer by UDP, no answer by TCP)). Check the zone's servers.",
        system=_finds(),
    ),
    Row("D5 alike", "all of four servers have the record", (_GOOD,) * 4, _ISSUED, _ALL),
    _of_four(
        "stale",
        "does not have the record yet",
        _STALE,
        _WAITS,
        f"{{ns4}}: {{record}} CNAME is missing (NXDOMAIN), {_AGREE}",
    ),
    Row(
        "D5 catches up",
        "one of four servers gets the record two seconds later",
        (_GOOD, _GOOD, _GOOD, lambda words: later(2.0, _STALE(words), _GOOD(words))),
        _ISSUED,
        _ALL,
        patience=30.0,
    ),
    _of_four(
        "old value",
        "has an older value",
        serves("{record} CNAME older.example.", top=()),
        _WAITS,
        f"{{ns4}}: {{record}} is a CNAME to older.example., expected {{value}}, {_AGREE}",
    ),
    _of_four(
        "wildcard",
        "answers by a wildcard",
        serves("*.{zone} CNAME {value}", top=()),
        _WAITS,
        "{ns4}: a random label beside {record} has the same target, so a wildcard answers.",
    ),
    _of_four("silent", "says nothing", _SILENT, _ISSUED, f"{_THREE}no answer by UDP, no answer by TCP"),
    _of_four("REFUSED", "is lame: it answers REFUSED", _through(refused_by("REFUSED")), _ISSUED, f"{_THREE}REFUSED"),
    _of_four("SERVFAIL", "answers SERVFAIL", _through(refused_by("SERVFAIL")), _ISSUED, f"{_THREE}SERVFAIL"),
    _of_four(
        "no AA",
        "is lame: it answers without AA",
        _through(without(dns.flags.AA)),
        _ISSUED,
        f"{_THREE}not authoritative for the name (no AA)",
    ),
    _of_four(
        "denies without AA",
        "denies the record without AA",
        _through(without(dns.flags.AA), _STALE),
        _ISSUED,
        f"{_THREE}not authoritative for the name (no AA)",
    ),
    _of_four(
        "half",
        "sends half of an answer",
        _through(lambda good: changed(good, half)),
        _ISSUED,
        f"{_THREE}no answer by UDP, unusable answer by TCP (it cannot be parsed)",
    ),
    _of_four(
        "empty", "answers NOERROR with nothing in it", _through(altered(emptied)), _WAITS, f"no CNAME there), {_AGREE}"
    ),
    _of_four(
        "other CAA",
        "has a CAA record that the others lack",
        serves(RECORD, '{name}. CAA 0 issue "other.example"', top=()),
        _WAITS,
        "CAA of {name} could not be read: the servers of {name}. disagree ({ns1}, {ns2}, {ns3}, {ns4})",
    ),
    _of_four(
        "SERVFAIL to CAA",
        "answers SERVFAIL when asked for CAA",
        for_question("{name}.", "CAA", refused_by("SERVFAIL"), _GOOD),
        _ISSUED,
        _ALL,
    ),
    Row(
        "D5 silent below a zone of others",
        "one of four configured servers says nothing, and the others disclaim what is above the zone",
        (GOOD, GOOD, GOOD, _SILENT),
        _WAITS,
        "CAA of {name} could not be read: no server answered for {top} "
        "({ns1}: REFUSED; {ns2}: REFUSED; {ns3}: REFUSED; {ns4}: no answer by UDP, no answer by TCP)",
    ),
    Row(
        "D5 one answers",
        "three of four servers say nothing",
        (_SILENT, _SILENT, _SILENT, _GOOD),
        _ISSUED,
        "{record} CNAME {value} seen at {ns4}; {ns1} failed: no answer by UDP, no answer by TCP;",
    ),
    Row(
        "D5 all lame",
        "all of four servers answer REFUSED",
        (always(says(rcode="REFUSED")),) * 4,
        _WAITS,
        "no server could be asked for {record} CNAME ({ns1}: REFUSED; {ns2}: REFUSED; {ns3}: REFUSED; {ns4}: REFUSED).",
    ),
    Row(
        "D5 each its own way",
        "of four servers one refuses, one fails, one says nothing, one sends a bare header",
        (
            _through(refused_by("REFUSED")),
            _through(refused_by("SERVFAIL")),
            _SILENT,
            _through(lambda good: changed(refused_by("FORMERR")(good), header_alone)),
        ),
        _WAITS,
        "({ns1}: REFUSED; {ns2}: SERVFAIL; {ns3}: no answer by UDP, no answer by TCP; {ns4}: FORMERR).",
    ),
    Row("D5 all stale", "none of four servers has the record", (_STALE,) * 4, _WAITS, missing()),
    Row(
        "D5 all old",
        "all of four servers have an older value",
        (serves("{record} CNAME older.example.", top=()),) * 4,
        _WAITS,
        wrong("older.example."),
    ),
]
