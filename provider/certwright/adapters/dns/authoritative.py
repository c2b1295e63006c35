"""Questions to authoritative servers over UDP and TCP (ports.resolver.Resolver)."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from certwright.adapters.dns.answers import read_answer
from certwright.adapters.dns.exchange import Endpoint, Question, Unanswered, ask_plainly
from certwright.adapters.dns.habits import Habits
from certwright.adapters.dns.workers import Allowance, FairWorkers, await_all
from certwright.model.records import RecordType, ServerFailure, ServerReply
from certwright.ports.clock import Cancellation

_WALKS, _WALKS_FOR_EACH = 256, 32
_QUESTIONS, _QUESTIONS_FOR_EACH = 256, 16
_DOMAIN_LABELS = 2


@dataclass(frozen=True, slots=True)
class NameServer:
    """One address of one server; `name` is the host name, or empty for a configured address."""

    name: str
    address: str
    port: int

    def __str__(self) -> str:
        place = f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"
        return f"{self.name} ({place})" if self.name else place

    @property
    def endpoint(self) -> Endpoint:
        """Return where it answers."""
        return Endpoint(self.address, self.port)


class ServerFinder(Protocol):
    """Find the servers that are the authority for a name."""

    def servers(self, name: str, budget: float) -> tuple[NameServer, ...] | ServerFailure:
        """Return every address of every server, or where the search failed, within `budget` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class ConfiguredServers:
    """Treat the configured servers as the authority for every name."""

    addresses: tuple[NameServer, ...]

    def servers(self, name: str, budget: float) -> tuple[NameServer, ...] | ServerFailure:  # noqa: ARG002 - the port
        """Return the configured servers."""
        return self.addresses


class AuthoritativeResolver:
    """Ask all servers of a zone side by side; slow zones and servers delay questions to themselves only."""

    def __init__(self, finder: ServerFinder) -> None:
        self._finder = finder
        self._habits = Habits()
        self._walks = FairWorkers("dns-walk", _WALKS, _WALKS_FOR_EACH)
        self._questions = FairWorkers("dns-question", _QUESTIONS, _QUESTIONS_FOR_EACH)

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return one reply per server address, in a stable order."""
        allowed = Allowance(budget)
        found = self._find(name, allowed, cancellation)
        if isinstance(found, ServerFailure):
            return (found,)
        question = Question(name, rtype)
        asked = [
            self._questions.submit(
                str(server), partial(query_server, server, question, allowed.asking_until, self._habits)
            )
            for server in found
        ]
        replies = await_all(asked, allowed.deadline, cancellation)
        return tuple(
            reply if reply is not None else ServerFailure(str(server), f"no answer within {budget:g} s")
            for server, reply in zip(found, replies, strict=True)
        )

    def close(self) -> None:
        """Stop asking; questions under way end by their deadline and keep no process alive."""
        self._walks.close()
        self._questions.close()

    def _find(
        self, name: str, allowed: Allowance, cancellation: Cancellation
    ) -> tuple[NameServer, ...] | ServerFailure:
        def walk() -> tuple[NameServer, ...] | ServerFailure:
            return self._finder.servers(name, max(0.0, allowed.asking_until - time.monotonic()))

        found = await_all([self._walks.submit(domain_of(name), walk)], allowed.deadline, cancellation)[0]
        if found is None:
            return ServerFailure("the zone's servers", f"not found within {allowed.budget:g} s")
        return found or ServerFailure("the zone's servers", f"{name} has none")


def query_server(server: NameServer, question: Question, deadline: float, habits: Habits | None = None) -> ServerReply:
    """Ask one server; a reply that cannot be used becomes a failure with the reason, never an empty answer."""
    try:
        response = ask_plainly(server.endpoint, question, deadline, habits)
    except Unanswered as error:
        return ServerFailure(str(server), str(error))
    return read_answer(str(server), response, question.name, question.type)


def domain_of(name: str) -> str:
    """Return the last labels of a name: whoever holds them shares one part of the workers."""
    return ".".join(name.rstrip(".").split(".")[-_DOMAIN_LABELS:])
