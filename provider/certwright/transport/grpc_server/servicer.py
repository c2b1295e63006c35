"""The Pulumi provider: a thin servicer that translates messages and calls the resources' handlers.

Our own rather than the SDK's, which cannot return ErrorResourceInitFailed and puts tracebacks into messages.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from certwright import __version__
from certwright.adapters.engine_log import EngineConnection, EngineLog
from certwright.adapters.plugin_log import fault_sentence
from certwright.bootstrap import App, open_app
from certwright.errors import CertwrightError, NotFound, Refused
from certwright.resources.failures import failure_of
from certwright.resources.registry import FUNCTION_BY_TOKEN, RESOURCE_BY_TOKEN, ResourceType
from certwright.resources.schema import schema_text
from certwright.resources.secrets import secrets_of
from certwright.resources.session import InitFailed, PlannedUpdates, Session
from certwright.resources.values import Properties
from certwright.transport.grpc_server.call_cancellation import CallCancellation
from certwright.transport.grpc_server.diff_response import diff_response, shown_changes
from certwright.transport.grpc_server.failures import write_failures
from certwright.transport.grpc_server.grpc_errors import abort, abort_unfinished
from certwright.transport.grpc_server.property_values import read_struct, secret_names, write_struct
from certwright.transport.grpc_server.provider_config import (
    changed_keys,
    check_config,
    replacing_keys,
    secret_keys,
    settings_of,
    version_notices,
)

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serve one engine; nothing is opened before CheckConfig or Configure."""

    def __init__(self, engine_address: str | None, environ: Mapping[str, str]) -> None:
        self._engine = EngineConnection(engine_address) if engine_address else None
        self._environ = environ
        self._noticed: set[str] = set()
        self._app: App | None = None
        self._is_cancelled = False
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
        olds, given = self._read(context, request.olds), self._read(context, news)
        checked = self._guarded(context, lambda: check_config(olds, given, self._environ))
        self._notice(checked.notices)
        secrets = secret_names(news) | secret_keys(news.fields)
        return provider_pb2.CheckResponse(
            inputs=write_struct(checked.inputs, secrets), failures=write_failures(checked.failures, news, secrets)
        )

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Replace for another account or Region, never for anything else."""
        old = self._read(context, request.old_inputs) or self._read(context, request.olds)
        new = self._read(context, request.news)
        changed = list(changed_keys(old, new))
        replaces = replacing_keys(old, new, changed)
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=replaces)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Open the store; what was noticed while opening is shown once."""
        inputs = self._read(context, request.args)
        app = self._guarded(context, lambda: open_app(settings_of(inputs, self._environ), self._environ))
        self.close()
        self._app = app
        if self._is_cancelled:  # while it was being opened, which may take a passphrase's time
            app.cancellation.cancel()
        self._notice((*app.notices, *version_notices(inputs)))
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
        secrets = secrets_of(resource, secret_names(news))
        return provider_pb2.CheckResponse(
            inputs=write_struct(checked.inputs, secrets),
            failures=write_failures(map(failure_of, checked.faults), news, secrets),
        )

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Return every change; the reasons go to the resource's diagnostics."""
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        sent = (request.olds, request.old_inputs, request.news)
        olds, old_inputs, news = (self._read(context, item) for item in sent)
        found = self._guarded(context, lambda: resource.handlers.diff(session, request.id, olds, old_inputs, news))
        changes = shown_changes(found, request.ignoreChanges)
        if changes:
            for reason in found.reasons:
                session.log.info(reason)
        return diff_response(changes, found.stables)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Make the resource, or in preview say what would be known of it."""
        wire = request.properties
        session, resource = self._session(context, request.urn), self._resource(context, request.urn)
        secrets = secrets_of(resource, secret_names(wire))
        inputs = self._read(context, wire)
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
        secrets = secrets_of(resource, secret_names(wire) | secret_names(wire_inputs))
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
        secrets = secrets_of(resource, secret_names(wire))
        state, inputs = self._read(context, request.olds), self._read(context, wire)
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
        state = self._read(context, request.properties)
        self._guarded(context, lambda: resource.handlers.delete(session, request.id, state))
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Call a function; faults of its arguments are failures with paths."""
        session = self._session(context, "")
        function = FUNCTION_BY_TOKEN.get(request.tok)
        if function is None:
            abort(context, NotFound(f"certwright has no function {request.tok}"))
        args = self._read(context, request.args)
        result = self._guarded(context, lambda: function.call(session, args))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(write_struct(result, frozenset()))
        return response

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """End all waits; called at every healthy close too."""
        del request, context
        self._is_cancelled = True
        if self._app is not None:
            self._app.cancellation.cancel()
        return empty_pb2.Empty()

    def close(self) -> None:
        """Release what Configure opened."""
        if self._app is not None:
            self._app.close()

    def _notice(self, notices: Iterable[str]) -> None:
        """Show what was noticed while opening, each once a run."""
        for notice in notices:
            if notice not in self._noticed:
                self._noticed.add(notice)
                EngineLog(self._engine, "").warning(notice)

    def _read(self, context: grpc.ServicerContext, sent: struct_pb2.Struct) -> Properties:
        return self._guarded(context, lambda: read_struct(sent))

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
        cancellation = CallCancellation(app.cancellation, context)
        return app.session(urn, EngineLog(self._engine, urn), cancellation, self._planned)

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
            context.abort(grpc.StatusCode.INTERNAL, fault_sentence(type(error)))
            raise AssertionError from error
