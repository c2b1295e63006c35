"""The log of revocations outside the store, so that a store that went back in time is noticed (T9)."""

from collections.abc import Sequence
from typing import Protocol

from certwright.model.revocations import LoggedRevocations, Revocation


class RevocationLog(Protocol):
    """One append-only log per home; whatever it returned from is durable.

    Every method raises `IntegrityError` for a log that was changed, and `StoreUnavailable` for one that cannot be read
    or written; neither is ever an empty log. What a crash left of an append that never returned is no entry.
    """

    @property
    def place(self) -> str:
        """Return host and path, for people."""
        ...

    def read(self) -> LoggedRevocations | None:
        """Return everything, None when there is no log."""
        ...

    def count(self) -> int:
        """Return how many revocations there are, without looking at them; 0 when there is no log."""
        ...

    def open(self, log_id: str, installation_id: str, revocations: Sequence[Revocation]) -> LoggedRevocations:
        """Return the log, made with these revocations unless there is one; of two processes at once, one makes it."""
        ...

    def set_aside(self) -> None:
        """Move the log out of the way under a name of its own; nothing happens when there is none."""
        ...

    def append(self, log_id: str, revocations: Sequence[Revocation]) -> None:
        """Append to the log of that id; raise `Refused`, with nothing written, when another one is there, or none."""
        ...
