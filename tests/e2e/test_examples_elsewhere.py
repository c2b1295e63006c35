"""Examples whose records go to another provider's DNS resource."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import ZONES
from tests.support.foreign_dns import example_with_foreign_dns, route53_records, sdks_are_there
from tests.support.knot import Knot
from tests.support.stack import Stack

pytestmark = pytest.mark.skipif(not sdks_are_there(), reason="no SDKs of other providers: run make test")

_DOMAIN = "example.net"
_RECORDS = {"records-elsewhere": 2, "records-elsewhere-loop": 2}
_SUFFIX = ".acm-validations.certwright.internal."
Example = Callable[[str], Stack]


@pytest.fixture
def example(tmp_path: Path, knot: Knot) -> Example:
    config = {"domain": _DOMAIN, "aws:region": "eu-central-1"}
    return lambda name: example_with_foreign_dns(name, tmp_path, knot, ZONES, config)


def statuses(stack: Stack) -> set[str]:
    found = [item for item in stack.resources().values() if item["type"].endswith("CertificateValidation")]
    return {item["outputs"]["status"] for item in found}


@pytest.mark.parametrize("name", sorted(_RECORDS))
def test_a_preview_of_an_empty_stack_shows_the_route53_records(example: Example, name: str) -> None:
    shown = route53_records(example(name).preview().require_ok())
    assert len(shown) == _RECORDS[name]
    for owner, value in shown:
        assert owner.endswith(f"{_DOMAIN}.")
        assert value.endswith(_SUFFIX)


@pytest.mark.parametrize("name", sorted(_RECORDS))
def test_up_publishes_what_the_preview_showed_and_issues(example: Example, knot: Knot, name: str) -> None:
    stack = example(name)
    shown = route53_records(stack.preview().require_ok())
    stack.up().require_ok()
    assert [(owner, *knot.query(owner, "CNAME")) for owner, _ in shown] == shown
    assert statuses(stack) == {"ISSUED"}
    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()
    assert [knot.query(owner, "CNAME") for owner, _ in shown] == [[] for _ in shown]


def test_a_record_that_somebody_else_made_stops_up_with_route_53s_sentence(example: Example, knot: Knot) -> None:
    stack = example("records-elsewhere")
    (owner, _), *_ = route53_records(stack.preview().require_ok())
    knot.add(_DOMAIN, owner, "CNAME", "somebody.example.org.")
    failed = stack.up().require_failed()
    assert "it already exists" in failed.text
    assert statuses(stack) == set()
    knot.delete(_DOMAIN, owner)
    stack.up().require_ok()
    assert statuses(stack) == {"ISSUED"}
    stack.destroy().require_ok()
