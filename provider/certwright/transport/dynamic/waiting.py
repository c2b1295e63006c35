"""Waits in a process of four threads: short ones, and few at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from certwright.errors import Unfinished
from certwright.resources.session import InitFailed

WAIT_SECONDS = 60.0
AT_ONCE = 2
GO_ON = (
    f"A dynamic resource waits {WAIT_SECONDS:.0f} s at most. Run `pulumi up` again: it goes on with the same version."
)


class Turns:
    """Let a few wait at a time."""

    def __init__(self, at_once: int = AT_ONCE, seconds: float = WAIT_SECONDS) -> None:
        self._free = BoundedSemaphore(at_once)
        self._at_once = at_once
        self._seconds = seconds

    @contextmanager
    def take(self) -> Iterator[float]:
        """Hold a turn and yield the seconds that are left of the wait; raise `Unfinished` when none becomes free."""
        deadline = time.monotonic() + self._seconds
        if not self._free.acquire(timeout=self._seconds):
            msg = f"Not asked for yet: {self._at_once} other certificates were waited for all the time.\n{GO_ON}"
            raise Unfinished(msg)
        try:
            yield max(deadline - time.monotonic(), 1.0)
        except InitFailed as error:
            raise Unfinished("\n".join(_lines(error))) from None
        finally:
            self._free.release()


def _lines(error: InitFailed) -> tuple[str, ...]:
    """Return a sentence per missing thing and, last, what to do: a failed dynamic resource keeps no state."""
    return error.reasons if error.is_final else (*error.missing, GO_ON)
