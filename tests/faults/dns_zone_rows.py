"""D4: what stands in the zone in place of the record, beside it, above it and behind it."""

from itertools import pairwise

import dns.message
import dns.rrset

from tests.faults.dns_replies import altered
from tests.faults.dns_rows import GOOD, RECORD, SEEN, Outcome, Row, Words, missing, serves, through, wrong
from tests.support.nameserver import Behaviour

_ISSUED, _WAITS = Outcome.ISSUED, Outcome.WAITS
_OWN = "Create {record} CNAME {value} as a record of its own in the zone itself."
_WILDCARD = f"{{ns1}}: a random label beside {{record}} has the same target, so a wildcard answers. {_OWN}"
_DNAME = f"{{ns1}}: a DNAME stands above {{record}}. {_OWN}"


def _in_upper_case(words: Words) -> Behaviour:
    return GOOD({key: text.upper() if key in {"record", "value"} else text for key, text in words.items()})


def _add_another(message: dns.message.Message) -> None:
    message.answer += [
        dns.rrset.from_text(item.name, item.ttl, "IN", "CNAME", "elsewhere.example.") for item in message.answer
    ]


def _chain(length: int) -> Row:
    """Lead from the record to its value by so many CNAMEs."""
    hops = ["{record}", *(f"hop{index}.{{zone}}" for index in range(1, length)), "{value}"]
    links = [f"{owner} CNAME {target}" for owner, target in pairwise(hops)]
    told = length in {2, 20}
    return Row(
        f"D4 chain of {length}",
        f"leads to the value by a chain of {length} CNAMEs",
        (serves(*links),),
        _WAITS,
        wrong("hop1.{zone}"),
        is_told=told,
    )


ROWS = [
    Row("D4 direct", "has the record", (GOOD,), _ISSUED, SEEN),
    *(_chain(length) for length in range(2, 21)),
    Row("D4 loop", "leads from the record back to it", (serves("{record} CNAME {record}"),), _WAITS, wrong("{record}")),
    Row(
        "D4 loop of two",
        "leads from the record in a circle",
        (serves("{record} CNAME hop.{zone}", "hop.{zone} CNAME {record}"),),
        _WAITS,
        wrong("hop.{zone}"),
    ),
    Row(
        "D4 chain behind the value",
        "has the record, and a CNAME at its target",
        (serves(RECORD, value=("hop.{value} CNAME elsewhere.test.", "{value} CNAME hop.{value}")),),
        _ISSUED,
        SEEN,
    ),
    Row("D4 CNAME and TXT", "has a TXT record beside it", (serves(RECORD, '{record} TXT "x"'),), _ISSUED, SEEN),
    Row(
        "D4 TXT at the value",
        "has the record, and a TXT record at its target",
        (serves(RECORD, value=('{value} TXT "x"',)),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D4 several",
        "has two CNAME records at the name",
        (through(altered(_add_another)),),
        _WAITS,
        "{ns1}: {record} has 2 CNAME records. Set {record} CNAME {value}",
    ),
    Row("D4 DNAME", "has a DNAME above the record", (serves("{name}. DNAME elsewhere.example."),), _WAITS, _DNAME),
    Row(
        "D4 DNAME at the apex", "has a DNAME at the apex", (serves("{zone} DNAME elsewhere.example."),), _WAITS, _DNAME
    ),
    Row(
        "D4 DNAME beside",
        "has a DNAME elsewhere in the zone",
        (serves(RECORD, "other.{zone} DNAME elsewhere.example."),),
        _ISSUED,
        SEEN,
    ),
    Row("D4 wildcard", "has a wildcard CNAME to the value", (serves("*.{name}. CNAME {value}"),), _WAITS, _WILDCARD),
    Row(
        "D4 wildcard at the apex",
        "has a wildcard CNAME to the value at the apex",
        (serves("*.{zone} CNAME {value}"),),
        _WAITS,
        _WILDCARD,
    ),
    Row(
        "D4 wildcard and record",
        "has the record beside a wildcard CNAME to the same value",
        (serves(RECORD, "*.{name}. CNAME {value}"),),
        _WAITS,
        _WILDCARD,
    ),
    Row(
        "D4 wildcard elsewhere",
        "has a wildcard CNAME to another target",
        (serves("*.{name}. CNAME lb.{zone}"),),
        _WAITS,
        wrong("lb.{zone}"),
    ),
    Row(
        "D4 record beside a wildcard elsewhere",
        "has the record beside a wildcard CNAME to another target",
        (serves(RECORD, "*.{name}. CNAME lb.{zone}"),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D4 record beside a wildcard address",
        "has the record beside a wildcard address",
        (serves(RECORD, "*.{name}. A 192.0.2.1"),),
        _ISSUED,
        SEEN,
    ),
    Row(
        "D4 wildcard address alone",
        "has a wildcard address and no record",
        (serves("*.{name}. A 192.0.2.1"),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row(
        "D4 empty non-terminal",
        "has nothing at the name and something below it",
        (serves("below.{record} A 192.0.2.1"),),
        _WAITS,
        missing("no CNAME there"),
    ),
    Row(
        "D4 name is an alias",
        "has the record below a name that is a CNAME",
        (serves(RECORD, "{name}. CNAME cdn.elsewhere.test."),),
        _ISSUED,
        SEEN,
    ),
    Row("D4 upper case", "has the record in upper case", (_in_upper_case,), _ISSUED, SEEN),
    Row(
        "D4 value without its dot",
        "has the zone's name behind the value, as of a value written without its last dot",
        (serves("{record} CNAME {value}{zone}"),),
        _WAITS,
        wrong("{value}{zone}"),
    ),
    Row(
        "D4 name without its dot",
        "has the zone's name twice in the record's, as of a name written without its last dot",
        (serves("{record}{zone} CNAME {value}"),),
        _WAITS,
        missing(),
    ),
    Row(
        "D4 record at the apex",
        "has the record of the apex for a name below it",
        (serves("_record.{zone} CNAME {value}"),),
        _WAITS,
        missing(),
    ),
    Row(
        "D4 A-label",
        "has the record of an internationalised name",
        (GOOD,),
        _ISSUED,
        SEEN,
        prefixes=("xn--bcher-kva.",),
    ),
    Row("D4 apex", "has the record of the zone's apex", (GOOD,), _ISSUED, SEEN, prefixes=("",)),
    Row(
        "D4 apex and wildcard",
        "has the one record of apex and wildcard",
        (GOOD,),
        _ISSUED,
        SEEN,
        prefixes=("", "*."),
    ),
    Row("D4 deep", "has the record of a name nine labels deep", (GOOD,), _ISSUED, SEEN, prefixes=("a.b.c.d.e.f.g.",)),
    Row(
        "D4 one of two",
        "has the record of one of two names",
        (GOOD,),
        _WAITS,
        "{ns1}: {record2} CNAME is missing (NXDOMAIN). Set {record2} CNAME {value2}",
        prefixes=("www.", "mail."),
    ),
]
