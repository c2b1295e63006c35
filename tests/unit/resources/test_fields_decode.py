"""Property values read into declared arguments: every type, every wrong type, every unknown."""

import math
from dataclasses import dataclass
from enum import Enum

import pytest
from certwright.errors import Fault
from certwright.model.secret import SecretBytes
from certwright.resources.fields import Decoded, camel, decode, join, prop, properties_of
from certwright.resources.values import UNKNOWN, Properties, Unknown, Value, has_unknown


class Colour(Enum):
    RED = "RED"
    BLUE = "BLUE"


@dataclass(frozen=True, slots=True)
class Inner:
    port: int | None = prop("A number.")
    token: SecretBytes | None = prop("A secret.", required=True)
    parts: tuple[str, ...] = prop("A list below.")


@dataclass(frozen=True, slots=True)
class Outer:
    text: str | None = prop("A text.")
    flag: bool | None = prop("A boolean.")
    count: int | None = prop("A number.")
    colour: Colour | None = prop("A member of a set.", default="RED")
    token: SecretBytes | None = prop("A secret.")
    names: tuple[str, ...] = prop("A list.")
    tags: tuple[tuple[str, str], ...] = prop("A map.")
    inner: Inner | None = prop("An object.")
    inners: tuple[Inner, ...] = prop("A list of objects.")
    anywhere: str | Unknown | None = prop("A text that may be unknown.")
    snake_case_name2: str | None = prop("A longer name.")
    hidden: int = 7


@dataclass(frozen=True, slots=True)
class Needs:
    name: str | None = prop("A text.", required=True)
    names: tuple[str, ...] = prop("A list.", required=True)
    colour: Colour | None = prop("A member of a set.", required=True, default="BLUE")


def read(**values: Value) -> Decoded[Outer]:
    return decode(Outer, values)


def places(faults: tuple[Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        pytest.param("text", "x", "text", "x", id="a string"),
        pytest.param("text", "", "text", "", id="an empty string"),
        pytest.param("flag", True, "flag", True, id="true"),
        pytest.param("flag", False, "flag", False, id="false"),
        pytest.param("count", 7, "count", 7, id="a whole number"),
        pytest.param("count", 7.0, "count", 7, id="a whole number as the wire carries it"),
        pytest.param("count", -0.0, "count", 0, id="minus zero"),
        pytest.param("count", 2.0**53, "count", 2**53, id="the largest exact number of the wire"),
        pytest.param("colour", "BLUE", "colour", Colour.BLUE, id="a member of a set"),
        pytest.param("names", ["a", "b"], "names", ("a", "b"), id="a list in its order"),
        pytest.param("names", [], "names", (), id="an empty list"),
        pytest.param("tags", {"b": "2", "a": "1"}, "tags", (("a", "1"), ("b", "2")), id="a map, sorted"),
        pytest.param("tags", {"__own": "1"}, "tags", (("__own", "1"),), id="a map's key with underscores"),
        pytest.param("inner", {"port": 1.0, "token": "t"}, "inner", "port 1", id="an object"),
        pytest.param("inners", [{"port": 1, "token": "t"}], "inners", "port 1", id="a list of objects"),
        pytest.param("snakeCaseName2", "x", "snake_case_name2", "x", id="a name of several words"),
    ],
)
def test_a_value_is_read_as_declared(name: str, value: Value, attribute: str, expected: object) -> None:
    decoded = read(**{name: value})
    found = getattr(decoded.args, attribute)
    found = found[0] if attribute == "inners" else found
    found = f"port {found.port}" if isinstance(found, Inner) else found
    assert (found, type(found), decoded.faults) == (expected, type(expected), ())


@pytest.mark.parametrize("values", [{"token": "s3cret"}, {"inner": {"token": "s3cret"}}], ids=["at the top", "below"])
def test_a_secret_is_read_into_a_type_that_does_not_show_it(values: Properties) -> None:
    args = decode(Outer, values).args
    token = args.token or (args.inner and args.inner.token)
    assert (token and token.reveal(), "s3cret" in repr(args)) == (b"s3cret", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("text", 1.0, id="a number for a string"),
        pytest.param("text", True, id="a boolean for a string"),
        pytest.param("text", ["x"], id="a list for a string"),
        pytest.param("text", {"x": "y"}, id="an object for a string"),
        pytest.param("flag", "true", id="a string for a boolean"),
        pytest.param("flag", 1.0, id="a number for a boolean"),
        pytest.param("count", "7", id="a string for a number"),
        pytest.param("count", 7.5, id="a fraction for a whole number"),
        pytest.param("count", True, id="a boolean for a number"),
        pytest.param("count", math.inf, id="infinity for a whole number"),
        pytest.param("count", math.nan, id="no number for a whole number"),
        pytest.param("token", 1.0, id="a number for a secret"),
        pytest.param("token", ["s3cret"], id="a list for a secret"),
        pytest.param("names", "a", id="a string for a list"),
        pytest.param("names", {"0": "a"}, id="an object for a list"),
        pytest.param("tags", "a=b", id="a string for a map"),
        pytest.param("tags", [["a", "b"]], id="a list for a map"),
        pytest.param("inner", "x", id="a string for an object"),
        pytest.param("inner", [], id="a list for an object"),
        pytest.param("inners", {"port": 1.0}, id="an object for a list of objects"),
    ],
)
def test_a_wrong_type_is_a_fault_at_its_path(name: str, value: Value) -> None:
    assert places(read(**{name: value}).faults) == [(name, "WRONG_TYPE")]


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        pytest.param({"names": ["a", 1.0, "c"]}, "names[1]", "WRONG_TYPE", id="an element"),
        pytest.param({"tags": {"a": "1", "b": 2.0}}, "tags.b", "WRONG_TYPE", id="a value of a map"),
        pytest.param({"inner": {"port": "x", "token": "t"}}, "inner.port", "WRONG_TYPE", id="a property below"),
        pytest.param({"inner": {"port": 1.0}}, "inner.token", "MISSING", id="a required property below"),
        pytest.param({"inner": {"token": "t", "prt": 1}}, "inner.prt", "UNKNOWN_PROPERTY", id="an unknown name below"),
        pytest.param(
            {"inner": {"token": "t", "parts": ["a", False]}}, "inner.parts[1]", "WRONG_TYPE", id="an element below"
        ),
        pytest.param(
            {"inners": [{"token": "t"}, {"token": "t", "port": 0.5}]},
            "inners[1].port",
            "WRONG_TYPE",
            id="a property in a list of objects",
        ),
        pytest.param({"inners": [{"token": "t"}, "x"]}, "inners[1]", "WRONG_TYPE", id="an element that is no object"),
        pytest.param({"colour": "GREEN"}, "colour", "NOT_IN_SET", id="no member of a set"),
        pytest.param({"colour": "red"}, "colour", "NOT_IN_SET", id="a member in other letters"),
        pytest.param({"colour": ["RED"]}, "colour", "NOT_IN_SET", id="a list for a member"),
        pytest.param({"txet": "x"}, "txet", "UNKNOWN_PROPERTY", id="an unknown name"),
        pytest.param({"snake_case_name2": "x"}, "snake_case_name2", "UNKNOWN_PROPERTY", id="Python's name"),
        pytest.param({"hidden": 1.0}, "hidden", "UNKNOWN_PROPERTY", id="a field that is no property"),
    ],
)
def test_a_fault_has_the_path_of_its_place(values: Properties, path: str, code: str) -> None:
    assert places(decode(Outer, values).faults) == [(path, code)]


def test_an_unknown_name_is_told_the_known_ones() -> None:
    (fault,) = read(txet="x").faults
    assert all(item.name in fault.fix for item in properties_of(Outer))


def test_a_value_outside_a_set_is_told_the_set() -> None:
    (fault,) = read(colour="GREEN").faults
    assert fault.fix == "Use one of RED, BLUE."


def test_all_faults_are_found_at_once() -> None:
    values: Properties = {"text": 1.0, "names": [1.0, 2.0], "inner": {"x": 1.0}, "colour": "GREEN", "y": None}
    expected = ["y", "text", "colour", "names[0]", "names[1]", "inner.x", "inner.token"]
    assert [fault.path for fault in decode(Outer, values).faults] == expected


def test_a_wrong_secret_is_not_shown() -> None:
    faults = decode(Outer, {"token": ["s3cret"], "inner": {"token": {"value": "s3cret"}}}).faults
    assert "s3cret" not in "".join(str(fault) for fault in faults)


@pytest.mark.parametrize("values", [{"__defaults": ["x"]}, {"inner": {"token": "t", "__defaults": []}}])
def test_names_of_the_engine_pass(values: Properties) -> None:
    assert decode(Outer, values).faults == ()


@pytest.mark.parametrize("values", [{}, {"text": None, "names": None, "tags": None, "inner": None}])
def test_what_is_left_out_is_its_types_empty_value(values: Properties) -> None:
    args = decode(Outer, values).args
    assert (args.text, args.count, args.inner, args.names, args.tags, args.inners) == (None, None, None, (), (), ())


@pytest.mark.parametrize(("values", "expected"), [({}, Colour.RED), ({"colour": None}, Colour.RED)])
def test_what_is_left_out_has_its_default(values: Properties, expected: Colour) -> None:
    assert decode(Outer, values).args.colour is expected


def test_what_is_required_is_missed_by_name() -> None:
    assert places(decode(Needs, {"name": None}).faults) == [
        ("name", "MISSING"),
        ("names", "MISSING"),
        ("colour", "MISSING"),
    ]


UNKNOWNS = [
    pytest.param({"text": UNKNOWN}, {"text"}, id="a string"),
    pytest.param({"count": UNKNOWN}, {"count"}, id="a number"),
    pytest.param({"colour": UNKNOWN}, {"colour"}, id="a member of a set"),
    pytest.param({"token": UNKNOWN}, {"token"}, id="a secret"),
    pytest.param({"names": UNKNOWN}, {"names"}, id="a list"),
    pytest.param({"names": ["a", UNKNOWN]}, {"names[1]"}, id="an element"),
    pytest.param({"tags": UNKNOWN}, {"tags"}, id="a map"),
    pytest.param({"tags": {"a": UNKNOWN}}, {"tags.a"}, id="a value of a map"),
    pytest.param({"inner": UNKNOWN}, {"inner"}, id="an object"),
    pytest.param({"inner": {"port": UNKNOWN, "token": UNKNOWN}}, {"inner.port", "inner.token"}, id="properties below"),
    pytest.param({"inners": [UNKNOWN, {"token": UNKNOWN}]}, {"inners[0]", "inners[1].token"}, id="objects in a list"),
]


@pytest.mark.parametrize(("values", "unknown"), UNKNOWNS)
def test_an_unknown_value_is_noted_by_its_path(values: Properties, unknown: set[str]) -> None:
    assert decode(Outer, values).unknown == unknown


@pytest.mark.parametrize(("values", "unknown"), UNKNOWNS)
def test_an_unknown_value_is_no_fault(values: Properties, unknown: set[str]) -> None:
    del unknown
    assert decode(Outer, values).faults == ()


def test_an_unknown_value_is_not_missing() -> None:
    assert decode(Needs, {"name": UNKNOWN, "names": UNKNOWN, "colour": UNKNOWN}).faults == ()


def test_an_unknown_element_does_not_move_the_ones_after_it() -> None:
    assert read(names=[UNKNOWN, "b", 3.0]).faults[0].path == "names[2]"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("names", False, id="an element below is unknown"),
        pytest.param("inner", False, id="a property below is unknown"),
        pytest.param("inner.port", False, id="it is unknown itself"),
        pytest.param("inner.token", True, id="a sibling is unknown"),
        pytest.param("name", True, id="a longer name is unknown"),
        pytest.param("text", True, id="nothing there is unknown"),
    ],
)
def test_a_path_is_known_where_nothing_at_or_below_it_is_unknown(path: str, expected: bool) -> None:  # noqa: FBT001
    decoded = decode(Outer, {"names": [UNKNOWN], "inner": {"port": UNKNOWN, "token": "t"}})
    assert decoded.is_known(path) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UNKNOWN, True),
        ([1.0, [UNKNOWN]], True),
        ({"a": {"b": UNKNOWN}}, True),
        (["a", {"b": None}], False),
        ("x", False),
    ],
)
def test_whether_anything_inside_is_unknown(value: Value, expected: bool) -> None:  # noqa: FBT001 - a row of a table
    assert has_unknown(value) is expected


def test_only_dataclasses_declare_properties() -> None:
    with pytest.raises(TypeError, match="Colour declares no properties"):
        properties_of(Colour)


@pytest.mark.parametrize(("name", "wire"), [("a", "a"), ("ab_cd", "abCd"), ("rfc2136", "rfc2136"), ("a_b2_c", "aB2C")])
def test_a_wire_name_is_in_camel_case(name: str, wire: str) -> None:
    assert camel(name) == wire


@pytest.mark.parametrize(("path", "name", "joined"), [("", "a", "a"), ("a", "b", "a.b"), ("a[0]", "b", "a[0].b")])
def test_paths_are_joined_by_dots(path: str, name: str, joined: str) -> None:
    assert join(path, name) == joined
