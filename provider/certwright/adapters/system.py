"""Time, chance and cancellation of the real machine."""

import secrets
import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock (ports.clock.Clock)."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()


class SystemRandomness:
    """The operating system's CSPRNG (ports.clock.Randomness)."""

    def token(self, size: int) -> bytes:
        """Return `size` random bytes."""
        return secrets.token_bytes(size)


class EventCancellation:
    """A wish to stop, set once from any thread (ports.clock.Cancellation)."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask everyone to stop."""
        self._event.set()

    def is_cancelled(self) -> bool:
        """Say whether to stop now."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`; return True as soon as cancelled."""
        return self._event.wait(seconds)
