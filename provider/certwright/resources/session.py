"""What a handler works with, and what it gives back."""

import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from certwright.core.context import Core
from certwright.errors import Fault, InstallationMismatch, Refused, Unfinished
from certwright.model.scope import Caller
from certwright.model.zone_records import ZoneTarget
from certwright.ports.clock import Cancellation
from certwright.ports.zone_writer import ZoneWriters
from certwright.resources.values import Properties, Value

HIDDEN = "__certwright"
STATE_VERSION = 1


class Log(Protocol):
    """Messages of one resource in the engine's display."""

    def info(self, message: str) -> None:
        """Add a line to the resource's diagnostics."""
        ...

    def warning(self, message: str) -> None:
        """Add a warning to the resource's diagnostics."""
        ...

    def status(self, message: str) -> None:
        """Replace the resource's status line."""
        ...


@dataclass(frozen=True, slots=True)
class Planned:
    """What an update of a Certificate in this preview means for the outputs of its CertificateValidation.

    `moves` says that they will be those of another version, which `makes_version` does not exist yet.
    """

    reason: str
    makes_version: bool
    moves: bool
    exports: bool


class PlannedUpdates:
    """Remember for the rest of this preview what `up` will do to certificates, by ARN."""

    def __init__(self) -> None:
        self._planned: dict[str, Planned] = {}
        self._lock = threading.Lock()

    def note(self, arn: str, planned: Planned) -> None:
        """Note what is planned."""
        with self._lock:
            self._planned[arn] = planned

    def of(self, arn: str) -> Planned | None:
        """Return what is planned, None when nothing is."""
        with self._lock:
            return self._planned.get(arn)


@dataclass(frozen=True, slots=True)
class Session:
    """One handler call: the core, whose behalf, where messages go, and the wish to stop.

    `preview_core` asks DNS through the preview's one cache and deadline.
    """

    core: Core
    preview_core: Core
    caller: Caller
    log: Log
    cancellation: Cancellation
    planned: PlannedUpdates
    zone_writers: ZoneWriters
    default_zone_target: ZoneTarget | None
    default_tags: tuple[tuple[str, str], ...]
    urn: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Inputs with defaults filled in, and everything wrong with them."""

    inputs: Properties
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()


class ChangeKind(Enum):
    """What happens to one property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One changed property: `path` as `subjectAlternativeNames[1]`; outputs change with `is_input` False."""

    path: str
    kind: ChangeKind
    replaces: bool = False
    is_input: bool = True


@dataclass(frozen=True, slots=True)
class DiffResult:
    """Every change with the reasons to show; no changes means the resource stays as it is."""

    changes: tuple[PropertyChange, ...] = ()
    reasons: tuple[str, ...] = ()
    stables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that now exists, or in preview what of it is known."""

    id: str
    outputs: Properties


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A resource as it is: None as id says it is positively gone. `unfinished` lists what it still waits for."""

    id: str | None
    outputs: Properties = field(default_factory=dict)
    inputs: Properties = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()


class InitFailed(Unfinished):
    """Say that the resource exists but has not reached its goal: id and state are kept, the next `up` goes on.

    `missing` says what is missing; of `reasons` the last may be advice on what the next run does. With `is_final`
    waiting longer could not help.
    """

    def __init__(
        self,
        resource_id: str,
        outputs: Properties,
        missing: tuple[str, ...],
        advice: str = "",
        *,
        is_final: bool = False,
    ) -> None:
        self.resource_id = resource_id
        self.outputs = outputs
        self.missing = missing
        self.reasons = (*missing, advice) if advice else missing
        self.is_final = is_final
        super().__init__(" ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Hidden:
    """The hidden output `__certwright`: which installation the state belongs to, and what it knows.

    `digest` is that of the inputs applied, `version` the newest version known then, `shown` the issued version whose
    dates and serial are among the outputs; 0 for none. `hold` is a ValidationRecord's hold on its record.
    """

    installation: str
    digest: str = ""
    version: int = 0
    shown: int = 0
    hold: str = ""
    state_version: int = STATE_VERSION

    def encode(self) -> dict[str, Value]:
        """Write it as a property value."""
        return {
            "installation": self.installation,
            "stateVersion": STATE_VERSION,
            "digest": self.digest,
            "version": self.version,
            "shown": self.shown,
            **({"hold": self.hold} if self.hold else {}),
        }


def read_hidden(state: Properties) -> Hidden:
    """Read the hidden output; what a foreign or imported state lacks is empty."""
    value = state.get(HIDDEN)
    fields = value if isinstance(value, dict) else {}
    return Hidden(
        installation=str(fields.get("installation", "")),
        digest=str(fields.get("digest", "")),
        version=_number(fields.get("version")),
        shown=_number(fields.get("shown")),
        hold=str(fields.get("hold", "")),
        state_version=_number(fields.get("stateVersion")),
    )


def _number(value: Value) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def require_same_installation(session: Session, state: Properties) -> Hidden:
    """Return the hidden output of a state of this installation; raise `InstallationMismatch` for any other.

    A state of a newer certwright may mean what this one cannot know: `Refused`.
    """
    hidden = read_hidden(state)
    if hidden.state_version > STATE_VERSION:
        msg = (
            f"This resource was written by a newer certwright (state version {hidden.state_version}). Upgrade "
            "certwright here; nothing was changed."
        )
        raise Refused(msg)
    if hidden.installation and hidden.installation != session.core.installation_id:
        msg = (
            f"This resource belongs to certwright installation {hidden.installation}, but the configured store is "
            f"installation {session.core.installation_id}. Point CERTWRIGHT_HOME, certwright:store and "
            f"certwright:masterKey at the first one; nothing was changed."
        )
        raise InstallationMismatch(msg)
    return hidden
