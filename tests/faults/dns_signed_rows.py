"""D6: signed zones, as a validating resolver with the root's key sees them, and what comes of it."""

from dataclasses import dataclass

from tests.faults.dns_rows import Outcome, Row
from tests.faults.dns_signed import SignedZone

_NOT_SIGNED = (
    "certwright:requireDnssec is set, but {record} is not signed (DNSSEC: insecure). "
    "Sign its zone and have its parent publish the DS record."
)
_SECURE, _INSECURE = "dnssec: secure", "dnssec: insecure"


@dataclass(frozen=True)
class SignedRow:
    """A zone and what comes of it, without and with requireDnssec."""

    zone: SignedZone
    plain: Row
    required: Row


def _row(name: str, behaviour: str, outcome: Outcome, sentence: str) -> Row:
    return Row(f"D6 {name}", behaviour, (), outcome, sentence)


def _secure(name: str, behaviour: str, zone: SignedZone) -> SignedRow:
    """Be issued with either setting."""
    plain = _row(name, behaviour, Outcome.ISSUED, _SECURE)
    return SignedRow(
        zone, plain, _row(f"{name}, required", f"{behaviour}; `requireDnssec` is set", Outcome.ISSUED, _SECURE)
    )


def _insecure(name: str, behaviour: str, zone: SignedZone) -> SignedRow:
    """Be issued unless signatures are required."""
    plain = _row(name, behaviour, Outcome.ISSUED, _INSECURE)
    required = _row(f"{name}, required", f"{behaviour}; `requireDnssec` is set", Outcome.WAITS, _NOT_SIGNED)
    return SignedRow(zone, plain, required)


def _bogus(name: str, behaviour: str, zone: SignedZone, why: str, what: str = "{record} CNAME") -> SignedRow:
    """Be refused with either setting."""
    sentence = f"the validating resolver {{validator}} does not vouch for {what}: SERVFAIL ({why}: …"
    sentence += "). Look whether the zone's signatures are bogus or expired"
    plain = _row(name, behaviour, Outcome.WAITS, sentence)
    required = sentence.replace(f" ({why}: …", " (…")
    return SignedRow(
        zone, plain, _row(f"{name}, required", f"{behaviour}; `requireDnssec` is set", Outcome.WAITS, required)
    )


SIGNED = [
    _secure("secure", "signed, with a DS record at its parent", SignedZone("secure.example", "NSEC", "right")),
    _secure("NSEC3", "signed with NSEC3", SignedZone("nsec3.example", "NSEC3", "right")),
    _secure("opt-out", "signed with NSEC3 and opt-out", SignedZone("optout.example", "NSEC3-OPT-OUT", "right")),
    _insecure(
        "below opt-out",
        "not signed, below a zone with NSEC3 and opt-out",
        SignedZone("below.optout.example", parent="optout.example"),
    ),
    _insecure("not signed", "not signed, below a signed parent", SignedZone("plain.example")),
    _insecure("island", "signed, without a DS record at its parent", SignedZone("island.example", "NSEC")),
    _insecure(
        "unknown algorithm",
        "signed, with a DS record of an algorithm that nobody knows",
        SignedZone("unknown.example", "NSEC", "unknown"),
    ),
    _bogus(
        "wrong DS",
        "signed by another key than the DS record's",
        SignedZone("bogus.example", "NSEC", "wrong"),
        "DNSKEY MISSING",
    ),
    _bogus(
        "expired",
        "signed, and the signatures ended yesterday",
        SignedZone("expired.example", ds="right", is_expired=True),
        "SIGNATURE EXPIRED",
    ),
    _bogus(
        "tampered",
        "signed, and the record's signature is of other octets",
        SignedZone("tampered.example", ds="right", is_tampered=True),
        "DNSSEC BOGUS",
    ),
]
ROWS = [row for item in SIGNED for row in (item.plain, item.required)]
