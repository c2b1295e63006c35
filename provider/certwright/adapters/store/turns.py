"""How many units of work of one process are under way at once; the others queue for their turn."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from certwright.errors import StoreUnavailable

_PATIENCE = 60.0


class Turns:
    """Give so many turns to readers and so many to writers, and none to a unit of work that begins inside another one.

    A thread that holds a turn and asks for a second one could wait for itself for ever.
    """

    def __init__(self, readers: int, writers: int) -> None:
        self._readers = threading.BoundedSemaphore(readers)
        self._writers = threading.BoundedSemaphore(writers)
        self._thread = threading.local()

    @contextmanager
    def turn(self, place: str, *, reads_only: bool) -> Iterator[None]:
        """Hold a turn; raise `StoreUnavailable` when none came within a minute."""
        self.require_none()
        turns = self._readers if reads_only else self._writers
        if not turns.acquire(timeout=_PATIENCE):
            msg = f"The store {place} was busy for {_PATIENCE:.0f} s with other work of this process. Run it again."
            raise StoreUnavailable(msg)
        self._thread.has_turn = True
        try:
            yield
        finally:
            self._thread.has_turn = False
            turns.release()

    def require_none(self) -> None:
        """Raise `RuntimeError` when this thread holds a turn."""
        if getattr(self._thread, "has_turn", False):
            msg = "a unit of work began another one inside itself; read before it, or pass its transaction on"
            raise RuntimeError(msg)
