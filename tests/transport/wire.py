"""Property values as the engine writes and shows them, built independently of the code under test."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format, struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = {
    "string": UNKNOWN,
    "boolean": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "array": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "asset": "030794c1-ac77-496b-92df-f27374a8bd58",
    "archive": "e48ece36-62e2-4504-bad9-02848725956a",
    "object": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
Json = dict[str, Any]


def secret(value: object) -> Json:
    """Mark a value as the engine marks a secret."""
    return {SIGNATURE: SECRET, "value": value}


def output(**fields: object) -> Json:
    """Write an output value: `value`, `secret` and `dependencies` as given."""
    return {SIGNATURE: OUTPUT, **fields}


def struct(values: Mapping[str, object]) -> struct_pb2.Struct:
    """Write plain values as a protobuf struct."""
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


def shown(values: struct_pb2.Struct) -> Json:
    """Read a struct as it is, secrets still marked."""
    found: Json = json_format.MessageToDict(values)
    return found


def plain(values: struct_pb2.Struct) -> Json:
    """Read a struct with every secret opened."""
    found: Json = _opened(shown(values))
    return found


def is_secret(values: struct_pb2.Struct, name: str) -> bool:
    """Say whether a top-level property is marked secret."""
    value = shown(values)[name]
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def _opened(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return _opened(value["value"])
        return {name: _opened(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_opened(item) for item in value]
    return value
