"""docs/HOW-TO.md: its programs issue certificates on the real engine, with their records published by hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import Snippet, snippets
from tests.support.knot import KEY_NAME, KEY_SECRET, Knot, start_knot
from tests.support.stack import TOOLS, Run, make_stack

PROGRAMS = [item for item in snippets("python") if item.page.name == "HOW-TO.md"]
CONFIGURED = {"domain": "example.com", "release": "2026-11"}

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not (TOOLS / "pulumi").exists(), reason=f"no Pulumi engine at {TOOLS}: run make test"),
]


@pytest.fixture(scope="module")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    server = start_knot(tmp_path_factory.mktemp("knot"), ["example.com"])
    yield server
    server.stop()


def publish(run: Run, knot: Knot) -> None:
    """Publish every record that the certificates of a preview want."""
    planned = [event["resOutputsEvent"]["metadata"] for event in run.events if "resOutputsEvent" in event]
    wanted = {
        (option["resourceRecordName"], option["resourceRecordType"], option["resourceRecordValue"])
        for item in planned
        for option in item["new"]["outputs"].get("domainValidationOptions", ())
    }
    for record in wanted:
        knot.add("example.com", *record)


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_issues_its_certificate_once_its_records_are_there(
    program: Snippet, tmp_path: Path, knot: Knot
) -> None:
    target = {"server": "127.0.0.1", "port": str(knot.port), "keyName": KEY_NAME, "keySecret": KEY_SECRET}
    settings = {"CERTWRIGHT_RESOLVERS": knot.address, "CERTWRIGHT_RFC2136": json.dumps(target)}
    stack = make_stack(tmp_path / "stack", tmp_path / "home", **settings)
    stack.write_python(program.code)
    for name, value in CONFIGURED.items():
        stack.configure(name, value)
    if "ValidationRecord" not in program.code:
        publish(stack.preview().require_ok(), knot)
    stack.up().require_ok()
    validations = [item for item in stack.resources().values() if item["type"].endswith("CertificateValidation")]
    assert [item["outputs"]["status"] for item in validations] == ["ISSUED"]
    assert stack.up().require_ok().changed() == {}
