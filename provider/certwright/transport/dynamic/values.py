"""Property values as the SDK's dynamic provider hands them over ⇄ the resources' plain values."""

from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime import rpc

from certwright.resources.values import UNKNOWN, Properties, Value

PROVIDER = "__provider"
# The URN as the program computes it: it identifies a resource among retries of its Create and in the audit log.
OWNER = "__owner"


def read_values(sent: Mapping[str, Any]) -> Properties:
    """Return plain values without the serialised provider; unknown ones as the marker."""
    return {name: _read(value) for name, value in sent.items() if name != PROVIDER}


def write_values(properties: Properties) -> dict[str, Any]:
    """Return values for the SDK."""
    return {name: _write(value) for name, value in properties.items()}


def _read(value: Any) -> Value:  # noqa: ANN401 - whatever a program passes on
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {name: _read(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_read(item) for item in value]
    return UNKNOWN if isinstance(value, Unknown) or value == rpc.UNKNOWN else value


def _write(value: Value) -> Any:  # noqa: ANN401 - as the SDK has it
    if isinstance(value, dict):
        return write_values(value)
    if isinstance(value, list):
        return [_write(item) for item in value]
    return rpc.UNKNOWN if value is UNKNOWN else value
