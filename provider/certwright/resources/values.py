"""Property values between the transport and the resources: plain Python plus one marker for what is not known yet."""

from enum import Enum
from typing import Final, TypeAlias


class Unknown(Enum):
    """Mark a value that only `up` will know."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

Value: TypeAlias = "bool | float | int | str | Unknown | list[Value] | dict[str, Value] | None"
Properties: TypeAlias = dict[str, Value]


def has_unknown(value: Value) -> bool:
    """Say whether the value is unknown anywhere inside."""
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    return value is UNKNOWN
