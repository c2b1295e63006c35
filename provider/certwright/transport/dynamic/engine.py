"""The engine that started this process through the SDK: its display, and its end."""

import os
import re
import select
import sys
import threading
import time
from functools import cache

from certwright.adapters.engine_log import EngineConnection
from certwright.transport.dynamic.waiting import WAIT_SECONDS

_ADDRESS = re.compile(r"[A-Za-z0-9.\[\]:-]+:[0-9]+")


@cache
def engine() -> EngineConnection | None:
    """Return the engine, which names itself in the first argument; None in a process that it did not start."""
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    if not _ADDRESS.fullmatch(address):
        return None
    end_with_reader(sys.stdout.fileno(), WAIT_SECONDS)
    return EngineConnection(address)


def end_with_reader(output: int, seconds: float) -> None:
    """End this process `seconds` after nobody reads its output any more.

    A killed engine stops nobody, and the SDK's process would stay for ever with keys in its memory. The time is for
    calls of other dynamic providers to end.
    """
    threading.Thread(target=_end, args=(output, seconds), daemon=True, name="engine").start()


def _end(output: int, seconds: float) -> None:
    closed = select.poll()
    closed.register(output, 0)
    closed.poll()
    time.sleep(seconds)
    os._exit(0)
