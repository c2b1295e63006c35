"""Time, chance and cancellation of the real machine, and what its operating system knows of this process."""

import ctypes
import os
import pwd
import resource
import secrets
import socket
import sys
import threading
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path

_KEPT = frozenset({"HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV"})
_KEPT_PREFIXES = ("FAKETIME", "GRPC_", "LC_", "LD_", "PG", "PYTHON", "SSL_CERT_", "XDG_")


def take_environment(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Return a copy of the environment and leave only an allow-list behind, for children to inherit.

    PULUMI_CONFIG, which holds the decrypted configuration, is in neither. PG* and SSL_CERT_* stay: libpq and OpenSSL
    read the process's own environment. What goes from the process's own is overwritten as well.
    """
    taken = {name: value for name, value in environ.items() if name != "PULUMI_CONFIG"}
    for name in list(environ):
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            if environ is os.environ:
                _wipe(name)
            del environ[name]
    return taken


def keep_output(elsewhere: int) -> int:
    """Return the process's output for one purpose alone, and send what anything else prints to another descriptor."""
    kept = os.dup(1)
    os.dup2(elsewhere, 1)
    sys.stdout.flush()  # what was printed already and not written yet goes elsewhere too
    return kept


def _wipe(name: str) -> None:
    """Overwrite the value where the kernel put it: /proc/<pid>/environ shows that memory as long as the process lives.

    Deleting a variable only takes its address off the list.
    """
    find = ctypes.CDLL(None).getenv
    find.restype, find.argtypes = ctypes.c_void_p, (ctypes.c_char_p,)
    place = find(os.fsencode(name))
    if place is not None:
        ctypes.memset(place, 0, len(ctypes.string_at(place)))


def forbid_core_dumps() -> None:
    """Keep keys in memory out of core files (T1)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def process_owner() -> str:
    """Return the name of the user that this process runs as, `uid-<n>` where the system knows none.

    LOGNAME and USER are not asked: anybody can set them.
    """
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def can_make(path: Path) -> bool:
    """Say whether a file could be made at the path, as far as the nearest folder that is there tells."""
    folder = path.parent
    while not os.access(folder, os.F_OK) and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


class SystemClock:
    """The machine's clock (ports.clock.Clock)."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()


class HostProcesses:
    """The processes of this host (ports.processes.Processes)."""

    def has_ended(self, process_id: str) -> bool:
        """Say whether a process of this host is not there any more."""
        host, _, number = process_id.rpartition("/")
        return host == socket.gethostname() and number.isdigit() and not Path(f"/proc/{number}").exists()


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
