"""Records in a zone that a provider hosts, changed through its API (ports.zone_writer.ZoneWriter)."""

from collections.abc import Callable
from importlib.util import find_spec

from certwright.adapters.dns.hosted_helpers import HostedHelpers
from certwright.adapters.dns.hosted_messages import Act, Outcome, Reply, Request
from certwright.adapters.dns.hosted_patience import Patience
from certwright.errors import LookupFailed, Refused
from certwright.model.hosted_rules import PROVIDERS, HostedWords, hosted_faults
from certwright.model.printable import printable
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.zone_records import HostedTarget
from certwright.ports.clock import Cancellation

SECONDS = 45.0
_LONGEST_TOLD = 400
_LIBRARIES = {"lexicon": "dns-lexicon", "boto3": "boto3"}


class HostedWriter:
    """Change one zone through its provider's API."""

    def __init__(
        self,
        target: HostedTarget,
        helpers: HostedHelpers,
        cancellation: Cancellation,
        tell: Callable[[str], None],
        seconds: float = SECONDS,
    ) -> None:
        self._target = target
        self._helpers = helpers
        self._cancellation = cancellation
        self._tell = tell
        self._seconds = seconds
        self._zone = target.zone.lower().removesuffix(".")
        self._place = f"{_title(target.provider)} (zone {printable(self._zone)})"
        self._require_usable()
        _require_library()

    def values(self, name: str, rtype: RecordType) -> tuple[str, ...]:
        """Return the values that the provider holds for the name and type."""
        return self._ask(Act.VALUES, ResourceRecord(name, rtype, "")).values

    def ttl(self, name: str, rtype: RecordType) -> int | None:
        """Return the TTL that the provider holds, None when there is no such record."""
        return self._ask(Act.TTL, ResourceRecord(name, rtype, "")).ttl

    def add(self, record: ResourceRecord, ttl: int) -> bool:
        """Add the record unless the name holds any record; return False when it does."""
        return self._ask(Act.ADD, record, ttl).is_added

    def replace(self, record: ResourceRecord, ttl: int) -> None:
        """Set the record in place of what the name holds for its type."""
        self._ask(Act.REPLACE, record, ttl)

    def remove(self, record: ResourceRecord) -> None:
        """Remove exactly this record."""
        self._ask(Act.REMOVE, record)

    def _ask(self, act: Act, record: ResourceRecord, ttl: int = 0) -> Reply:
        self._require_inside(record.name)
        request = Request(
            provider=self._target.provider,
            zone=self._zone,
            credentials={name: value.reveal().decode() for name, value in self._target.credentials},
            act=act,
            name=record.name,
            type=record.type,
            value=record.value,
            ttl=ttl,
        )
        what = f"Waiting for {self._place}: {record.name}"
        reply = self._helpers.ask(request, Patience(what, self._seconds, self._cancellation, self._tell))
        if reply.outcome is Outcome.DONE:
            return reply
        told = f"{self._place} {printable(reply.told, _LONGEST_TOLD)}"
        raise Refused(told) if reply.outcome is Outcome.REFUSED else LookupFailed(told)

    def _require_usable(self) -> None:
        faults = hosted_faults(HostedWords(self._target.provider, dict(self._target.credentials)))
        if faults:
            msg = f"Nothing can be sent to {self._place}. " + " ".join(str(fault) for fault in faults)
            raise Refused(msg)

    def _require_inside(self, name: str) -> None:
        """Refuse a foreign name: the library takes it for a relative one and puts the zone's name behind it."""
        if not f".{name.lower().removesuffix('.')}".endswith(f".{self._zone}"):
            msg = f"{printable(name)} is not in {self._place}."
            raise Refused(msg)


def _title(provider: str) -> str:
    return PROVIDERS[provider].title if provider in PROVIDERS else printable(provider)


def _require_library() -> None:
    """Refuse early, in preview too, what `certwright[dns]` is missing for."""
    missing = [package for module, package in _LIBRARIES.items() if find_spec(module) is None]
    if missing:
        msg = f"Hosted DNS needs {' and '.join(missing)}, which is not installed. Run: pip install 'certwright[dns]'"
        raise Refused(msg)
