"""Dynamic updates of a zone (RFC 2136) signed with TSIG (RFC 8945), over TCP (ports.zone_writer.ZoneWriter)."""

import base64
import time
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update

from certwright.adapters.dns.addresses import connect, exchange_octets
from certwright.errors import LookupFailed, Refused
from certwright.model.printable import printable
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.rfc2136_rules import Rfc2136Words, rfc2136_faults
from certwright.model.zone_records import Rfc2136Target

_SECONDS = 10.0
_TSIG_ERRORS = (dns.tsig.PeerError, dns.tsig.BadSignature, dns.tsig.BadTime, dns.tsig.BadKey)
_NAMES = frozenset({RecordType.CNAME, RecordType.DNAME, RecordType.NS})
_BAD_TEXT = (dns.exception.DNSException, ValueError)


class Rfc2136Writer:
    """Change one zone on its primary."""

    def __init__(self, target: Rfc2136Target) -> None:
        self._target = target
        server = f"[{target.server}]" if ":" in target.server else target.server
        self._place = f"{printable(server)}:{target.port} (zone {printable(target.zone)})"
        self._require_usable()
        self._zone = self._name(target.zone)
        self._key = dns.tsig.Key(target.key_name, base64.b64decode(target.key_secret.reveal()), target.key_algorithm)

    def values(self, name: str, rtype: RecordType) -> tuple[str, ...]:
        """Return the values that the primary holds for the name and type."""
        texts = (item.to_text() for rrset in self._held(name, rtype) for item in rrset)
        return tuple(sorted(text.lower() if rtype in _NAMES else text for text in texts))

    def ttl(self, name: str, rtype: RecordType) -> int | None:
        """Return the TTL that the primary holds, None when there is no such record."""
        return next((rrset.ttl for rrset in self._held(name, rtype)), None)

    def add(self, record: ResourceRecord, ttl: int) -> bool:
        """Add the record unless the name holds any record; return False when it does."""
        update = self._update()
        update.absent(self._name(record.name))
        self._put(update.add, record, ttl)
        rcode = self._send(update)
        if rcode in {dns.rcode.YXDOMAIN, dns.rcode.YXRRSET}:
            return False
        self._require_success(rcode)
        return True

    def replace(self, record: ResourceRecord, ttl: int) -> None:
        """Set the record in place of what the name holds for its type.

        A server leaves out what cannot stand beside the name's other records and still says NOERROR (RFC 2136 section
        3.4.2.2), so that it is asked what it holds.
        """
        update = self._update()
        self._put(update.replace, record, ttl)
        self._require_success(self._send(update))
        if not self._held(record.name, record.type):
            msg = (
                f"{self._place} did not take {record.name} {record.type.value}: the name holds records of other types."
            )
            raise Refused(msg)

    def remove(self, record: ResourceRecord) -> None:
        """Remove exactly this record."""
        update = self._update()
        self._put(update.delete, record)
        self._require_success(self._send(update))

    def _require_usable(self) -> None:
        target = self._target
        words = Rfc2136Words(target.server, target.port, target.key_name, target.key_algorithm, target.key_secret)
        faults = rfc2136_faults(words)
        if faults:
            msg = f"No update can be sent to {self._place}. " + " ".join(str(fault) for fault in faults)
            raise Refused(msg)

    def _name(self, text: str) -> dns.name.Name:
        try:
            return dns.name.from_text(text)
        except _BAD_TEXT as error:
            msg = f"'{printable(text)}' is no DNS name, so it cannot be in an update to {self._place}."
            raise Refused(msg) from error

    def _update(self) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(self._zone, keyring=self._key)

    def _put(self, change: Callable[..., None], record: ResourceRecord, *ttl: int) -> None:
        """Put the record into an update by one of its methods."""
        name = self._name(record.name)
        try:
            change(name, *ttl, record.type.value, record.value)
        except _BAD_TEXT as error:
            shown = f"{record.type.value} {printable(record.value)}"
            msg = f"{printable(record.name)} {shown} is no record, so it cannot be in an update to {self._place}."
            raise Refused(msg) from error

    def _send(self, message: dns.message.Message) -> dns.rcode.Rcode:
        return self._exchange(message).rcode()

    def _held(self, name: str, rtype: RecordType) -> list[dns.rrset.RRset]:
        owner = self._name(name)
        wanted = dns.rdatatype.from_text(rtype.value)
        return [item for item in self._ask(owner, wanted).answer if item.name == owner and item.rdtype == wanted]

    def _ask(self, owner: dns.name.Name, rtype: dns.rdatatype.RdataType) -> dns.message.Message:
        query = dns.message.make_query(owner, rtype)
        query.flags &= ~dns.flags.RD
        query.use_tsig(self._key)
        response = self._exchange(query)
        if response.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            self._require_success(response.rcode())
        if not response.flags & dns.flags.AA:
            msg = f"{self._place} is not authoritative for {printable(str(owner))}. Check server and zone."
            raise LookupFailed(msg)
        return response

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        target = self._target
        try:
            return self._response(message, self._octets(message.to_wire()))
        except _TSIG_ERRORS as error:
            msg = f"{self._place} refused the TSIG key {target.key_name}: {type(error).__name__}. {_explain(error)}"
            raise Refused(msg) from error
        except (*_BAD_TEXT, OSError, EOFError) as error:
            reason = printable(str(error)) or type(error).__name__
            msg = f"{self._place} cannot be reached for an update: {reason}."
            raise LookupFailed(msg) from error

    def _octets(self, wire: bytes) -> bytes:
        """Send and receive; another of the server's addresses is tried only while nothing was sent."""
        deadline = time.monotonic() + _SECONDS
        with connect(self._target.server, self._target.port, deadline) as connected:
            return exchange_octets(connected, wire, deadline)

    def _response(self, message: dns.message.Message, wire: bytes) -> dns.message.Message:
        try:
            response = dns.message.from_wire(wire, keyring=message.keyring, request_mac=message.mac)
        except dns.exception.FormError:
            self._require_success(_unsigned_rcode(message, wire))
            raise
        if not message.is_response(response):
            raise dns.query.BadResponse
        return response

    def _require_success(self, rcode: dns.rcode.Rcode) -> None:
        if rcode == dns.rcode.NOERROR:
            return
        msg = (
            f"{self._place} answered {dns.rcode.to_text(rcode)}. "
            f"Check that the key {self._target.key_name} may update this zone there."
        )
        raise Refused(msg)


def _unsigned_rcode(message: dns.message.Message, wire: bytes) -> dns.rcode.Rcode:
    """Return what a reply without a signature says: servers refuse foreign zones so, and a refusal needs no proof."""
    response = dns.message.from_wire(wire)
    return response.rcode() if message.is_response(response) else dns.rcode.NOERROR


def _explain(error: Exception) -> str:
    if isinstance(error, (dns.tsig.PeerBadTime, dns.tsig.BadTime)):
        return "The clocks of both machines differ by more than 300 s."
    if isinstance(error, (dns.tsig.PeerBadKey, dns.tsig.BadKey)):
        return "The server does not know the key's name or algorithm."
    return "The key's secret or algorithm differs from the server's."
