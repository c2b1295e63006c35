"""Find a name's authoritative servers from the system resolver."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from certwright.adapters.dns.authoritative import NameServer
from certwright.model.records import ServerFailure

_REMEMBER = 60.0
_ADDRESS_TYPES = ("A", "AAAA")
_DNS_PORT = 53


class ZoneWalk:
    """Walk from a name up to its zone cut and return every address of every name server; kept for 60 s."""

    def __init__(self) -> None:
        self._known: dict[dns.name.Name, tuple[float, tuple[NameServer, ...]]] = {}
        self._lock = threading.Lock()

    def servers(self, name: str, budget: float) -> tuple[NameServer, ...] | ServerFailure:
        """Return the servers of the zone that holds `name`, or where the walk stopped."""
        try:
            resolver = dns.resolver.Resolver()
            resolver.lifetime = budget
            zone = dns.resolver.zone_for_name(dns.name.from_text(name), resolver=resolver)
            return self._remembered(zone) or self._remember(zone, _zone_servers(zone, resolver))
        except (dns.exception.DNSException, OSError) as error:
            reason = f"the zone of {name} could not be found from the system resolver: {error}"
            return ServerFailure("system resolver", reason)

    def _remembered(self, zone: dns.name.Name) -> tuple[NameServer, ...] | None:
        with self._lock:
            at, servers = self._known.get(zone, (float("-inf"), ()))
        return servers if time.monotonic() - at < _REMEMBER and servers else None

    def _remember(self, zone: dns.name.Name, servers: tuple[NameServer, ...]) -> tuple[NameServer, ...] | ServerFailure:
        if not servers:
            return ServerFailure("system resolver", f"no name server of {zone} has an address")
        with self._lock:
            self._known[zone] = (time.monotonic(), servers)
        return servers


def _zone_servers(zone: dns.name.Name, resolver: dns.resolver.Resolver) -> tuple[NameServer, ...]:
    hosts = sorted(item.target for item in resolver.resolve(zone, dns.rdatatype.NS, search=False))
    with ThreadPoolExecutor(max(1, len(hosts))) as pool:
        found = pool.map(lambda host: _addresses(host, resolver), hosts)
        return tuple(server for servers in found for server in servers)


def _addresses(host: dns.name.Name, resolver: dns.resolver.Resolver) -> list[NameServer]:
    servers: list[NameServer] = []
    for kind in _ADDRESS_TYPES:
        try:
            answer = resolver.resolve(host, kind, search=False)
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            continue
        text = host.to_text(omit_final_dot=True)
        servers.extend(NameServer(text, address, _DNS_PORT) for address in sorted(item.address for item in answer))
    return servers
