"""A real Knot DNS server on a free loopback port, with zones that accept TSIG-signed updates."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update

KEY_NAME = "updater"
KEY_SECRET = base64.b64encode(b"certwright-test-tsig-secret-0123").decode()
KEY_ALGORITHM = "hmac-sha256"
_START_SECONDS = 10.0


@dataclass(frozen=True)
class Knot:
    """A running knotd that is the authority for `zones`."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def address(self) -> str:
        """Return ip:port."""
        return f"127.0.0.1:{self.port}"

    def add(self, zone: str, name: str, rtype: str, value: str, ttl: int = 60) -> None:
        """Add a record."""
        update = self._update(zone)
        update.add(dns.name.from_text(name), ttl, rtype, value)
        self._send(update)

    def delete(self, zone: str, name: str, rtype: str | None = None) -> None:
        """Remove all records of a name, or those of one type."""
        update = self._update(zone)
        update.delete(dns.name.from_text(name), *([rtype] if rtype else []))
        self._send(update)

    def query(self, name: str, rtype: str) -> list[str]:
        """Return the values that the server answers."""
        answer = dns.query.udp(dns.message.make_query(name, rtype), "127.0.0.1", 1, self.port).answer
        return sorted(item.to_text() for rrset in answer for item in rrset)

    def stop(self) -> None:
        """Stop the server; safe to call twice."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)

    def _update(self, zone: str) -> dns.update.UpdateMessage:
        key = dns.tsig.Key(KEY_NAME, base64.b64decode(KEY_SECRET), KEY_ALGORITHM)
        return dns.update.UpdateMessage(zone, keyring=key)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        response = dns.query.tcp(update, "127.0.0.1", 5, self.port)
        if response.rcode() != dns.rcode.NOERROR:
            msg = f"knotd answered {dns.rcode.to_text(response.rcode())}"
            raise RuntimeError(msg)


def start_knot(
    folder: Path, zones: Sequence[str], port: int | None = None, signing: Mapping[str, str] | None = None
) -> Knot:
    """Start knotd with its zones below `folder`; raise `RuntimeError` when it is not installed or does not answer.

    A zone that the folder knows from an earlier run keeps its records. `port` is taken when it is free.
    `signing` names the zones that the server signs, with how they prove that a name is not there: NSEC, NSEC3 or
    NSEC3-OPT-OUT.
    """
    binary = shutil.which("knotd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if binary is None:
        msg = "knotd is missing: apt-get install knot"
        raise RuntimeError(msg)
    (folder / "db").mkdir(parents=True, exist_ok=True)
    port = port if port is not None and _is_free(port) else free_port()
    for zone in zones:
        file = folder / f"{zone}.zone"
        if not file.exists():
            file.write_text(_zone_text(zone))
    (folder / "knot.conf").write_text(_configuration(folder, port, zones, signing or {}))
    with (folder / "knot.log").open("wb") as log:
        process = subprocess.Popen([binary, "-c", str(folder / "knot.conf")], stdout=log, stderr=log)
    knot = Knot(process, port, folder)
    _await(knot, zones)
    return knot


def free_port() -> int:
    """Return a loopback port that is free for UDP and TCP now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
        if _is_free(port):
            return port


def _is_free(port: int) -> bool:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _await(knot: Knot, zones: Sequence[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and knot.process.poll() is None:
        try:
            if all(knot.query(zone, "SOA") for zone in zones):
                return
        except (OSError, dns.exception.DNSException):
            time.sleep(0.05)
    knot.stop()
    msg = f"knotd does not answer:\n{(knot.folder / 'knot.log').read_text()}"
    raise RuntimeError(msg)


def _zone_text(zone: str) -> str:
    return f"$ORIGIN {zone}.\n@ 60 SOA ns1 hostmaster 1 3600 600 86400 5\n@ 60 NS ns1\nns1 60 A 127.0.0.1\n"


def _configuration(folder: Path, port: int, zones: Sequence[str], signing: Mapping[str, str]) -> str:
    zone_lines = "\n".join(_zone_lines(folder, zone, signing.get(zone)) for zone in zones)
    return f"""
server:
    listen: "127.0.0.1@{port}"
    rundir: "{folder}"
    udp-workers: 1
    tcp-workers: 2
    background-workers: 1
database:
    storage: "{folder}/db"
log:
  - target: stderr
    any: info
key:
  - id: {KEY_NAME}
    algorithm: {KEY_ALGORITHM}
    secret: {KEY_SECRET}
acl:
  - id: updates
    key: {KEY_NAME}
    action: [update, transfer]
template:
  - id: default
    zonefile-sync: -1
    journal-content: changes
policy:
  - id: NSEC
    single-type-signing: on
  - id: NSEC3
    single-type-signing: on
    nsec3: on
  - id: NSEC3-OPT-OUT
    single-type-signing: on
    nsec3: on
    nsec3-opt-out: on
zone:
{zone_lines}
"""


def _zone_lines(folder: Path, zone: str, policy: str | None) -> str:
    lines = f'  - domain: "{zone}"\n    file: "{folder}/{zone}.zone"\n    acl: updates'
    return f"{lines}\n    dnssec-signing: on\n    dnssec-policy: {policy}" if policy else lines
