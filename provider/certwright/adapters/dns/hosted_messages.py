"""What the plugin asks its helper for hosted DNS, and what comes back: a line of JSON each.

The plugin and its helper are one version of this package, so the lines have no version of their own.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum

from certwright.model.records import RecordType


class Act(Enum):
    """The methods of ports.zone_writer.ZoneWriter."""

    VALUES = "values"
    TTL = "ttl"
    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


class Outcome(Enum):
    """How a request ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a writer; `credentials` are in the clear, so this is neither logged nor kept."""

    provider: str
    zone: str
    credentials: Mapping[str, str]
    act: Act
    name: str
    type: RecordType
    value: str = ""
    ttl: int = 0

    def line(self) -> bytes:
        """Write the request as a line."""
        return _line({**asdict(self), "act": self.act.value, "type": self.type.value})

    @staticmethod
    def read(line: bytes) -> "Request":
        """Read a line."""
        known = json.loads(line)
        return Request(**{**known, "act": Act(known["act"]), "type": RecordType(known["type"])})

    def __repr__(self) -> str:
        return f"Request({self.act.value} {self.name})"


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome with a method's result, or with what to tell people: `told` has no credential in it."""

    outcome: Outcome
    told: str = ""
    values: tuple[str, ...] = ()
    ttl: int | None = None
    is_added: bool = False

    def line(self) -> bytes:
        """Write the reply as a line."""
        return _line({**asdict(self), "outcome": self.outcome.value})

    @staticmethod
    def read(line: bytes) -> "Reply":
        """Read a line."""
        known = json.loads(line)
        return Reply(**{**known, "outcome": Outcome(known["outcome"]), "values": tuple(known["values"])})


def _line(known: Mapping[str, object]) -> bytes:
    return json.dumps(known).encode() + b"\n"
