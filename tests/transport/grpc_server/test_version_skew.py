"""State, plugin and store of different versions: it works, or is refused before anything is written (P15)."""

from pathlib import Path

import grpc
import pytest

from tests.transport import wire
from tests.transport.declared import certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, Made, changed, refused
from tests.transport.homes import dump

_OPERATIONS = ("diff", "read", "update", "delete")


def of_version(made: Made, version: int | None) -> Made:
    """Return a resource as a certwright of another state version wrote it, None for one that wrote no version."""
    state = made.outputs
    if version is None:
        del state["__certwright"]["stateVersion"]
    else:
        state["__certwright"]["stateVersion"] = version
    return Made(made.id, wire.struct(state), made.inputs)


def run(up: Engine, resource: str, made: Made, operation: str) -> None:
    match operation:
        case "diff":
            up.diff(resource, made, made.inputs)
        case "read":
            up.read(resource, made.id, made.outputs, made.inputs)
        case "update":
            up.update(resource, made, made.inputs)
        case _:
            up.delete(resource, made)


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_a_state_of_a_newer_certwright_is_refused_with_the_fix_and_nothing_is_written(
    up: Engine, home: Path, operation: str
) -> None:
    newer = of_version(up.create(CERTIFICATE, certificate()), 99)
    before = dump(home)
    with refused() as found:
        run(up, CERTIFICATE, newer, operation)
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert "written by a newer certwright (state version 99). Upgrade certwright here" in found[0].sentence
    assert dump(home) == before


@pytest.mark.parametrize("resource", [CERTIFICATE, VALIDATION])
def test_a_state_of_an_older_certwright_is_read_and_changes_nothing(up: Engine, zones: Zones, resource: str) -> None:
    made, waited = issued(up, zones)
    older = of_version(made if resource == CERTIFICATE else waited, None)
    assert changed(up.diff(resource, older, older.inputs)) == {}
    run(up, resource, older, "read")
    run(up, resource, older, "delete")
