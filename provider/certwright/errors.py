"""The one tree of errors.

CertwrightError                 carries a Kind; every transport maps kinds once
├── InvalidInput                all faults of one input, each with its property path and the fix
│   └── InvalidArn
├── NotFound                    a tombstone or no such row in this account
├── Refused                     a rule says no: in use, another installation, a foreign record
│   ├── InstallationMismatch
│   ├── RevocationsUnknown      revocations may be lost, so nothing is called good
│   └── SigningRefused          a token spent, a lint failed, a clock gone wrong
├── ValidationFailed            control over a name is not shown, or CAA forbids
├── LookupFailed                DNS did not answer in a usable way; never the same as "no record"
├── Superseded                  a later change or deletion ended the work; nothing was written
├── Conflict                    the store holds something else in that place; nothing was written
├── LeaseLost                   another holder took over; nothing was written
├── LeaseTaken                  somebody else is working on it
├── StoreUnavailable            the store cannot be opened or read
│   └── StoreMissing            there is no store where one must be, or an empty one
├── IntegrityError              stored bytes are not what was stored
├── KeyUnavailable              a master key is missing, unreadable or the wrong one
├── Unfinished                  the resource exists, its goal is not reached yet
└── Cancelled                   the engine asked to stop
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What an error means to a caller; each transport has one table from kinds to its own codes."""

    INVALID_INPUT = "invalid input"
    NOT_FOUND = "not found"
    REFUSED = "refused"
    VALIDATION_FAILED = "validation failed"
    LOOKUP_FAILED = "lookup failed"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    CORRUPT = "corrupt"
    UNFINISHED = "unfinished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where (`subjectAlternativeNames[1]`), what, and how to fix it.

    `code` is a stable word for machines, such as `NAME_NOT_ASCII`.
    """

    path: str
    code: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.message} [{self.code}]. {self.fix}"


class CertwrightError(Exception):
    """Root of all errors that are sentences for people; `str()` is the sentence."""

    kind: Kind = Kind.REFUSED


class InvalidInput(CertwrightError):
    """Carry every fault of one input at once."""

    kind = Kind.INVALID_INPUT

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InvalidArn(InvalidInput):
    """Say that a text is no ARN of the expected shape."""

    def __init__(self, text: str, shape: str, path: str = "") -> None:
        super().__init__((Fault(path, "INVALID_ARN", f"{text!r} is not of the form {shape}", "Use the `arn` output."),))


class NotFound(CertwrightError):
    """Say that the thing does not exist in this account, or was deleted."""

    kind = Kind.NOT_FOUND


class Refused(CertwrightError):
    """Say which rule forbids the act and what to do instead."""

    kind = Kind.REFUSED


class InstallationMismatch(Refused):
    """Say that state and store belong to different installations."""


class RevocationsUnknown(Refused):
    """Say why a certificate is not called good: its revocation may have been lost."""


class SigningRefused(Refused):
    """Say why nothing was signed."""


class ValidationFailed(CertwrightError):
    """Say for each name why it is not proven; `faults` have the name as their path."""

    kind = Kind.VALIDATION_FAILED

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class LookupFailed(CertwrightError):
    """Say which server failed to answer which question, and how."""

    kind = Kind.LOOKUP_FAILED


class Superseded(CertwrightError):
    """Say that a later change or a deletion ended the work on a version; nothing was written."""

    kind = Kind.CONFLICT


class Conflict(CertwrightError):
    """Say that the store holds something else in that place, or not what this hangs on; nothing was written."""

    kind = Kind.CONFLICT


class LeaseLost(CertwrightError):
    """Say that the lease went to another holder, so nothing was written."""

    kind = Kind.CONFLICT


class LeaseTaken(CertwrightError):
    """Say who holds the lease."""

    kind = Kind.CONFLICT


class StoreUnavailable(CertwrightError):
    """Say why the store cannot be used, where it is and what to do."""

    kind = Kind.UNAVAILABLE


class StoreMissing(StoreUnavailable):
    """Say that there is no store at a place, or an empty one, and where the right one may be."""


class IntegrityError(CertwrightError):
    """Say which stored item is not what was stored."""

    kind = Kind.CORRUPT


class KeyUnavailable(CertwrightError):
    """Say which master key is missing or wrong; never with key material."""

    kind = Kind.UNAVAILABLE


class Unfinished(CertwrightError):
    """Say what is still awaited."""

    kind = Kind.UNFINISHED


class Cancelled(CertwrightError):
    """Say that the engine asked to stop; nothing committed was undone."""

    kind = Kind.CANCELLED
