"""Units of work that are committed together: one sync of the disk serves all that came while it was under way."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from certwright.errors import StoreUnavailable

T = TypeVar("T")
_PATIENCE = 60.0
_MOST = 64


class Job(Generic[T]):
    """One unit of work and what became of it."""

    def __init__(self, work: Callable[..., T]) -> None:
        self.work = work
        self.is_taken = False
        self.is_done = False
        self._result: T | None = None
        self._error: BaseException | None = None

    def keep(self, result: T) -> None:
        """Note what the work returned; it counts once the batch is committed."""
        self._result = result

    def fail(self, error: BaseException) -> None:
        """Note why nothing of the work is stored."""
        self._error = error

    def outcome(self) -> T:
        """Return what the work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # kept by whoever ran the work


class Batches:
    """Let one thread after another perform all the work that waits, its own included.

    A thread whose work another one took waits for that, however long it takes: the work may be stored already.
    """

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._waiting: list[Job[Any]] = []
        self._is_busy = False

    def run(self, work: Callable[..., T], perform: Callable[[Sequence[Job[Any]]], None], place: str) -> T:
        """Have the work performed in a batch and return its outcome.

        What `perform` raises is the outcome of the whole batch: nothing of it is stored. Raises `StoreUnavailable` when
        the work's turn did not come within a minute.
        """
        job = Job(work)
        batch = self._queue(job, place)
        if batch:
            self._lead(batch, perform)
        return job.outcome()

    def _queue(self, job: Job[Any], place: str) -> list[Job[Any]]:
        """Wait until the job is done, or return the batch that this thread is to perform."""
        with self._state:
            self._waiting.append(job)
            self._state.wait_for(lambda: job.is_done or job.is_taken or not self._is_busy, _PATIENCE)
            self._state.wait_for(lambda: job.is_done or not job.is_taken)
            if job.is_done:
                return []
            if self._is_busy:
                self._waiting.remove(job)
                msg = f"The store {place} was busy for {_PATIENCE:.0f} s with other work of this process. Run it again."
                raise StoreUnavailable(msg)
            return self._take(job)

    def _take(self, job: Job[Any]) -> list[Job[Any]]:
        self._waiting.remove(job)
        batch = [job, *self._waiting[: _MOST - 1]]
        self._waiting = self._waiting[_MOST - 1 :]
        for taken in batch:
            taken.is_taken = True
        self._is_busy = True
        return batch

    def _lead(self, batch: Sequence[Job[Any]], perform: Callable[[Sequence[Job[Any]]], None]) -> None:
        try:
            perform(batch)
        except BaseException as error:  # noqa: BLE001 - each of the batch raises it in its own thread
            for job in batch:
                job.fail(error)
        with self._state:
            for job in batch:
                job.is_done = True
            self._is_busy = False
            self._state.notify_all()
