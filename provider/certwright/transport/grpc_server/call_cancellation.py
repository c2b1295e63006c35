"""The wish to stop, from the engine's Cancel or from a call that went away."""

import time

import grpc

from certwright.ports.clock import Cancellation

_LOOK_EVERY = 0.2


class CallCancellation:
    """Stop when the engine cancels or the call is no longer active (ports.clock.Cancellation)."""

    def __init__(self, engine: Cancellation, context: grpc.ServicerContext) -> None:
        self._engine = engine
        self._context = context

    def is_cancelled(self) -> bool:
        """Say whether to stop now."""
        return self._engine.is_cancelled() or not self._context.is_active()

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`, looking every 200 ms; return True as soon as cancelled."""
        deadline = time.monotonic() + seconds
        while not self.is_cancelled():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._engine.wait(min(left, _LOOK_EVERY))
        return True
