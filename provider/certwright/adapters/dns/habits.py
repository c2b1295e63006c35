"""How servers answered lately, so that the silence of one is waited out once and not at every question."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum

_REMEMBER = 30.0


class Habit(Enum):
    """How a server answers."""

    USUAL = "by UDP, or by TCP what is too long for UDP"
    BY_TCP = "by TCP alone"
    SILENT = "not in a usable way"


@dataclass(frozen=True, slots=True)
class Seen:
    """A habit; `reason` says why nothing that a silent server sent could be used."""

    habit: Habit = Habit.USUAL
    reason: str = ""


_USUAL = Seen()


class Habits:
    """The habits of servers, each kept for 30 s from the question that showed it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Hashable, tuple[Seen, float]] = {}
        self._lock = threading.Lock()

    def of(self, server: Hashable) -> Seen:
        """Return a server's habit, the usual one when nothing else was seen lately."""
        with self._lock:
            seen, until = self._known.get(server, (_USUAL, 0.0))
        return seen if self._clock() < until else _USUAL

    def note(self, server: Hashable, seen: Seen) -> None:
        """Remember how a server answered; what is out of date is forgotten."""
        now = self._clock()
        with self._lock:
            self._known = {key: entry for key, entry in self._known.items() if entry[1] > now and key != server}
            if seen.habit is not Habit.USUAL:
                self._known[server] = (seen, now + _REMEMBER)
