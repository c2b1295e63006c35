"""A real PowerDNS on free loopback ports, with its HTTP API."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest

from tests.support.knot import free_port

API_KEY = "canary-powerdns-api-key"
_SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
_START_SECONDS = 20.0


@dataclass(frozen=True)
class PowerDns:
    """A running pdns_server that is the authority for its zones."""

    process: subprocess.Popen[bytes]
    dns_port: int
    api_port: int
    folder: Path

    @property
    def endpoint(self) -> str:
        """Return the URL of the API."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def address(self) -> str:
        """Return ip:port of the name server."""
        return f"127.0.0.1:{self.dns_port}"

    def query(self, name: str, rtype: str) -> list[str]:
        """Return the values that the name server answers."""
        answer = dns.query.udp(dns.message.make_query(name, rtype), "127.0.0.1", 2, self.dns_port).answer
        return sorted(item.to_text() for rrset in answer for item in rrset)

    def put(self, zone: str, name: str, rtype: str, value: str, ttl: int = 60) -> None:
        """Set a record as somebody else would."""
        rrset = {"name": name, "type": rtype, "ttl": ttl, "changetype": "REPLACE", "records": [{"content": value}]}
        self._call("PATCH", f"/zones/{zone}.", {"rrsets": [rrset]})

    def delete(self, zone: str, name: str, rtype: str) -> None:
        """Remove what a name holds of a type, as somebody else would."""
        self._call("PATCH", f"/zones/{zone}.", {"rrsets": [{"name": name, "type": rtype, "changetype": "DELETE"}]})

    def make_zone(self, zone: str, kind: str) -> None:
        """Make a zone of a kind: Native, or Master with notifies to secondaries."""
        self._call("POST", "/zones", {"name": f"{zone}.", "kind": kind, "nameservers": [f"ns1.{zone}."]})

    def stop(self) -> None:
        """Stop the server; safe to call twice."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self.endpoint}/api/v1/servers/localhost{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-API-Key": API_KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None


class PowerDnsMissing(RuntimeError):
    """Say what to install."""


@contextmanager
def running_powerdns(folder: Path, zones: Sequence[str]) -> Iterator[PowerDns]:
    """Run a PowerDNS for a fixture; skip with the reason where it is not installed."""
    try:
        server = start_powerdns(folder, zones)
    except PowerDnsMissing as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


def start_powerdns(folder: Path, zones: Sequence[str]) -> PowerDns:
    """Start pdns_server with its data below `folder`; raise `PowerDnsMissing` when it is not installed.

    The first zone is a primary's, the others are native.
    """
    binary = shutil.which("pdns_server", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if binary is None or not _SCHEMA.exists():
        msg = "pdns_server is missing: apt-get install pdns-server pdns-backend-sqlite3"
        raise PowerDnsMissing(msg)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "pdns.db")) as database:
        database.executescript(_SCHEMA.read_text())
    dns_port, api_port = free_port(), free_port()
    (folder / "pdns.conf").write_text(_configuration(folder, dns_port, api_port))
    with (folder / "pdns.log").open("wb") as log:
        process = subprocess.Popen([binary, f"--config-dir={folder}"], stdout=log, stderr=log)
    server = PowerDns(process, dns_port, api_port, folder)
    _await(server)
    for index, zone in enumerate(zones):
        server.make_zone(zone, "Native" if index else "Master")
    return server


def _await(server: PowerDns) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            server._call("GET", "")
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    server.stop()
    msg = f"pdns_server does not answer:\n{(server.folder / 'pdns.log').read_text()}"
    raise RuntimeError(msg)


def _configuration(folder: Path, dns_port: int, api_port: int) -> str:
    return f"""
launch=gsqlite3
gsqlite3-database={folder}/pdns.db
local-address=127.0.0.1
local-port={dns_port}
socket-dir={folder}
daemon=no
guardian=no
primary=yes
api=yes
api-key={API_KEY}
webserver=yes
webserver-address=127.0.0.1
webserver-port={api_port}
webserver-allow-from=127.0.0.1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
loglevel=4
"""
