"""D1: one server that answers badly, whatever it is asked, or to one question alone."""

import dns.flags
import dns.opcode

from tests.faults.dns_replies import (
    altered,
    circular,
    emptied,
    half,
    header_alone,
    in_class,
    in_mixed_case,
    moves_to,
    refers_upward,
    refused_by,
    two_questions,
    with_opcode,
    without,
)
from tests.faults.dns_rows import (
    GOOD,
    SEEN,
    Outcome,
    Row,
    always,
    for_question,
    missing,
    serves,
    through,
    unread,
    wrong,
)
from tests.support.nameserver import Act, acts, after, changed, preceded, says, sends, to_question, with_wrong_id

_NOTHING_USABLE = "no answer by UDP, unusable answer by TCP"
_OTHER_QUESTION = f"{_NOTHING_USABLE} (it answers another question)"
_GARBLED = f"{_NOTHING_USABLE} (it cannot be parsed)"
_LAME = "not authoritative for the name (no AA)"
_CAA_UNREAD = "CAA of {name} could not be read: no server answered for {name}. ({ns1}: SERVFAIL)"
_BESIDE_UNREAD = "no server could be asked for a label beside {record} ({ns1}: SERVFAIL)."
_ISSUED, _WAITS = Outcome.ISSUED, Outcome.WAITS


def _rcode(rcode: str) -> Row:
    return Row(f"D1 {rcode}", f"answers {rcode}", (through(refused_by(rcode)),), _WAITS, unread(rcode))


ROWS = [
    Row("D1 healthy", "has the record and answers", (GOOD,), _ISSUED, SEEN),
    *(_rcode(rcode) for rcode in ("REFUSED", "SERVFAIL", "FORMERR", "NOTIMP", "NOTAUTH", "YXDOMAIN")),
    Row("D1 NXDOMAIN", "answers NXDOMAIN", (serves(),), _WAITS, missing()),
    Row(
        "D1 empty",
        "answers NOERROR with nothing in it",
        (through(altered(emptied)),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row(
        "D1 NXDOMAIN beside the record",
        "answers NXDOMAIN with the record in it, as the target does not exist",
        (through(altered(lambda message: message.set_rcode(dns.rcode.NXDOMAIN))),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D1 silent", "says nothing", (always(acts(Act.SILENCE)),), _WAITS, unread("no answer by UDP, no answer by TCP")
    ),
    Row("D1 slow", "takes a second for each answer", (through(lambda good: after(1.0, good)),), _ISSUED, SEEN),
    Row(
        "D1 too slow",
        "takes five seconds for each answer",
        (through(lambda good: after(5.0, good)),),
        _WAITS,
        unread("no answer by UDP, no answer by TCP"),
    ),
    Row(
        "D1 slow below many labels",
        "takes a second and a half for each answer, below a name of nine labels",
        (through(lambda good: after(1.5, good)),),
        _WAITS,
        "CAA of {name} could not be read: no server answered for …",
        prefixes=("a.b.c.d.e.f.g.",),
    ),
    Row("D1 wrong id", "answers under another message id", (through(with_wrong_id),), _WAITS, unread(_OTHER_QUESTION)),
    Row(
        "D1 wrong question",
        "answers another question",
        (through(lambda good: to_question("other.example.", good)),),
        _WAITS,
        unread(_OTHER_QUESTION),
    ),
    Row(
        "D1 reflection",
        "sends our own question back",
        (always(lambda query, _: query.to_wire()),),
        _WAITS,
        unread(_OTHER_QUESTION),
    ),
    Row(
        "D1 other opcode",
        "answers under another opcode",
        (through(with_opcode(dns.opcode.NOTIFY)),),
        _WAITS,
        unread(_OTHER_QUESTION),
    ),
    Row(
        "D1 no AA",
        "has the record and is no authority for it (no AA)",
        (through(without(dns.flags.AA)),),
        _WAITS,
        unread(_LAME),
    ),
    Row(
        "D1 NXDOMAIN without AA",
        "denies the name and is no authority for it (no AA)",
        (through(without(dns.flags.AA), serves()),),
        _WAITS,
        unread(_LAME),
    ),
    Row(
        "D1 upward referral",
        "is lame: it refers to the root",
        (through(altered(refers_upward)),),
        _WAITS,
        unread(_LAME),
    ),
    Row("D1 junk", "sends junk", (always(sends(b"junk")),), _WAITS, unread(_GARBLED)),
    Row("D1 zeros", "sends zeros", (always(sends(bytes(600))),), _WAITS, unread(_GARBLED)),
    Row("D1 half", "sends half of an answer", (through(lambda good: changed(good, half)),), _WAITS, unread(_GARBLED)),
    Row(
        "D1 more",
        "sends an answer with junk behind it",
        (through(lambda good: changed(good, lambda wire: wire + b"more")),),
        _WAITS,
        unread(_GARBLED),
    ),
    Row(
        "D1 circular",
        "sends a name that points to itself",
        (through(lambda good: changed(good, circular)),),
        _WAITS,
        unread(_GARBLED),
    ),
    Row(
        "D1 two questions",
        "claims that two questions were asked",
        (through(lambda good: changed(good, two_questions)),),
        _WAITS,
        unread(_GARBLED),
    ),
    Row(
        "D1 bare SERVFAIL",
        "answers SERVFAIL in a header without a question",
        (through(lambda good: changed(refused_by("SERVFAIL")(good), header_alone)),),
        _WAITS,
        unread("SERVFAIL"),
    ),
    Row(
        "D1 bare REFUSED",
        "answers REFUSED in a header without a question",
        (through(lambda good: changed(refused_by("REFUSED")(good), header_alone)),),
        _WAITS,
        unread("REFUSED"),
    ),
    Row(
        "D1 bare NOERROR",
        "answers NOERROR in a header without a question",
        (through(lambda good: changed(good, header_alone)),),
        _WAITS,
        unread(_OTHER_QUESTION),
    ),
    Row(
        "D1 mixed case",
        "writes names in letters of any case",
        (through(altered(in_mixed_case)),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D1 another owner",
        "answers with the record of another name",
        (always(says("_other.example. 60 CNAME _value.example.")),),
        _WAITS,
        unread("answered for another name"),
    ),
    Row(
        "D1 another target",
        "has another target",
        (serves("{record} CNAME elsewhere.example."),),
        _WAITS,
        wrong("elsewhere.example."),
    ),
    Row(
        "D1 another type",
        "has the value as TXT",
        (serves('{record} TXT "{value}"'),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row("D1 another class", "answers in another class", (through(in_class("CH")),), _WAITS, missing("no CNAME there")),
    Row(
        "D1 authority section",
        "has the record in the authority section alone",
        (through(moves_to("authority")),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row(
        "D1 additional section",
        "has the record in the additional section alone",
        (through(moves_to("additional")),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row(
        "D1 SERVFAIL beside",
        "answers SERVFAIL for labels beside the record",
        (for_question("beside", "CNAME", refused_by("SERVFAIL")),),
        _WAITS,
        _BESIDE_UNREAD,
    ),
    Row(
        "D1 SERVFAIL to CAA",
        "answers SERVFAIL when asked for CAA",
        (for_question("{name}.", "CAA", refused_by("SERVFAIL")),),
        _WAITS,
        _CAA_UNREAD,
    ),
    Row(
        "D1 silent to CAA",
        "says nothing when asked for CAA",
        (for_question("{name}.", "CAA", lambda _: acts(Act.SILENCE)),),
        _WAITS,
        "CAA of {name} could not be read: no server answered for {name}. ({ns1}: no answer by UDP, no answer by TCP)",
    ),
    Row(
        "D1 CAA without AA",
        "answers CAA and is no authority for it (no AA)",
        (for_question("{name}.", "CAA", without(dns.flags.AA)),),
        _WAITS,
        f"CAA of {{name}} could not be read: no server answered for {{name}}. ({{ns1}}: {_LAME})",
    ),
    Row(
        "D1 forged",
        "is preceded by a forged datagram",
        (through(lambda good: preceded(with_wrong_id(says(rcode="NXDOMAIN")), good)),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D1 not there",
        "is not there at all",
        (GOOD,),
        _WAITS,
        unread("not reachable by UDP (Connection refused), not reachable by TCP (Connection refused)"),
        is_running=False,
    ),
]
"""Every row is played against a server of its own; nothing is issued but where the row says so."""
