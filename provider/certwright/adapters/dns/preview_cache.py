"""One answer cache and one deadline for all of a preview's questions."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from certwright.errors import Cancelled
from certwright.model.records import RecordType, ServerFailure, ServerReply, ValidatedReply
from certwright.ports.clock import Cancellation, Clock
from certwright.ports.resolver import Resolver, ValidatingResolver

PREVIEW_SECONDS = 2.0
_LOOK_EVERY = 0.1
_PLACE = "preview"
_Key = tuple[str, RecordType]
_T = TypeVar("_T")


class PreviewResolver:
    """Ask each question once and stop asking when the preview's time for DNS is used up (ports.resolver.Resolver).

    The time runs from the first question on.
    """

    def __init__(self, inner: Resolver, clock: Clock, seconds: float = PREVIEW_SECONDS) -> None:
        self._inner = inner
        self._clock = clock
        self._time = _PreviewTime(clock, seconds)
        self._known: _Shared[tuple[ServerReply, ...]] = _Shared(clock)

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return the replies of the first time the question was asked."""

        def ask() -> tuple[ServerReply, ...]:
            left = self._time.left()
            if left <= 0:
                return (self._time.used_up(),)
            return self._inner.ask(name, rtype, min(budget, left), cancellation)

        replies = self._known.get((name, rtype), ask, budget, cancellation)
        return replies if replies is not None else (_not_in_time(budget),)

    def validating(self, inner: ValidatingResolver) -> "PreviewValidatingResolver":
        """Return a validating resolver that shares the preview's time."""
        return PreviewValidatingResolver(inner, self._clock, self._time)


class PreviewValidatingResolver:
    """Ask each question once, within the preview's time for DNS (ports.resolver.ValidatingResolver)."""

    def __init__(self, inner: ValidatingResolver, clock: Clock, time: "_PreviewTime") -> None:
        self._inner = inner
        self._time = time
        self._known: _Shared[ValidatedReply] = _Shared(clock)

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> ValidatedReply:
        """Return the reply of the first time the question was asked."""

        def ask() -> ValidatedReply:
            left = self._time.left()
            return self._inner.ask(name, rtype, min(budget, left), cancellation) if left > 0 else self._time.used_up()

        return self._known.get((name, rtype), ask, budget, cancellation) or _not_in_time(budget)


class _PreviewTime:
    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._deadline: float | None = None
        self._lock = threading.Lock()

    def left(self) -> float:
        now = self._clock.monotonic()
        with self._lock:
            if self._deadline is None:
                self._deadline = now + self._seconds
            return self._deadline - now

    def used_up(self) -> ServerFailure:
        return ServerFailure(_PLACE, f"the {self._seconds:.0f} s that a preview gives to DNS are used up")


class _Shared(Generic[_T]):
    """Answers by question; whoever asks first asks for all, and an error is that caller's alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[_Key, Future[_T | None]] = {}
        self._lock = threading.Lock()

    def get(self, key: _Key, ask: Callable[[], _T], budget: float, cancellation: Cancellation) -> _T | None:
        """Return the answer, None when somebody else's question takes longer than `budget`; raise `Cancelled`."""
        deadline = self._clock.monotonic() + budget
        while True:
            future, is_first = self._future(key)
            if is_first:
                return self._answer(key, future, ask)
            if not self._is_done(future, deadline, cancellation):
                return None
            answer = future.result()
            if answer is not None:
                return answer

    def _future(self, key: _Key) -> tuple[Future[_T | None], bool]:
        with self._lock:
            known = self._asked.get(key)
            if known is not None:
                return known, False
            fresh: Future[_T | None] = Future()
            self._asked[key] = fresh
            return fresh, True

    def _answer(self, key: _Key, future: Future[_T | None], ask: Callable[[], _T]) -> _T:
        """Ask; those who wait for an answer that did not come ask themselves."""
        answer: _T | None = None
        try:
            answer = ask()
            return answer
        finally:
            if answer is None:
                with self._lock:
                    del self._asked[key]
            future.set_result(answer)

    def _is_done(self, future: Future[_T | None], deadline: float, cancellation: Cancellation) -> bool:
        while not future.done():
            if cancellation.is_cancelled():
                msg = "stopped while waiting for DNS"
                raise Cancelled(msg)
            left = deadline - self._clock.monotonic()
            if left <= 0:
                return False
            wait((future,), timeout=min(_LOOK_EVERY, left))
        return True


def _not_in_time(budget: float) -> ServerFailure:
    return ServerFailure(_PLACE, f"no answer within {budget:g} s")
