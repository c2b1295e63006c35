"""D7: where CAA records are looked for, for which names, and what servers make of that (RFC 8659 section 3)."""

from itertools import pairwise

import dns.flags

from tests.faults.dns_caa_words import NONE, OTHER, OTHER_LISTED, OURS, allows, at, forbids, listed
from tests.faults.dns_replies import refused_by, without
from tests.faults.dns_rows import RECORD, Outcome, Row, Server, for_question, serves
from tests.support.nameserver import Act, acts, by_transport, changed, truncated

_ISSUED, _WAITS, _REFUSED = Outcome.ISSUED, Outcome.WAITS, Outcome.REFUSED
_RECORD2 = "{record2} CNAME {value2}"
_GARBLED = "no answer by UDP, unusable answer by TCP (it cannot be parsed)"
_CLIMB = ("{name}.", "{zone}", "{top}")


def _unread(why: str) -> str:
    return f"CAA of {{name}} could not be read: {why}"


def _no_answer(why: str, node: str = "{name}.") -> str:
    return _unread(f"no server answered for {node} ({{ns1}}: {why})")


def _climb(
    name: str, behaviour: str, records: list[str], outcome: Outcome, sentence: str, asked: tuple[str, ...]
) -> Row:
    """Look at the nodes of `asked` and at no others."""
    return Row(f"D7 {name}", behaviour, (serves(RECORD, *records),), outcome, sentence, asked=asked)


def _broken(name: str, behaviour: str, server: Server, sentence: str) -> Row:
    """Never allow what could not be read."""
    return Row(f"D7 {name}", behaviour, (server,), _WAITS, sentence)


def _damaged(old: bytes, new: bytes) -> Server:
    """Damage the octets of a record that would allow."""
    allowing = serves(RECORD, *at("{name}.", OURS))
    return for_question("{name}.", "CAA", lambda then: changed(then, lambda wire: wire.replace(old, new)), allowing)


def _aliases(length: int) -> Row:
    """Lead from the name to a set that forbids by so many aliases, each of which has to be asked for."""
    nodes = ["{name}.", *(f"alias{index}.{{zone}}" for index in range(1, length + 1))]
    links = [f"{owner} CNAME {target}" for owner, target in pairwise(nodes)]
    is_followed = length <= 8
    return Row(
        f"D7 {length} aliases",
        f"has a record of another authority behind {length} aliases",
        (serves(RECORD, *links, *at(nodes[-1], OTHER), chases=False),),
        _REFUSED if is_followed else _WAITS,
        forbids(OTHER_LISTED) if is_followed else _unread("more than 8 aliases from {name}."),
        is_told=length in {1, 8, 9},
    )


PLACES = [
    _climb(
        "parent",
        "has the record at the zone's apex",
        at("{zone}", OTHER),
        _REFUSED,
        forbids(OTHER_LISTED, "{zone}"),
        ("{name}.", "{zone}"),
    ),
    _climb(
        "first set decides",
        "allows at the name and forbids at the apex",
        [*at("{name}.", OURS), *at("{zone}", OTHER)],
        _ISSUED,
        allows(),
        ("{name}.",),
    ),
    _climb(
        "first set forbids",
        "forbids at the name and allows at the apex",
        [*at("{name}.", OTHER), *at("{zone}", OURS)],
        _REFUSED,
        forbids(OTHER_LISTED),
        ("{name}.",),
    ),
    _climb(
        "iodef ends the climb",
        "says at the name only where to report",
        [*at("{name}.", '0 iodef "mailto:a@b.example"'), *at("{zone}", OTHER)],
        _ISSUED,
        allows(),
        ("{name}.",),
    ),
    _climb("sibling", "has the record at a name beside", at("other.{zone}", OTHER), _ISSUED, NONE, _CLIMB),
    _climb("below", "has the record below the name", at("below.{name}.", OTHER), _ISSUED, NONE, _CLIMB),
    Row(
        "D7 top",
        "has the record at the top-level domain",
        (serves(RECORD, top=at("{top}", OTHER)),),
        _REFUSED,
        forbids(OTHER_LISTED, "{top}"),
        asked=_CLIMB,
    ),
    Row(
        "D7 wildcard starts at its base",
        "has the record at a label named *",
        (serves(RECORD, *at("*.{zone}", OTHER)),),
        _ISSUED,
        "*.{zone_name} has no CAA records",
        prefixes=("*.",),
        asked=("{zone}", "{top}"),
    ),
    Row(
        "D7 deep",
        "has the record five labels above the name",
        (serves(RECORD, *at("{zone}", OTHER)),),
        _REFUSED,
        forbids(OTHER_LISTED, "{zone}"),
        prefixes=("a.b.c.d.e.",),
        asked=("{name}.", "b.c.d.e.{zone}", "c.d.e.{zone}", "d.e.{zone}", "e.{zone}", "{zone}"),
    ),
    *(_aliases(length) for length in range(1, 21)),
    Row(
        "D7 alias to a zone that allows",
        "is an alias into a zone that names our identity",
        (serves(RECORD, "{name}. CNAME cdn.{elsewhere}", *at("{zone}", OTHER), elsewhere=at("cdn.{elsewhere}", OURS)),),
        _ISSUED,
        allows(),
    ),
    Row(
        "D7 alias to a zone that forbids",
        "is an alias into a zone that names another authority",
        (serves(RECORD, "{name}. CNAME cdn.{elsewhere}", *at("{zone}", OURS), elsewhere=at("cdn.{elsewhere}", OTHER)),),
        _REFUSED,
        forbids(OTHER_LISTED),
    ),
    Row(
        "D7 alias without a set",
        "is an alias of a name without a record, and the apex names another authority",
        (serves(RECORD, "{name}. CNAME cdn.{elsewhere}", *at("{zone}", OTHER), elsewhere=at("{elsewhere}", OURS)),),
        _REFUSED,
        forbids(OTHER_LISTED, "{zone}"),
        asked=("{name}.", "cdn.{elsewhere}", "{zone}"),
    ),
    Row(
        "D7 alias in a circle",
        "is an alias of itself by way of another name",
        (serves(RECORD, "{name}. CNAME b.{zone}", "b.{zone} CNAME {name}.", chases=False),),
        _WAITS,
        _unread("more than 8 aliases from {name}."),
    ),
    Row(
        "D7 alias that leads away",
        "is an alias into a zone of nobody's here, and the apex names us",
        (serves(RECORD, "{name}. CNAME cdn.nowhere.test.", *at("{zone}", OURS)),),
        _ISSUED,
        allows("{zone}"),
    ),
    Row(
        "D7 DNAME above",
        "has a DNAME above the name into a zone that forbids",
        (
            serves(
                RECORD,
                "{zone} DNAME {elsewhere}",
                elsewhere=[*at("www.{elsewhere}", OTHER), "_x.www.{elsewhere} TXT x"],
            ),
        ),
        _REFUSED,
        forbids(OTHER_LISTED),
    ),
]
NAMES = [
    Row(
        "D7 two names, second forbidden",
        "names another authority for the second of two names",
        (serves(RECORD, _RECORD2, *at("mail.{zone}", OTHER)),),
        _REFUSED,
        forbids(OTHER_LISTED, "mail.{zone}", "mail.{zone_name}"),
        prefixes=("www.", "mail."),
    ),
    Row(
        "D7 two names, both forbidden",
        "names another authority for two names",
        (serves(RECORD, _RECORD2, *at("{zone}", OTHER)),),
        _REFUSED,
        f"{forbids(OTHER_LISTED, '{zone}')}…{forbids(OTHER_LISTED, '{zone}', 'mail.{zone_name}')}",
        prefixes=("www.", "mail."),
    ),
    Row(
        "D7 two names, allowed",
        "names our identity for two names",
        (serves(RECORD, _RECORD2, *at("{zone}", OURS)),),
        _ISSUED,
        f"{allows('{zone}')}; {allows('{zone}', 'mail.{zone_name}')}",
        prefixes=("www.", "mail."),
    ),
    Row(
        "D7 apex and wildcard, wildcard forbidden",
        "forbids the wildcard beside its apex",
        (serves(RECORD, *at("{zone}", OURS, '0 issuewild ";"')),),
        _REFUSED,
        forbids(listed(";", "issuewild"), "{zone}", "*.{zone_name}"),
        prefixes=("", "*."),
    ),
    Row(
        "D7 every name is asked",
        "has no record for any of six names",
        (serves(RECORD, *(f"{{record{index}}} CNAME {{value{index}}}" for index in range(2, 6))),),
        _ISSUED,
        "; ".join(
            f"{name} has no CAA records" for name in ("{name}", "a.{zone_name}", "b.a.{zone_name}", "*.c.{zone_name}")
        ),
        prefixes=("www.", "a.", "b.a.", "*.c.", "c.", "d."),
        asked=("{name}.", "a.{zone}", "b.a.{zone}", "c.{zone}", "d.{zone}", "{zone}", "{top}"),
    ),
]
_ALLOWING = serves(RECORD, *at("{name}.", OURS))
FAILURES = [
    _broken(
        "tag too long",
        "sends a record whose tag is longer than the record",
        _damaged(b"\x05issue", b"\xf5issue"),
        _no_answer(_GARBLED),
    ),
    _broken(
        "tag of no length", "sends a record without a tag", _damaged(b"\x05issue", b"\x00issue"), _no_answer(_GARBLED)
    ),
    _broken(
        "tag with a blank",
        "sends a record whose tag has a blank in it",
        _damaged(b"\x05issue", b"\x05is ue"),
        _no_answer(_GARBLED),
    ),
    _broken(
        "SERVFAIL at the name",
        "answers SERVFAIL for the name's CAA",
        for_question("{name}.", "CAA", refused_by("SERVFAIL"), _ALLOWING),
        _no_answer("SERVFAIL"),
    ),
    _broken(
        "SERVFAIL at the apex",
        "answers SERVFAIL for the apex's CAA",
        for_question("{zone}", "CAA", refused_by("SERVFAIL")),
        _no_answer("SERVFAIL", "{zone}"),
    ),
    _broken(
        "REFUSED at the apex",
        "answers REFUSED for the apex's CAA",
        for_question("{zone}", "CAA", refused_by("REFUSED")),
        _no_answer("REFUSED", "{zone}"),
    ),
    _broken(
        "NOTIMP",
        "knows no CAA: it answers NOTIMP",
        for_question("{name}.", "CAA", refused_by("NOTIMP")),
        _no_answer("NOTIMP"),
    ),
    _broken(
        "silent",
        "says nothing for the name's CAA",
        for_question("{name}.", "CAA", lambda _: acts(Act.SILENCE)),
        _no_answer("no answer by UDP, no answer by TCP"),
    ),
    _broken(
        "no AA",
        "answers CAA without AA",
        for_question("{name}.", "CAA", without(dns.flags.AA), _ALLOWING),
        _no_answer("not authoritative for the name (no AA)"),
    ),
    _broken(
        "cut",
        "cuts the CAA answer by UDP and closes the connection by TCP",
        for_question("{name}.", "CAA", lambda _: truncated(acts(Act.HANG_UP))),
        _no_answer("cut answer by UDP, unusable answer by TCP (the connection was closed)"),
    ),
    Row(
        "D7 by TCP alone",
        "answers CAA by TCP alone",
        (for_question("{name}.", "CAA", lambda then: by_transport(acts(Act.SILENCE), then), _ALLOWING),),
        _ISSUED,
        allows(),
    ),
    Row(
        "D7 SERVFAIL at the top",
        "answers SERVFAIL for the CAA of the top-level domain",
        (for_question("{top}", "CAA", refused_by("SERVFAIL"), serves(RECORD, top=())),),
        _WAITS,
        _no_answer("SERVFAIL", "{top}"),
    ),
]
ROWS = [*PLACES, *NAMES, *FAILURES]
