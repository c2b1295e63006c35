"""How long a call waits for a provider's API: until a deadline or the wish to stop, told from two seconds on."""

import time
from collections.abc import Callable

from certwright.errors import Cancelled, LookupFailed
from certwright.ports.clock import Cancellation

LOOK_EVERY = 0.2
_QUIET_SECONDS = 2.0
_TELL_EVERY = 1.0


class Patience:
    """Wait in small steps for one call; `what` says for people what is waited for."""

    def __init__(self, what: str, seconds: float, cancellation: Cancellation, tell: Callable[[str], None]) -> None:
        self.what = what
        self._seconds = seconds
        self._cancellation = cancellation
        self._tell = tell
        self._begun = self._asked = time.monotonic()
        self._told = self._begun + _QUIET_SECONDS - _TELL_EVERY

    def begin(self) -> None:
        """Let the deadline count from now on: a wait for a turn is nobody's silence."""
        self._asked = time.monotonic()

    def look_for_turn(self) -> None:
        """Raise `Cancelled` when nobody wants the answer any more."""
        self._look("before anything was sent.")

    def look(self) -> None:
        """Raise `Cancelled` when nobody wants the answer any more, and `LookupFailed` once the time is over."""
        self._look("and what was sent may still be done; the next `pulumi up` looks at what is there.")
        if time.monotonic() - self._asked >= self._seconds:
            msg = (
                f"{self.what}: no answer within {self._seconds:.0f} s. What was sent may still be done; the next "
                "`pulumi up` looks at what is there."
            )
            raise LookupFailed(msg)

    def _look(self, consequence: str) -> None:
        if self._cancellation.is_cancelled():
            msg = f"{self.what}: stopped {consequence}"
            raise Cancelled(msg)
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self._tell(f"{self.what} ({now - self._begun:.0f} s)")
