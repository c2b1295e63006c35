"""A provider that does nothing: it answers with the outputs that a file holds for each resource.

The floor that certwright's `up` and `preview` are held against: same engine, same program, same bytes. The file,
named by FLOOR_OUTPUTS, maps each URN to `{"id": …, "outputs": …}`; FLOOR_SCHEMA names the schema it serves.
"""

import json
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_THREADS = 256


class Floor(provider_pb2_grpc.ResourceProviderServicer):
    """Answer without doing anything."""

    def __init__(self, outputs: dict[str, tuple[str, Struct]], schema: str) -> None:
        self._outputs = outputs
        self._schema = schema

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Name a version."""
        del request, context
        return plugin_pb2.PluginInfo(version=json.loads(self._schema)["version"])

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Return the schema."""
        del request, context
        return provider_pb2.GetSchemaResponse(schema=self._schema)

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Take the configuration as it is."""
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """See no difference."""
        del request, context
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Accept what the engine offers."""
        del request, context
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Take the inputs as they are."""
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """See no difference."""
        del request, context
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Return the outputs of the file."""
        del context
        number, outputs = self._outputs[request.urn]
        return provider_pb2.CreateResponse(id="" if request.preview else number, properties=outputs)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        """Delete nothing."""
        del request, context
        return Empty()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """Have nothing to cancel."""
        del request, context
        return Empty()


def _read(file: str | None) -> dict[str, tuple[str, Struct]]:
    found = {}
    for urn, item in (json.loads(Path(file).read_text()) if file else {}).items():
        outputs = Struct()
        outputs.update(item["outputs"])
        found[urn] = (item["id"], outputs)
    return found


def main() -> None:
    """Print the port, then answer until told to stop."""
    schema = Path(os.environ["FLOOR_SCHEMA"]).read_text()
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        Floor(_read(os.environ.get("FLOOR_OUTPUTS")), schema), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop(1).wait()


if __name__ == "__main__":
    main()
