"""One question to one address: by UDP, TCP or TLS, until an answer comes or the time is over."""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from certwright.adapters.dns.habits import Habit, Habits, Seen
from certwright.model.printable import printable
from certwright.model.records import RecordType

_PAYLOAD = 1232
_TRY_SECONDS = 2.0
_SHORT_TRY_SECONDS = 1.0
_WITHOUT_EDNS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS})


class Unanswered(Exception):
    """Carry why no answer can be used: a phrase such as `no answer by UDP`; `was_cut` tells of a part of an answer."""

    def __init__(self, reason: str, *, was_cut: bool = False) -> None:
        self.was_cut = was_cut
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of an authority (RD=0) or recursively, with or without what DNSSEC signs (DO)."""

    name: str
    type: RecordType
    is_recursive: bool = False
    with_dnssec: bool = False

    def message(self, *, with_edns: bool = True) -> dns.message.Message:
        """Return the query, with an id of its own."""
        query = dns.message.make_query(
            dns.name.from_text(self.name),
            self.type.value,
            use_edns=0 if with_edns else False,
            want_dnssec=self.with_dnssec and with_edns,
            payload=_PAYLOAD if with_edns else None,
        )
        if not self.is_recursive:
            query.flags &= ~dns.flags.RD
        return query


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IP address and port that answer DNS."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class TlsTrust:
    """What the certificate of a DNS-over-TLS server (RFC 7858) must show: a host name or IP address, to this trust."""

    identity: str
    context: ssl.SSLContext


_Send = Callable[[Endpoint, dns.message.Message, float], dns.message.Message]


def ask_plainly(
    endpoint: Endpoint, question: Question, deadline: float, habits: Habits | None = None
) -> dns.message.Message:
    """Ask by UDP, by TCP when that was cut, lost or disturbed, and by UDP again; raise `Unanswered`.

    A server that the habits know as silent is asked once and shortly, one that answers by TCP alone by TCP first.
    """
    habits = habits or Habits()
    known = habits.of(endpoint)
    start = time.monotonic()
    try:
        way, response = _ask(endpoint, question, deadline, _WAYS[known.habit], _LONGEST_TRY[known.habit])
    except Unanswered as failure:
        if known.habit is Habit.SILENT and failure.was_cut:
            habits.note(endpoint, Seen())
            return ask_plainly(endpoint, question, deadline, habits)
        if known.habit is Habit.SILENT:
            raise Unanswered(known.reason) from failure
        if _took_long(start) and not failure.was_cut:
            habits.note(endpoint, Seen(Habit.SILENT, str(failure)))
        raise
    is_by_tcp = way == "TCP" and (_took_long(start) or known.habit is Habit.BY_TCP)
    habits.note(endpoint, Seen(Habit.BY_TCP if is_by_tcp else Habit.USUAL))
    return response


def ask_over_tls(endpoint: Endpoint, trust: TlsTrust, question: Question, deadline: float) -> dns.message.Message:
    """Ask by TLS, twice at most; raise `Unanswered`."""

    def by_tls(endpoint: Endpoint, query: dns.message.Message, seconds: float) -> dns.message.Message:
        return dns.query.tls(
            query,
            endpoint.address,
            seconds,
            endpoint.port,
            one_rr_per_rrset=True,
            ssl_context=trust.context,
            server_hostname=trust.identity,
        )

    return _ask(endpoint, question, deadline, (("TLS", by_tls), ("TLS", by_tls)), _TRY_SECONDS)[1]


def _ask(
    endpoint: Endpoint, question: Question, deadline: float, ways: Sequence[tuple[str, _Send]], longest: float
) -> tuple[str, dns.message.Message]:
    """Try each way in turn and return which one led to what; every try gets its share of the time that is left."""
    reasons: dict[str, None] = {}
    was_cut = False
    for index, (way, send) in enumerate(ways):
        seconds = min(longest, (deadline - time.monotonic()) / (len(ways) - index))
        if seconds <= 0:
            break
        try:
            return way, _try(endpoint, question, seconds, send)
        except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
            reasons[_phrase(way, error)] = None
            was_cut = was_cut or isinstance(error, dns.message.Truncated)
    raise Unanswered(", ".join(reasons) or "no answer in time", was_cut=was_cut)


def _try(endpoint: Endpoint, question: Question, seconds: float, send: _Send) -> dns.message.Message:
    deadline = time.monotonic() + seconds
    response = send(endpoint, question.message(), seconds)
    left = deadline - time.monotonic()
    if response.rcode() in _WITHOUT_EDNS and not question.with_dnssec and left > 0:
        response = send(endpoint, question.message(with_edns=False), left)
    if response.flags & dns.flags.TC:
        # Over TCP too: a part of an answer says nothing of what is not in it.
        raise dns.message.Truncated(message=response)  # type: ignore[no-untyped-call]
    return response


def _by_udp(endpoint: Endpoint, query: dns.message.Message, seconds: float) -> dns.message.Message:
    """Listen until the answer comes, whatever else arrives: a forged datagram does not end the wait.

    The socket is connected, so that datagrams of others do not arrive and a closed port is told at once.
    """
    family = dns.inet.af_for_address(endpoint.address)
    with dns.query.make_socket(family, socket.SOCK_DGRAM) as connected:
        connected.connect(dns.inet.low_level_address_tuple((endpoint.address, endpoint.port), family))
        expiration = time.time() + seconds
        dns.query.send_udp(connected, query, None, expiration)
        response: dns.message.Message = dns.query.receive_udp(
            connected,
            expiration=expiration,
            one_rr_per_rrset=True,
            raise_on_truncation=True,
            ignore_errors=True,
            query=query,
        )[0]
        return response


def _by_tcp(endpoint: Endpoint, query: dns.message.Message, seconds: float) -> dns.message.Message:
    return dns.query.tcp(query, endpoint.address, seconds, endpoint.port, one_rr_per_rrset=True)


def _took_long(start: float) -> bool:
    return time.monotonic() - start >= _TRY_SECONDS


_UDP, _TCP = ("UDP", _by_udp), ("TCP", _by_tcp)
_WAYS: dict[Habit, tuple[tuple[str, _Send], ...]] = {
    Habit.USUAL: (_UDP, _TCP, _UDP),
    Habit.BY_TCP: (_TCP, _UDP),
    Habit.SILENT: (_UDP,),
}
_LONGEST_TRY = {Habit.USUAL: _TRY_SECONDS, Habit.BY_TCP: _TRY_SECONDS, Habit.SILENT: _SHORT_TRY_SECONDS}


def _phrase(way: str, error: Exception) -> str:
    match error:
        case dns.exception.Timeout():
            return f"no answer by {way}"
        case dns.message.Truncated():
            return f"cut answer by {way}"
        case OSError():
            return f"not reachable by {way} ({printable(error.strerror or str(error))})"
        case _:
            return f"unusable answer by {way} ({_why_unusable(error)})"


def _why_unusable(error: Exception) -> str:
    match error:
        case EOFError():
            return "the connection was closed"
        case dns.query.BadResponse():
            return "it answers another question"
        case dns.exception.FormError() | ValueError():
            return "it cannot be parsed"
        case _:
            return type(error).__name__
