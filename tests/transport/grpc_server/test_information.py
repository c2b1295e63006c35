"""What the provider says of itself before it is configured, and what it refuses until then."""

from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from certwright import __version__
from certwright.resources.schema import schema_text
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from tests.transport.engine import CERTIFICATE, Engine, Made, refused, urn
from tests.transport.homes import dump, execute
from tests.transport.wire import struct

NOTHING = Made("", struct({}), {})


def test_the_handshake_takes_secrets_and_nothing_more(bare: Engine) -> None:
    response = bare.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert (response.accept_secrets, response.accept_resources, response.accept_outputs) == (True, False, False)


def test_the_version_is_the_packages(bare: Engine) -> None:
    assert bare.stub.GetPluginInfo(empty_pb2.Empty()).version == __version__


def test_the_schema_is_the_packages(bare: Engine) -> None:
    assert bare.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema == schema_text()


def test_an_engine_may_attach_later(bare: Engine) -> None:
    assert bare.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1")) == empty_pb2.Empty()


def test_cancel_before_anything_is_no_error(bare: Engine) -> None:
    assert bare.stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()


def test_nothing_is_opened_before_configuration(bare: Engine, home: Path) -> None:
    execute(home, "DROP TABLE alembic_version")
    before = dump(home)
    bare.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    bare.stub.GetSchema(provider_pb2.GetSchemaRequest())
    bare.stub.Cancel(empty_pb2.Empty())
    assert dump(home) == before


CALLS: list[tuple[str, Callable[[Engine], object]]] = [
    ("Check", lambda up: up.check(CERTIFICATE, {})),
    ("Diff", lambda up: up.diff(CERTIFICATE, NOTHING, {})),
    ("Create", lambda up: up.create(CERTIFICATE, {})),
    ("Create in preview", lambda up: up.preview(CERTIFICATE, {})),
    ("Read", lambda up: up.read(CERTIFICATE, "x", {}, {})),
    ("Update", lambda up: up.update(CERTIFICATE, NOTHING, {})),
    ("Delete", lambda up: up.delete(CERTIFICATE, NOTHING)),
    ("Invoke", lambda up: up.invoke("getTrustBundle", {})),
]


@pytest.mark.parametrize("call", [call for _, call in CALLS], ids=[name for name, _ in CALLS])
def test_before_configuration_it_refuses(bare: Engine, call: Callable[[Engine], object]) -> None:
    with refused() as found:
        call(bare)
    assert (found[0].code, found[0].sentence) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "certwright was not configured",
    )


def test_a_resource_unknown_here_is_refused(up: Engine) -> None:
    with refused() as found:
        up.create("Certificat", {})
    assert (found[0].code, found[0].sentence) == (
        grpc.StatusCode.NOT_FOUND,
        "certwright has no resource certwright:index:Certificat",
    )


def test_a_function_unknown_here_is_refused(up: Engine) -> None:
    with refused() as found:
        up.invoke("getCertificat", {})
    assert (found[0].code, found[0].sentence) == (
        grpc.StatusCode.NOT_FOUND,
        "certwright has no function certwright:index:getCertificat",
    )


def test_a_resource_below_a_component_is_found(up: Engine) -> None:
    nested = urn(CERTIFICATE).replace("certwright:index", "my:index:Component$certwright:index")
    request = provider_pb2.CheckRequest(urn=nested, news=struct({"domainName": "www.example.com"}))
    assert not up.stub.Check(request).failures
