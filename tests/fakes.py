"""In-memory fakes of the ports, held to the same contract suites as the real adapters (tests/contract)."""

import base64
import binascii
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from certwright.errors import Cancelled, LookupFailed, Refused
from certwright.model.records import (
    AnswerRecord,
    RecordType,
    ResourceRecord,
    ServerAnswer,
    ServerReply,
    ValidatedReply,
)
from certwright.model.zone_records import Rfc2136Target
from certwright.ports.clock import Cancellation

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVER = "ns1.test (192.0.2.1:53)"
_SIBLING_LABEL = 1 + 2 * 10


class FakeClock:
    """A clock that moves only when told to (ports.clock.Clock)."""

    def __init__(self, now: datetime = NOON, monotonic: float = 1000.0) -> None:
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the present instant."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        with self._lock:
            return self._monotonic

    def set(self, now: datetime) -> None:
        """Put the hands elsewhere, as an administrator does; waits are not affected."""
        with self._lock:
            self._now = now

    def wait(self, length: float | timedelta) -> None:
        """Let seconds, or a length of time, go by."""
        passed = length if isinstance(length, timedelta) else timedelta(seconds=length)
        if passed < timedelta(0):
            msg = f"time does not go by backwards: {length}"
            raise AssertionError(msg)
        with self._lock:
            self._now += passed
            self._monotonic += passed.total_seconds()


@dataclass(frozen=True)
class FixedRandomness:
    """The same byte again and again (ports.clock.Randomness without its chance)."""

    byte: int = 0x42

    def token(self, size: int) -> bytes:
        """Return `size` times the byte."""
        return bytes([self.byte]) * size


class CountingRandomness:
    """Bytes that differ at each call and are the same in each run (ports.clock.Randomness)."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._calls = 0
        self._lock = threading.Lock()

    def token(self, size: int) -> bytes:
        """Return `size` bytes that depend on seed and number of the call."""
        with self._lock:
            self._calls += 1
            call = self._calls
        return hashlib.shake_256(f"{self._seed}/{call}".encode()).digest(size)


class FakeCancellation:
    """A wish to stop; its waits move a fake clock (ports.clock.Cancellation).

    With `after` the wish comes during that many-th wait. `waits` lists the seconds that were to be waited.
    """

    def __init__(self, clock: FakeClock | None = None, *, after: int | None = None) -> None:
        self.waits: list[float] = []
        self._clock = clock or FakeClock()
        self._after = after
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask everyone to stop."""
        self._event.set()

    def is_cancelled(self) -> bool:
        """Say whether to stop now."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Let the clock's time go by unless cancelled; return True when cancelled."""
        self.waits.append(seconds)
        if self._after is not None and len(self.waits) >= self._after:
            self.cancel()
        if not self.is_cancelled():
            self._clock.wait(max(seconds, 0.0))
        return self.is_cancelled()


class ScriptedResolver:
    """Answer exactly the questions of the script; any other is an `AssertionError` (ports.resolver.Resolver).

    `sibling` is the answer for random labels beside a CNAME of the script, which proofs ask for. `asked` lists the
    questions in the order in which they came.
    """

    def __init__(
        self,
        answers: Mapping[tuple[str, RecordType], tuple[ServerReply, ...]],
        sibling: tuple[ServerReply, ...] | None = None,
    ) -> None:
        assert all(answers.values()), "a resolver's result is never empty"
        self.asked: list[tuple[str, RecordType]] = []
        self._answers = dict(answers)
        self._sibling = sibling

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return the scripted replies."""
        if cancellation.is_cancelled():
            msg = "stopped while waiting for DNS"
            raise Cancelled(msg)
        assert budget > 0, f"{name} {rtype.value} is asked without any time for it"
        self.asked.append((name, rtype))
        replies = self._answers.get((name, rtype))
        if replies is None and rtype is RecordType.CNAME and self._is_sibling(name):
            replies = self._sibling
        assert replies is not None, f"unexpected question: {name} {rtype.value}"
        return replies

    def _is_sibling(self, name: str) -> bool:
        label, _, parent = name.partition(".")
        scripted = {known.partition(".")[2] for known, rtype in self._answers if rtype is RecordType.CNAME}
        return len(label) == _SIBLING_LABEL and label.startswith("_") and parent in scripted


class ScriptedValidator:
    """Answer exactly the questions of the script (ports.resolver.ValidatingResolver)."""

    def __init__(self, answers: Mapping[tuple[str, RecordType], ValidatedReply]) -> None:
        self.asked: list[tuple[str, RecordType]] = []
        self._answers = dict(answers)

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> ValidatedReply:
        """Return the scripted reply."""
        if cancellation.is_cancelled():
            msg = "stopped while waiting for DNS"
            raise Cancelled(msg)
        assert budget > 0, f"{name} {rtype.value} is asked without any time for it"
        self.asked.append((name, rtype))
        assert (name, rtype) in self._answers, f"unexpected question: {name} {rtype.value}"
        return self._answers[name, rtype]


def answer_with(record: ResourceRecord, server: str = SERVER, ttl: int = 60) -> ServerAnswer:
    """Return a server's answer that has exactly this record."""
    return ServerAnswer(server, "NOERROR", (AnswerRecord(record.name, record.type, record.value, ttl),))


def answer_nothing(server: str = SERVER, rcode: str = "NXDOMAIN") -> ServerAnswer:
    """Return a server's answer that there is no such record."""
    return ServerAnswer(server, rcode, ())


@dataclass
class FakePrimary:
    """A zone's primary server in memory; call it to get a writer for a target (ports.zone_writer.ZoneWriters)."""

    zone: str
    key_name: str
    key_secret: str
    key_algorithm: str = "hmac-sha256"
    is_reachable: bool = True
    records: dict[ResourceRecord, int] = field(default_factory=dict)

    def __call__(self, target: Rfc2136Target) -> "FakeZoneWriter":
        """Return the writer."""
        place = f"{target.server}:{target.port} (zone {target.zone})"
        try:
            base64.b64decode(target.key_secret.reveal(), validate=True)
        except (binascii.Error, ValueError) as error:
            msg = f"The TSIG secret of {target.key_name} for {place} is not base64."
            raise Refused(msg) from error
        return FakeZoneWriter(self, target, place)


@dataclass(frozen=True)
class FakeZoneWriter:
    """Change the zone of a fake primary (ports.zone_writer.ZoneWriter)."""

    primary: FakePrimary
    target: Rfc2136Target
    place: str

    def values(self, name: str, rtype: RecordType) -> tuple[str, ...]:
        """Return the values that the primary holds for the name and type."""
        self._require_key()
        self._require_zone(name)
        return tuple(sorted(item.value for item in self.primary.records if (item.name, item.type) == (name, rtype)))

    def ttl(self, name: str, rtype: RecordType) -> int | None:
        """Return the TTL that the primary holds, None when there is no such record."""
        self._require_key()
        self._require_zone(name)
        found = (ttl for item, ttl in self.primary.records.items() if (item.name, item.type) == (name, rtype))
        return next(found, None)

    def add(self, record: ResourceRecord, ttl: int) -> bool:
        """Add the record unless the name holds any record; return False when it does."""
        self._require_update(record)
        if self._held(record.name):
            return False
        self.primary.records[record] = ttl
        return True

    def replace(self, record: ResourceRecord, ttl: int) -> None:
        """Set the record in place of what the name holds for its type."""
        self._require_update(record)
        held = self._held(record.name)
        if any((RecordType.CNAME in {item.type, record.type}) and item.type is not record.type for item in held):
            self._refuse(f"{record.name} holds records that a CNAME cannot stand beside")
        for item in held:
            if item.type is record.type:
                del self.primary.records[item]
        self.primary.records[record] = ttl

    def remove(self, record: ResourceRecord) -> None:
        """Remove exactly this record; gone already is success."""
        self._require_update(record)
        self.primary.records.pop(record, None)

    def _held(self, name: str) -> list[ResourceRecord]:
        return [item for item in self.primary.records if item.name == name]

    def _require_key(self) -> None:
        primary, target = self.primary, self.target
        if not primary.is_reachable:
            msg = f"{self.place} cannot be reached for an update."
            raise LookupFailed(msg)
        given = (target.key_name, target.key_algorithm, target.key_secret.reveal())
        if given != (primary.key_name, primary.key_algorithm, primary.key_secret.encode()):
            self._refuse(f"it does not know the TSIG key {target.key_name}")

    def _require_update(self, record: ResourceRecord) -> None:
        self._require_key()
        if self.target.zone.rstrip(".") != self.primary.zone or not self._is_inside(record.name):
            self._refuse(f"NOTAUTH for {record.name}")

    def _require_zone(self, name: str) -> None:
        if not self._is_inside(name):
            self._refuse(f"REFUSED for {name}")

    def _is_inside(self, name: str) -> bool:
        return f".{name}".endswith(f".{self.primary.zone}.")

    def _refuse(self, why: str) -> None:
        msg = f"{self.place} refused: {why}."
        raise Refused(msg)
