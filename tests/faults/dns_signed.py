"""A small internet of signed zones: a root and its children at one Knot, and an unbound that trusts the root's key."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdatatype
import dns.rrset
import dns.zone
from certwright.model.records import ResourceRecord
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.knot import Knot, start_knot
from tests.support.unbound import Unbound, start_unbound

_DAY = timedelta(days=1)
_UNKNOWN_ALGORITHM = 200
_TTL = 60
ROOT = "."


@dataclass(frozen=True)
class SignedZone:
    """How a zone is signed, and what its parent says of its key: `ds` is right, wrong, unknown or none.

    `signing` is how Knot signs it, empty for a zone that nobody signs. With `expired` or `tampered` the zone is signed
    beforehand, and its signatures ended yesterday, or its records are not the signed ones.
    """

    apex: str
    signing: str = ""
    ds: str = "none"
    parent: str = ROOT
    is_expired: bool = False
    is_tampered: bool = False

    @property
    def is_signed_before(self) -> bool:
        """Say whether the file holds signatures."""
        return self.is_expired or self.is_tampered


@dataclass(frozen=True)
class SignedInternet:
    """The running servers."""

    knot: Knot
    unbound: Unbound


@contextmanager
def signed_internet(
    folder: Path, zones: Sequence[SignedZone], records: Iterable[ResourceRecord], ports: tuple[int, int]
) -> Iterator[SignedInternet]:
    """Serve the zones with these records at the first port, and validate at the second."""
    held = {zone.apex: records_of(zone, zones, records) for zone in zones}
    keys = {zone.apex: _write(folder, zone, held[zone.apex]) for zone in zones}
    _write_root(folder)
    signing = {ROOT: "NSEC", **{zone.apex: zone.signing for zone in zones if zone.signing}}
    apexes = [ROOT, *(zone.apex for zone in zones)]
    knot = start_knot(folder, apexes, ports[0], signing)
    try:
        for zone in zones:
            _publish_ds(knot, zone, keys[zone.apex])
        unbound = start_unbound(folder, knot.port, apexes, _anchors(knot), ports[1])
        try:
            yield SignedInternet(knot, unbound)
        finally:
            unbound.stop()
    finally:
        knot.stop()


def records_of(
    zone: SignedZone, zones: Sequence[SignedZone], records: Iterable[ResourceRecord]
) -> list[ResourceRecord]:
    """Return the records that belong into a zone and into none below it."""
    below = [other.apex for other in zones if other.apex.endswith(f".{zone.apex}")]
    return [
        item
        for item in records
        if item.name.endswith(f".{zone.apex}.") and not any(item.name.endswith(f".{apex}.") for apex in below)
    ]


def _write(folder: Path, zone: SignedZone, records: Sequence[ResourceRecord]) -> dns.rdata.Rdata | None:
    """Write a zone's file; return its key when it is signed already."""
    lines = [
        f"{zone.apex}. {_TTL} SOA ns.{zone.apex}. hostmaster.{zone.apex}. 1 3600 600 86400 86400",
        f"{zone.apex}. {_TTL} NS ns.{zone.apex}.",
        f"ns.{zone.apex}. {_TTL} A 127.0.0.1",
        f"www.{zone.apex}. {_TTL} A 192.0.2.1",
        *(f"{item.name} {_TTL} {item.type.value} {item.value}" for item in records),
    ]
    file = folder / f"{zone.apex}.zone"
    text = "\n".join(lines) + "\n"
    if not zone.is_signed_before:
        file.write_text(text)
        return None
    signed, key = _signed(zone, text)
    file.write_text(signed)
    return key


def _signed(zone: SignedZone, text: str) -> tuple[str, dns.rdata.Rdata]:
    made = dns.zone.from_text(text, origin=f"{zone.apex}.", relativize=False)
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257)
    now = datetime.now(UTC)
    inception, expiration = (now - 30 * _DAY, now - _DAY) if zone.is_expired else (now - _DAY, now + 30 * _DAY)
    dns.dnssec.sign_zone(made, keys=[(private, key)], dnskey_ttl=_TTL, inception=inception, expiration=expiration)
    signed = made.to_text(relativize=False)
    return (_tampered(signed) if zone.is_tampered else signed), key


def _tampered(signed: str) -> str:
    """Change one character in the signature of every CNAME."""
    lines = [_changed(line) if " RRSIG CNAME " in line else line for line in signed.splitlines()]
    return "\n".join(lines) + "\n"


def _changed(line: str) -> str:
    head, _, signature = line.partition(" RRSIG CNAME ")
    *fields, text = signature.split(" ", 8)
    octets = bytearray(base64.b64decode(text.replace(" ", "")))
    octets[10] ^= 1
    return f"{head} RRSIG CNAME {' '.join(fields)} {base64.b64encode(bytes(octets)).decode()}"


def _write_root(folder: Path) -> None:
    lines = [
        f". {_TTL} SOA a.root. hostmaster.root. 1 3600 600 86400 86400",
        f". {_TTL} NS a.root.",
        f"a.root. {_TTL} A 127.0.0.1",
    ]
    (folder / "..zone").write_text("\n".join(lines) + "\n")


def _publish_ds(knot: Knot, zone: SignedZone, key: dns.rdata.Rdata | None) -> None:
    """Delegate a zone, with what its parent says of its key."""
    knot.add(zone.parent, f"{zone.apex}.", "NS", f"ns.{zone.apex}.", _TTL)
    if zone.ds == "none":
        return
    known = key or _keys(knot, zone.apex)[0]
    ds = dns.dnssec.make_ds(f"{zone.apex}.", known, "SHA256")
    digest = bytes(octet ^ 1 for octet in ds.digest) if zone.ds == "wrong" else ds.digest
    algorithm = _UNKNOWN_ALGORITHM if zone.ds == "unknown" else ds.algorithm
    stated = ds.replace(digest=digest, algorithm=algorithm)
    knot.add(zone.parent, f"{zone.apex}.", "DS", stated.to_text(), _TTL)


def _keys(knot: Knot, apex: str) -> list[dns.rdata.Rdata]:
    query = dns.message.make_query(apex, "DNSKEY")
    answer = dns.query.tcp(query, "127.0.0.1", 5, knot.port).answer
    return [item for rrset in answer for item in rrset]


def _anchors(knot: Knot) -> list[str]:
    return [f". IN DNSKEY {item.to_text()}" for item in _keys(knot, ROOT)]
