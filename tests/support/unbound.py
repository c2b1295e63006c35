"""A real unbound on loopback: a validating resolver with a root and a trust anchor of the test's own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from tests.support.knot import free_port

_START_SECONDS = 10.0


class UnboundMissing(Exception):
    """Say that there is no unbound on this machine."""


@dataclass(frozen=True)
class Unbound:
    """A running unbound."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def address(self) -> str:
        """Return ip:port."""
        return f"127.0.0.1:{self.port}"

    def ask(self, name: str, rtype: str) -> dns.message.Message:
        """Return the answer to a question with DO=1."""
        query = dns.message.make_query(name, rtype, want_dnssec=True)
        return dns.query.tcp(query, "127.0.0.1", 5, self.port)

    def stop(self) -> None:
        """Stop the server; safe to call twice."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)


def start_unbound(
    folder: Path, server_port: int, zones: Sequence[str], anchors: Sequence[str], port: int | None = None
) -> Unbound:
    """Start unbound; the zones, the root among them, are served at a loopback port.

    `anchors` are lines of the root's DNSKEY or DS records. Raise `UnboundMissing` when it is not installed,
    `RuntimeError` when it does not answer.
    """
    binary = shutil.which("unbound", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if binary is None:
        msg = "unbound is missing: apt-get install unbound"
        raise UnboundMissing(msg)
    port = port or free_port()
    (folder / "root.key").write_text("".join(f"{line}\n" for line in anchors))
    (folder / "unbound.conf").write_text(_configuration(folder, port, server_port, zones))
    with (folder / "unbound.log").open("wb") as log:
        process = subprocess.Popen([binary, "-d", "-p", "-c", str(folder / "unbound.conf")], stdout=log, stderr=log)
    unbound = Unbound(process, port, folder)
    _await(unbound)
    return unbound


def _await(unbound: Unbound) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and unbound.process.poll() is None:
        try:
            unbound.ask(".", "SOA")
        except (OSError, EOFError, dns.exception.DNSException):
            time.sleep(0.05)
        else:
            return
    unbound.stop()
    msg = f"unbound does not answer:\n{(unbound.folder / 'unbound.log').read_text()}"
    raise RuntimeError(msg)


def _configuration(folder: Path, port: int, server_port: int, zones: Sequence[str]) -> str:
    stubs = "".join(f'stub-zone:\n    name: "{zone}"\n    stub-addr: 127.0.0.1@{server_port}\n' for zone in zones)
    return f"""
server:
    interface: 127.0.0.1
    port: {port}
    do-ip6: no
    num-threads: 1
    username: ""
    chroot: ""
    directory: "{folder}"
    use-syslog: no
    logfile: ""
    module-config: "validator iterator"
    trust-anchor-file: "{folder}/root.key"
    do-not-query-localhost: no
    val-log-level: 2
    ede: yes
remote-control:
    control-enable: no
{stubs}"""
