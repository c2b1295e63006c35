"""Threads for DNS: shared fairly between zones and servers, bounded in time, never in the way of a process's end."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from certwright.errors import Cancelled
from certwright.ports.clock import Cancellation

_T = TypeVar("_T")
_LOOK_EVERY = 0.2
_LONGEST_MARGIN = 0.2
_STOPPED = "stopped while waiting for DNS"


class _NeverCancelled:
    def is_cancelled(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        return False


NEVER: Cancellation = _NeverCancelled()
"""For waits that their deadline alone ends."""


class Allowance:
    """One budget in seconds as a deadline of the monotonic clock, from now on.

    `asking_until` is a little earlier, so that a question's own reason is told instead of the passing of the deadline.
    """

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.deadline = time.monotonic() + budget
        self.asking_until = self.deadline - min(_LONGEST_MARGIN, budget / 10)


@dataclass(frozen=True, slots=True)
class _Job(Generic[_T]):
    key: str
    future: Future[_T]
    work: Callable[[], _T]

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class FairWorkers:
    """Run work in threads: at most `side_by_side` in all, and at most `for_each` of them for one key.

    A server or zone that keeps its threads busy makes only work for itself wait. Threads are daemons that end with
    their work: nothing waits for a silent server when the process ends.
    """

    def __init__(self, name: str, side_by_side: int, for_each: int) -> None:
        self._name = name
        self._side_by_side = side_by_side
        self._for_each = for_each
        self._waiting: dict[str, deque[_Job[Any]]] = {}
        self._running: Counter[str] = Counter()
        self._is_closed = False
        self._lock = threading.Lock()

    def submit(self, key: str, work: Callable[[], _T]) -> Future[_T]:
        """Start the work as soon as a thread may; cancelling the future before that drops it."""
        future: Future[_T] = Future()
        with self._lock:
            if self._is_closed:
                raise Cancelled(_STOPPED)
            self._waiting.setdefault(key, deque()).append(_Job(key, future, work))
            job = self._take()
        if job is not None:
            threading.Thread(target=self._work, args=(job,), name=self._name, daemon=True).start()
        return future

    def close(self) -> None:
        """Drop what waits and take no more; what runs ends by its own deadline."""
        with self._lock:
            self._is_closed = True
            dropped = [job for jobs in self._waiting.values() for job in jobs]
            self._waiting.clear()
        for job in dropped:
            job.future.cancel()

    def _work(self, job: _Job[Any] | None) -> None:
        while job is not None:
            job.run()
            with self._lock:
                self._running[job.key] -= 1
                if not self._running[job.key]:
                    del self._running[job.key]
                job = self._take()

    def _take(self) -> _Job[Any] | None:
        """Take the next job that may run, keys in turn; the caller holds the lock."""
        if self._running.total() >= self._side_by_side:
            return None
        key = next((key for key in self._waiting if self._running[key] < self._for_each), None)
        if key is None:
            return None
        jobs = self._waiting.pop(key)
        job = jobs.popleft()
        if jobs:
            self._waiting[key] = jobs
        self._running[key] += 1
        return job


def await_all(futures: Sequence[Future[_T]], deadline: float, cancellation: Cancellation) -> list[_T | None]:
    """Return the results, None for what is not there at the deadline (of the monotonic clock); raise `Cancelled`."""
    pending = set(futures)
    while True:
        if cancellation.is_cancelled():
            _drop(pending)
            raise Cancelled(_STOPPED)
        left = deadline - time.monotonic()
        _, pending = wait(pending, timeout=max(0.0, min(_LOOK_EVERY, left)))
        if not pending or left <= 0:
            break
    _drop(pending)
    return [None if future in pending or future.cancelled() else future.result() for future in futures]


def _drop(futures: set[Future[_T]]) -> None:
    for future in futures:
        future.cancel()
