"""The gRPC provider that the Pulumi engine starts."""

from certwright.transport.grpc_server.servicer import main

__all__ = ["main"]
