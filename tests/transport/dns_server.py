"""A small authoritative DNS server on loopback: queries by UDP and TCP, TSIG-signed updates by TCP."""

import base64
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update

from tests.support.knot import free_port

KEY_NAME = "updater"
KEY_SECRET = base64.b64encode(b"loopback-test-tsig-secret-012345").decode()
_KEYS = {dns.name.from_text(KEY_NAME): dns.tsig.Key(KEY_NAME, base64.b64decode(KEY_SECRET), "hmac-sha256")}
_Key = tuple[dns.name.Name, dns.rdatatype.RdataType]


class Zones:
    """Records by owner name and type, for any zone; the questions asked are kept in `asked`."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[tuple[str, str]] = []
        self._records: dict[_Key, dns.rrset.RRset] = {}
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """Return ip:port."""
        return f"127.0.0.1:{self.port}"

    def add(self, name: str, rtype: str, value: str, ttl: int = 60) -> None:
        """Add a record."""
        self._merge(dns.rrset.from_text(name, ttl, "IN", rtype, value))

    def clear(self) -> None:
        """Forget every record and every question."""
        with self._lock:
            self._records.clear()
            self.asked.clear()

    def values(self, name: str, rtype: str = "CNAME") -> list[str]:
        """Return the values of a name and type."""
        found = self._records.get((dns.name.from_text(name), dns.rdatatype.from_text(rtype)))
        return [item.to_text() for item in found or ()]

    def answer(self, wire: bytes) -> bytes:
        """Answer one message; one that is signed wrongly gets no answer."""
        message = dns.message.from_wire(wire, keyring=_KEYS)
        response = dns.message.make_response(message)
        response.flags |= dns.flags.AA
        if isinstance(message, dns.update.UpdateMessage):
            response.set_rcode(self._update(message) if message.had_tsig else dns.rcode.REFUSED)
        else:
            self._look_up(message, response)
        return response.to_wire()

    def _look_up(self, query: dns.message.Message, response: dns.message.Message) -> None:
        question = query.question[0]
        with self._lock:
            self.asked.append((question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)))
            types = (question.rdtype, dns.rdatatype.CNAME)
            found = [self._records[question.name, rtype] for rtype in types if (question.name, rtype) in self._records]
            exists = any(name.is_subdomain(question.name) for name, _ in self._records)
        response.answer.extend(found[:1])
        if not exists:
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _update(self, update: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        names = {name for name, _ in self._records}
        if any(item.name in names for item in update.prerequisite if item.deleting is dns.rdataclass.NONE):
            return dns.rcode.YXDOMAIN
        for item in update.update:
            self._apply(item)
        return dns.rcode.NOERROR

    def _apply(self, item: dns.rrset.RRset) -> None:
        key = (item.name, item.rdtype)
        if item.deleting is None:
            self._merge(dns.rrset.from_rdata_list(item.name, item.ttl, list(item)))
        elif item.deleting is dns.rdataclass.ANY or {rdata.to_text() for rdata in item} == set(
            self.values(item.name.to_text(), dns.rdatatype.to_text(item.rdtype))
        ):
            with self._lock:
                self._records.pop(key, None)

    def _merge(self, added: dns.rrset.RRset) -> None:
        with self._lock:
            known = self._records.setdefault((added.name, added.rdtype), added)
            known.union_update(added)  # type: ignore[no-untyped-call]
            known.ttl = added.ttl


@contextmanager
def dns_server() -> Iterator[Zones]:
    """Serve empty zones on a free loopback port."""
    zones = Zones()

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, reply_to = self.request
            reply_to.sendto(zones.answer(wire), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := self.rfile.read(2):
                answer = zones.answer(self.rfile.read(struct.unpack("!H", head)[0]))
                self.wfile.write(struct.pack("!H", len(answer)) + answer)

    zones.port = free_port()
    place = ("127.0.0.1", zones.port)
    with socketserver.ThreadingUDPServer(place, Udp) as udp, socketserver.ThreadingTCPServer(place, Tcp) as tcp:
        threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in (udp, tcp)]
        for thread in threads:
            thread.start()
        try:
            yield zones
        finally:
            udp.shutdown()
            tcp.shutdown()
            for thread in threads:
                thread.join()
