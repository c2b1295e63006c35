"""Property values on the wire: what is read, what is written, and what is refused with its path."""

from typing import Any

import pytest
from certwright.errors import InvalidInput
from certwright.resources.values import UNKNOWN, Properties, Value
from certwright.transport.grpc_server.property_values import read_struct, secret_names, write_struct
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transport import wire
from tests.transport.wire import output, secret, shown, struct

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("text", id="a string"),
        pytest.param("", id="an empty string"),
        pytest.param("ünï¢ødé \x00", id="a string of any characters"),
        pytest.param(True, id="true"),
        pytest.param(False, id="false"),
        pytest.param(0.0, id="zero"),
        pytest.param(1.5, id="a fraction"),
        pytest.param(None, id="null"),
        pytest.param([], id="an empty list"),
        pytest.param({}, id="an empty object"),
        pytest.param([["a"], {"b": [None]}], id="lists and objects"),
        pytest.param({"a": {"b": {"c": "d"}}}, id="objects in objects"),
        pytest.param({"value": "x", "secret": True}, id="an object with an output's field names"),
    ],
)
def test_a_plain_value_is_read_and_written_as_it_is(value: Value) -> None:
    message = struct({"p": value})
    assert read_struct(message) == {"p": value}
    assert write_struct({"p": value}, NOBODY) == message


def test_a_whole_number_is_written_as_the_wires_number() -> None:
    assert shown(write_struct({"p": 7}, NOBODY)) == {"p": 7.0}


def test_a_boolean_is_not_written_as_a_number() -> None:
    assert shown(write_struct({"p": True}, NOBODY))["p"] is True


@pytest.mark.parametrize("sentinel", wire.UNKNOWNS.values(), ids=list(wire.UNKNOWNS))
def test_every_sentinel_is_read_as_unknown(sentinel: str) -> None:
    assert read_struct(struct({"p": sentinel})) == {"p": UNKNOWN}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([wire.UNKNOWN, "a"], [UNKNOWN, "a"], id="in a list"),
        pytest.param({"a": wire.UNKNOWN}, {"a": UNKNOWN}, id="in an object"),
        pytest.param(secret(wire.UNKNOWN), UNKNOWN, id="in a secret"),
        pytest.param(output(), UNKNOWN, id="as an output without a value"),
        pytest.param(output(secret=True), UNKNOWN, id="as a secret output without a value"),
        pytest.param(output(value=wire.UNKNOWN), UNKNOWN, id="in an output"),
        pytest.param(f"x{wire.UNKNOWN}", f"x{wire.UNKNOWN}", id="not within another text"),
    ],
)
def test_unknown_values_are_read_anywhere(value: object, expected: Value) -> None:
    assert read_struct(struct({"p": value})) == {"p": expected}


def test_an_unknown_value_is_written_as_the_sentinel() -> None:
    written = shown(write_struct({"p": UNKNOWN, "q": [UNKNOWN]}, NOBODY))
    assert written == {"p": wire.UNKNOWN, "q": [wire.UNKNOWN]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(secret("x"), "x", id="a secret"),
        pytest.param(secret({"a": ["x"]}), {"a": ["x"]}, id="a secret object"),
        pytest.param(secret(secret("x")), "x", id="a secret in a secret"),
        pytest.param(["a", secret("x")], ["a", "x"], id="a secret in a list"),
        pytest.param({"a": {"b": secret("x")}}, {"a": {"b": "x"}}, id="a secret deep in an object"),
        pytest.param(output(value="x", secret=True), "x", id="a secret output"),
        pytest.param(output(value=secret("x")), "x", id="a secret in an output"),
    ],
)
def test_a_secret_is_opened_and_remembered(value: object, expected: Value) -> None:
    message = struct({"p": value, "open": "y"})
    assert (set(secret_names(message)), read_struct(message)) == ({"p"}, {"p": expected, "open": "y"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(output(value="x"), "x", id="a value"),
        pytest.param(output(value="x", secret=False), "x", id="a value that is said to be open"),
        pytest.param(output(value={"a": 1.0}, dependencies=["urn"]), {"a": 1.0}, id="a value with dependencies"),
        pytest.param(output(value=None), None, id="null"),
    ],
)
def test_an_output_is_read_as_its_value(value: object, expected: Value) -> None:
    message = struct({"p": value})
    assert (read_struct(message), secret_names(message)) == ({"p": expected}, frozenset())


@pytest.mark.parametrize("value", ["x", {"a": ["x"]}, ["x"], 1.0, UNKNOWN], ids=str)
def test_what_is_named_secret_is_marked(value: Value) -> None:
    written = shown(write_struct({"p": value, "q": "open"}, frozenset({"p", "absent"})))
    assert (written["p"][wire.SIGNATURE], written["q"], sorted(written)) == (wire.SECRET, "open", ["p", "q"])


def test_a_marked_secret_reads_back() -> None:
    given: Properties = {"p": {"a": ["x"]}}
    message = write_struct(given, frozenset({"p"}))
    assert (read_struct(message), set(secret_names(message))) == (given, {"p"})


def test_nothing_is_not_a_secret() -> None:
    assert shown(write_struct({"p": None}, frozenset({"p"}))) == {"p": None}


@pytest.mark.parametrize("signature", [wire.ASSET, wire.ARCHIVE, wire.RESOURCE, "of-a-kind-unknown-here"])
@pytest.mark.parametrize(
    ("place", "path"),
    [
        pytest.param(lambda value: {"p": value}, "p", id="at the top"),
        pytest.param(lambda value: {"p": [None, value]}, "p[1]", id="in a list"),
        pytest.param(lambda value: {"p": {"q": value}}, "p.q", id="in an object"),
        pytest.param(lambda value: {"p": secret([{"q": value}])}, "p[0].q", id="in a secret"),
    ],
)
def test_what_is_no_plain_value_is_refused_with_its_path(signature: str, place: Any, path: str) -> None:
    message = struct(place({wire.SIGNATURE: signature, "text": "x"}))
    with pytest.raises(InvalidInput) as caught:
        read_struct(message)
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [(path, "WRONG_TYPE")]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(secret("x"), id="a secret"),
        pytest.param(output(value="x"), id="an output that does not say whether it is secret"),
        pytest.param(output(), id="an output without a value"),
        pytest.param([output(secret=True)], id="a secret output in a list"),
    ],
)
def test_looking_for_secrets_changes_nothing(value: object) -> None:
    message = struct({"p": value})
    before = message.SerializeToString(deterministic=True)
    secret_names(message)
    read_struct(message)
    assert message.SerializeToString(deterministic=True) == before


names = st.text(max_size=6)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | names | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(names, values, max_size=4), st.sets(names, max_size=4))
def test_what_is_written_reads_back_the_same(properties: Properties, marked: set[str]) -> None:
    message = struct_pb2.Struct.FromString(write_struct(properties, frozenset(marked)).SerializeToString())
    assert read_struct(message) == properties


@settings(deadline=None)
@given(st.dictionaries(names, values, max_size=4), st.sets(names, max_size=4))
def test_exactly_what_is_named_and_there_is_secret(properties: Properties, marked: set[str]) -> None:
    present = {name for name, value in properties.items() if value is not None}
    assert secret_names(write_struct(properties, frozenset(marked))) == marked & present
