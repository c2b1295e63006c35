"""Which top-level properties of a resource are secret from the wire on."""

import dataclasses
from functools import cache

from certwright.resources.fields import copies_of, properties_of
from certwright.resources.registry import ResourceType


def secrets_of(resource: ResourceType, sent: frozenset[str]) -> frozenset[str]:
    """Return the top-level properties to write as secrets: declared so, secret as sent, and outputs that copy these."""
    names = secret_outputs(resource) | sent
    return names | {name for name, copied in copies_of(resource.state).items() if copied in names}


@cache
def secret_outputs(resource: ResourceType) -> frozenset[str]:
    """Return the top-level properties that are secret or contain one, in arguments and state."""
    return _secret_names(resource.args) | _secret_names(resource.state)


def _secret_names(declared: type) -> frozenset[str]:
    return frozenset(item.name for item in properties_of(declared) if item.is_secret or _has_secret(item.type))


def _has_secret(kind: object) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind) and bool(_secret_names(kind))
