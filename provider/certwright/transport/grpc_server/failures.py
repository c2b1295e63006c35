"""Faults of inputs on the wire."""

from collections.abc import Collection, Iterable

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from certwright.resources.failures import Failure, without_secrets


def write_failures(
    failures: Iterable[Failure], inputs: struct_pb2.Struct, secrets: Collection[str]
) -> list[provider_pb2.CheckFailure]:
    """Write failures for the engine; the failure of a secret input names none."""
    return [
        provider_pb2.CheckFailure(property=failure.path, reason=failure.reason)
        for failure in without_secrets(failures, inputs.fields, secrets)
    ]
