"""A book of certificates kept by hand: what the core has to show, told from the documents and not from its code.

It knows no keys, serials or instants drawn by chance: those are filled in when they are first seen, and from then on
they stay (`model_seen`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.core.model_zone import Condition

HOURS_TO_VALIDATE = timedelta(hours=72)
PROOF_SERVES = timedelta(minutes=10)
PENDING = frozenset({"REQUESTED", "VALIDATING", "READY", "SIGNING"})
OURS = "ca.example"
Region = tuple[str, str]
"""Account and Region."""


@dataclass(frozen=True)
class Wanted:
    """A declaration: what to issue (names, days, curve), and how it is treated."""

    names: tuple[str, ...]
    days: int = 395
    curve: str = "EC_prime256v1"
    lead: int | None = None
    keeps_key: bool = False
    is_pinned: bool = False
    repin: str = ""
    tag: str = ""

    @property
    def issued_for(self) -> tuple[object, ...]:
        """Return what a certificate is issued for; the order of the other names means nothing."""
        return (self.names[0], frozenset(self.names), self.days, self.curve)

    @property
    def whole(self) -> tuple[object, ...]:
        """Return all of it, as far as it means something."""
        return (self.issued_for, self.lead, self.keeps_key, self.is_pinned, self.repin, self.tag)

    @property
    def bases(self) -> tuple[str, ...]:
        """Return what is validated: a wildcard's record is its apex's."""
        return tuple(dict.fromkeys(name.removeprefix("*.") for name in self.names))


@dataclass(frozen=True)
class Signed:
    """What a signed version is for ever."""

    serial: int
    key: bytes
    certificate: bytes
    not_before: datetime
    not_after: datetime


@dataclass
class Version:
    """One issue; `waiting` is what it waits for, None until that is seen.

    `keeps_key_of` is the version whose key it takes; `burnt` counts serials that may exist besides.
    """

    number: int
    wanted: Wanted
    cause: str
    requested: datetime
    state: str = "REQUESTED"
    is_superseded: bool = False
    proven: datetime | None = None
    keeps_key_of: int | None = None
    burnt: int = 0
    serial: int | None = None
    signed: Signed | None = None
    renewal: datetime | None = None
    waiting: str | None = ""

    @property
    def is_pending(self) -> bool:
        """Say whether it can still be issued."""
        return self.state in PENDING

    @property
    def is_signed(self) -> bool:
        """Say whether there is a certificate of it."""
        return self.state in {"ISSUED", "RETIRED"}

    def is_late(self, now: datetime) -> bool:
        """Say whether it waited for longer than it may."""
        return self.is_pending and now - self.requested > HOURS_TO_VALIDATE

    def is_fresh(self, now: datetime) -> bool:
        """Say whether its proof still serves."""
        return self.proven is not None and timedelta(0) <= now - self.proven <= PROOF_SERVES


@dataclass
class Entry:
    """One certificate; `arn` is empty until it is seen."""

    region: Region
    urn: str
    wanted: Wanted
    versions: list[Version]
    arn: str = ""
    is_claimed: bool = False
    is_deleted: bool = False
    current_number: int | None = None
    pinned: int | None = None

    @property
    def newest(self) -> Version:
        """Return the newest version."""
        return self.versions[-1]

    @property
    def current(self) -> Version | None:
        """Return the version in force."""
        return None if self.current_number is None else self.versions[self.current_number - 1]

    def is_due(self, now: datetime) -> bool:
        """Say whether the instant that was chosen at issue has come."""
        current = self.current
        return not self.is_deleted and current is not None and current.renewal is not None and current.renewal <= now

    def status(self, now: datetime) -> str:
        """Return ACM's status."""
        if self.current is not None:
            signed = self.current.signed
            return "EXPIRED" if signed is not None and signed.not_after <= now else "ISSUED"
        ended = {"FAILED": "FAILED", "TIMED_OUT": "VALIDATION_TIMED_OUT"}
        return ended.get(self.newest.state, "PENDING_VALIDATION")

    def shown(self, now: datetime) -> int | None:
        """Return the version that the outputs show."""
        if self.pinned is not None:
            is_there = self.pinned <= len(self.versions) and self.versions[self.pinned - 1].is_signed
            return self.pinned if is_there else None
        current = self.current
        serves = current is not None and current.wanted.issued_for == self.wanted.issued_for
        return self.current_number if serves and self.status(now) == "ISSUED" else None


@dataclass
class Hold:
    """A resource's hold on a record in a zone; `id` is empty until it is seen."""

    account: str
    urn: str
    owner: str
    value: str
    created: datetime
    id: str = ""
    is_claimed: bool = False
    is_gone: bool = False

    def is_lost_try_of(self, other: "Hold") -> bool:
        """Say whether it is what an earlier Create of the same resource left, whose reply the engine never got."""
        is_same = (self.account, self.urn, self.owner) == (other.account, other.urn, other.owner)
        return is_same and self is not other and not self.is_claimed and self.created <= other.created


@dataclass
class Book:
    """Everything. `handed` is the validation domain under which a name's record was first handed out to an account.

    `zone` is what the primaries hold; `events` what the audit log has to say of the acts since the last look.
    """

    entries: list[Entry] = field(default_factory=list)
    handed: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    zone: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str, int | str]] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)
    serials: set[tuple[str, int]] = field(default_factory=set)

    def tell(self, entry: Entry, *actions: str) -> None:
        """Note what the audit log has to say of a certificate."""
        place = next(place for place, item in enumerate(self.entries) if item is entry)
        self.events.extend((entry.region[0], action, place) for action in actions)

    def held(self) -> Iterator[Hold]:
        """Yield the holds that were not given up."""
        return (hold for hold in self.holds if not hold.is_gone)

    def live(self, region: Region) -> Iterator[Entry]:
        """Yield what a listing shows, oldest first."""
        return (entry for entry in self.entries if entry.region == region and not entry.is_deleted)

    def record(self, account: str, base: str, domain: str) -> tuple[str, str]:
        """Return owner and value of a name's record: as handed out, or as `domain` makes it."""
        return self.texts[account, base, self.handed.get((account, base), domain)]

    def handed_record(self, account: str, base: str) -> tuple[str, str]:
        """Return the record of a name that was handed out."""
        return self.texts[account, base, self.handed[account, base]]


@dataclass(frozen=True)
class Surroundings:
    """What an act of a process meets: the time, its configuration, the servers and CAA as they are."""

    now: datetime
    domain: str
    enforces_caa: bool
    conditions: tuple[Condition, ...]
    caa: dict[str, str]
