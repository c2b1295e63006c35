"""Threads shared between keys (adapters.dns.workers)."""

import threading
import time
from concurrent.futures import Future
from functools import partial

import pytest
from certwright.adapters.dns.workers import NEVER, FairWorkers, await_all
from certwright.errors import Cancelled

from tests.fakes import FakeCancellation

PATIENCE = 5.0


class Gate:
    """Work that starts, says so, and ends when it is let go."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.release = threading.Event()

    def pass_through(self) -> str:
        self.started.release()
        assert self.release.wait(PATIENCE)
        return "done"

    def has_started(self, count: int) -> bool:
        return all(self.started.acquire(timeout=PATIENCE) for _ in range(count))


def test_one_key_gets_no_more_than_its_share_and_the_rest_of_its_work_waits() -> None:
    workers, gate = FairWorkers("test", side_by_side=4, for_each=2), Gate()
    slow = [workers.submit("slow", gate.pass_through) for _ in range(6)]
    assert gate.has_started(2)
    assert [future.running() for future in slow] == [True, True, False, False, False, False]
    assert workers.submit("other", lambda: "at once").result(PATIENCE) == "at once"
    gate.release.set()
    assert [future.result(PATIENCE) for future in slow] == ["done"] * 6


def test_all_keys_together_get_no_more_than_there_is_at_a_time() -> None:
    workers, gate = FairWorkers("test", side_by_side=2, for_each=2), Gate()
    first = [workers.submit("a", gate.pass_through) for _ in range(2)]
    assert gate.has_started(2)
    later = [workers.submit(key, partial(str, key)) for key in ("a", "a", "b", "c")]
    assert not any(future.running() for future in later)
    gate.release.set()
    assert [future.result(PATIENCE) for future in (*first, *later)] == ["done", "done", "a", "a", "b", "c"]


def test_work_that_is_dropped_before_its_turn_is_never_done() -> None:
    workers, gate = FairWorkers("test", side_by_side=1, for_each=1), Gate()
    running = workers.submit("a", gate.pass_through)
    assert gate.has_started(1)
    dropped = workers.submit("a", lambda: pytest.fail("this was dropped"))
    assert dropped.cancel()
    gate.release.set()
    assert running.result(PATIENCE) == "done"
    assert workers.submit("a", lambda: "after it").result(PATIENCE) == "after it"


def test_an_error_is_for_whoever_asks_for_the_result_and_frees_the_place() -> None:
    workers = FairWorkers("test", side_by_side=1, for_each=1)
    failed = workers.submit("a", partial(int, "no number"))
    with pytest.raises(ValueError, match="no number"):
        failed.result(PATIENCE)
    assert workers.submit("a", lambda: "next").result(PATIENCE) == "next"


def test_closed_workers_drop_what_waits_and_take_nothing_more() -> None:
    workers, gate = FairWorkers("test", side_by_side=1, for_each=1), Gate()
    running = workers.submit("a", gate.pass_through)
    assert gate.has_started(1)
    waiting = workers.submit("a", gate.pass_through)
    workers.close()
    assert waiting.cancelled()
    gate.release.set()
    assert running.result(PATIENCE) == "done"
    with pytest.raises(Cancelled):
        workers.submit("a", gate.pass_through)


def test_threads_keep_no_process_alive() -> None:
    workers = FairWorkers("test", side_by_side=1, for_each=1)
    assert workers.submit("a", lambda: threading.current_thread().daemon).result(PATIENCE)


def test_what_is_not_there_at_the_deadline_is_none() -> None:
    done: Future[str] = Future()
    done.set_result("there")
    missing: Future[str] = Future()
    start = time.monotonic()
    assert await_all([missing, done], start + 0.1, NEVER) == [None, "there"]
    assert time.monotonic() - start < 1.0
    assert missing.cancelled()


def test_a_cancelled_wait_raises_though_everything_is_there() -> None:
    done: Future[str] = Future()
    done.set_result("there")
    cancellation = FakeCancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        await_all([done], time.monotonic() + PATIENCE, cancellation)
