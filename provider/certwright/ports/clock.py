"""Time, chance and the wish to stop."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow, for measuring waits."""
        ...


class Randomness(Protocol):
    """Give unpredictable bytes (a CSPRNG)."""

    def token(self, size: int) -> bytes:
        """Return `size` random bytes."""
        ...


class Cancellation(Protocol):
    """Say whether the caller still wants an answer."""

    def is_cancelled(self) -> bool:
        """Say whether to stop now."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`, looking at least every 200 ms; return True as soon as cancelled."""
        ...
