"""ValidationRecords in a hosted zone on the real engine: PowerDNS by its own API, a real server that answers DNS."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.powerdns import API_KEY, PowerDns, running_powerdns
from tests.support.programs import certificate, entry, program, validation
from tests.support.stack import Stack

_ZONE = "example.com"
_CONFIG = "config:\n  apiKey:\n    type: string\n    secret: true\n"


@pytest.fixture(scope="module")
def powerdns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerDns]:
    with running_powerdns(tmp_path_factory.mktemp("powerdns"), [_ZONE]) as server:
        yield server


@pytest.fixture
def stack(new_stack: Callable[..., Stack], powerdns: PowerDns) -> Stack:
    """Return a stack whose certificate is proven by a record in PowerDNS."""
    stack = new_stack(CERTWRIGHT_RESOLVERS=json.dumps([powerdns.address]), CERTWRIGHT_RFC2136="")
    option = "cert.domainValidationOptions[0]"
    record: dict[str, object] = {
        "zone": _ZONE,
        "name": f"${{{option}.resourceRecordName}}",
        "type": "CNAME",
        "value": f"${{{option}.resourceRecordValue}}",
        "hosted": {"provider": "powerdns", "credentials": {"endpoint": powerdns.endpoint, "apiKey": "${apiKey}"}},
    }
    published = entry("record", "ValidationRecord", record)
    stack.write(program(certificate([_ZONE]), published, validation(["record"])) + _CONFIG)
    stack.configure("apiKey", API_KEY, "--secret")
    return stack


def name_and_value(stack: Stack) -> tuple[str, str]:
    state = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]
    (record,) = [item["outputs"] for item in state if item["type"] == "certwright:index:ValidationRecord"]
    return record["name"], record["value"]


def test_up_publishes_and_issues_a_second_preview_changes_nothing_and_destroy_removes(
    stack: Stack, powerdns: PowerDns
) -> None:
    stack.preview().require_ok()
    stack.up().require_ok()
    name, value = name_and_value(stack)
    assert powerdns.query(name, "CNAME") == [value]
    assert stack.preview("--expect-no-changes").require_ok().changed() == {}
    stack.refresh("--expect-no-changes").require_ok()
    stack.destroy().require_ok()
    assert powerdns.query(name, "CNAME") == []


def test_the_api_key_is_nowhere_in_clear(stack: Stack, tmp_path: Path) -> None:
    runs = [stack.up("--diff").require_ok(), stack.refresh().require_ok(), stack.preview("--diff")]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    found = [str(file) for file in files if API_KEY.encode() in file.read_bytes()]
    assert found == []
    assert not [run for run in runs if API_KEY in run.text or API_KEY in run.messages]
    stack.destroy().require_ok()


def test_a_record_of_somebody_else_in_the_zone_stops_up_with_both_values(stack: Stack, powerdns: PowerDns) -> None:
    planned = stack.preview().require_ok().planned_outputs()["record"]
    powerdns.put(_ZONE, planned["name"], "CNAME", "_foreign.example.org.")
    failed = stack.up().require_failed()
    assert "_foreign.example.org." in failed.messages
    assert planned["value"] in failed.messages
    powerdns.delete(_ZONE, planned["name"], "CNAME")
    stack.up().require_ok()
    stack.destroy().require_ok()
