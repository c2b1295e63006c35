"""The audit log: a chain in which no event can be changed, dropped or moved without being found (T12, T13)."""

import hashlib
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from certwright.core.audit import GENESIS, event_hash, record, verify_chain
from certwright.errors import IntegrityError
from certwright.model.audit import AuditEvent
from certwright.model.scope import Caller, Scope
from hypothesis import given
from hypothesis import strategies as st

AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
ACCOUNT = "123456789012"
CALLER = Caller("pulumi (alice)", Scope(ACCOUNT, "local"))
HOSTILE = 'a"b\\c\r\n{"fake":1}\x00\x1b[31m\x7f\x85\u2028\u2029\u202e\U0001f512'


class AuditTable:
    """The audit rows of one transaction and of one account, in memory."""

    def __init__(self) -> None:
        self.rows: list[AuditEvent] = []

    @property
    def audit(self) -> "AuditTable":
        return self

    def last(self, account: str) -> AuditEvent | None:
        assert account == ACCOUNT
        return self.rows[-1] if self.rows else None

    def add(self, event: AuditEvent) -> None:
        self.rows.append(event)

    def events(self, account: str, after: int, limit: int) -> Sequence[AuditEvent]:
        msg = f"recording needs no events of {account} after {after}, not even {limit}"
        raise AssertionError(msg)


def recorded(*details: dict[str, str], caller: Caller = CALLER) -> list[AuditEvent]:
    """Return the events that one account's use cases leave."""
    table: Any = AuditTable()
    for number, detail in enumerate(details):
        record(table, caller, AT + timedelta(seconds=number), "RequestCertificate", f"arn/{number}", detail)
    return list(table.rows)


CHAIN = recorded(*({"version": str(number)} for number in range(8)))


def test_an_unbroken_chain_verifies_and_ends_with_the_last_hash() -> None:
    assert verify_chain(CHAIN) == CHAIN[-1].hash


def test_a_chain_verifies_page_by_page() -> None:
    middle = verify_chain(CHAIN[:3])
    assert verify_chain(CHAIN[3:], middle, 3) == CHAIN[-1].hash


def test_an_empty_chain_ends_where_it_starts() -> None:
    assert verify_chain([]) == GENESIS


def test_events_are_numbered_from_one_and_linked() -> None:
    assert [event.sequence for event in CHAIN] == list(range(1, 9))
    assert [event.previous_hash for event in CHAIN] == [GENESIS, *(event.hash for event in CHAIN[:-1])]


def test_the_hash_is_over_one_json_line_of_all_fields() -> None:
    line = (
        '["123456789012", 1, "2026-03-01T12:00:00.000005+00:00", "pulumi (alice)", "RequestCertificate", '
        '"arn/0", [["version", "0"]], "' + "0" * 64 + '"]'
    )
    assert CHAIN[0].hash == hashlib.sha256(line.encode()).hexdigest()


def test_control_characters_and_quotes_stay_inside_their_json_line() -> None:
    (event,) = recorded({"names": HOSTILE})
    escaped = r"a\"b\\c\r\n{\"fake\":1}\u0000\u001b[31m\u007f\u0085\u2028\u2029\u202e\ud83d\udd12"
    line = (
        '["123456789012", 1, "2026-03-01T12:00:00.000005+00:00", "pulumi (alice)", "RequestCertificate", '
        '"arn/0", [["names", "' + escaped + '"]], "' + "0" * 64 + '"]'
    )
    assert line.isprintable()
    assert line.isascii()
    assert event.hash == hashlib.sha256(line.encode()).hexdigest()


MUTATIONS: dict[str, Callable[[AuditEvent], AuditEvent]] = {
    "another account": lambda event: replace(event, account="123456789013"),
    "another number": lambda event: replace(event, sequence=event.sequence + 1),
    "another instant": lambda event: replace(event, at=event.at + timedelta(microseconds=1)),
    "another actor": lambda event: replace(event, actor="pulumi (mallory)"),
    "another action": lambda event: replace(event, action="DeleteCertificate"),
    "another subject": lambda event: replace(event, subject="arn/x"),
    "another detail": lambda event: replace(event, detail=(("version", "9"),)),
    "one detail more": lambda event: replace(event, detail=(*event.detail, ("x", ""))),
    "no detail": lambda event: replace(event, detail=()),
    "another predecessor": lambda event: replace(event, previous_hash="f" * 64),
    "another hash": lambda event: replace(event, hash="f" * 64),
}


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_an_event_is_found_that_was_given(mutate: Callable[[AuditEvent], AuditEvent]) -> None:
    found = []
    for place in range(len(CHAIN)):
        with pytest.raises(IntegrityError):
            verify_chain([*CHAIN[:place], mutate(CHAIN[place]), *CHAIN[place + 1 :]])
        found.append(place)
    assert len(found) == len(CHAIN)


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_an_event_is_found_that_was_rehashed_after_it_was_given(mutate: Callable[[AuditEvent], AuditEvent]) -> None:
    forged = mutate(CHAIN[3])
    forged = replace(forged, hash=event_hash(forged)) if forged.hash == CHAIN[3].hash else forged
    with pytest.raises(IntegrityError):
        verify_chain([*CHAIN[:3], forged, *CHAIN[4:]])


@pytest.mark.parametrize("place", range(len(CHAIN) - 1))
def test_a_dropped_event_is_found(place: int) -> None:
    with pytest.raises(IntegrityError, match=f"broken at event {place + 2}"):
        verify_chain([*CHAIN[:place], *CHAIN[place + 1 :]])


def test_a_log_that_was_cut_short_does_not_end_with_the_hash_that_was_noted_elsewhere() -> None:
    assert verify_chain(CHAIN[:-1]) != CHAIN[-1].hash


def test_no_two_events_can_be_swapped() -> None:
    for first in range(len(CHAIN)):
        for second in range(first + 1, len(CHAIN)):
            swapped = list(CHAIN)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            with pytest.raises(IntegrityError, match=f"broken at event {second + 1}"):
                verify_chain(swapped)


def test_an_event_that_stands_twice_is_found() -> None:
    with pytest.raises(IntegrityError):
        verify_chain([*CHAIN[:4], CHAIN[3], *CHAIN[4:]])


def test_an_event_of_another_chain_does_not_fit() -> None:
    others = recorded(*({"version": str(number + 1)} for number in range(8)))
    with pytest.raises(IntegrityError):
        verify_chain([*CHAIN[:3], others[3], *CHAIN[4:]])


@given(st.integers(0, len(CHAIN) - 1), st.integers(0, 63), st.sampled_from(string.hexdigits[:16]))
def test_no_digit_of_a_hash_can_be_changed(place: int, position: int, digit: str) -> None:
    event = CHAIN[place]
    if event.hash[position] == digit:
        return
    forged = replace(event, hash=event.hash[:position] + digit + event.hash[position + 1 :])
    with pytest.raises(IntegrityError):
        verify_chain([*CHAIN[:place], forged, *CHAIN[place + 1 :]])


EVENTS = st.builds(
    AuditEvent,
    account=st.text(max_size=4),
    sequence=st.integers(1, 12),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.text(max_size=4),
    action=st.text(max_size=4),
    subject=st.text(max_size=4),
    detail=st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=2).map(tuple),
    previous_hash=st.text(max_size=4),
    hash=st.just(""),
)


@given(EVENTS, EVENTS)
def test_two_events_have_one_hash_only_when_they_are_the_same(one: AuditEvent, two: AuditEvent) -> None:
    assert (event_hash(one) == event_hash(two)) is (one == two)


def test_details_are_sorted_so_that_their_order_tells_nothing() -> None:
    assert recorded({"b": "2", "a": "1"}) == recorded({"a": "1", "b": "2"})


def test_an_event_is_long_at_most_two_thousand_characters_a_value() -> None:
    (event,) = recorded({"names": "x" * 1_000_000}, caller=replace(CALLER, actor="y" * 1_000_000))
    assert event.detail == (("names", "x" * 2000),)
    assert event.actor == "y" * 2000
    assert verify_chain([event]) == event.hash
