"""Validation records: concrete in preview, the same after `up`, the same for everybody who may have them."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.support.knot import Knot
from tests.support.programs import certificate, program, records
from tests.support.stack import Stack

Options = list[dict[str, str]]
_FIELDS = {"domainName", "resourceRecordName", "resourceRecordType", "resourceRecordValue"}


def previewed(stack: Stack) -> Options:
    """Return what a preview knows of domainValidationOptions of the resource `cert`."""
    found: Options = stack.preview().require_ok().planned_outputs()["cert"]["domainValidationOptions"]
    return found


def records_in_json(stack: Stack) -> list[tuple[str, str, str]]:
    """Return name, type and value of every ValidationRecord that `pulumi preview --json` shows."""
    done = stack.pulumi("preview", "--json", "--non-interactive")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = json.loads(done.stdout)["steps"]
    inputs = [step["newState"]["inputs"] for step in steps if "ValidationRecord" in step["urn"]]
    return [(item["name"], item["type"], item["value"]) for item in inputs]


def names(count: int) -> list[str]:
    return [f"host-{index:02d}.example.com" for index in range(count)]


def by_name(options: Options) -> dict[str, tuple[str, str]]:
    return {item["domainName"]: (item["resourceRecordName"], item["resourceRecordValue"]) for item in options}


@pytest.mark.parametrize("count", [1, 10, 100])
def test_preview_of_an_empty_stack_shows_every_record_and_up_makes_the_same(
    stack: Stack, knot: Knot, count: int
) -> None:
    wanted = names(count)
    options = {"options": "${cert.domainValidationOptions}"}
    stack.write(program(certificate(wanted), records(count, "example.com"), outputs=options))
    shown = previewed(stack)
    in_json = records_in_json(stack)
    assert [item["domainName"] for item in shown] == wanted
    for item in shown:
        assert set(item) == _FIELDS
        assert item["resourceRecordType"] == "CNAME"
        assert item["resourceRecordName"].endswith(f".{item['domainName']}.")
        assert item["resourceRecordValue"].endswith(".acm-validations.certwright.internal.")
    assert sorted(in_json) == sorted(
        (item["resourceRecordName"], item["resourceRecordType"], item["resourceRecordValue"]) for item in shown
    )
    stack.up().require_ok()
    assert json.dumps(stack.outputs()["options"], sort_keys=True) == json.dumps(shown, sort_keys=True)
    assert all(knot.query(name, rtype) == [value] for name, rtype, value in in_json)
    assert stack.destroy().require_ok().code == 0


def test_apex_and_wildcard_share_one_record(stack: Stack) -> None:
    stack.write(program(certificate(["example.com", "*.example.com"])))
    assert [item["domainName"] for item in previewed(stack)] == ["example.com"]


def test_records_flow_through_apply_in_a_preview(stack: Stack) -> None:
    stack.write_python(_CONSUMER)
    ((name, rtype, value),) = records_in_json(stack)
    assert name.endswith(".example.com")
    assert (rtype, value.endswith(".acm-validations.certwright.internal.")) == ("CNAME", True)


_CONSUMER = """
import pulumi
import pulumi_certwright as certwright

certificate = certwright.Certificate("cert", domain_name="example.com", key_algorithm="EC_prime256v1")
option = certificate.domain_validation_options[0]
certwright.ValidationRecord(
    "consumer",
    zone="example.com",
    name=option.resource_record_name.apply(lambda name: name.rstrip(".")),
    type=option.resource_record_type,
    value=option.resource_record_value,
)
"""


@pytest.mark.parametrize(
    ("wanted", "settings"),
    [
        pytest.param(["a.example.com", "b.example.com"], {}, id="a second certificate for the same names"),
        pytest.param(["b.example.com", "a.example.com"], {}, id="another order of names"),
        pytest.param(["a.example.com", "b.example.com"], {"CERTWRIGHT_REGION": "eu-1"}, id="another Region"),
        pytest.param(["*.a.example.com", "B.example.com."], {}, id="wildcard, case and trailing dot"),
    ],
)
def test_no_record_is_added_or_changed_by(
    new_stack: Callable[..., Stack], wanted: Sequence[str], settings: dict[str, str]
) -> None:
    first = new_stack("first")
    first.write(program(certificate(["a.example.com", "b.example.com"])))
    before = by_name(previewed(first))
    first.up().require_ok()
    second = new_stack("second", **settings)
    second.write(program(certificate(wanted)))
    assert by_name(previewed(second)) == before


def test_another_account_has_other_records(new_stack: Callable[..., Stack]) -> None:
    first, second = new_stack("first"), new_stack("second", CERTWRIGHT_ACCOUNT="111111111111")
    for stack in (first, second):
        stack.write(program(certificate(["example.com"])))
    (one,), (other,) = previewed(first), previewed(second)
    assert one["resourceRecordName"] != other["resourceRecordName"]
    assert one["resourceRecordValue"] != other["resourceRecordValue"]


_LOOP = """
import pulumi
import pulumi_certwright as certwright

names = ["example.com", "*.example.com", "www.example.com"]
records = certwright.get_validation_records(domain_names=names).records
for index, record in enumerate(records):
    certwright.ValidationRecord(
        f"record-{index}", zone="example.com", name=record.name, type=record.type, value=record.value
    )
certificate = certwright.Certificate("cert", domain_name=names[0], subject_alternative_names=names[1:])
pulumi.export("loop", [{"name": record.name, "type": record.type, "value": record.value} for record in records])
pulumi.export("options", certificate.domain_validation_options)
"""


def test_a_plain_loop_over_get_validation_records_makes_the_same_records(stack: Stack, knot: Knot) -> None:
    stack.write_python(_LOOP)
    stack.up().require_ok()
    outputs: dict[str, Any] = stack.outputs()
    from_resource = [
        {
            "name": item["resourceRecordName"],
            "type": item["resourceRecordType"],
            "value": item["resourceRecordValue"],
        }
        for item in outputs["options"]
    ]
    assert outputs["loop"] == from_resource
    for item in outputs["loop"]:
        assert knot.query(item["name"], "CNAME") == [item["value"]]
    stack.destroy().require_ok()
    for item in outputs["loop"]:
        assert knot.query(item["name"], "CNAME") == []
