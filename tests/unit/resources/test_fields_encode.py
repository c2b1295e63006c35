"""State written as property values, and read back the same."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from certwright.model.secret import SecretBytes
from certwright.resources.fields import decode, encode, prop, properties_of
from certwright.resources.values import UNKNOWN, Properties, Unknown
from hypothesis import given, settings
from hypothesis import strategies as st


class Size(Enum):
    SMALL = "SMALL"
    LARGE = "LARGE"


@dataclass(frozen=True, slots=True)
class Part:
    name: str | None = prop("A text.", required=True)
    weight: int | None = prop("A number.")
    labels: tuple[tuple[str, str], ...] = prop("A map.")


@dataclass(frozen=True, slots=True)
class Whole:
    text: str | Unknown | None = prop("A text.")
    flag: bool | None = prop("A boolean.")
    count: int | None = prop("A number.")
    size: Size | None = prop("A member of a set.")
    token: SecretBytes | Unknown | None = prop("A secret.")
    names: tuple[str, ...] = prop("A list.")
    tags: tuple[tuple[str, str], ...] = prop("A map.")
    part: Part | Unknown | None = prop("An object.")
    parts: tuple[Part, ...] | Unknown | None = prop("A list of objects.")
    private: object = None


@dataclass(frozen=True, slots=True)
class Wrong:
    value: object = prop("Anything.")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(Whole(text="x"), {"text": "x"}, id="a string"),
        pytest.param(Whole(text=""), {"text": ""}, id="an empty string"),
        pytest.param(Whole(flag=False), {"flag": False}, id="false"),
        pytest.param(Whole(count=0), {"count": 0}, id="zero"),
        pytest.param(Whole(size=Size.LARGE), {"size": "LARGE"}, id="a member of a set"),
        pytest.param(
            Whole(token=SecretBytes(b"s3cret")), {"token": "s3cret"}, id="a secret, for the transport to mark"
        ),
        pytest.param(Whole(names=("b", "a")), {"names": ["b", "a"]}, id="a list in its order"),
        pytest.param(Whole(names=()), {"names": []}, id="an empty list"),
        pytest.param(Whole(tags=()), {"tags": {}}, id="an empty map"),
        pytest.param(Whole(tags=(("a", "1"),)), {"tags": {"a": "1"}}, id="a map"),
        pytest.param(Whole(part=Part(name="x")), {"part": {"name": "x"}}, id="an object without what it lacks"),
        pytest.param(Whole(parts=(Part(weight=1),)), {"parts": [{"weight": 1}]}, id="a list of objects"),
        pytest.param(Whole(parts=()), {"parts": []}, id="an empty list of objects"),
        pytest.param(Whole(text=UNKNOWN), {"text": UNKNOWN}, id="an unknown string"),
        pytest.param(Whole(token=UNKNOWN), {"token": UNKNOWN}, id="an unknown secret"),
        pytest.param(Whole(part=UNKNOWN), {"part": UNKNOWN}, id="an unknown object"),
        pytest.param(Whole(parts=UNKNOWN), {"parts": UNKNOWN}, id="an unknown list"),
        pytest.param(Whole(private="x"), {}, id="a field that is no property"),
    ],
)
def test_a_state_is_written_as_declared(state: Whole, expected: Properties) -> None:
    assert encode(state) == expected


def test_what_is_none_is_left_out() -> None:
    assert encode(Whole()) == {}


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()], ids=["bytes", "a set", "an object of no kind"])
def test_anything_else_is_no_property_value(value: object) -> None:
    with pytest.raises(TypeError, match="is no property value"):
        encode(Wrong(value=value))


texts = st.text(max_size=8)
pairs = st.dictionaries(texts, texts, max_size=3).map(lambda found: tuple(sorted(found.items())))
parts = st.builds(Part, name=texts, weight=st.none() | st.integers(-(2**53), 2**53), labels=pairs)
wholes = st.builds(
    Whole,
    text=st.none() | texts,
    flag=st.none() | st.booleans(),
    count=st.none() | st.integers(-(2**53), 2**53),
    size=st.none() | st.sampled_from(Size),
    names=st.lists(texts, max_size=3).map(tuple),
    tags=pairs,
    part=st.none() | parts,
    parts=st.lists(parts, max_size=2).map(tuple),
)


def on_the_wire(value: Any) -> Any:
    """Turn numbers into what a protobuf value makes of them."""
    if isinstance(value, dict):
        return {name: on_the_wire(item) for name, item in value.items()}
    if isinstance(value, list):
        return [on_the_wire(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@settings(deadline=None)
@given(wholes)
def test_what_is_written_reads_back_the_same(state: Whole) -> None:
    decoded = decode(Whole, on_the_wire(encode(state)))
    assert (decoded.args, decoded.faults, decoded.unknown) == (state, (), frozenset())


@settings(deadline=None)
@given(st.text())
def test_a_secret_reads_back_the_same(text: str) -> None:
    token = decode(Whole, encode(Whole(token=SecretBytes(text.encode())))).args.token
    assert isinstance(token, SecretBytes)
    assert token.reveal().decode() == text


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | texts | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


names = [item.name for item in properties_of(Whole)]


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(names, anything)))
def test_no_value_is_too_odd_to_be_read(values: Properties) -> None:
    decoded = decode(Whole, values)
    assert isinstance(decoded.args, Whole)
