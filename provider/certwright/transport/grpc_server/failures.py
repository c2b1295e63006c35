"""Faults of inputs as the engine is to show them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from certwright.errors import Fault


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong with a property, in whole sentences; `path` is empty where it is nobody's in particular."""

    path: str
    reason: str


def failure_of(fault: Fault) -> Failure:
    """Return a fault as a failure: its path goes into the property, so it is left out of the sentence."""
    sentence = str(fault)
    return Failure(fault.path, sentence.removeprefix(f"{fault.path}: ") if fault.path else sentence)


def write_failures(
    failures: Iterable[Failure], inputs: struct_pb2.Struct, secrets: Collection[str]
) -> list[provider_pb2.CheckFailure]:
    """Write failures for the engine, which prints the value of the input that a failure names.

    So the failure of a secret input names none: its path stands in the sentence.
    """
    shown = {name for name in inputs.fields if name in secrets}
    return [
        provider_pb2.CheckFailure(property="", reason=f"{failure.path}: {failure.reason}")
        if failure.path in shown
        else provider_pb2.CheckFailure(property=failure.path, reason=failure.reason)
        for failure in failures
    ]
