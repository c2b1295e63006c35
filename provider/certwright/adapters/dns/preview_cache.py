"""One answer cache and one deadline for all of a preview's questions."""

import threading
from concurrent.futures import Future

from certwright.model.records import RecordType, ServerFailure, ServerReply
from certwright.ports.clock import Cancellation, Clock
from certwright.ports.resolver import Resolver

PREVIEW_SECONDS = 2.0
_Key = tuple[str, RecordType]


class PreviewResolver:
    """Ask each question once and stop asking when the preview's time for DNS is used up (ports.resolver.Resolver).

    The time runs from the first question on.
    """

    def __init__(self, inner: Resolver, clock: Clock, seconds: float = PREVIEW_SECONDS) -> None:
        self._inner = inner
        self._clock = clock
        self._seconds = seconds
        self._deadline: float | None = None
        self._asked: dict[_Key, Future[tuple[ServerReply, ...]]] = {}
        self._lock = threading.Lock()

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return the replies of the first time the question was asked."""
        future, is_first = self._future((name, rtype))
        if is_first:
            try:
                future.set_result(self._ask(name, rtype, budget, cancellation))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def _future(self, key: _Key) -> tuple[Future[tuple[ServerReply, ...]], bool]:
        with self._lock:
            known = self._asked.get(key)
            if known is not None:
                return known, False
            fresh: Future[tuple[ServerReply, ...]] = Future()
            self._asked[key] = fresh
            return fresh, True

    def _ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        left = self._time_left()
        if left <= 0:
            return (ServerFailure("preview", f"the {self._seconds:.0f} s that a preview gives to DNS are used up"),)
        return self._inner.ask(name, rtype, min(budget, left), cancellation)

    def _time_left(self) -> float:
        now = self._clock.monotonic()
        with self._lock:
            if self._deadline is None:
                self._deadline = now + self._seconds
            return self._deadline - now
