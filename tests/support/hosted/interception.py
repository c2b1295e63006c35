"""A proxy that ends TLS for the hosts of providers' APIs and hands their requests to stand-ins.

The product gets no test hook for it: it honours HTTPS_PROXY and REQUESTS_CA_BUNDLE, as behind a company's proxy.
"""

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Call:
    """One request to an API."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Return the path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters of the query."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """An API's answer."""

    status: int
    body: bytes
    kind: str = "application/json"


def answer_json(status: int, known: object) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, json.dumps(known).encode())


class Api(Protocol):
    """A stand-in of a provider's API."""

    hosts: tuple[str, ...]

    def answer(self, call: Call) -> Answer:
        """Answer a request."""
        ...


@dataclass
class Interception:
    """A running proxy: what was asked, and the environment that leads to it.

    A host in `silent` accepts requests and never answers; one in `gone` cannot be reached; `answers` stand in for
    what the API would say. `unknown` are the hosts that were asked for and have no stand-in.
    """

    port: int
    bundle: Path
    calls: list[Call] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    answers: dict[str, Answer] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of a process that is to ask the stand-ins."""
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{self.port}",
            "NO_PROXY": "127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(self.bundle),
        }

    def calm(self) -> None:
        """Forget what was asked, and let every host behave again."""
        self.calls.clear()
        self.unknown.clear()
        for trouble in (self.silent, self.gone, self.answers):
            trouble.clear()


@contextmanager
def intercept(folder: Path, *apis: Api) -> Iterator[Interception]:
    """Run the proxy."""
    by_host = {host: api for api in apis for host in api.hosts}
    context = _tls(folder, sorted(by_host))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.block_on_close = False
    interception = Interception(server.server_address[1], folder / "bundle.pem")
    _Handler.running[server.server_address[1]] = (interception, by_host, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield interception
    finally:
        interception.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    running: dict[int, tuple[Interception, dict[str, Api], ssl.SSLContext]] = {}  # noqa: RUF012 - by port
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two would wait for each other's acknowledgement.
    wbufsize = -1
    host = ""

    def do_CONNECT(self) -> None:
        interception, by_host, context = self.running[self.server.server_address[1]]  # type: ignore[index]
        host = self.path.partition(":")[0]
        if host not in by_host:
            interception.unknown.append(host)
        if host not in by_host or host in interception.gone:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self._speak_tls(context, host)

    def _speak_tls(self, context: ssl.SSLContext, host: str) -> None:
        self.close_connection = True
        try:
            with context.wrap_socket(self.connection, server_side=True) as connection:
                inner = _Inner.__new__(_Inner)
                inner.host = host
                inner.__init__(connection, self.client_address, self.server)  # type: ignore[misc]
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden method
        """Say nothing."""


class _Inner(_Handler):
    def _answer(self) -> None:
        interception, by_host, _ = self.running[self.server.server_address[1]]  # type: ignore[index]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(self.command, self.host, self.path, dict(self.headers.items()), body)
        interception.calls.append(call)
        if self.host in interception.silent:
            interception.ended.wait(60)
            self.close_connection = True
            return
        answer = interception.answers.get(self.host) or by_host[self.host].answer(call)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names of the protocol's methods


def _tls(folder: Path, hosts: list[str]) -> ssl.SSLContext:
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-ins of APIs")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "bundle.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
