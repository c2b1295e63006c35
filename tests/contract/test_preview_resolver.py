"""PreviewResolver: each question once and one deadline for all, and still a Resolver (ports.resolver.Resolver)."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from certwright.adapters.dns.preview_cache import PreviewResolver
from certwright.adapters.system import EventCancellation, SystemClock
from certwright.errors import Cancelled
from certwright.model.records import RecordType, ServerAnswer, ServerFailure, ServerReply, ValidatedAnswer
from certwright.ports.clock import Cancellation

from tests.fakes import FakeClock, ScriptedResolver, ScriptedValidator

NAME = "_n.example.test."
THREADS = 12
Replies = tuple[ServerReply, ...]
CNAME: Replies = (ServerAnswer("s", "NOERROR", ()),)
CAA: Replies = (ServerFailure("s", "SERVFAIL"),)
SECURE = ValidatedAnswer(ServerAnswer("s", "NOERROR", ()), is_secure=True)
SCRIPT = {(NAME, RecordType.CNAME): CNAME, (NAME, RecordType.CAA): CAA, ("b.test.", RecordType.CNAME): CAA}


class SlowResolver:
    """Answer only when released, and raise when the caller is cancelled."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked = threading.Event()
        self.release = threading.Event()
        self.budgets: list[float] = []

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Wait, looking for the wish to stop."""
        self.asked += 1
        self.budgets.append(budget)
        self.is_asked.set()
        while not self.release.wait(0.01):
            if cancellation.is_cancelled():
                raise Cancelled(f"{name} {rtype.value}")  # noqa: EM102, TRY003 - the text does not matter
        return CNAME


def in_thread(pool: ThreadPoolExecutor, resolver: PreviewResolver, budget: float = 5.0) -> Callable[[], object]:
    """Ask in a thread; return how to wait for the answer."""
    return pool.submit(resolver.ask, NAME, RecordType.CNAME, budget, EventCancellation()).result


def test_a_question_is_asked_once() -> None:
    inner = ScriptedResolver(SCRIPT)
    resolver = PreviewResolver(inner, FakeClock())
    for _ in range(3):
        assert resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation()) == CNAME
    assert inner.asked == [(NAME, RecordType.CNAME)]


def test_another_name_or_type_is_another_question() -> None:
    inner = ScriptedResolver(SCRIPT)
    resolver = PreviewResolver(inner, FakeClock())
    replies = {key: resolver.ask(*key, 1.0, EventCancellation()) for key in SCRIPT}
    assert replies == SCRIPT
    assert inner.asked == list(SCRIPT)


def test_many_threads_that_ask_the_same_at_once_share_one_question() -> None:
    inner = SlowResolver()
    resolver = PreviewResolver(inner, SystemClock())
    with ThreadPoolExecutor(THREADS) as pool:
        answers = [in_thread(pool, resolver) for _ in range(THREADS)]
        inner.is_asked.wait(5)
        inner.release.set()
        assert [answer() for answer in answers] == [CNAME] * THREADS
    assert inner.asked == 1


@pytest.mark.parametrize(
    ("passed", "budget", "given"),
    [(0.0, 8.0, 2.0), (1.5, 8.0, 0.5), (1.5, 0.25, 0.25)],
    ids=["all at first", "what is left later", "no more than the caller allows"],
)
def test_a_question_gets_of_the_preview_s_time(passed: float, budget: float, given: float) -> None:
    inner, clock = SlowResolver(), FakeClock()
    inner.release.set()
    resolver = PreviewResolver(inner, clock)
    resolver.ask("first.test.", RecordType.CNAME, budget, EventCancellation())
    clock.wait(passed)
    resolver.ask(NAME, RecordType.CNAME, budget, EventCancellation())
    assert inner.budgets[-1] == pytest.approx(given)


def test_the_time_runs_from_the_first_question_on() -> None:
    inner, clock = ScriptedResolver(SCRIPT), FakeClock()
    resolver = PreviewResolver(inner, clock)
    clock.wait(100)
    assert resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation()) == CNAME


def test_when_the_time_is_used_up_nothing_more_is_asked() -> None:
    inner, clock = ScriptedResolver(SCRIPT), FakeClock()
    resolver = PreviewResolver(inner, clock)
    resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation())
    clock.wait(2)
    (reply,) = resolver.ask(NAME, RecordType.CAA, 1.0, EventCancellation())
    assert isinstance(reply, ServerFailure)
    assert "2 s" in reply.reason
    assert inner.asked == [(NAME, RecordType.CNAME)]


def test_answers_stay_known_when_the_time_is_used_up() -> None:
    clock = FakeClock()
    resolver = PreviewResolver(ScriptedResolver(SCRIPT), clock)
    resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation())
    clock.wait(100)
    assert resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation()) == CNAME


def test_a_call_that_waits_for_another_s_answer_keeps_to_its_own_budget() -> None:
    inner = SlowResolver()
    resolver = PreviewResolver(inner, SystemClock())
    with ThreadPoolExecutor(2) as pool:
        first = in_thread(pool, resolver)
        inner.is_asked.wait(5)
        timer = threading.Timer(1.5, inner.release.set)
        timer.start()
        start = time.monotonic()
        (reply,) = resolver.ask(NAME, RecordType.CNAME, 0.2, EventCancellation())
        took = time.monotonic() - start
        inner.release.set()
        timer.cancel()
        assert first() == CNAME
    assert took < 0.7
    assert isinstance(reply, ServerFailure)


def test_a_call_that_waits_for_another_s_answer_ends_when_it_is_cancelled() -> None:
    inner, cancellation = SlowResolver(), EventCancellation()
    resolver = PreviewResolver(inner, SystemClock())
    with ThreadPoolExecutor(2) as pool:
        first = in_thread(pool, resolver)
        inner.is_asked.wait(5)
        timers = [threading.Timer(0.1, cancellation.cancel), threading.Timer(1.5, inner.release.set)]
        for timer in timers:
            timer.start()
        start = time.monotonic()
        try:
            with pytest.raises(Cancelled):
                resolver.ask(NAME, RecordType.CNAME, 5.0, cancellation)
        finally:
            inner.release.set()
            timers[1].cancel()
        assert time.monotonic() - start < 0.6
        assert first() == CNAME


def test_a_cancelled_call_takes_the_answer_from_nobody_else() -> None:
    cancelled = EventCancellation()
    cancelled.cancel()
    resolver = PreviewResolver(ScriptedResolver(SCRIPT), FakeClock())
    with pytest.raises(Cancelled):
        resolver.ask(NAME, RecordType.CNAME, 1.0, cancelled)
    assert resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation()) == CNAME


def test_a_validating_resolver_shares_the_preview_s_time_and_asks_once() -> None:
    inner, clock = ScriptedValidator({(NAME, RecordType.CNAME): SECURE}), FakeClock()
    resolver = PreviewResolver(ScriptedResolver(SCRIPT), clock)
    validating = resolver.validating(inner)
    resolver.ask(NAME, RecordType.CNAME, 1.0, EventCancellation())
    replies = [validating.ask(NAME, RecordType.CNAME, 1.0, EventCancellation()) for _ in range(2)]
    clock.wait(2)
    late = validating.ask(NAME, RecordType.CAA, 1.0, EventCancellation())
    assert replies == [SECURE, SECURE]
    assert isinstance(late, ServerFailure)
    assert inner.asked == [(NAME, RecordType.CNAME)]
