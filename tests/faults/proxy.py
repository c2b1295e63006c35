"""Stand between engine and plugin, pass every call on, and do what CERTWRIGHT_FAULT says at one of them.

python proxy.py COMMAND… ENGINE     starts COMMAND… ENGINE and prints a port of its own
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import grpc

_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_FORWARDED = ("grpc-status-details-bin",)


@dataclass
class Fault:
    """One thing to do at the `at`-th call of a method."""

    kind: str
    method: str
    at: int
    moment: str
    engine: int
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_due(self, method: str) -> bool:
        """Count a call and say whether it is the one."""
        if not method.endswith(f"/{self.method}"):
            return False
        with self.lock:
            self.seen += 1
            return self.seen == self.at

    def strike(self) -> None:
        """Kill the engine as a machine that goes away does, or put the plugin's clock elsewhere."""
        if self.kind == "kill-engine":
            os.kill(self.engine, signal.SIGKILL)
        if self.kind == "shift-clock":
            shift, _, file = os.environ["CERTWRIGHT_FAULT_SHIFT"].partition(" ")
            Path(f"{file}.new").write_text(f"{shift}\n")
            Path(f"{file}.new").replace(file)


def note_time(method: str, seconds: float) -> None:
    """Add a line with a call's method and seconds to the file that CERTWRIGHT_FAULT_TIMES names, if any."""
    file = os.environ.get("CERTWRIGHT_FAULT_TIMES")
    if file is not None:
        with Path(file).open("a") as log:
            log.write(f"{method.rpartition('/')[2]} {seconds:.3f}\n")


class Passthrough(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Pass unary calls on as bytes."""

    def __init__(self, channel: grpc.Channel, fault: Fault) -> None:
        self._channel = channel
        self._fault = fault

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Return the handler of any method."""
        return grpc.unary_unary_rpc_method_handler(self._forward(details.method))

    def _forward(self, method: str) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        call = self._channel.unary_unary(method)

        def handle(request: bytes, context: grpc.ServicerContext) -> bytes:
            is_due = self._fault.is_due(method)
            if is_due and self._fault.moment == "before":
                self._fault.strike()
            began = time.monotonic()
            try:
                reply: bytes = call(request)
            except grpc.RpcError as error:
                trailing = [item for item in error.trailing_metadata() if item[0] in _FORWARDED]
                context.set_trailing_metadata(trailing)
                context.abort(error.code(), error.details())
                raise
            note_time(method, time.monotonic() - began)
            if is_due and self._fault.moment == "after" and self._fault.kind == "kill-engine":
                self._fault.strike()
            if is_due and self._fault.kind == "lose-reply":
                context.abort(grpc.StatusCode.UNAVAILABLE, "the reply was lost on the way")
            return reply

        return handle


def main() -> None:
    """Serve until told to stop; the plugin is told the same."""
    kind, method, at, moment = os.environ.pop("CERTWRIGHT_FAULT").split(":")
    fault = Fault(kind, method, int(at), moment, os.getppid())
    plugin = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
    assert plugin.stdout is not None
    channel = grpc.insecure_channel(f"127.0.0.1:{plugin.stdout.readline().strip()}", options=_UNLIMITED)
    server = grpc.server(ThreadPoolExecutor(1024), handlers=[Passthrough(channel, fault)], options=_UNLIMITED)
    port = server.add_insecure_port("127.0.0.1:0")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not ended.wait(0.5):
        if os.getppid() != fault.engine or plugin.poll() is not None:
            break
    plugin.send_signal(signal.SIGINT)
    plugin.wait(10)
    server.stop(0)


if __name__ == "__main__":
    main()
