"""Name servers that a test controls: each in its own condition, over zones that primaries hold."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from certwright.errors import Cancelled
from certwright.model.records import (
    AnswerRecord,
    CaaRecord,
    RecordType,
    ResourceRecord,
    ServerAnswer,
    ServerFailure,
    ServerReply,
)
from certwright.ports.clock import Cancellation

from tests.fakes import FakePrimary

SOMEBODY = "_somebody.elsewhere.example."


class Condition(Enum):
    """How a server is."""

    FINE = "has what the primary has"
    STALE = "has an empty zone"
    WILDCARD = "gives every name what the primary has for the names beside it"
    DOWN = "answers SERVFAIL"
    FOREIGN = "answers REFUSED"

    @property
    def answers(self) -> bool:
        """Say whether the server gives answers that can be used."""
        return self not in {Condition.DOWN, Condition.FOREIGN}


@dataclass
class ZoneServers:
    """Servers of the same zones (ports.resolver.Resolver): `conditions` and `caa` are the test's to change.

    `at_question` happens once, before the next question is answered.
    """

    primaries: tuple[FakePrimary, ...]
    conditions: dict[str, Condition]
    caa: dict[str, str] = field(default_factory=dict)
    at_question: Callable[[], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return one reply per server, in the order in which they were given."""
        if cancellation.is_cancelled():
            msg = "stopped while waiting for DNS"
            raise Cancelled(msg)
        assert budget > 0, f"{name} {rtype.value} is asked without any time for it"
        with self._lock:
            happens, self.at_question = self.at_question, None
        if happens is not None:
            happens()
        return tuple(self._reply(server, name, rtype) for server in self.conditions)

    def _reply(self, server: str, name: str, rtype: RecordType) -> ServerReply:
        condition = self.conditions[server]
        if not condition.answers:
            is_foreign = condition is Condition.FOREIGN
            return ServerFailure(server, "REFUSED" if is_foreign else "SERVFAIL", is_elsewhere=is_foreign)
        found = () if condition is Condition.STALE else self._records(name, rtype)
        if not found and condition is Condition.WILDCARD:
            found = self._records_beside(name, rtype)
        caa = self._caa(name) if rtype is RecordType.CAA and condition is not Condition.STALE else ()
        return ServerAnswer(server, "NOERROR" if found or caa else "NXDOMAIN", found, caa)

    def _records(self, name: str, rtype: RecordType) -> tuple[AnswerRecord, ...]:
        found = (item for item in self._held() if (item.name, item.type) == (name, rtype))
        return tuple(AnswerRecord(name, rtype, item.value, 60) for item in found)

    def _records_beside(self, name: str, rtype: RecordType) -> tuple[AnswerRecord, ...]:
        beside = (_parent(name), rtype)
        found = (item for item in self._held() if (_parent(item.name), item.type) == beside)
        return tuple(AnswerRecord(name, rtype, item.value, 60) for item in found)

    def _held(self) -> list[ResourceRecord]:
        return sorted(item for primary in self.primaries for item in primary.records)

    def _caa(self, node: str) -> tuple[CaaRecord, ...]:
        return (CaaRecord(critical=False, tag="issue", value=self.caa[node]),) if node in self.caa else ()


def _parent(name: str) -> str:
    return name.partition(".")[2]
