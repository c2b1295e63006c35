"""TCP connections to a host name or IP address, and messages over them, each by one deadline."""

import socket
import time

from certwright.adapters.dns.workers import NEVER, FairWorkers, await_all


def connect(host: str, port: int, deadline: float) -> socket.socket:
    """Return a connection to the first address that takes one; raise `OSError`.

    Names are looked up as the machine does it: in its hosts file, then in DNS.
    """
    addresses = _addresses(host, deadline)
    refused: OSError = TimeoutError("no connection in time")
    for index, address in enumerate(addresses):
        left = (deadline - time.monotonic()) / (len(addresses) - index)
        if left <= 0:
            break
        try:
            return socket.create_connection((address, port), left)
        except OSError as error:
            refused = error
    raise refused


def exchange_octets(connected: socket.socket, octets: bytes, deadline: float) -> bytes:
    """Send a message with its length before it (RFC 1035 section 4.2.2) and return the reply's octets."""
    connected.settimeout(_left(deadline))
    connected.sendall(len(octets).to_bytes(2, "big") + octets)
    length = int.from_bytes(_read(connected, 2, deadline), "big")
    return _read(connected, length, deadline)


def _read(connected: socket.socket, size: int, deadline: float) -> bytes:
    octets = b""
    while len(octets) < size:
        connected.settimeout(_left(deadline))
        some = connected.recv(size - len(octets))
        if not some:
            msg = "the connection was closed"
            raise EOFError(msg)
        octets += some
    return octets


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        msg = "no answer in time"
        raise TimeoutError(msg)
    return left


def _addresses(host: str, deadline: float) -> tuple[str, ...]:
    """Ask in a thread of its own: the machine's resolver knows no deadline."""
    thread = FairWorkers("host-look-up", 1, 1)
    asked = thread.submit(host, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    found = await_all([asked], deadline, NEVER)[0]
    if found is None:
        msg = f"the address of {host} could not be found in time"
        raise TimeoutError(msg)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
