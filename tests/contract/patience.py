"""How long calls may take to end, and the proof that they end when they are cancelled."""

import threading
import time

import pytest
from certwright.adapters.system import EventCancellation
from certwright.errors import Cancelled
from certwright.model.records import RecordType
from certwright.ports.resolver import Resolver, ValidatingResolver

SLOWEST_STOP = 0.5


def stops_in_time(resolver: Resolver | ValidatingResolver) -> None:
    """Cancel a call while it waits, and see it end."""
    cancellation = EventCancellation()
    timer = threading.Timer(0.2, cancellation.cancel)
    timer.start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        resolver.ask("_n.example.test.", RecordType.CNAME, 30.0, cancellation)
    assert time.monotonic() - start < 0.2 + SLOWEST_STOP
    timer.join()
