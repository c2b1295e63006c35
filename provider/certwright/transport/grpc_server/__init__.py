"""The gRPC provider that the Pulumi engine starts."""

from certwright.transport.grpc_server.serving import main

__all__ = ["main"]
