"""A stand-in for the plugin of pulumi-aws: `aws:route53/record:Record` and `aws:route53/getZone:getZone`, no more.

It answers the real engine and the real `pulumi_aws` SDK over the real protocol, keeps Route 53's rules for record sets
(what is required, a second creation refused unless `allowOverwrite`, names relative to the zone), and publishes to a
DNS server on loopback. It is not AWS: no account, no credentials, no eventual consistency, no aliases or routing
policies, and nothing of `acm`, so that a program that still asks AWS for a certificate fails here.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from tests.support.foreign_dns_zone import ChangeRefusedError, HostedZones, RecordSet

SETTINGS = "FOREIGN_DNS"
T = TypeVar("T")
Json = dict[str, Any]
_RECORD = "aws:route53/record:Record"
_ZONE = "aws:route53/getZone:getZone"
_REQUIRED = ("name", "type", "zoneId", "ttl", "records")
_IDENTITY = ("name", "type", "zoneId")


class Route53(provider_pb2_grpc.ResourceProviderServicer):
    """Serve record sets of the zones named in the environment."""

    def __init__(self, version: str, zones: HostedZones) -> None:
        self._version = version
        self._zones = zones

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        del request, context
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        del context
        failures = [] if "region" in request.news.fields else [_failure("region", "Missing region: set aws:region")]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:  # noqa: N802
        del request, context
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        del request, context
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:  # noqa: N802
        _require_record(request.urn, context)
        given = _plain(request.news)
        failures = [
            _failure(name, f'Missing required argument: "{name}"') for name in _REQUIRED if given.get(name) is None
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:  # noqa: N802
        del context
        old, new = _plain(request.old_inputs), _plain(request.news)
        changed = [name for name in sorted({**old, **new}) if old.get(name) != new.get(name)]
        replaces = [name for name in changed if name in _IDENTITY]
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if changed else none, diffs=changed, replaces=replaces, deleteBeforeReplace=bool(replaces)
        )

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:  # noqa: N802
        given = _plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_struct({**given, "fqdn": self._fqdn_ahead(given, context)}))
        wanted = _told(context, lambda: self._record_set(given))
        overwrites = bool(given.get("allowOverwrite"))
        _told(context, lambda: self._zones.create(wanted, overwrites=overwrites))
        return provider_pb2.CreateResponse(id=_id(given, wanted), properties=_outputs(given, wanted))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:  # noqa: N802
        given = _plain(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_struct({**given, "fqdn": self._fqdn_ahead(given, context)}))
        wanted = _told(context, lambda: self._record_set(given))
        _told(context, lambda: self._zones.replace(wanted))
        return provider_pb2.UpdateResponse(properties=_outputs(given, wanted))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:  # noqa: N802
        given = _plain(request.inputs)
        asked = _told(context, lambda: self._record_set(given))
        values = list(_told(context, lambda: self._zones.values(asked)))
        if not values:
            return provider_pb2.ReadResponse()
        live = given if values == sorted(asked.records) else {**given, "records": values}
        return provider_pb2.ReadResponse(id=request.id, properties=_outputs(live, asked), inputs=_struct(live))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        unwanted = _told(context, lambda: self._record_set(_plain(request.properties)))
        _told(context, lambda: self._zones.delete(unwanted))
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:  # noqa: N802
        if request.tok != _ZONE:
            _refuse(context, f"the stand-in for pulumi-aws has no function {request.tok}")
        name = str(_plain(request.args).get("name", "")).removesuffix(".")
        zone_id = self._zones.zone_id(name)
        if zone_id is None:
            _refuse(context, "no matching Route 53 Hosted Zone found")
        response = provider_pb2.InvokeResponse()
        found = {"id": zone_id, "zoneId": zone_id, "name": name, "privateZone": False, "nameServers": [f"ns1.{name}"]}
        getattr(response, "return").CopyFrom(_struct(found))
        return response

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        del request, context
        return empty_pb2.Empty()

    def _fqdn_ahead(self, given: Json, context: grpc.ServicerContext) -> str:
        is_known = UNKNOWN not in (given["name"], given["zoneId"])
        return _told(context, lambda: self._record_set(given)).fqdn if is_known else UNKNOWN

    def _record_set(self, given: Json) -> RecordSet:
        ttl = 0 if given["ttl"] == UNKNOWN else int(given["ttl"])
        zone = self._zones.zone_of(given["zoneId"])
        return RecordSet(zone, given["name"], given["type"], ttl, tuple(given["records"]))


def _require_record(urn: str, context: grpc.ServicerContext) -> None:
    token = urn.split("::")[2].rpartition("$")[2]
    if token != _RECORD:
        _refuse(context, f"the stand-in for pulumi-aws has no resource {token}")


def _told(context: grpc.ServicerContext, work: Callable[[], T]) -> T:
    """Do the work; a change that is refused becomes the call's error, with Route 53's sentence."""
    try:
        return work()
    except ChangeRefusedError as error:
        _refuse(context, str(error))


def _refuse(context: grpc.ServicerContext, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
    raise AssertionError(message)


def _failure(name: str, reason: str) -> provider_pb2.CheckFailure:
    return provider_pb2.CheckFailure(property=name, reason=reason)


def _id(given: Json, made: RecordSet) -> str:
    return f"{given['zoneId']}_{made.fqdn}_{made.type}"


def _outputs(given: Json, made: RecordSet) -> struct_pb2.Struct:
    return _struct({**given, "fqdn": made.fqdn})


def _plain(struct: struct_pb2.Struct) -> Json:
    return {name: value for name, value in json_format.MessageToDict(struct).items() if not name.startswith("__")}


def _struct(values: Json) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def main(environ: Mapping[str, str]) -> None:
    """Serve the engine: print the port, then answer until told to stop."""
    settings = json.loads(environ[SETTINGS])
    zones = HostedZones(settings["port"], tuple(settings["zones"]), settings["keyName"], settings["keySecret"])
    server, stopped = grpc.server(ThreadPoolExecutor(16)), threading.Event()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Route53(settings["version"], zones), server)
    port = server.add_insecure_port("127.0.0.1:0")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    engine = os.getppid()
    while not stopped.wait(1) and os.getppid() == engine:
        pass
    server.stop(1).wait()


if __name__ == "__main__":
    main(os.environ)
