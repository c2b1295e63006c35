"""Declared properties: dataclass fields that carry their description, read from and written to property values."""

import dataclasses
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from certwright.errors import Fault
from certwright.model.secret import SecretBytes
from certwright.resources.values import UNKNOWN, Properties, Unknown, Value

A = TypeVar("A")
_META = "certwright"


@dataclass(frozen=True, slots=True)
class Meta:
    """What the schema says of a property beyond its type."""

    description: str
    required: bool
    replaces: bool
    default: Value
    choices: str
    copies: str


def prop(
    description: str,
    *,
    required: bool = False,
    replaces: bool = False,
    default: Value = None,
    choices: str = "",
    copies: str = "",
) -> Any:  # noqa: ANN401
    """Declare a property with its description; an input left out or unknown becomes its type's empty value.

    `default` is what Check fills in; it is part of the schema. `choices` names the set of words that the SDKs offer
    for a text; a property of an enumeration's type offers the set of the same name. `copies` names the input whose
    values an output shows: it is as secret and as unknown as that.
    """
    meta = Meta(description, required, replaces, default, choices, copies)
    return dataclasses.field(default=None, metadata={_META: meta})


@dataclass(frozen=True, slots=True)
class Property:
    """One declared property: wire name, Python attribute, type with None and Unknown taken off, and its Meta."""

    name: str
    attribute: str
    type: Any
    meta: Meta

    @property
    def is_secret(self) -> bool:
        """Say whether the value is secret from the wire on."""
        return self.type is SecretBytes or (_is_map(self.type) and _map_value(self.type) is SecretBytes)


def copies_of(cls: type[object]) -> Mapping[str, str]:
    """Return by name the properties that show an input's values, with the name of that input."""
    return {item.name: item.meta.copies for item in properties_of(cls) if item.meta.copies}


def properties_of(cls: type[object]) -> tuple[Property, ...]:
    """Return the declared properties of a dataclass, in order."""
    known = _DECLARED.get(cls)
    if known is None:
        known = _DECLARED[cls] = _declared(cls)
    return known


_DECLARED: dict[type[object], tuple[Property, ...]] = {}


def _declared(cls: type[object]) -> tuple[Property, ...]:
    if not dataclasses.is_dataclass(cls):
        msg = f"{cls.__name__} declares no properties"
        raise TypeError(msg)
    hints = typing.get_type_hints(cls)
    return tuple(
        Property(camel(field.name), field.name, _bare(hints[field.name]), field.metadata[_META])
        for field in dataclasses.fields(cls)
        if _META in field.metadata
    )


def camel(name: str) -> str:
    """Turn an attribute name into its wire name."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _bare(hint: Any) -> Any:  # noqa: ANN401
    """Take None and Unknown off a union."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        rest = [arm for arm in typing.get_args(hint) if arm not in {type(None), Unknown}]
        return rest[0] if len(rest) == 1 else hint
    return hint


@dataclass(frozen=True, slots=True)
class Decoded(Generic[A]):
    """Arguments read from property values: what could be read, all faults, and the paths that are unknown yet.

    `absent` are the list entries that could not be read: the entries of a list in `args` are the others, in order.
    """

    args: A
    faults: tuple[Fault, ...]
    unknown: frozenset[str]
    absent: frozenset[str] = frozenset()

    def is_known(self, path: str) -> bool:
        """Say whether nothing at or below the path is unknown."""
        return not any(item == path or item.startswith((f"{path}.", f"{path}[")) for item in self.unknown)


def decode(cls: type[A], values: Mapping[str, Value]) -> Decoded[A]:
    """Read declared properties; keys that start with `__` pass, other unknown ones are faults with the known names."""
    reader = _Reader()
    args = reader.read_object(cls, values, "")
    return Decoded(args, tuple(reader.faults), frozenset(reader.unknown), frozenset(reader.absent))


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.unknown: set[str] = set()
        self.absent: set[str] = set()

    def read_object(self, cls: type[A], values: Mapping[str, Value], path: str) -> A:
        declared = properties_of(cls)
        self._refuse_unknown_names(declared, values, path)
        read = {item.attribute: self._read_property(item, values, path) for item in declared}
        return cls(**read)

    def _refuse_unknown_names(self, declared: tuple[Property, ...], values: Mapping[str, Value], path: str) -> None:
        names = {item.name for item in declared}
        for name in values:
            if name not in names and not name.startswith("__"):
                fix = f"Known properties: {', '.join(sorted(names))}." if names else "Leave it out: there are none."
                self.faults.append(Fault(join(path, name), "UNKNOWN_PROPERTY", "there is no such property", fix))

    def _read_property(self, item: Property, values: Mapping[str, Value], path: str) -> object:
        here = join(path, item.name)
        value = values.get(item.name)
        if value is None:
            if item.meta.required:
                self.faults.append(Fault(here, "MISSING", "this property is required", f"Set {item.name}."))
            value = item.meta.default
        return self.read(item.type, value, here)

    def read(self, kind: Any, value: Value, path: str) -> object:  # noqa: ANN401
        if value is UNKNOWN:
            self.unknown.add(path)
            value = None
        origin = typing.get_origin(kind)
        if origin is tuple:
            return self._read_tuple(typing.get_args(kind)[0], value, path)
        if value is None:
            return None
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self._read_nested(kind, value, path)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._read_enum(kind, value, path)
        return self._read_scalar(kind, value, path)

    def _read_tuple(self, element: Any, value: Value, path: str) -> object:  # noqa: ANN401
        if typing.get_origin(element) is tuple:
            return self._read_pairs(typing.get_args(element)[1], value, path)
        if value is None:
            return ()
        if not isinstance(value, list):
            return self._wrong(path, "a list", ())
        read = [self._read_element(element, item, f"{path}[{index}]") for index, item in enumerate(value)]
        return tuple(item for item in read if item is not None)

    def _read_element(self, element: Any, value: Value, path: str) -> object:  # noqa: ANN401
        if value is None:
            self.faults.append(Fault(path, "MISSING", "this entry is empty", "Fill it in, or remove it."))
        read = self.read(element, value, path)
        if read is None:
            self.absent.add(path)
        return read

    def _read_pairs(self, kind: Any, value: Value, path: str) -> object:  # noqa: ANN401
        if value is None:
            return ()
        if not isinstance(value, dict):
            return self._wrong(path, "a map of strings", ())
        read = ((key, self.read(kind, item, join(path, key))) for key, item in sorted(value.items()))
        return tuple((key, item) for key, item in read if item is not None)

    def _read_nested(self, kind: type[A], value: Value, path: str) -> object:
        if not isinstance(value, dict):
            return self._wrong(path, "an object", None)
        return self.read_object(kind, value, path)

    def _read_enum(self, kind: type[Enum], value: Value, path: str) -> object:
        try:
            return kind(value)
        except ValueError:
            fix = f"Use one of {', '.join(str(member.value) for member in kind)}."
            self.faults.append(Fault(path, "NOT_IN_SET", f"{value!r} is not allowed here", fix))
            return None

    def _read_scalar(self, kind: Any, value: Value, path: str) -> object:  # noqa: ANN401
        if kind is SecretBytes and isinstance(value, str):
            return SecretBytes(value.encode())
        if kind is bool and isinstance(value, bool):
            return value
        if kind is str and isinstance(value, str):
            return value
        if (
            kind is int
            and isinstance(value, (int, float))
            and not isinstance(value, bool)
            and float(value).is_integer()
        ):
            return int(value)
        return self._wrong(path, _SCALARS[kind], None)

    def _wrong(self, path: str, wanted: str, instead: object) -> object:
        self.faults.append(Fault(path, "WRONG_TYPE", f"this must be {wanted}", f"Write {wanted}."))
        return instead


_SCALARS: dict[type, str] = {SecretBytes: "a string", bool: "true or false", str: "a string", int: "a whole number"}


def join(path: str, name: str) -> str:
    """Append a property name to a path."""
    return f"{path}.{name}" if path else name


def encode(state: object) -> Properties:
    """Write a dataclass of declared properties as property values; properties that are None are left out."""
    return dict(_encoded_items(state))


def _encoded_items(state: object) -> Iterator[tuple[str, Value]]:
    for item in properties_of(type(state)):
        value = getattr(state, item.attribute)
        if value is not None:
            yield item.name, _encode(value, is_map=_is_map(item.type))


def _is_map(kind: Any) -> bool:  # noqa: ANN401
    return typing.get_origin(kind) is tuple and typing.get_origin(typing.get_args(kind)[0]) is tuple


def _map_value(kind: Any) -> Any:  # noqa: ANN401
    return typing.get_args(typing.get_args(kind)[0])[1]


def _encode(value: object, *, is_map: bool = False) -> Value:
    if isinstance(value, SecretBytes):
        return value.reveal().decode()
    if isinstance(value, Enum):
        return value if isinstance(value, Unknown) else str(value.value)
    if isinstance(value, tuple):
        return {key: _encode(item) for key, item in value} if is_map else [_encode(item) for item in value]
    if dataclasses.is_dataclass(value):
        return encode(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    msg = f"{type(value).__name__} is no property value"
    raise TypeError(msg)
