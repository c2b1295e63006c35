"""Find a name's authoritative servers from the system resolver."""

import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from certwright.adapters.dns.authoritative import NameServer
from certwright.adapters.dns.exchange import Endpoint, Question, Unanswered, ask_plainly
from certwright.adapters.dns.workers import NEVER, FairWorkers, await_all
from certwright.model.printable import printable
from certwright.model.records import RecordType, ServerFailure

_DNS_PORT = 53
_REMEMBER = 60.0
_MOST_ADDRESSES = 64
_LOOK_UPS, _LOOK_UPS_FOR_EACH = 128, 16
_PLACE = "system resolver"
_ALIASES = frozenset({dns.rdatatype.CNAME, dns.rdatatype.DNAME})
_ADDRESS_TYPES = (RecordType.A, RecordType.AAAA)


class _Stopped(Exception):
    """Carry where the walk stopped, and why."""


class ZoneWalk:
    """Walk from a name up to its zone's apex and return every address of every name server; kept for 60 s.

    Recursive servers are asked, and they follow aliases: a negative answer behind an alias names the zone of the
    alias's target, so that only an answer without one tells the zone of the name itself.
    """

    def __init__(self, recursive: Sequence[Endpoint] = (), authoritative_port: int = _DNS_PORT) -> None:
        self._recursive = tuple(recursive)
        self._port = authoritative_port
        self._look_ups = FairWorkers("dns-look-up", _LOOK_UPS, _LOOK_UPS_FOR_EACH)
        self._known: dict[dns.name.Name, tuple[float, tuple[NameServer, ...]]] = {}
        self._lock = threading.Lock()

    def servers(self, name: str, budget: float) -> tuple[NameServer, ...] | ServerFailure:
        """Return the servers of the zone that holds `name`, or where the walk stopped, within `budget` seconds."""
        deadline = time.monotonic() + budget
        try:
            recursive = self._recursive or _system_resolver()
            zone = _zone_of(name, recursive, deadline)
            return self._remembered(zone) or self._find(zone, recursive, deadline)
        except _Stopped as stopped:
            return ServerFailure(_PLACE, f"the zone of {printable(name)} could not be found: {stopped}")

    def _remembered(self, zone: dns.name.Name) -> tuple[NameServer, ...] | None:
        with self._lock:
            at, servers = self._known.get(zone, (float("-inf"), ()))
        return servers if time.monotonic() - at < _REMEMBER else None

    def _find(self, zone: dns.name.Name, recursive: Sequence[Endpoint], deadline: float) -> tuple[NameServer, ...]:
        servers = self._addresses(zone, recursive, deadline)
        with self._lock:
            self._known[zone] = (time.monotonic(), servers)
        return servers

    def _addresses(self, zone: dns.name.Name, recursive: Sequence[Endpoint], deadline: float) -> tuple[NameServer, ...]:
        """Return what is found in half of the time left: a host without address must not use up all of it."""
        hosts = _hosts(zone, recursive, deadline)
        until = time.monotonic() + max(0.0, deadline - time.monotonic()) / 2
        look_ups = [
            self._look_ups.submit(str(zone), partial(self._addresses_of, host, kind, recursive, until))
            for host in hosts
            for kind in _ADDRESS_TYPES
        ]
        found = await_all(look_ups, until, NEVER)
        servers = tuple(dict.fromkeys(server for some in found for server in some or ()))
        if not servers:
            msg = f"no name server of {zone} has an address"
            raise _Stopped(msg)
        if len(servers) > _MOST_ADDRESSES:
            msg = f"{zone} has {len(servers)} addresses of name servers, more than {_MOST_ADDRESSES}"
            raise _Stopped(msg)
        return servers

    def _addresses_of(
        self, host: dns.name.Name, kind: RecordType, recursive: Sequence[Endpoint], deadline: float
    ) -> tuple[NameServer, ...]:
        try:
            response = _ask(host, kind, recursive, deadline)
        except _Stopped:
            return ()
        text = printable(host.to_text(omit_final_dot=True).lower())
        wanted = dns.rdatatype.from_text(kind.value)
        addresses = {item.address for rrset in response.answer if rrset.rdtype == wanted for item in rrset}
        return tuple(NameServer(text, address, self._port) for address in sorted(addresses))


def _system_resolver() -> tuple[Endpoint, ...]:
    try:
        configured = dns.resolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError) as error:
        msg = f"this machine has no system resolver ({printable(str(error))})"
        raise _Stopped(msg) from error
    return tuple(Endpoint(item, configured.port) for item in configured.nameservers if isinstance(item, str))


def _zone_of(name: str, recursive: Sequence[Endpoint], deadline: float) -> dns.name.Name:
    for node in _nodes(name):
        apex = _apex(_ask(node, RecordType.SOA, recursive, deadline), node)
        if apex is not None:
            return apex
    msg = "no answer up to the root names a zone"
    raise _Stopped(msg)


def _nodes(name: str) -> Iterator[dns.name.Name]:
    """Yield the nodes that may be the apex; a name with a leading underscore is a record inside a zone."""
    node = dns.name.from_text(name)
    if node.labels[0].startswith(b"_"):
        node = node.parent()
    while node != dns.name.root:
        yield node
        node = node.parent()
    yield node


def _apex(response: dns.message.Message, node: dns.name.Name) -> dns.name.Name | None:
    """Return the apex of the zone that holds the node, None when the answer tells of another name's zone or of none."""
    if any(rrset.rdtype in _ALIASES for rrset in response.answer):
        return None
    for rrset in (*response.answer, *response.authority):
        if rrset.rdtype == dns.rdatatype.SOA and node.is_subdomain(rrset.name):
            return rrset.name
    return None


def _hosts(zone: dns.name.Name, recursive: Sequence[Endpoint], deadline: float) -> list[dns.name.Name]:
    answer = _ask(zone, RecordType.NS, recursive, deadline).answer
    hosts = {
        item.target for rrset in answer if rrset.rdtype == dns.rdatatype.NS for item in rrset if rrset.name == zone
    }
    if not hosts:
        msg = f"{zone} has no NS records"
        raise _Stopped(msg)
    return sorted(hosts)


def _ask(node: dns.name.Name, kind: RecordType, recursive: Sequence[Endpoint], deadline: float) -> dns.message.Message:
    """Ask the recursive servers in turn, each for its share of the time left; the first usable answer counts."""
    reasons = []
    question = Question(node.to_text(), kind, is_recursive=True)
    for index, endpoint in enumerate(recursive):
        left = max(0.0, deadline - time.monotonic())
        try:
            response = ask_plainly(endpoint, question, time.monotonic() + left / (len(recursive) - index))
        except Unanswered as error:
            reasons.append(f"{endpoint.address}: {error}")
            continue
        if response.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            return response
        reasons.append(f"{endpoint.address}: {dns.rcode.to_text(response.rcode())}")
    msg = f"{printable(question.name)} {kind.value} is not answered ({'; '.join(reasons)})"
    raise _Stopped(msg)
