"""A DNS-over-TLS server on loopback (RFC 7858) with a certificate of a test CA."""

import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from certwright.adapters.dns.authoritative import NameServer
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.pki import Identity, make_ca, make_leaf
from tests.support.knot import free_port
from tests.support.nameserver import Act, Behaviour, RunningServer

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TlsServer:
    """A running server, and the file with the root certificate that its own is signed by."""

    server: RunningServer
    roots: Path

    @property
    def address(self) -> NameServer:
        """Return the server as resolvers name it."""
        return self.server.address


class _TlsTcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that do not trust the certificate."""


@contextmanager
def tls_server(folder: Path, behaviour: Behaviour, *names: str) -> Iterator[TlsServer]:
    """Serve on a free loopback port with a certificate for `names` until the block ends."""
    now = datetime.now(UTC)
    root = make_ca("DoT Root", not_before=now - _DAY, not_after=now + _DAY)
    leaf = make_leaf(names, issuer=root, not_before=now - _DAY / 2, not_after=now + _DAY / 2)
    (folder / "roots.pem").write_text(root.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_chain_file(folder, leaf))
    server = RunningServer(behaviour, free_port())

    class Tls(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with context.wrap_socket(self.request, server_side=True) as connection, connection.makefile("rb") as reader:
                while head := reader.read(2):
                    reply = server.reply(reader.read(*struct.unpack("!H", head)), over_tcp=True)
                    if reply is Act.HANG_UP:
                        return
                    if isinstance(reply, bytes):
                        with suppress(OSError):
                            connection.sendall(struct.pack("!H", len(reply)) + reply)

    with _TlsTcpServer(("127.0.0.1", server.port), Tls) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield TlsServer(server, folder / "roots.pem")
        finally:
            listener.shutdown()
            thread.join()


def _chain_file(folder: Path, leaf: Identity) -> Path:
    key = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = folder / "server.pem"
    file.write_text(key + leaf.pem)
    return file
