"""The Pulumi provider: a thin servicer that translates messages and calls the resources' handlers.

Our own rather than the SDK's, which cannot return ErrorResourceInitFailed and puts tracebacks into messages.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from certwright import __version__
from certwright.adapters.system import take_environment
from certwright.bootstrap import App, open_app
from certwright.errors import CertwrightError, NotFound, Refused
from certwright.resources.registry import FUNCTION_BY_TOKEN, RESOURCE_BY_TOKEN, ResourceType
from certwright.resources.schema import schema_text
from certwright.resources.session import ChangeKind, DiffResult, InitFailed, PlannedUpdates, PropertyChange, Session
from certwright.resources.values import Properties
from certwright.transport.grpc_server.call_cancellation import CallCancellation
from certwright.transport.grpc_server.engine_log import EngineConnection, EngineLog
from certwright.transport.grpc_server.grpc_errors import abort, abort_unfinished
from certwright.transport.grpc_server.property_values import read_struct, secret_names, write_struct
from certwright.transport.grpc_server.provider_config import (
    SECRET_KEYS,
    changed_keys,
    check_config,
    replacing_keys,
    settings_of,
)
from certwright.transport.grpc_server.secrets import secret_outputs

_MESSAGE_BYTES = 400 * 1024 * 1024
_THREADS = 1024
_GRACE_SECONDS = 5.0
_OPTIONS = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
_KINDS = {
    (ChangeKind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (ChangeKind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (ChangeKind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (ChangeKind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (ChangeKind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (ChangeKind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_log = logging.getLogger(__name__)
T = TypeVar("T")


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serve one engine; nothing is opened before CheckConfig or Configure."""

    def __init__(self, engine_address: str | None, environ: Mapping[str, str]) -> None:
        self._engine = EngineConnection(engine_address) if engine_address else None
        self._environ = environ
        self._noticed: set[str] = set()
        self._app: App | None = None
        self._planned = PlannedUpdates()

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on what both sides understand."""
        del context
        if self._engine is None and request.engine_address:
            self._engine = EngineConnection(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=False, accept_outputs=False)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Talk to another engine."""
        del context
        self._engine = EngineConnection(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the version."""
        del request, context
        return plugin_pb2.PluginInfo(version=__version__)

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Return the package schema."""
        del request, context
        return provider_pb2.GetSchemaResponse(schema=schema_text())

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Check configuration and resolve what later runs compare; every fault at once."""
        news = request.news
        olds = read_struct(request.olds)
        checked = self._guarded(context, lambda: check_config(olds, read_struct(news), self._environ))
        self._notice(checked.notices)
        return provider_pb2.CheckResponse(
            inputs=write_struct(checked.inputs, secret_names(news) | SECRET_KEYS),
            failures=[
                provider_pb2.CheckFailure(property=fault.path, reason=_without_path(str(fault), fault.path))
                for fault in checked.faults
            ],
        )

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Replace for another account or Region, never for anything else."""
        del context
        old = read_struct(request.old_inputs) or read_struct(request.olds)
        changed = list(changed_keys(old, read_struct(request.news)))
        replaces = replacing_keys(old, changed)
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=replaces)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Open the store; what was noticed while opening is shown once."""
        inputs = read_struct(request.args)
        self._app = self._guarded(context, lambda: open_app(settings_of(inputs, self._environ), self._environ))
        self._notice(self._app.notices)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Return inputs with defaults, and every fault with its property path."""
        news = request.news
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        checked = self._guarded(context, lambda: resource.handlers.check(session, read_struct(news)))
        for warning in checked.warnings:
            session.log.warning(warning)
        return provider_pb2.CheckResponse(
            inputs=write_struct(checked.inputs, secret_names(news) | secret_outputs(resource)),
            failures=[
                provider_pb2.CheckFailure(property=fault.path, reason=_without_path(str(fault), fault.path))
                for fault in checked.faults
            ],
        )

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Return every change; the reasons go to the resource's diagnostics."""
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        olds, old_inputs, news = (read_struct(item) for item in (request.olds, request.old_inputs, request.news))
        found = self._guarded(context, lambda: resource.handlers.diff(session, request.id, olds, old_inputs, news))
        changes = [change for change in found.changes if not _is_ignored(change, request.ignoreChanges)]
        if changes:
            for reason in found.reasons:
                session.log.info(reason)
        return _diff_response(found, changes)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Make the resource, or in preview say what would be known of it."""
        wire = request.properties
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        secrets = secret_names(wire) | secret_outputs(resource)
        inputs = read_struct(wire)
        made = self._guarded(
            context,
            lambda: resource.handlers.create(session, inputs, request.timeout, preview=request.preview),
            inputs,
            secrets,
        )
        return provider_pb2.CreateResponse(id=made.id, properties=write_struct(made.outputs, secrets))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Return the resource as it is; an empty id only where it is positively gone."""
        wire, wire_inputs = request.properties, request.inputs
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        secrets = secret_names(wire) | secret_names(wire_inputs) | secret_outputs(resource)
        found = self._guarded(
            context, lambda: resource.handlers.read(session, request.id, read_struct(wire), read_struct(wire_inputs))
        )
        if found.id is None:
            return provider_pb2.ReadResponse()
        if found.unfinished:
            abort_unfinished(context, InitFailed(found.id, found.outputs, found.unfinished), found.inputs, secrets)
        return provider_pb2.ReadResponse(
            id=found.id, properties=write_struct(found.outputs, secrets), inputs=write_struct(found.inputs, secrets)
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Bring the resource to its inputs, or in preview say what would be known of it."""
        wire = request.news
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        secrets = secret_names(wire) | secret_outputs(resource)
        state, inputs = read_struct(request.olds), read_struct(wire)
        outputs = self._guarded(
            context,
            lambda: resource.handlers.update(
                session, request.id, state, inputs, request.timeout, preview=request.preview
            ),
            inputs,
            secrets,
        )
        return provider_pb2.UpdateResponse(properties=write_struct(outputs, secrets))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete the resource."""
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        state = read_struct(request.properties)
        self._guarded(context, lambda: resource.handlers.delete(session, request.id, state))
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Call a function; faults of its arguments are failures with paths."""
        session = self._session(context, "")
        function = FUNCTION_BY_TOKEN.get(request.tok)
        if function is None:
            abort(context, NotFound(f"certwright has no function {request.tok}"))
        args = read_struct(request.args)
        result = self._guarded(context, lambda: function.call(session, args))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(write_struct(result, frozenset()))
        return response

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """End all waits; called at every healthy close too."""
        del request, context
        if self._app is not None:
            self._app.cancellation.cancel()
        return empty_pb2.Empty()

    def _notice(self, notices: Iterable[str]) -> None:
        """Show what was noticed while opening, each once a run."""
        for notice in notices:
            if notice not in self._noticed:
                self._noticed.add(notice)
                EngineLog(self._engine, "").warning(notice)

    def _resource(self, context: grpc.ServicerContext, urn: str) -> ResourceType:
        token = urn.split("::")[2].rpartition("$")[2]
        resource = RESOURCE_BY_TOKEN.get(token)
        if resource is None:
            abort(context, NotFound(f"certwright has no resource {token}"))
        return resource

    def _session(self, context: grpc.ServicerContext, urn: str) -> Session:
        app = self._app
        if app is None:
            abort(context, Refused("certwright was not configured"))
        return Session(
            core=app.core,
            preview_core=app.preview_core,
            caller=app.caller,
            log=EngineLog(self._engine, urn),
            cancellation=CallCancellation(app.cancellation, context),
            planned=self._planned,
            zone_writers=app.zone_writers,
            default_rfc2136=app.settings.rfc2136,
            default_tags=app.settings.default_tags,
            urn=urn,
        )

    def _guarded(
        self,
        context: grpc.ServicerContext,
        work: Callable[[], T],
        inputs: Properties | None = None,
        secrets: frozenset[str] = frozenset(),
    ) -> T:
        """Run a handler; its errors become codes and sentences, anything else is a fault of ours and logged."""
        try:
            return work()
        except InitFailed as error:
            abort_unfinished(context, error, inputs or {}, secrets)
        except CertwrightError as error:
            abort(context, error)
        except Exception as error:
            _log.exception("internal error")
            sentence = (
                f"certwright has a fault of its own ({type(error).__name__}); nothing was acknowledged. "
                "The plugin's log (pulumi --logtostderr -v=3) has the details; please report it."
            )
            context.abort(grpc.StatusCode.INTERNAL, sentence)
            raise AssertionError from error


def _without_path(sentence: str, path: str) -> str:
    return sentence.removeprefix(f"{path}: ") if path else sentence


def _is_ignored(change: PropertyChange, ignored: object) -> bool:
    root = change.path.replace("[", ".").partition(".")[0]
    return isinstance(ignored, (list, tuple)) and root in {item.replace("[", ".").partition(".")[0] for item in ignored}


def _diff_response(found: DiffResult, changes: list[PropertyChange]) -> provider_pb2.DiffResponse:
    some = provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE
    detailed = {
        change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=change.is_input)
        for change in changes
    }
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=[change.path for change in changes],
        replaces=[change.path for change in changes if change.replaces],
        stables=list(found.stables),
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def main() -> None:
    """Serve the engine named by the first argument: print the port, then answer until told to stop."""
    environ = take_environment(os.environ)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="certwright: %(message)s")
    stopped = threading.Event()
    server = grpc.server(ThreadPoolExecutor(_THREADS, thread_name_prefix="call"), options=_OPTIONS)
    provider = Provider(sys.argv[1] if len(sys.argv) > 1 else None, environ)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop(_GRACE_SECONDS).wait()


if __name__ == "__main__":
    main()
