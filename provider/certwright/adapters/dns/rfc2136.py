"""Dynamic updates of a zone (RFC 2136) signed with TSIG (RFC 8945), over TCP (ports.zone_writer.ZoneWriter)."""

import base64
import binascii

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update

from certwright.errors import LookupFailed, Refused
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.zone_records import Rfc2136Target

_SECONDS = 10.0
_TSIG_ERRORS = (dns.tsig.PeerError, dns.tsig.BadSignature, dns.tsig.BadTime, dns.tsig.BadKey)


class Rfc2136Writer:
    """Change one zone on its primary."""

    def __init__(self, target: Rfc2136Target) -> None:
        self._target = target
        self._zone = dns.name.from_text(target.zone)
        self._place = f"{target.server}:{target.port} (zone {target.zone})"
        self._key = _tsig_key(target, self._place)

    def values(self, name: str, rtype: RecordType) -> tuple[str, ...]:
        """Return the values that the primary holds for the name and type."""
        response = self._ask(name, rtype.value)
        asked = dns.name.from_text(name)
        return tuple(
            sorted(
                item.to_text().lower()
                for rrset in response.answer
                if rrset.name == asked and rrset.rdtype == dns.rdatatype.from_text(rtype.value)
                for item in rrset
            )
        )

    def ttl(self, name: str, rtype: RecordType) -> int | None:
        """Return the TTL that the primary holds, None when there is no such record."""
        response = self._ask(name, rtype.value)
        asked = dns.name.from_text(name)
        return next((rrset.ttl for rrset in response.answer if rrset.name == asked), None)

    def add(self, record: ResourceRecord, ttl: int) -> bool:
        """Add the record unless the name holds any record; return False when it does."""
        update = self._update()
        name = dns.name.from_text(record.name)
        update.absent(name)
        update.add(name, ttl, record.type.value, record.value)
        rcode = self._send(update)
        if rcode in {dns.rcode.YXDOMAIN, dns.rcode.YXRRSET}:
            return False
        self._require_success(rcode)
        return True

    def replace(self, record: ResourceRecord, ttl: int) -> None:
        """Set the record in place of what the name holds for its type."""
        update = self._update()
        update.replace(dns.name.from_text(record.name), ttl, record.type.value, record.value)
        self._require_success(self._send(update))

    def remove(self, record: ResourceRecord) -> None:
        """Remove exactly this record."""
        update = self._update()
        update.delete(dns.name.from_text(record.name), record.type.value, record.value)
        self._require_success(self._send(update))

    def _update(self) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(self._zone, keyring=self._key)

    def _send(self, message: dns.message.Message) -> dns.rcode.Rcode:
        return self._exchange(message).rcode()

    def _ask(self, name: str, rtype: str) -> dns.message.Message:
        query = dns.message.make_query(dns.name.from_text(name), rtype)
        query.flags &= ~dns.flags.RD
        query.use_tsig(self._key)
        response = self._exchange(query)
        if response.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            self._require_success(response.rcode())
        if not response.flags & dns.flags.AA:
            msg = f"{self._place} is not authoritative for {name}. Check server and zone."
            raise LookupFailed(msg)
        return response

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        target = self._target
        try:
            return dns.query.tcp(message, target.server, _SECONDS, target.port)
        except _TSIG_ERRORS as error:
            msg = f"{self._place} refused the TSIG key {target.key_name}: {type(error).__name__}. {_explain(error)}"
            raise Refused(msg) from error
        except (dns.exception.DNSException, OSError, EOFError) as error:
            msg = f"{self._place} cannot be reached for an update: {error or type(error).__name__}."
            raise LookupFailed(msg) from error

    def _require_success(self, rcode: dns.rcode.Rcode) -> None:
        if rcode == dns.rcode.NOERROR:
            return
        msg = (
            f"{self._place} answered {dns.rcode.to_text(rcode)}. "
            f"Check that the key {self._target.key_name} may update this zone there."
        )
        raise Refused(msg)


def _tsig_key(target: Rfc2136Target, place: str) -> dns.tsig.Key:
    try:
        secret = base64.b64decode(target.key_secret.reveal(), validate=True)
    except (binascii.Error, ValueError) as error:
        msg = f"The TSIG secret of {target.key_name} for {place} is not base64; its value is not shown."
        raise Refused(msg) from error
    return dns.tsig.Key(target.key_name, secret, target.key_algorithm)


def _explain(error: Exception) -> str:
    if isinstance(error, (dns.tsig.PeerBadTime, dns.tsig.BadTime)):
        return "The clocks of both machines differ by more than 300 s."
    if isinstance(error, (dns.tsig.PeerBadKey, dns.tsig.BadKey)):
        return "The server does not know the key's name or algorithm."
    return "The key's secret or algorithm differs from the server's."
