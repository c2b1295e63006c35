"""Route 53's rules for record sets, over zones of a DNS server that takes signed updates."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update


class ChangeRefusedError(Exception):
    """Carry Route 53's sentence for a change that it does not make."""


@dataclass(frozen=True)
class RecordSet:
    """One record set as a program declares it; `name` may be relative to the zone, as Route 53's resource allows."""

    zone: str
    name: str
    type: str
    ttl: int
    records: tuple[str, ...]

    @property
    def fqdn(self) -> str:
        """Return the full name without trailing dot."""
        bare = self.name.removesuffix(".").lower()
        inside = bare == self.zone or bare.endswith(f".{self.zone}")
        return bare if inside else f"{bare}.{self.zone}"


@dataclass(frozen=True)
class HostedZones:
    """The zones of one DNS server, with an id for each."""

    port: int
    names: tuple[str, ...]
    key_name: str
    key_secret: str

    def zone_id(self, name: str) -> str | None:
        """Return the id of a zone, None where there is no such zone."""
        bare = name.removesuffix(".").lower()
        return f"Z{bare.encode().hex().upper()}" if bare in self.names else None

    def zone_of(self, zone_id: str) -> str:
        """Return the name of the zone with an id."""
        found = [name for name in self.names if self.zone_id(name) == zone_id]
        if not found:
            msg = f"NoSuchHostedZone: No hosted zone found with ID: {zone_id}"
            raise ChangeRefusedError(msg)
        return found[0]

    def create(self, wanted: RecordSet, *, overwrites: bool) -> None:
        """Create a record set; one that is there already is refused unless it may be overwritten."""
        if overwrites:
            self.replace(wanted)
            return
        update = self._update(wanted)
        update.absent(_absolute(wanted.fqdn), wanted.type)
        _add(update, wanted)
        if self._send(update) == dns.rcode.YXRRSET:
            what = f"[name='{wanted.fqdn}.', type='{wanted.type}']"
            msg = f"InvalidChangeBatch: [Tried to create resource record set {what} but it already exists]"
            raise ChangeRefusedError(msg)

    def replace(self, wanted: RecordSet) -> None:
        """Make a record set what is wanted, whatever it was."""
        update = self._update(wanted)
        update.delete(_absolute(wanted.fqdn), wanted.type)
        _add(update, wanted)
        self._send(update)

    def delete(self, unwanted: RecordSet) -> None:
        """Delete a record set; one that is gone already is no error."""
        update = self._update(unwanted)
        update.delete(_absolute(unwanted.fqdn), unwanted.type)
        self._send(update)

    def values(self, asked: RecordSet) -> Sequence[str]:
        """Return what the server answers now."""
        question = dns.message.make_query(_absolute(asked.fqdn), asked.type)
        answer = dns.query.tcp(question, "127.0.0.1", 5, self.port).answer
        return sorted(item.to_text() for rrset in answer for item in rrset)

    def _update(self, subject: RecordSet) -> dns.update.UpdateMessage:
        key = dns.tsig.Key(self.key_name, base64.b64decode(self.key_secret), "hmac-sha256")
        return dns.update.UpdateMessage(subject.zone, keyring=key)

    def _send(self, update: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        rcode = dns.query.tcp(update, "127.0.0.1", 5, self.port).rcode()
        if rcode not in {dns.rcode.NOERROR, dns.rcode.YXRRSET}:
            msg = f"InvalidChangeBatch: [the server answered {dns.rcode.to_text(rcode)}]"
            raise ChangeRefusedError(msg)
        return rcode


def _absolute(fqdn: str) -> dns.name.Name:
    return dns.name.from_text(fqdn)


def _add(update: dns.update.UpdateMessage, wanted: RecordSet) -> None:
    for record in wanted.records:
        update.add(_absolute(wanted.fqdn), wanted.ttl, wanted.type, record)
