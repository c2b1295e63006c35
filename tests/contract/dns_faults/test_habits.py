"""Servers that said nothing usable, and how soon the next question to them ends (adapters.dns.habits)."""

import time

import pytest
from certwright.adapters.dns.authoritative import AuthoritativeResolver, ConfiguredServers
from certwright.adapters.dns.habits import Habit, Habits, Seen
from certwright.adapters.system import EventCancellation
from certwright.model.records import RecordType, ServerAnswer, ServerFailure, ServerReply

from tests.fakes import FakeClock
from tests.support.nameserver import (
    Act,
    Behaviour,
    RunningServer,
    acts,
    by_transport,
    later,
    name_server,
    says,
    truncated,
)

NAME = "_n.example.test."
GOOD = says(f"{NAME} 60 CNAME _v.test.")
SILENT = acts(Act.SILENCE)
LONG, SHORT = 2.4, 0.9


def replies(behaviour: Behaviour, *budgets: float) -> tuple[list[ServerReply], list[str]]:
    """Ask the one server that behaves so once for each budget; return its replies, and how it was asked."""
    with name_server(behaviour) as server:
        resolver = AuthoritativeResolver(ConfiguredServers((server.address,)))
        said = [resolver.ask(NAME, RecordType.CNAME, budget, EventCancellation())[0] for budget in budgets]
        resolver.close()
        return said, transports(server)


def transports(server: RunningServer) -> list[str]:
    return [transport for transport, _ in server.asked]


def test_a_server_that_said_nothing_is_asked_once_and_shortly_and_the_reason_stays_the_same() -> None:
    start = time.monotonic()
    said, asked = replies(SILENT, LONG, 8.0, 8.0)
    assert time.monotonic() - start < LONG + 2 * 1.0 + 0.6
    assert asked == ["UDP", "TCP", "UDP", "UDP", "UDP"]
    reasons = {reply.reason for reply in said if isinstance(reply, ServerFailure)}
    assert reasons == {"no answer by UDP, no answer by TCP"}
    assert len(said) == 3


def test_a_server_that_answers_again_is_believed_at_once_and_asked_as_usual_from_then_on() -> None:
    said, asked = replies(later(2.0, SILENT, GOOD), LONG, 8.0, 8.0)
    assert [type(reply) for reply in said] == [ServerFailure, ServerAnswer, ServerAnswer]
    assert asked == ["UDP", "TCP", "UDP", "UDP", "UDP"]


def test_a_server_that_cuts_its_answers_is_not_silent_any_more() -> None:
    said, asked = replies(later(2.0, SILENT, truncated(GOOD)), LONG, 8.0)
    assert [type(reply) for reply in said] == [ServerFailure, ServerAnswer]
    assert asked == ["UDP", "TCP", "UDP", "UDP", "UDP", "TCP"]


def test_a_server_that_had_little_time_is_not_known_as_silent() -> None:
    _, asked = replies(SILENT, SHORT, SHORT)
    assert asked == ["UDP", "TCP", "UDP"] * 2


def test_a_server_that_is_reached_by_tcp_alone_is_asked_by_tcp_first() -> None:
    start = time.monotonic()
    said, asked = replies(by_transport(SILENT, GOOD), 8.0, 8.0, 8.0)
    assert time.monotonic() - start < 2.0 + 1.0
    assert [type(reply) for reply in said] == [ServerAnswer] * 3
    assert asked == ["UDP", "TCP", "TCP", "TCP"]


def test_an_answer_that_was_only_cut_changes_nothing() -> None:
    _, asked = replies(truncated(GOOD), 8.0, 8.0)
    assert asked == ["UDP", "TCP"] * 2


@pytest.mark.parametrize(("seconds", "habit"), [(29.0, Habit.SILENT), (30.0, Habit.USUAL)])
def test_a_habit_is_remembered_for_thirty_seconds(seconds: float, habit: Habit) -> None:
    clock = FakeClock()
    habits = Habits(clock.monotonic)
    habits.note("ns1", Seen(Habit.SILENT, "no answer"))
    clock.wait(seconds)
    assert habits.of("ns1").habit is habit
    assert habits.of("ns2") == Seen()


def test_the_last_habit_counts() -> None:
    habits = Habits()
    for habit in (Habit.SILENT, Habit.BY_TCP, Habit.USUAL):
        habits.note("ns1", Seen(habit))
        assert habits.of("ns1").habit is habit
