"""Messages to the engine's display."""

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_SECONDS = 5.0


class EngineConnection:
    """The engine's log service; a lost engine loses messages, never work."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self._stub = engine_pb2_grpc.EngineStub(self._channel)

    def send(self, severity: int, message: str, urn: str, *, is_status: bool = False) -> None:
        """Send one message for a resource (empty URN: for the whole run)."""
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=is_status)  # type: ignore[arg-type]
        try:
            self._stub.Log(request, timeout=_SECONDS)
        except grpc.RpcError:
            return

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


class EngineLog:
    """Messages of one resource (resources.session.Log)."""

    def __init__(self, connection: EngineConnection | None, urn: str) -> None:
        self._connection = connection
        self._urn = urn

    def info(self, message: str) -> None:
        """Add a line to the resource's diagnostics."""
        self._send(engine_pb2.INFO, message)

    def warning(self, message: str) -> None:
        """Add a warning to the resource's diagnostics."""
        self._send(engine_pb2.WARNING, message)

    def status(self, message: str) -> None:
        """Replace the resource's status line."""
        self._send(engine_pb2.INFO, message, is_status=True)

    def _send(self, severity: int, message: str, *, is_status: bool = False) -> None:
        if self._connection is not None:
            self._connection.send(severity, message, self._urn, is_status=is_status)
