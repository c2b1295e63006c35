"""Faults of inputs as the engine is to show them; it prints the value of the property that a failure names."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

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


def without_secrets(failures: Iterable[Failure], given: Collection[str], secrets: Collection[str]) -> Iterator[Failure]:
    """Return failures that name no secret among the inputs given: the path of one stands in the sentence."""
    shown = {name for name in given if name in secrets}
    for failure in failures:
        is_secret = failure.path in shown
        yield Failure("", f"{failure.path}: {failure.reason}") if is_secret else failure
