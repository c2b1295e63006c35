"""The plugin's process: serve the engine that started it."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from certwright.adapters.plugin_log import start_log
from certwright.adapters.system import forbid_core_dumps, keep_output, take_environment
from certwright.settings import home_of
from certwright.transport.grpc_server.servicer import Provider

# What the longest chain needs several times over; a message takes ten times its size in memory.
_RECEIVED_BYTES = 16 * 1024 * 1024
_SENT_BYTES = 400 * 1024 * 1024
_THREADS = 1024
_GRACE_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_OPTIONS = [("grpc.max_receive_message_length", _RECEIVED_BYTES), ("grpc.max_send_message_length", _SENT_BYTES)]


def main() -> None:
    """Serve the engine named by the first argument: print the port, then answer until told to stop."""
    forbid_core_dumps()
    # The engine takes the first line for the port, whatever a user's own start-up printed before.
    output = keep_output(sys.stderr.fileno())
    environ = take_environment(os.environ)
    start_log(home_of(environ))
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
    os.write(output, f"{port}\n".encode())
    _await_end(stopped, os.getppid())
    server.stop(_GRACE_SECONDS).wait()
    provider.close()


def _await_end(stopped: threading.Event, engine: int) -> None:
    """Wait for a signal, or until the engine's process is gone: killed, it stops nobody."""
    while not stopped.wait(_LOOK_SECONDS):
        if os.getppid() != engine:
            return
