"""A zone as dns-lexicon shows it, with the contract of ports.zone_writer.ZoneWriter; runs in the helper process.

The library's providers differ in what a change does when something is there already, and some report success where
nothing happened. So the name is read before each change and after it, and only what it holds then counts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from lexicon.interfaces import Provider

from certwright.adapters.dns.hosted_library import use_ttl
from certwright.model.records import RecordType

_SETTLE_SECONDS = 10.0
_LOOK_EVERY = 0.5
_NAMES = frozenset({"CNAME", "DNAME", "NS"})


class NotTaken(Exception):
    """Say why the zone does not hold what it was asked to hold."""


@dataclass(frozen=True, slots=True)
class Held:
    """One record of a name: its value in our form, and as the library has it (`raw`)."""

    id: str
    type: str
    value: str
    raw: str
    ttl: int | None


class HostedZone:
    """Read and change the names of a zone; what is written has the TTL that the provider was opened with."""

    def __init__(self, provider: Provider, settle_seconds: float = _SETTLE_SECONDS) -> None:
        self._provider = provider
        self._settle_seconds = settle_seconds

    def values(self, name: str, rtype: RecordType) -> tuple[str, ...]:
        """Return the values that the zone holds for the name and type."""
        return tuple(sorted(item.value for item in self._held(name) if item.type == rtype.value))

    def ttl(self, name: str, rtype: RecordType) -> int | None:
        """Return the TTL, None when there is no such record."""
        return next((item.ttl for item in self._held(name) if item.type == rtype.value), None)

    def add(self, name: str, rtype: RecordType, value: str) -> bool:
        """Add the record unless the name holds any; return False when it does, also since the look before."""
        if self._held(name):
            return False
        try:
            is_done = self._provider.create_record(rtype.value, _bare(name), _content(rtype, value))
        except requests.HTTPError:
            if self._held(name):
                return False
            raise
        if not is_done and self._held(name):
            return False
        self._settle(name, lambda held: [item.value for item in held] == [value])
        return True

    def replace(self, name: str, rtype: RecordType, value: str, ttl: int) -> None:
        """Set the record in place of what the name holds for its type."""
        held = self._held(name)
        others = sorted({item.type for item in held if item.type != rtype.value})
        same = [item for item in held if item.type == rtype.value]
        if others and "CNAME" in {rtype.value, *others}:
            msg = f"did not take {name} {rtype.value}: the name holds {', '.join(others)}"
            raise NotTaken(msg)
        if len(same) > 1:
            msg = f"did not take {name} {rtype.value}: the name holds {len(same)} values"
            raise NotTaken(msg)
        if same:
            self._provider.update_record(same[0].id, rtype.value, _bare(name), _content(rtype, value))
        else:
            self._provider.create_record(rtype.value, _bare(name), _content(rtype, value))
        self._settle(name, lambda held: (value, ttl) in {(item.value, item.ttl) for item in held})

    def remove(self, name: str, rtype: RecordType, value: str) -> None:
        """Remove exactly this record; gone already is success."""
        for item in self._held(name):
            if (item.type, item.value) == (rtype.value, value):
                use_ttl(self._provider, item.ttl)
                self._provider.delete_record(None, rtype.value, _bare(name), item.raw)
        self._settle(name, lambda held: (rtype.value, value) not in {(item.type, item.value) for item in held})

    def _held(self, name: str) -> list[Held]:
        """Return what the name holds; the library's own filters miss names in capitals."""
        found = self._provider.list_records(None, _bare(name), None)
        return [_record(item) for item in found if _bare(str(item["name"])).lower() == _bare(name)]

    def _settle(self, name: str, is_settled: Callable[[list[Held]], bool]) -> None:
        """Wait until the name holds what it should: some APIs take a moment to show a change."""
        deadline = time.monotonic() + self._settle_seconds
        while not is_settled(held := self._held(name)):
            if time.monotonic() > deadline:
                shown = ", ".join(f"{item.type} {item.value}" for item in held) or "nothing"
                msg = f"did not do what it was asked to: {name} holds {shown} afterwards"
                raise NotTaken(msg)
            time.sleep(_LOOK_EVERY)


def _record(item: dict[str, object]) -> Held:
    rtype, raw, ttl = str(item["type"]), str(item["content"]), item["ttl"]
    return Held(str(item["id"]), rtype, _value(rtype, raw), raw, int(str(ttl)) if ttl is not None else None)


def _value(rtype: str, raw: str) -> str:
    if rtype == "TXT":
        return f'"{raw.strip(chr(34))}"'
    return f"{raw.lower().removesuffix('.')}." if rtype in _NAMES else raw


def _content(rtype: RecordType, value: str) -> str:
    """Return a value for the library, which quotes texts itself."""
    return value.strip('"') if rtype is RecordType.TXT else value


def _bare(name: str) -> str:
    return name.removesuffix(".").replace("\\052", "*")
