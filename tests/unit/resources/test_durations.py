"""Lengths of time as pulumi-aws writes them."""

from datetime import timedelta

import pytest
from certwright.resources.durations import parse_duration, write_duration
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P60D", timedelta(days=60)),
        ("P2W", timedelta(weeks=2)),
        ("P1W2D", timedelta(days=9)),
        ("PT36H", timedelta(hours=36)),
        ("P1DT1H2M3S", timedelta(days=1, hours=1, minutes=2, seconds=3)),
        ("2160h", timedelta(days=90)),
        ("1h30m", timedelta(minutes=90)),
        ("90s", timedelta(seconds=90)),
        ("0h1s", timedelta(seconds=1)),
    ],
)
def test_a_length_of_time_is_read(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("P", id="P alone"),
        pytest.param("PT", id="PT alone"),
        pytest.param("0h", id="zero hours"),
        pytest.param("P0D", id="zero days"),
        pytest.param("60", id="a number without a unit"),
        pytest.param("-24h", id="a negative length"),
        pytest.param("P1M", id="a month, which has no fixed length"),
        pytest.param("P1Y", id="a year, which has no fixed length"),
        pytest.param("1.5h", id="a fraction"),
        pytest.param("P30D ", id="a blank behind it"),
        pytest.param("30d", id="a day in Go's style, which has none"),
        pytest.param("24H", id="Go's style in capitals"),
        pytest.param("p30d", id="RFC 3339 in small letters"),
        pytest.param("1h\n", id="a line end behind it"),
        pytest.param("9" * 30 + "h", id="longer than any calendar"),
    ],
)
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time"):
        parse_duration(text)


@settings(deadline=None)
@given(st.integers(0, 9999), st.integers(0, 99), st.integers(1, 99))
def test_both_ways_of_writing_mean_the_same(hours: int, minutes: int, seconds: int) -> None:
    assert parse_duration(f"PT{hours}H{minutes}M{seconds}S") == parse_duration(f"{hours}h{minutes}m{seconds}s")


@settings(deadline=None)
@given(st.integers(1, 36500 * 86400))
def test_a_length_of_time_that_is_written_reads_back_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(write_duration(length)) == length


def test_a_hundred_years_are_the_longest() -> None:
    assert parse_duration("P36500D") == timedelta(days=36500)


def test_more_than_a_hundred_years_are_no_length_of_time() -> None:
    with pytest.raises(ValueError, match="is no length of time"):
        parse_duration("P36501D")
