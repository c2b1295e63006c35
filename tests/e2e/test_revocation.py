"""A revoked certificate on the real engine: preview says so, `up` replaces it under its ARN, dependents follow."""

import subprocess

from tests.support.programs import issued
from tests.support.stack import VENV, Stack

_NAMES = ["revoked.example.com"]


def certwright(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on the stack's home."""
    command = [str(VENV / "bin" / "certwright"), *arguments]
    return subprocess.run(command, env=stack.environment(), capture_output=True, text=True, timeout=60, check=False)


def test_a_revoked_certificate_is_replaced_under_its_arn_by_the_next_up(stack: Stack) -> None:
    stack.write(issued(_NAMES, "example.com", 1))
    stack.up().require_ok()
    before = stack.outputs()
    revoked = certwright(stack, "revoke", before["arn"], "--reason", "KEY_COMPROMISE", "--yes")
    assert revoked.returncode == 0, revoked.stderr
    shown = stack.preview().require_ok()
    assert "the certificate was revoked" in shown.messages
    assert shown.changed() == {"cert": "update", "cert-issued": "update"}
    stack.up().require_ok()
    after = stack.outputs()
    assert (after["arn"], after["options"]) == (before["arn"], before["options"])
    assert (after["serial"] != before["serial"], after["pem"] != before["pem"]) == (True, True)
    assert certwright(stack, "standing", after["arn"]).stdout == "GOOD\n"
    assert certwright(stack, "standing", before["serial"]).stdout.startswith("REVOKED ")
    assert stack.preview("--expect-no-changes").require_ok()


def test_a_revoked_certificate_can_be_destroyed_and_stays_revoked(stack: Stack) -> None:
    stack.write(issued(_NAMES, "example.com", 1))
    stack.up().require_ok()
    outputs = stack.outputs()
    certwright(stack, "revoke", outputs["arn"], "--yes")
    stack.destroy().require_ok()
    assert certwright(stack, "standing", outputs["serial"]).stdout.startswith("REVOKED ")


def test_a_refresh_of_a_revoked_certificate_drops_nothing(stack: Stack) -> None:
    stack.write(issued(_NAMES, "example.com", 1))
    stack.up().require_ok()
    certwright(stack, "revoke", stack.outputs()["arn"], "--yes")
    stack.refresh().require_ok()
    assert {"cert", "cert-issued"} <= set(stack.resources())
    assert stack.resources()["cert"]["outputs"]["status"] == "REVOKED"
    stack.up().require_ok()
    assert stack.resources()["cert"]["outputs"]["status"] in {"ISSUED", "PENDING_VALIDATION"}
