"""What a target of dynamic updates (RFC 2136) and its TSIG key (RFC 8945) must look like."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from certwright.errors import Fault
from certwright.model.printable import printable
from certwright.model.secret import SecretBytes

DEFAULT_PORT = 53
DEFAULT_ALGORITHM = "hmac-sha256"
ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
_HIGHEST_PORT = 65_535
_LONGEST_NAME = 253
_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_KEY_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]+(%[A-Za-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Rfc2136Words:
    """Where updates go and how they are signed, as somebody wrote it down; nothing is checked yet."""

    server: str
    port: int
    key_name: str
    key_algorithm: str
    key_secret: SecretBytes


def rfc2136_faults(target: Rfc2136Words) -> tuple[Fault, ...]:
    """Return every fault, its path the name of the property; the secret is in no text."""
    return tuple(fault for check in _CHECKS if (fault := check(target)) is not None)


def _server_fault(target: Rfc2136Words) -> Fault | None:
    if _is_address(target.server) or _is_host(target.server):
        return None
    message = f"'{printable(target.server)}' is neither an IP address nor a host name"
    return Fault("server", "BAD_SERVER", message, "Name the zone's primary alone: 192.0.2.53, ::1, ns1.example.com.")


def _port_fault(target: Rfc2136Words) -> Fault | None:
    if 1 <= target.port <= _HIGHEST_PORT:
        return None
    return Fault("port", "BAD_PORT", f"{target.port} is outside 1 to {_HIGHEST_PORT}", "Use 53.")


def _key_name_fault(target: Rfc2136Words) -> Fault | None:
    if _is_name(target.key_name, _KEY_LABEL):
        return None
    message = f"'{printable(target.key_name)}' is no DNS name"
    return Fault("keyName", "BAD_KEY_NAME", message, "Use the key's name as the server has it: updater.example.com.")


def _key_algorithm_fault(target: Rfc2136Words) -> Fault | None:
    if target.key_algorithm in ALGORITHMS:
        return None
    message = f"'{printable(target.key_algorithm)}' is not allowed here"
    return Fault("keyAlgorithm", "NOT_IN_SET", message, f"Use one of {', '.join(ALGORITHMS)}.")


def _key_secret_fault(target: Rfc2136Words) -> Fault | None:
    try:
        is_key = bool(base64.b64decode(target.key_secret.reveal(), validate=True))
    except binascii.Error:
        is_key = False
    if is_key:
        return None
    return Fault(
        "keySecret", "NOT_BASE64", "this is not base64; its value is not shown", "Copy the key's secret whole."
    )


_CHECKS: tuple[Callable[[Rfc2136Words], Fault | None], ...] = (
    _server_fault,
    _port_fault,
    _key_name_fault,
    _key_algorithm_fault,
    _key_secret_fault,
)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return _ADDRESS.fullmatch(text) is not None


def _is_host(text: str) -> bool:
    """Say whether the text is a host name; a last label of digits is an IPv4 address gone wrong (RFC 3696, 2)."""
    return _is_name(text, _HOST_LABEL) and not text.removesuffix(".").rpartition(".")[2].isdigit()


def _is_name(text: str, label: re.Pattern[str]) -> bool:
    bare = text.removesuffix(".")
    return len(bare) <= _LONGEST_NAME and all(label.fullmatch(part) for part in bare.split("."))
