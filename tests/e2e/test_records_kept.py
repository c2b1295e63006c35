"""Records stay while somebody needs them: through replacements, renames and changes of the provider."""

from collections.abc import Callable

from tests.support.knot import Knot
from tests.support.programs import issued
from tests.support.stack import Stack

_ZONE = "example.net"


def record_of(stack: Stack) -> tuple[str, str]:
    outputs = stack.resources()["cert-record-0"]["outputs"]
    return outputs["name"], outputs["value"]


def test_a_replaced_record_stays_in_the_zone(stack: Stack, knot: Knot) -> None:
    stack.write(issued(["kept.example.net"], _ZONE, 1))
    stack.up().require_ok()
    name, value = record_of(stack)
    stack.up("--replace", stack.resources()["cert-record-0"]["urn"]).require_ok()
    assert knot.query(name, "CNAME") == [value]
    stack.destroy().require_ok()
    assert knot.query(name, "CNAME") == []


def test_a_change_of_region_keeps_the_records(new_stack: Callable[..., Stack], knot: Knot) -> None:
    stack = new_stack()
    stack.write(issued(["region.example.net"], _ZONE, 1))
    stack.up().require_ok()
    name, value = record_of(stack)
    stack.configure("certwright:region", "eu-1")
    stack.up().require_ok()
    assert knot.query(name, "CNAME") == [value]
    assert stack.preview().require_ok().changed() == {}


def test_a_renamed_stack_takes_its_records_along(stack: Stack, knot: Knot) -> None:
    stack.write(issued(["renamed.example.net"], _ZONE, 1))
    stack.up().require_ok()
    name, _ = record_of(stack)
    assert stack.pulumi("stack", "rename", "prod").returncode == 0
    stack.up().require_ok()
    stack.destroy().require_ok()
    assert knot.query(name, "CNAME") == []
