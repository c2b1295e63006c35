"""Questions to authoritative servers over UDP and TCP (ports.resolver.Resolver)."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol, TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from certwright.adapters.dns.answers import read_answer
from certwright.errors import Cancelled
from certwright.model.records import RecordType, ServerFailure, ServerReply
from certwright.ports.clock import Cancellation

_T = TypeVar("_T")
_TRIES = 2
_TRY_SECONDS = 2.0
_PAYLOAD = 1232
_LOOK_EVERY = 0.2
_SIDE_BY_SIDE = 64
_WITHOUT_EDNS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP})


@dataclass(frozen=True, slots=True)
class NameServer:
    """One address of one server; `name` is the host name, or empty for a configured address."""

    name: str
    address: str
    port: int

    def __str__(self) -> str:
        place = f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"
        return f"{self.name} ({place})" if self.name else place


class ServerFinder(Protocol):
    """Find the servers that are the authority for a name."""

    def servers(self, name: str, budget: float) -> tuple[NameServer, ...] | ServerFailure:
        """Return every address of every server, or where the search failed."""
        ...


@dataclass(frozen=True, slots=True)
class ConfiguredServers:
    """Treat the configured servers as the authority for every name."""

    addresses: tuple[NameServer, ...]

    def servers(self, name: str, budget: float) -> tuple[NameServer, ...] | ServerFailure:  # noqa: ARG002 - the port
        """Return the configured servers."""
        return self.addresses


class AuthoritativeResolver:
    """Ask all servers of a zone side by side, each by UDP, then TCP where the answer was cut."""

    def __init__(self, finder: ServerFinder) -> None:
        self._finder = finder
        self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="dns")

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return one reply per server address, in a stable order."""
        deadline = time.monotonic() + budget
        found = _await([self._pool.submit(self._finder.servers, name, budget)], deadline, cancellation)[0]
        if found is None:
            return (ServerFailure("the zone's servers", f"not found within {budget:.0f} s"),)
        if isinstance(found, ServerFailure):
            return (found,)
        asked = [self._pool.submit(query_server, server, name, rtype, deadline) for server in found]
        replies = _await(asked, deadline, cancellation)
        return tuple(
            reply if reply is not None else ServerFailure(str(server), f"no answer within {budget:.0f} s")
            for server, reply in zip(found, replies, strict=True)
        )

    def close(self) -> None:
        """Stop asking; questions under way end by themselves within seconds."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _await(futures: Sequence[Future[_T]], deadline: float, cancellation: Cancellation) -> list[_T | None]:
    pending = set(futures)
    while pending and time.monotonic() < deadline:
        _, pending = wait(pending, timeout=_LOOK_EVERY)
        if pending and cancellation.is_cancelled():
            for future in pending:
                future.cancel()
            msg = "stopped while waiting for DNS"
            raise Cancelled(msg)
    for future in pending:
        future.cancel()
    return [future.result() if future not in pending else None for future in futures]


def query_server(server: NameServer, name: str, rtype: RecordType, deadline: float) -> ServerReply:
    """Ask one server; a reply that cannot be used becomes a failure with the reason, never an empty answer."""
    failure = ServerFailure(str(server), "no answer")
    for attempt in range(_TRIES):
        seconds = min(_TRY_SECONDS, deadline - time.monotonic())
        if seconds <= 0:
            return failure
        try:
            return _try(server, name, rtype, seconds, tcp=False)
        except dns.exception.Timeout:
            failure = ServerFailure(str(server), f"no answer by UDP after {attempt + 1} tries")
        except OSError as error:
            return ServerFailure(str(server), f"not reachable: {error.strerror or error}")
        except (dns.exception.DNSException, ValueError) as error:
            failure = ServerFailure(str(server), f"unusable answer: {type(error).__name__}")
    return failure


def _try(server: NameServer, name: str, rtype: RecordType, seconds: float, *, tcp: bool) -> ServerReply:
    response = _exchange(server, _question(name, rtype, edns=True), seconds, tcp=tcp)
    if response.rcode() in _WITHOUT_EDNS:
        response = _exchange(server, _question(name, rtype, edns=False), seconds, tcp=tcp)
    return read_answer(str(server), response, name, rtype)


def _exchange(server: NameServer, query: dns.message.Message, seconds: float, *, tcp: bool) -> dns.message.Message:
    if not tcp:
        try:
            return dns.query.udp(
                query, server.address, seconds, server.port, ignore_unexpected=True, raise_on_truncation=True
            )
        except dns.message.Truncated:
            pass
    return dns.query.tcp(query, server.address, seconds, server.port)


def _question(name: str, rtype: RecordType, *, edns: bool) -> dns.message.Message:
    query = dns.message.make_query(
        dns.name.from_text(name), dns.rdatatype.from_text(rtype.value), use_edns=0 if edns else False, payload=_PAYLOAD
    )
    query.flags &= ~dns.flags.RD
    return query
