"""A name server on loopback that behaves as told, well or badly, by UDP and TCP on one port."""

import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from certwright.adapters.dns.authoritative import NameServer

from tests.support.knot import free_port

_LOOK_EVERY = 0.02


class Act(Enum):
    """What a server does instead of answering."""

    SILENCE = "says nothing"
    HANG_UP = "closes the connection"


@dataclass(frozen=True)
class Stream:
    """Octets put on a TCP connection as they are, with no length before them, each part after a pause."""

    parts: tuple[bytes, ...]
    pause: float = 0.0


Reply = bytes | tuple[bytes, ...] | Act | Stream
Behaviour = Callable[[dns.message.Message, bool], Reply]
"""From a question, and whether it came by TCP, to the octets of the reply, or of several."""


def says(*records: str, aa: bool = True, rcode: str = "NOERROR", apex: str = "", ad: bool = False) -> Behaviour:
    """Answer with records such as `a.test. 60 CNAME b.test.`, in the order given, and the SOA of an apex."""

    def reply(query: dns.message.Message, _: bool) -> bytes:  # noqa: FBT001 - the type of all behaviours
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.from_text(rcode))
        response.flags |= (dns.flags.AA if aa else 0) | (dns.flags.AD if ad else 0)
        if apex:
            soa = f"ns.{apex} hostmaster.{apex} 1 2 3 4 5"
            response.authority.append(dns.rrset.from_text(apex, 60, "IN", "SOA", soa))
        for record in records:
            owner, ttl, rtype, value = record.split(" ", 3)
            response.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", rtype, value))
        return response.to_wire()

    return reply


def recurses(*records: str, authority: Sequence[str] = (), rcode: str = "NOERROR", ad: bool = False) -> Behaviour:
    """Answer as a recursive server does: no AA, RA, AD when it vouches for signatures; `authority` in its section."""
    answer = says(*records, aa=False, rcode=rcode, ad=ad)

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        wire = answer(query, over_tcp)
        assert isinstance(wire, bytes)
        response = dns.message.from_wire(wire)
        response.flags |= dns.flags.RA
        for record in authority:
            owner, ttl, rtype, value = record.split(" ", 3)
            response.authority.append(dns.rrset.from_text(owner, int(ttl), "IN", rtype, value))
        return response.to_wire()

    return reply


def by_question(table: Mapping[tuple[str, str], Behaviour], otherwise: Behaviour) -> Behaviour:
    """Behave as the table says for a name and type, `("a.test.", "SOA")`; a type of `*` stands for all others."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        asked = query.question[0]
        name, rtype = asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype)
        return table.get((name, rtype), table.get((name, "*"), otherwise))(query, over_tcp)

    return reply


def acts(act: Act) -> Behaviour:
    """Give no answer."""
    return lambda _, __: act


def sends(octets: bytes) -> Behaviour:
    """Answer every question with the same octets."""
    return lambda _, __: octets


def truncated(by_tcp: Behaviour) -> Behaviour:
    """Cut the answer by UDP, and behave otherwise by TCP."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        if over_tcp:
            return by_tcp(query, over_tcp)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.TC
        return response.to_wire()

    return reply


def preceded(first: Behaviour, then: Behaviour) -> Behaviour:
    """Send two replies to each question."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        return tuple(part for item in (first, then) if isinstance(part := item(query, over_tcp), bytes))

    return reply


def with_wrong_id(then: Behaviour) -> Behaviour:
    """Answer under another message id."""
    return changed(then, lambda wire: bytes([wire[0] ^ 0xFF]) + wire[1:])


def to_question(name: str, then: Behaviour) -> Behaviour:
    """Answer as if `name` had been asked."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        other = dns.message.make_query(name, query.question[0].rdtype)
        other.id = query.id
        return then(other, over_tcp)

    return reply


def without_edns(then: Behaviour, rcode: str = "FORMERR") -> Behaviour:
    """Refuse questions with EDNS by `rcode` and behave otherwise without."""
    refuse = says(rcode=rcode)
    return lambda query, over_tcp: (then if query.edns < 0 else refuse)(query, over_tcp)


def after(seconds: float, then: Behaviour) -> Behaviour:
    """Take time before each reply."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        time.sleep(seconds)
        return then(query, over_tcp)

    return reply


def by_transport(by_udp: Behaviour, by_tcp: Behaviour) -> Behaviour:
    """Behave one way by UDP and another way by TCP."""
    return lambda query, over_tcp: (by_tcp if over_tcp else by_udp)(query, over_tcp)


def streams(then: Behaviour, cut: Callable[[bytes], Stream]) -> Behaviour:
    """Put the reply, with its length before it, on the TCP connection as `cut` says."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        wire = then(query, over_tcp)
        return cut(struct.pack("!H", len(wire)) + wire) if isinstance(wire, bytes) else wire

    return reply


def at_first(first: Behaviour, then: Behaviour) -> Behaviour:
    """Behave one way at the first question and another way at all later ones."""
    behaviours = iter((first,))

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        return next(behaviours, then)(query, over_tcp)

    return reply


def later(seconds: float, first: Behaviour, then: Behaviour) -> Behaviour:
    """Behave one way until so many seconds after the first question, and another way from then on."""
    turns: list[float] = []

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        turns.append(time.monotonic() + seconds)
        return (first if time.monotonic() < turns[0] else then)(query, over_tcp)

    return reply


def changed(then: Behaviour, change: Callable[[bytes], bytes]) -> Behaviour:
    """Change the octets of the reply."""

    def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
        wire = then(query, over_tcp)
        return change(wire) if isinstance(wire, bytes) else wire

    return reply


def octets_of(reply: Reply) -> tuple[bytes, ...]:
    """Return all that is to be sent."""
    match reply:
        case bytes():
            return (reply,)
        case tuple():
            return reply
        case _:
            return ()


class RunningServer:
    """A running server; `asked` lists the questions in the order in which they came, with their transport."""

    def __init__(self, behaviour: Behaviour, port: int) -> None:
        self.asked: list[tuple[str, dns.message.Message]] = []
        self.port = port
        self._behaviour = behaviour

    @property
    def address(self) -> NameServer:
        """Return the server as resolvers name it."""
        return NameServer("", "127.0.0.1", self.port)

    def reply(self, wire: bytes, *, over_tcp: bool) -> Reply:
        """Note the question and behave."""
        query = dns.message.from_wire(wire, keyring=False)
        self.asked.append(("TCP" if over_tcp else "UDP", query))
        return self._behaviour(query, over_tcp)


class _UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    running: RunningServer


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    running: RunningServer


class _Udp(socketserver.BaseRequestHandler):
    server: _UdpServer

    def handle(self) -> None:
        wire, reply_to = self.request
        for octets in octets_of(self.server.running.reply(wire, over_tcp=False)):
            reply_to.sendto(octets, self.client_address)


class _Tcp(socketserver.StreamRequestHandler):
    server: _TcpServer

    def handle(self) -> None:
        while head := self.rfile.read(2):
            reply = self.server.running.reply(self.rfile.read(*struct.unpack("!H", head)), over_tcp=True)
            if reply is Act.HANG_UP:
                return
            with suppress(OSError):
                self._send(reply)

    def _send(self, reply: Reply) -> None:
        if isinstance(reply, Stream):
            for part in reply.parts:
                time.sleep(reply.pause)
                self.wfile.write(part)
        for octets in octets_of(reply):
            self.wfile.write(struct.pack("!H", len(octets)) + octets)


@contextmanager
def name_server(
    behaviour: Behaviour, *, with_tcp: bool = True, look_every: float = _LOOK_EVERY
) -> Iterator[RunningServer]:
    """Serve on a free loopback port until the block ends, by UDP alone without `with_tcp`."""
    with ExitStack() as stack:
        port, listeners = _listen(stack, with_tcp=with_tcp)
        server = RunningServer(behaviour, port)
        for listener in listeners:
            listener.running = server
        threads = [threading.Thread(target=listener.serve_forever, args=(look_every,)) for listener in listeners]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            for listener in listeners:
                listener.shutdown()
            for thread in threads:
                thread.join()


def _listen(stack: ExitStack, *, with_tcp: bool) -> tuple[int, list[_UdpServer | _TcpServer]]:
    """Return a port and what listens there; a port that somebody took meanwhile is given up for another."""
    while True:
        port = free_port()
        with ExitStack() as bound, suppress(OSError):
            listeners: list[_UdpServer | _TcpServer] = [bound.enter_context(_UdpServer(("127.0.0.1", port), _Udp))]
            if with_tcp:
                listeners.append(bound.enter_context(_TcpServer(("127.0.0.1", port), _Tcp)))
            stack.push(bound.pop_all())
            return port, listeners
