"""The plugin as the engine starts it: one line with the port, large messages, a quiet end."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.transport.engine import CERTIFICATE, urn
from tests.transport.homes import environment
from tests.transport.wire import struct

MEGABYTES = 5


@contextmanager
def plugin(home: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Start the plugin and return its process and port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "certwright"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            port = process.stdout.readline()
            assert port, process.stderr.read()
            yield process, int(port)
        finally:
            process.kill()


def test_a_signal_ends_it_quietly(home: Path) -> None:
    with plugin(home) as (process, _):
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_cancel_and_then_an_interrupt_end_it_quietly(home: Path) -> None:
    with plugin(home) as (process, port):
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            provider_pb2_grpc.ResourceProviderStub(channel).Cancel(empty_pb2.Empty())
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_messages_of_several_megabytes_pass_both_ways(home: Path) -> None:
    news = struct({"domainName": "www.example.com", "tags": {"big": "x" * (MEGABYTES << 20)}})
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with plugin(home) as (_, port), grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=struct({})))
        response = stub.Check(provider_pb2.CheckRequest(urn=urn(CERTIFICATE), news=news))
    assert len(response.inputs["tags"]["big"]) == MEGABYTES << 20


_STARTER = """
import subprocess, sys, time
plugin = subprocess.Popen([sys.executable, "-m", "certwright"], stdout=subprocess.PIPE, text=True)
print(plugin.pid, plugin.stdout.readline().strip(), flush=True)
time.sleep(60)
"""


def test_it_ends_when_the_engine_was_killed(home: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER], env=environment(home), stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        number = int(starter.stdout.readline().split()[0])
        starter.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{number}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{number}").exists()
