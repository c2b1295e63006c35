"""DNS records as the core sees them, and the answers that servers gave."""

from dataclasses import dataclass
from enum import Enum

from certwright.model.names import DomainName


class RecordType(Enum):
    """DNS record types the core asks for or hands out."""

    CNAME = "CNAME"
    TXT = "TXT"
    CAA = "CAA"
    A = "A"
    AAAA = "AAAA"
    NS = "NS"
    SOA = "SOA"
    DNAME = "DNAME"


@dataclass(frozen=True, slots=True, order=True)
class ResourceRecord:
    """State one record: absolute owner name and value with trailing dots, lower case, as ACM prints them."""

    name: str
    type: RecordType
    value: str


@dataclass(frozen=True, slots=True)
class DomainValidation:
    """Pair a name of a certificate with the record that proves control over it."""

    domain_name: DomainName
    record: ResourceRecord


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One record of an answer section; names absolute with trailing dot, lower case."""

    owner: str
    type: RecordType
    value: str
    ttl: int


@dataclass(frozen=True, slots=True)
class CaaRecord:
    """One CAA property (RFC 8659 section 4.1); `value` as published."""

    critical: bool
    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What one authoritative server said: `rcode` is NOERROR or NXDOMAIN, everything else is a `ServerFailure`.

    `records` holds the whole answer section in order; `caa` its CAA records, parsed; `unparsed` counts records of the
    asked type that could not be parsed; `zone` is the apex that a negative answer names (the owner of its SOA record,
    absolute, lower case), empty where there is none.
    """

    server: str
    rcode: str
    records: tuple[AnswerRecord, ...]
    caa: tuple[CaaRecord, ...] = ()
    unparsed: int = 0
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ServerFailure:
    """Why a server's answer cannot be used: `server` is `name (address:port)`, `reason` a phrase such as `SERVFAIL`.

    `is_elsewhere` says that the server disclaimed authority for the name (REFUSED, NOTAUTH or no AA).
    """

    server: str
    reason: str
    is_elsewhere: bool = False


ServerReply = ServerAnswer | ServerFailure


@dataclass(frozen=True, slots=True)
class ValidatedAnswer:
    """What a validating resolver said; `is_secure` is its word that signatures cover all of it (AD)."""

    answer: ServerAnswer
    is_secure: bool


ValidatedReply = ValidatedAnswer | ServerFailure
