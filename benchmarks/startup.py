"""How soon the provider's process answers, and how much memory it takes."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import grpc
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from benchmarks.measure import Goal, Measure, Say
from tests.support.stack import REPOSITORY

_RUNS = 5
_KIB = 1024
_FLOOR = "provider that does nothing"
_URN = "urn:pulumi:dev::bench::pulumi:providers:certwright::default"


def measure_startup(folder: Path, say: Say) -> list[Measure]:
    """Measure, in turn with the floor, the time to the port and to a configured provider, and the memory then."""
    environ = {
        **os.environ,
        "CERTWRIGHT_HOME": str(folder / "home"),
        "FLOOR_SCHEMA": str(REPOSITORY / "schema.json"),
        "PYTHONPATH": str(REPOSITORY),
    }
    say(f"provider start-up, {_RUNS + 1} times, ours and the floor's in turn")
    pairs = [
        (
            _start((sys.executable, "-m", "certwright"), environ),
            _start((sys.executable, "-m", "benchmarks.floor_provider"), environ),
        )
        for _ in range(_RUNS + 1)
    ][1:]  # the first one makes the home
    port, ready, memory = (tuple(min(pair[who][index] for pair in pairs) for who in (0, 1)) for index in range(3))
    return [
        Measure("provider start-up to its port", port[0], "s", port[1], _FLOOR),
        Measure("provider start-up, configured", ready[0], "s", goal=Goal(0.6)),
        Measure("provider start-up, configured, beside the floor", ready[0], "s", ready[1], _FLOOR),
        Measure("provider memory, configured", memory[0], "MB", goal=Goal(120)),
        Measure("provider memory, beside the floor", memory[0], "MB", memory[1], _FLOOR),
    ]


def _start(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float, float]:
    """Return seconds to the port, seconds until configured, and the resident memory then in MB."""
    began = time.monotonic()
    with subprocess.Popen(command, env=dict(environ), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        told = time.monotonic() - began
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            checked = stub.CheckConfig(provider_pb2.CheckRequest(urn=_URN, news=Struct()))
            stub.Configure(provider_pb2.ConfigureRequest(args=checked.inputs, acceptSecrets=True, acceptResources=True))
        ready = time.monotonic() - began
        memory = _resident(process.pid)
        process.terminate()
    return told, ready, memory


def _resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    kibibytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return kibibytes * _KIB / 1e6
