"""Time, chance and cancellation of the real machine."""

import secrets
import threading
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime

_KEPT = frozenset({"HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV"})
_KEPT_PREFIXES = ("FAKETIME", "GRPC_", "LC_", "LD_", "PYTHON", "XDG_")


def take_environment(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Return a copy of the environment and leave only an allow-list behind, for children to inherit.

    PULUMI_CONFIG, which holds the decrypted configuration, is in neither.
    """
    taken = {name: value for name, value in environ.items() if name != "PULUMI_CONFIG"}
    for name in list(environ):
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            del environ[name]
    return taken


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
