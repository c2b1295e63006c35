"""Property values on the wire ⇄ the resources' plain values; secrets stay secret both ways.

Written by hand: the SDK's PropertyValue neither reads nor writes unknown values.
"""

from google.protobuf import struct_pb2

from certwright.errors import Fault, InvalidInput
from certwright.resources.values import UNKNOWN, Properties, Value

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's mark of a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def read_struct(struct: struct_pb2.Struct) -> Properties:
    """Return plain values; secrets opened, unknown ones as the marker."""
    return {name: _read(value, name) for name, value in struct.fields.items()}


def secret_names(struct: struct_pb2.Struct) -> frozenset[str]:
    """Return the top-level properties that are secret or contain a secret."""
    return frozenset(name for name, value in struct.fields.items() if _contains_secret(value))


def write_struct(properties: Properties, secrets: frozenset[str]) -> struct_pb2.Struct:
    """Write properties, those named in `secrets` as secrets."""
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        written = _write(value)
        struct.fields[name].CopyFrom(_as_secret(written) if name in secrets and value is not None else written)
    return struct


def _read(value: struct_pb2.Value, path: str) -> Value:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            return value.number_value
        case "list_value":
            return [_read(item, f"{path}[{index}]") for index, item in enumerate(value.list_value.values)]
        case "struct_value":
            return _read_object(value.struct_value, path)
        case _:
            return None


def _read_object(struct: struct_pb2.Struct, path: str) -> Value:
    signature = _signature(struct)
    if signature is None:
        return {name: _read(item, f"{path}.{name}") for name, item in struct.fields.items()}
    if signature == _SECRET or (signature == _OUTPUT and "value" in struct.fields):
        return _read(struct.fields["value"], path)
    if signature == _OUTPUT:
        return UNKNOWN
    raise InvalidInput([Fault(path, "WRONG_TYPE", "assets and resources are not taken here", "Pass plain values.")])


def _contains_secret(value: struct_pb2.Value) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return any(_contains_secret(item) for item in value.list_value.values)
    if kind != "struct_value":
        return False
    struct = value.struct_value
    says_secret = "secret" in struct.fields and struct.fields["secret"].bool_value
    is_secret = _signature(struct) == _SECRET or (_signature(struct) == _OUTPUT and says_secret)
    return is_secret or any(_contains_secret(item) for item in struct.fields.values())


def _signature(struct: struct_pb2.Struct) -> str | None:
    return struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else None


def _write(value: Value) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, list):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_write(item) for item in value]))
    if isinstance(value, dict):
        fields = {name: _write(item) for name, item in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    return _write_scalar(value)


def _write_scalar(value: bool | float | str) -> struct_pb2.Value:  # noqa: FBT001 - a property value
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    return struct_pb2.Value(number_value=value)


def _as_secret(value: struct_pb2.Value) -> struct_pb2.Value:
    fields = {_SIGNATURE: struct_pb2.Value(string_value=_SECRET), "value": value}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
