"""The one table from error kinds to gRPC codes, and the message that keeps a partly made resource."""

from typing import NoReturn

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from certwright.errors import CertwrightError, Kind
from certwright.resources.session import InitFailed
from certwright.resources.values import Properties
from certwright.transport.grpc_server.property_values import write_struct

CODES = {
    Kind.INVALID_INPUT: grpc.StatusCode.INVALID_ARGUMENT,
    Kind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Kind.REFUSED: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.VALIDATION_FAILED: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.LOOKUP_FAILED: grpc.StatusCode.UNKNOWN,
    Kind.CONFLICT: grpc.StatusCode.ABORTED,
    Kind.UNAVAILABLE: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.CORRUPT: grpc.StatusCode.DATA_LOSS,
    Kind.UNFINISHED: grpc.StatusCode.DEADLINE_EXCEEDED,
    Kind.CANCELLED: grpc.StatusCode.CANCELLED,
}
_DETAILS_KEY = "grpc-status-details-bin"


def abort(context: grpc.ServicerContext, error: CertwrightError) -> NoReturn:
    """End the call with the error's sentence and code."""
    context.abort(CODES[error.kind], str(error))
    raise AssertionError


def abort_unfinished(
    context: grpc.ServicerContext, error: InitFailed, inputs: Properties, secrets: frozenset[str]
) -> NoReturn:
    """End the call so that the engine keeps id and state and shows the reasons (ErrorResourceInitFailed)."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=write_struct(error.outputs, secrets),
        reasons=list(error.reasons),
        inputs=write_struct(inputs, secrets),
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[packed])
    context.set_trailing_metadata(((_DETAILS_KEY, status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))
    raise AssertionError
