"""DNS questions to the servers that know."""

from typing import Protocol

from certwright.model.records import RecordType, ServerReply, ValidatedReply
from certwright.ports.clock import Cancellation


class Resolver(Protocol):
    """Ask authoritative servers, without recursion and without a cache.

    Every address of every authoritative server of the zone that holds the name is asked (RD=0, TCP on truncation, EDNS
    fallback); an answer without AA or with an rcode other than NOERROR and NXDOMAIN is a `ServerFailure`; one with
    another id or question is never looked at. When the zone's servers cannot be found the result is one `ServerFailure`
    that says where the walk stopped; the result is never empty. `budget` bounds the whole call in seconds. Cancelled
    calls raise `Cancelled`.
    """

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return one reply per server address, in a stable order."""
        ...


class ValidatingResolver(Protocol):
    """Ask one recursive server that validates DNSSEC, over a way that nobody else can write to.

    The answer says whether signatures cover it. A zone whose signatures are bogus is a `ServerFailure`, as is every
    answer with an rcode other than NOERROR and NXDOMAIN. `budget` bounds the whole call in seconds. Cancelled calls
    raise `Cancelled`.
    """

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> ValidatedReply:
        """Return the server's reply to a question with DO=1."""
        ...
