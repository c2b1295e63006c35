"""Renewals made outside the program: shown under FOLLOW, not at all under PIN."""

import subprocess

from tests.support.aging import expire, make_due
from tests.support.programs import issued
from tests.support.stack import VENV, Stack
from tests.support.store import query

_ZONE = "example.com"


def certwright(stack: Stack, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on the stack's home."""
    return subprocess.run(
        [str(VENV / "bin" / "certwright"), *args],
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def consumed(name: str, **properties: str) -> str:
    """Return a program that hands the issued certificate to a resource of another kind: a stack output and a tag."""
    consumer = (
        '  reader: {"type": "certwright:Certificate", "properties": {"domainName": "reader.example.com", '
        '"keyAlgorithm": "EC_prime256v1", "tags": {"serial": "${cert-issued.serial}"}}}\noutputs:\n'
    )
    return issued([name], _ZONE, 1, **properties).replace("outputs:\n", consumer, 1)


def test_a_renewal_shows_in_the_next_preview_as_an_update_with_its_reason_and_reaches_dependents(
    stack: Stack,
) -> None:
    stack.write(consumed("follow.example.com"))
    stack.up().require_ok()
    before = stack.outputs()
    assert certwright(stack, "status").returncode == 0
    make_due(stack.home)
    assert certwright(stack, "status").returncode == 3
    renewed = certwright(stack, "renew", "--due")
    assert (renewed.returncode, "renewed as version 2" in renewed.stdout) == (0, True), renewed.stdout + renewed.stderr
    shown = stack.preview().require_ok()
    changed = shown.changed()
    assert changed == {"cert": "update", "cert-issued": "update", "reader": "update"}
    assert "version 2 is in force: renewal due" in shown.messages
    old = shown.steps()["reader"]["old"]["inputs"]["tags"]["serial"]
    new = shown.steps()["reader"]["new"]["inputs"]["tags"]["serial"]
    assert old == before["serial"]
    stack.up().require_ok()
    after = stack.outputs()
    assert (after["arn"], after["serial"]) == (before["arn"], new)
    assert after["serial"] != before["serial"]
    assert stack.preview().require_ok().changed() == {}


def test_a_renewal_does_not_show_under_pin_until_repin_changes(stack: Stack) -> None:
    stack.write(issued(["pin.example.com"], _ZONE, 1, renewalOutputs="PIN"))
    stack.up().require_ok()
    before = stack.outputs()
    make_due(stack.home)
    assert certwright(stack, "renew", "--due").returncode == 0
    assert stack.preview().require_ok().changed() == {}
    stack.refresh().require_ok()
    assert stack.preview().require_ok().changed() == {}
    assert stack.up().require_ok().changed() == {}
    assert stack.outputs() == before
    stack.write(issued(["pin.example.com"], _ZONE, 1, renewalOutputs="PIN", repin="2"))
    assert stack.preview().require_ok().changed() == {"cert": "update", "cert-issued": "update"}
    stack.up().require_ok()
    assert stack.outputs()["serial"] != before["serial"]
    assert stack.preview().require_ok().changed() == {}


def test_a_pinned_version_warns_from_its_window_on_and_fails_the_preview_once_expired(stack: Stack) -> None:
    stack.write(issued(["old.example.com"], _ZONE, 1, renewalOutputs="PIN"))
    stack.up().require_ok()
    make_due(stack.home)
    assert certwright(stack, "renew", "--due").returncode == 0
    warned = stack.preview().require_ok()
    assert "pinned version 1 ends on" in warned.messages
    assert warned.changed() == {}
    expire(stack.home, 1)
    failed = stack.preview().require_failed()
    assert "pinned version 1 expired" in failed.messages
    assert "repin" in failed.messages


def test_a_due_certificate_is_renewed_by_up_and_preview_says_so_first(stack: Stack) -> None:
    stack.write(issued(["due.example.com"], _ZONE, 1))
    stack.up().require_ok()
    before = stack.outputs()
    make_due(stack.home)
    shown = stack.preview().require_ok()
    assert shown.changed() == {"cert": "update", "cert-issued": "update"}
    assert "renewal due: valid until" in shown.messages
    stack.up().require_ok()
    after = stack.outputs()
    assert (after["arn"], after["serial"] == before["serial"]) == (before["arn"], False)
    assert query(stack.home, "SELECT number, state FROM certificate_versions ORDER BY number") == [
        (1, "RETIRED"),
        (2, "ISSUED"),
    ]
    assert stack.preview().require_ok().changed() == {}
