"""DNS questions to the servers that know."""

from typing import Protocol

from certwright.model.records import RecordType, ServerReply
from certwright.ports.clock import Cancellation


class Resolver(Protocol):
    """Ask authoritative servers, without recursion and without a cache.

    Every address of every authoritative server of the zone that holds the name is asked (RD=0, TCP on truncation, EDNS
    fallback); an answer without AA, with another id or question, or with an rcode other than NOERROR and NXDOMAIN is a
    `ServerFailure`. When the zone's servers cannot be found the result is one `ServerFailure` that says where the walk
    stopped; the result is never empty. `budget` bounds the whole call in seconds. Cancelled calls raise `Cancelled`.
    """

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return one reply per server address, in a stable order."""
        ...
