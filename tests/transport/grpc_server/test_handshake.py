"""The plugin in odd surroundings: its first line is the port, or it says why not (P18)."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.transport.homes import environment
from tests.transport.wire import struct

_COMMAND = (sys.executable, "-m", "certwright")


def first_line(folder: Path, command: Sequence[str] = _COMMAND, **variables: str) -> tuple[str, str]:
    """Start the plugin, and return the first line of its output with what it says when it is told to end."""
    environ = {**environment(folder / "home"), **variables}
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        process.terminate()
        rest, errors = process.communicate(timeout=20)
    assert rest == ""
    return line, errors


def test_warnings_of_libraries_are_not_on_the_output_before_the_port(tmp_path: Path) -> None:
    assert first_line(tmp_path, PYTHONWARNINGS="always", PYTHONDEVMODE="1")[0].isdigit()


def test_what_the_start_up_of_the_user_prints_is_not_on_the_output_before_the_port(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('Good morning!')\n")
    line, errors = first_line(tmp_path, PYTHONPATH=str(tmp_path))
    assert (line.isdigit(), errors) == (True, "Good morning!\n")


@pytest.mark.parametrize("variable", ["TMPDIR", "HOME", "CERTWRIGHT_HOME", "XDG_CACHE_HOME"])
@pytest.mark.parametrize("place", ["/nowhere/at/all", "/dev/null", "/proc/self"], ids=["missing", "file", "read-only"])
def test_a_folder_that_cannot_be_used_does_not_keep_it_from_starting(tmp_path: Path, variable: str, place: str) -> None:
    line, errors = first_line(tmp_path, **{variable: place})
    assert (line.isdigit(), errors) == (True, "")


def test_without_a_home_in_the_environment_it_starts(tmp_path: Path) -> None:
    line, _ = first_line(tmp_path, ("env", "-u", "HOME", "-u", "CERTWRIGHT_HOME", *_COMMAND))
    assert line.isdigit()


def test_without_a_network_it_starts(tmp_path: Path) -> None:
    alone = ("unshare", "--map-root-user", "--net")
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no network namespace to ordinary users")
    assert first_line(tmp_path, (*alone, *_COMMAND))[0].isdigit()


def test_two_plugins_take_two_ports(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        lines = {first_line(tmp_path)[0], first_line(tmp_path)[0]}
        assert str(taken.getsockname()[1]) not in lines


def test_a_home_that_cannot_be_made_is_told_when_it_is_configured_with_the_fix(tmp_path: Path) -> None:
    environ = environment(tmp_path / "home", CERTWRIGHT_HOME="/proc/self/home")
    with subprocess.Popen(_COMMAND, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            request = provider_pb2.CheckRequest(urn="urn:pulumi:dev::test::pulumi:providers:certwright::default")
            request.news.CopyFrom(struct({}))
            failures = stub.CheckConfig(request).failures
        process.terminate()
    assert failures
    assert "/proc/self/home" in " ".join(item.reason for item in failures)
    assert os.path.lexists("/proc/self/home") is False
