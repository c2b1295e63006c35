"""The contracts of ports.clock: Clock, Randomness and Cancellation."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from certwright.adapters.system import EventCancellation, SystemClock, SystemRandomness
from certwright.ports.clock import Cancellation, Clock, Randomness
from certwright.transport.grpc_server.call_cancellation import CallCancellation

from tests.fakes import NOON, CountingRandomness, FakeCancellation, FakeClock, FixedRandomness

if TYPE_CHECKING:
    import grpc

CLOCKS = [pytest.param(SystemClock(), id="system"), pytest.param(FakeClock(), id="fake")]


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_present_instant_is_aware_and_in_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("clock", CLOCKS)
def test_seconds_never_go_backwards(clock: Clock) -> None:
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)


def test_the_system_s_clock_tells_the_machine_s_time() -> None:
    before = datetime.fromtimestamp(time.time(), UTC)
    assert before <= SystemClock().now() <= datetime.fromtimestamp(time.time(), UTC)


def test_a_fake_clock_moves_only_when_told_to() -> None:
    clock = FakeClock()
    clock.wait(90)
    clock.wait(timedelta(minutes=1))
    assert (clock.now(), clock.monotonic()) == (NOON + timedelta(seconds=150), 1150.0)


def test_a_fake_clock_may_be_set_back_while_its_seconds_go_on() -> None:
    clock = FakeClock()
    clock.set(NOON - timedelta(days=1))
    assert (clock.now(), clock.monotonic()) == (NOON - timedelta(days=1), 1000.0)
    with pytest.raises(AssertionError):
        clock.wait(-1)


@pytest.mark.parametrize("size", [0, 1, 16, 32, 1000])
@pytest.mark.parametrize(
    "randomness", [SystemRandomness(), CountingRandomness(), FixedRandomness()], ids=["system", "counting", "fixed"]
)
def test_a_token_has_the_size_that_was_asked_for(randomness: Randomness, size: int) -> None:
    assert len(randomness.token(size)) == size


@pytest.mark.parametrize("randomness", [SystemRandomness(), CountingRandomness()], ids=["system", "counting"])
def test_tokens_differ_between_all_calls_and_threads(randomness: Randomness) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: randomness.token(16), range(2000)))
    assert len(set(tokens)) == 2000


def test_counting_randomness_is_the_same_in_each_run_of_a_seed() -> None:
    runs = [[source.token(8) for _ in range(3)] for source in map(CountingRandomness, ("a", "a", "b"))]
    assert runs[0] == runs[1] != runs[2]


def test_fixed_randomness_is_always_the_same() -> None:
    assert {FixedRandomness(7).token(2) for _ in range(3)} == {b"\x07\x07"}


@dataclass
class Call:
    """A call that the engine may go away from; the only thing that is asked of a gRPC context."""

    active: bool = True

    def is_active(self) -> bool:
        return self.active


@dataclass(frozen=True)
class Subject:
    """A cancellation, how it is cancelled, and the clock by which its waits are measured."""

    cancellation: Cancellation
    cancel: Callable[[], None]
    monotonic: Callable[[], float]


def of_event() -> Subject:
    event = EventCancellation()
    return Subject(event, event.cancel, time.monotonic)


def of_fake() -> Subject:
    clock = FakeClock()
    fake = FakeCancellation(clock)
    return Subject(fake, fake.cancel, clock.monotonic)


def of_engine() -> Subject:
    engine = EventCancellation()
    return Subject(CallCancellation(engine, cast("grpc.ServicerContext", Call())), engine.cancel, time.monotonic)


def of_call() -> Subject:
    call = Call()
    cancellation = CallCancellation(EventCancellation(), cast("grpc.ServicerContext", call))
    return Subject(cancellation, lambda: setattr(call, "active", False), time.monotonic)


REAL = [of_event, of_engine, of_call]
ALL = [of_fake, *REAL]


@pytest.mark.parametrize("make", ALL)
def test_nothing_is_cancelled_until_somebody_cancels(make: Callable[[], Subject]) -> None:
    subject = make()
    before = subject.cancellation.is_cancelled()
    subject.cancel()
    subject.cancel()
    assert (before, subject.cancellation.is_cancelled()) == (False, True)


@pytest.mark.parametrize("make", ALL)
def test_a_wait_takes_its_time_unless_cancelled(make: Callable[[], Subject]) -> None:
    subject = make()
    start = subject.monotonic()
    assert subject.cancellation.wait(0.3) is False
    assert 0.29 <= subject.monotonic() - start < 1.5


@pytest.mark.parametrize("seconds", [0.0, -1.0])
@pytest.mark.parametrize("make", ALL)
def test_a_wait_of_no_time_ends_at_once(make: Callable[[], Subject], seconds: float) -> None:
    subject = make()
    start = subject.monotonic()
    assert subject.cancellation.wait(seconds) is False
    assert subject.monotonic() - start < 0.5


@pytest.mark.parametrize("make", ALL)
def test_a_wait_does_not_begin_when_cancelled_already(make: Callable[[], Subject]) -> None:
    subject = make()
    subject.cancel()
    start = subject.monotonic()
    assert subject.cancellation.wait(30) is True
    assert subject.monotonic() - start < 0.5


@pytest.mark.parametrize("make", REAL)
def test_a_wait_ends_soon_after_it_is_cancelled(make: Callable[[], Subject]) -> None:
    subject = make()
    timer = threading.Timer(0.1, subject.cancel)
    timer.start()
    start = subject.monotonic()
    assert subject.cancellation.wait(30) is True
    assert subject.monotonic() - start < 0.1 + 0.5
    timer.join()


def test_a_fake_cancellation_comes_during_the_wait_it_was_told() -> None:
    clock = FakeClock()
    fake = FakeCancellation(clock, after=3)
    assert [fake.wait(1.0), fake.wait(2.0), fake.wait(4.0)] == [False, False, True]
    assert (fake.waits, clock.monotonic()) == ([1.0, 2.0, 4.0], 1003.0)
