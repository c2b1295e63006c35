"""The engine's side of the protocol: a real gRPC server with the provider, and raw messages to it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from certwright.transport.grpc_server.servicer import Provider
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from tests.transport.wire import Json, plain, struct

PROJECT = "urn:pulumi:dev::project::"
CERTIFICATE = "Certificate"
VALIDATION = "CertificateValidation"
RECORD = "ValidationRecord"


def urn(resource: str, name: str = "web") -> str:
    """Return the URN of a resource of the package."""
    return f"{PROJECT}certwright:index:{resource}::{name}"


class Log(engine_pb2_grpc.EngineServicer):
    """The engine's log service; keeps what it is told."""

    def __init__(self) -> None:
        self.requests: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        del context
        self.requests.append(request)
        return empty_pb2.Empty()

    def lines(self, severity: str) -> list[str]:
        """Return the messages of a severity: INFO, WARNING."""
        wanted = engine_pb2.LogSeverity.Value(severity)
        return [item.message for item in self.requests if item.severity == wanted and not item.ephemeral]

    def statuses(self) -> list[str]:
        """Return the status lines."""
        return [item.message for item in self.requests if item.ephemeral]


@dataclass(frozen=True)
class Made:
    """A resource that exists: id, outputs as sent, and the inputs it was made from."""

    id: str
    wire: Any
    inputs: Json

    @property
    def outputs(self) -> Json:
        """Return the outputs with secrets opened."""
        return plain(self.wire)


def failures(response: Any) -> dict[str, str]:
    """Return by property path the reasons of a check; that of a secret is named in the sentence alone."""
    return {item.property or item.reason.partition(": ")[0]: item.reason for item in response.failures}


def changed(response: Any) -> dict[str, str]:
    """Return by path what a Diff says of it; `(output)` where no input changed."""
    assert set(response.diffs) == set(response.detailedDiff)
    assert (response.changes == response.DIFF_SOME) == bool(response.diffs)
    return {
        path: provider_pb2.PropertyDiff.Kind.Name(item.kind) + ("" if item.inputDiff else " (output)")
        for path, item in response.detailedDiff.items()
    }


@dataclass(frozen=True)
class Engine:
    """Calls as the engine makes them."""

    provider: Provider
    stub: Any
    log: Log = field(repr=False)

    def configure(self, **config: object) -> provider_pb2.ConfigureResponse:
        """Send CheckConfig, require it clean, and send Configure with what came back."""
        checked = self.check_config(config)
        assert not checked.failures, checked.failures
        response: provider_pb2.ConfigureResponse = self.stub.Configure(
            provider_pb2.ConfigureRequest(args=checked.inputs, acceptSecrets=True, acceptResources=True)
        )
        return response

    def check_config(self, news: Mapping[str, object], olds: Mapping[str, object] | None = None) -> Any:
        """Send CheckConfig."""
        request = provider_pb2.CheckRequest(urn=f"{PROJECT}pulumi:providers:certwright::default")
        request.news.CopyFrom(struct(news))
        request.olds.CopyFrom(struct(olds or {}))
        return self.stub.CheckConfig(request)

    def diff_config(self, olds: Mapping[str, object], news: Mapping[str, object]) -> Any:
        """Send DiffConfig with what two CheckConfigs returned."""
        return self.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=struct(olds), news=struct(news)))

    def check(self, resource: str, news: Mapping[str, object]) -> Any:
        """Send Check."""
        return self.stub.Check(provider_pb2.CheckRequest(urn=urn(resource), news=struct(news)))

    def faults(self, resource: str, news: Mapping[str, object]) -> dict[str, str]:
        """Return by property path the reasons that Check gives."""
        return failures(self.check(resource, news))

    def preview(self, resource: str, inputs: Mapping[str, object], name: str = "web") -> Json:
        """Send Create(preview) and return what is known."""
        request = provider_pb2.CreateRequest(urn=urn(resource, name), properties=struct(inputs), preview=True)
        return plain(self.stub.Create(request).properties)

    def create(self, resource: str, inputs: Mapping[str, object], name: str = "web", timeout: float = 0) -> Made:
        """Send Create."""
        request = provider_pb2.CreateRequest(urn=urn(resource, name), properties=struct(inputs), timeout=timeout)
        response = self.stub.Create(request)
        return Made(response.id, response.properties, dict(inputs))

    def diff(
        self, resource: str, made: Made, news: Mapping[str, object], ignored: Sequence[str] = (), name: str = "web"
    ) -> Any:
        """Send Diff of a resource with new inputs."""
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id=made.id,
                urn=urn(resource, name),
                olds=made.wire,
                old_inputs=struct(made.inputs),
                news=struct(news),
                ignoreChanges=ignored,
            )
        )

    def update(
        self,
        resource: str,
        made: Made,
        news: Mapping[str, object],
        *,
        preview: bool = False,
        timeout: float = 0,
        name: str = "web",
    ) -> Made:
        """Send Update."""
        response = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=made.id,
                urn=urn(resource, name),
                olds=made.wire,
                old_inputs=struct(made.inputs),
                news=struct(news),
                preview=preview,
                timeout=timeout,
            )
        )
        return Made(made.id, response.properties, dict(news))

    def read(
        self,
        resource: str,
        resource_id: str,
        state: Mapping[str, object],
        inputs: Mapping[str, object],
        name: str = "web",
    ) -> Any:
        """Send Read; empty state and inputs are an import."""
        return self.stub.Read(
            provider_pb2.ReadRequest(
                id=resource_id, urn=urn(resource, name), properties=struct(state), inputs=struct(inputs)
            )
        )

    def delete(self, resource: str, made: Made, name: str = "web") -> None:
        """Send Delete."""
        self.stub.Delete(provider_pb2.DeleteRequest(id=made.id, urn=urn(resource, name), properties=made.wire))

    def invoke(self, function: str, args: Mapping[str, object]) -> Any:
        """Send Invoke."""
        return self.stub.Invoke(provider_pb2.InvokeRequest(tok=f"certwright:index:{function}", args=struct(args)))

    def invoked(self, function: str, args: Mapping[str, object]) -> Json:
        """Return what a function returns; fail on failures."""
        response = self.invoke(function, args)
        assert not response.failures, response.failures
        return plain(getattr(response, "return"))


@contextmanager
def engine(environ: Mapping[str, str]) -> Iterator[Engine]:
    """Serve a fresh provider with its environment, and a log service, on loopback."""
    log = Log()
    server = grpc.server(ThreadPoolExecutor(16))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    provider = Provider(address, environ)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    server.start()
    try:
        with grpc.insecure_channel(address) as channel:
            yield Engine(provider, provider_pb2_grpc.ResourceProviderStub(channel), log)
    finally:
        server.stop(0).wait()
        if provider._app is not None:
            provider._app.close()


@dataclass(frozen=True)
class Refusal:
    """How a call ended: code, sentence and what the engine keeps of the resource."""

    code: grpc.StatusCode
    sentence: str
    kept: provider_pb2.ErrorResourceInitFailed | None


@contextmanager
def refused() -> Iterator[list[Refusal]]:
    """Expect a call to end with an error; the list holds it afterwards."""
    found: list[Refusal] = []
    with pytest.raises(grpc.RpcError) as caught:
        yield found
    error: Any = caught.value
    found.append(Refusal(error.code(), error.details(), _kept(error.trailing_metadata())))


def _kept(metadata: Sequence[tuple[str, bytes]]) -> provider_pb2.ErrorResourceInitFailed | None:
    for key, value in metadata:
        if key == "grpc-status-details-bin":
            detail = provider_pb2.ErrorResourceInitFailed()
            assert status_pb2.Status.FromString(value).details[0].Unpack(detail)
            return detail
    return None
