"""Previews on the real engine: what the plugin's process connects to, and records that `up` then makes (P11)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.injection import counted
from tests.support.knot import Knot
from tests.support.programs import certificate, issued, program, records, validation
from tests.support.stack import Json, Stack
from tests.support.store import dump

_ADDRESS = re.compile(r'(?:htons\((\d+)\)|execve\(.*"127\.0\.0\.1:(\d+)")')
_NAME = "fault.example.com"
_PROGRAMS = {
    "another name": issued([_NAME, "more.fault.example.com"], "example.com", 2),
    "another key": issued([_NAME], "example.com", 1, keyAlgorithm="EC_secp384r1"),
    "a name that is not known": program(
        certificate(["known.example.com"]),
        records(1, "example.com"),
        validation(["cert-record-0"]),
        certificate(["${cert-issued.status}.example.com", "plain.example.com"], "other"),
    ),
    "a tag that is not known": program(
        certificate(["first.example.com"], "first"), certificate([_NAME], tags={"of": "${first.arn}"})
    ),
    "a repin that is not known": program(
        certificate(["first.example.com"], "first"), certificate([_NAME], repin="${first.arn}", renewalOutputs="PIN")
    ),
}
_UNKNOWN_RECORDS = {("a name that is not known", "other")}


@pytest.fixture
def settled(stack_in: Callable[[str], Stack]) -> Stack:
    """Return a stack with an issued certificate that its engine knows.

    Its record is put back where a test of another copy removed it: all copies share one zone.
    """
    stack = stack_in("everything is destroyed")
    stack.up("--refresh").require_ok()
    stack.preview().require_ok()
    return stack


def reached(log: Path) -> set[int]:
    """Return the ports that a plugin sent to, but for its engines'."""
    lines = log.read_text(errors="replace").splitlines()
    engines = {int(port) for line in lines if "execve(" in line for _, port in _ADDRESS.findall(line) if port}
    return {int(port) for line in lines for port, _ in _ADDRESS.findall(line) if port} - engines


@pytest.mark.parametrize("shape", _PROGRAMS)
def test_a_preview_sends_nothing_but_questions_to_the_name_server(
    settled: Stack, tmp_path: Path, knot: Knot, shape: str
) -> None:
    assert sent_by_a_preview(settled, tmp_path, shape) == {knot.port}


def test_a_preview_without_preflight_sends_nothing(settled: Stack, tmp_path: Path) -> None:
    assert sent_by_a_preview(settled, tmp_path, "another name", CERTWRIGHT_PREFLIGHT="false") == set()


def sent_by_a_preview(stack: Stack, folder: Path, shape: str, **variables: str) -> set[int]:
    """Return the ports that the plugin sent to while a program was previewed; fail when it wrote anything."""
    stack.write(_PROGRAMS[shape])
    before, log = dump(stack.home), folder / "strace.log"
    traced = counted(folder / "bin", log, "execve", "connect", "sendto", "sendmsg", "sendmmsg")
    stack.preview(env={**traced, **variables}).require_ok()
    assert dump(stack.home) == before
    return reached(log)


@pytest.mark.parametrize("shape", _PROGRAMS)
def test_records_in_a_preview_are_those_after_up(settled: Stack, shape: str) -> None:
    settled.write(_PROGRAMS[shape])
    promised = records_in(settled.preview().require_ok().planned_outputs())
    settled.up().require_ok()
    made = records_in({name: item.get("outputs", {}) for name, item in settled.resources().items()})
    unknown = {name for in_shape, name in _UNKNOWN_RECORDS if in_shape == shape}
    assert promised == {name: made[name] for name in promised}
    assert set(made) - set(promised) == unknown


def records_in(outputs: dict[str, Json]) -> dict[str, object]:
    """Return by resource the records that its outputs show; those that are not known are not there."""
    shown = {name: found.get("domainValidationOptions") for name, found in outputs.items()}
    return {name: found for name, found in shown.items() if isinstance(found, list)}
