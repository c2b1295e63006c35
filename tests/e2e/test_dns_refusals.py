"""What DNS says against an issue: told in preview first, refused in `up`, with server and name."""

import pytest

from tests.support.knot import Knot
from tests.support.programs import certificate, program, validation
from tests.support.stack import Stack

_ZONE = "example.org"


def asked(name: str, timeout: str = "4s", **properties: str) -> str:
    return program(certificate([name], **properties), validation(timeout=timeout))


def record_of(stack: Stack) -> tuple[str, str]:
    (option,) = stack.preview().require_ok().planned_outputs()["cert"]["domainValidationOptions"]
    return option["resourceRecordName"], option["resourceRecordValue"]


def test_caa_that_forbids_fails_the_preview_and_up(stack: Stack, knot: Knot) -> None:
    name = "caa-forbids.example.org"
    knot.add(_ZONE, name, "CAA", '0 issue "other-ca.example"')
    stack.configure("certwright:caaIdentities", '["ca.example.com"]')
    stack.write(asked(name))
    for run in (stack.preview(), stack.up()):
        text = run.require_failed().messages
        assert name in text
        assert "other-ca.example" in text
        assert "ca.example.com" in text
        assert knot.address in text


def test_caa_that_names_us_allows(stack: Stack, knot: Knot) -> None:
    name = "caa-allows.example.org"
    knot.add(_ZONE, name, "CAA", '0 issue "ca.example.com"')
    stack.configure("certwright:caaIdentities", '["ca.example.com"]')
    stack.write(asked(name))
    owner, value = record_of(stack)
    knot.add(_ZONE, owner, "CNAME", value)
    stack.up().require_ok()


def test_caa_warns_while_no_identity_is_set(stack: Stack, knot: Knot) -> None:
    name = "caa-warns.example.org"
    knot.add(_ZONE, name, "CAA", '0 issue "other-ca.example"')
    stack.write(asked(name))
    shown = stack.preview().require_ok()
    assert "caaIdentities is empty, so this only warns" in shown.messages


def test_a_wrong_cname_is_refused(stack: Stack, knot: Knot) -> None:
    name = "wrong.example.org"
    stack.write(asked(name))
    owner, value = record_of(stack)
    knot.add(_ZONE, owner, "CNAME", "elsewhere.example.com.")
    refused(stack, knot, owner, f"is a CNAME to elsewhere.example.com., expected {value}")


def test_a_chained_cname_is_refused(stack: Stack, knot: Knot) -> None:
    name = "chained.example.org"
    stack.write(asked(name))
    owner, value = record_of(stack)
    knot.add(_ZONE, owner, "CNAME", "hop.example.org.")
    knot.add(_ZONE, "hop.example.org", "CNAME", value)
    refused(stack, knot, owner, f"is a CNAME to hop.example.org., expected {value}")


def test_a_wildcard_cname_is_refused(stack: Stack, knot: Knot) -> None:
    name = "wild.example.org"
    stack.write(asked(name))
    owner, value = record_of(stack)
    knot.add(_ZONE, "*.wild.example.org", "CNAME", value)
    refused(stack, knot, owner, "so a wildcard answers")


def test_a_name_outside_the_servers_zones_is_refused_with_their_word(stack: Stack, knot: Knot) -> None:
    stack.write(asked("www.elsewhere.example"))
    failed = stack.up().require_failed()
    assert "REFUSED" in failed.messages
    assert knot.address in failed.messages


def refused(stack: Stack, knot: Knot, owner: str, sentence: str) -> None:
    """Preview says it, `up` refuses for it."""
    shown = stack.preview().require_ok()
    failed = stack.up().require_failed()
    for text in (shown.messages, failed.messages):
        assert sentence in text
        assert owner in text
        assert knot.address in text
    assert stack.resources()["cert"]["outputs"]["status"] == "PENDING_VALIDATION"


@pytest.mark.parametrize("server", ["127.0.0.1:9"])
def test_a_server_that_is_silent_is_no_missing_record(stack: Stack, server: str) -> None:
    stack.write(asked("silent.example.org"))
    failed = stack.up(env={"CERTWRIGHT_RESOLVERS": server}).require_failed()
    assert "no server could be asked" in failed.messages
    assert server in failed.messages
    assert "is missing" not in failed.messages
