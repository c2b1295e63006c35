"""Addresses of DNS servers."""

import ipaddress
import re
from dataclasses import dataclass

_HIGHEST_PORT = 65_535
_DNS_PORT = 53
_TLS_PORT = 853
_TLS_SCHEME = "tls://"
_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SHAPE = re.compile(
    r"\[(?P<v6>[^\]]+)\](?::(?P<p6>[0-9]+))?|(?P<v4>[0-9.]+)(?::(?P<p4>[0-9]+))?|(?P<bare>[0-9a-fA-F:]+)"
)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """An IP address and port of a DNS server."""

    host: str
    port: int = 53

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ValidatingAddress:
    """A validating resolver: plain DNS on loopback, or TLS to a server that shows a certificate for `tls_identity`."""

    server: ServerAddress
    tls_identity: str = ""


def parse_validating_resolver(text: str) -> ValidatingAddress:
    """Parse `ip[:port]` on loopback or `tls://ip[:port][#name]`; raise `ValueError` for anything else.

    Without a name the certificate must be for the address itself.
    """
    if not text.startswith(_TLS_SCHEME):
        server = parse_server(text)
        if not ipaddress.ip_address(server.host).is_loopback:
            msg = f"{text!r} is reached by plain DNS, and is not on loopback"
            raise ValueError(msg)
        return ValidatingAddress(server)
    place, hash_sign, name = text.removeprefix(_TLS_SCHEME).partition("#")
    server = parse_server(place, _TLS_PORT)
    name = name.lower().removesuffix(".")
    if hash_sign and not all(_HOST_LABEL.fullmatch(label) for label in name.split(".")):
        msg = f"{name!r} is no host name"
        raise ValueError(msg)
    return ValidatingAddress(server, name or server.host)


def parse_server(text: str, default_port: int = _DNS_PORT) -> ServerAddress:
    """Parse `ip`, `ip:port`, `[v6]` or `[v6]:port`; raise `ValueError` for anything else."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        msg = f"{text!r} is not ip[:port]"
        raise ValueError(msg)
    host = str(ipaddress.ip_address(match["v6"] or match["v4"] or match["bare"]))
    port = int(match["p6"] or match["p4"] or default_port)
    if not 0 < port <= _HIGHEST_PORT:
        msg = f"port {port} is outside 1..{_HIGHEST_PORT}"
        raise ValueError(msg)
    return ServerAddress(host, port)
