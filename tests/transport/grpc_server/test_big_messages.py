"""Messages of any size: what is too much is refused early, and memory stays small (P14)."""

import re
import time
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.transport.engine import CERTIFICATE, urn
from tests.transport.grpc_server.test_plugin_process import plugin
from tests.transport.wire import struct

_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_MOST_KILOBYTES = 300 * 1024


def check(port: int, news: dict[str, object]) -> provider_pb2.CheckResponse:
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=_UNLIMITED) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=struct({})))
        response: provider_pb2.CheckResponse = stub.Check(
            provider_pb2.CheckRequest(urn=urn(CERTIFICATE), news=struct(news))
        )
        return response


def most_kilobytes(process: int) -> int:
    """Return the most memory that a process ever had."""
    found = re.search(r"^VmHWM:\s*(\d+) kB$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_ten_thousand_names_are_one_fault_and_soon(home: Path) -> None:
    names = [f"n{index}.example.com" for index in range(10_000)]
    with plugin(home) as (process, port):
        began = time.monotonic()
        response = check(port, {"domainName": "www.example.com", "subjectAlternativeNames": names})
        assert time.monotonic() - began < 10
        assert most_kilobytes(process.pid) < _MOST_KILOBYTES
    (failure,) = response.failures
    assert "10001 names; a certificate takes 100 [TOO_MANY_NAMES]" in failure.reason


def test_a_message_as_long_as_any_may_be_fits_into_300_megabytes(home: Path) -> None:
    with plugin(home) as (process, port):
        check(port, {"domainName": "www.example.com", "tags": {"big": "x" * (15 << 20)}})
        assert most_kilobytes(process.pid) < _MOST_KILOBYTES


def test_a_longer_message_is_refused_unread_and_the_next_one_is_answered(home: Path) -> None:
    with plugin(home) as (process, port):
        with pytest.raises(grpc.RpcError, match="larger than max") as caught:
            check(port, {"domainName": "www.example.com", "tags": {"big": "x" * (64 << 20)}})
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert check(port, {"domainName": "www.example.com"}).failures[:] == []
        assert most_kilobytes(process.pid) < _MOST_KILOBYTES
