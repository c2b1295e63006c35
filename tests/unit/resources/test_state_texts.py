"""Small texts of the state: serials, instants and the hidden output."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from certwright.resources.certificate_state import instant, serial_text
from certwright.resources.session import HIDDEN, Hidden, read_hidden
from certwright.resources.values import Properties

from tests.unit.resources.declared import version


@pytest.mark.parametrize(
    ("serial", "expected"),
    [(1, "01"), (0xABC, "0a:bc"), (0x01FF, "01:ff"), (2**159 - 1, "7f" + ":ff" * 19), (None, "00")],
)
def test_a_serial_is_written_in_pairs_of_small_hex_digits(serial: int | None, expected: str) -> None:
    assert serial_text(replace(version(), serial=serial)) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(datetime(2030, 1, 2, 3, 4, 5, 999999, tzinfo=UTC), "2030-01-02T03:04:05Z", id="whole seconds"),
        pytest.param(None, "", id="no instant"),
    ],
)
def test_an_instant_is_written_as_rfc_3339(at: datetime | None, expected: str) -> None:
    assert instant(at) == expected


def test_the_hidden_output_reads_back_the_same() -> None:
    hidden = Hidden("0f3b", "digest", 3, 2)
    assert read_hidden({HIDDEN: hidden.encode()}) == hidden


def test_the_hidden_output_reads_back_from_the_wires_numbers() -> None:
    state: Properties = {HIDDEN: {"installation": "0f3b", "digest": "digest", "version": 3.0, "shown": 2.0}}
    assert read_hidden(state) == Hidden("0f3b", "digest", 3, 2, state_version=0)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({}, id="a foreign state"),
        pytest.param({HIDDEN: None}, id="null"),
        pytest.param({HIDDEN: "x"}, id="a text"),
        pytest.param({HIDDEN: {}}, id="an empty object"),
        pytest.param({HIDDEN: {"version": "x"}}, id="a version that is a text"),
    ],
)
def test_what_a_hidden_output_lacks_is_empty(state: Properties) -> None:
    assert read_hidden(state) == Hidden("", "", 0, 0, state_version=0)
