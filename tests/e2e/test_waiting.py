"""Without the CNAME: the wait is visible, ends at its time, keeps the ARN, and goes on in the next run."""

import re
import signal
import sqlite3
import time

from tests.support.knot import Knot
from tests.support.programs import certificate, issued, program, validation
from tests.support.stack import Stack

_NAME = "waiting.example.org"


def waiting(timeout: str) -> str:
    return program(certificate([_NAME]), validation(timeout=timeout), outputs={"arn": "${cert.arn}"})


def versions(stack: Stack) -> list[tuple[int, str]]:
    """Return number and state of every version in the store."""
    with sqlite3.connect(stack.home / "store.db") as store:
        return list(store.execute("SELECT number, state FROM certificate_versions ORDER BY number"))


def publish(stack: Stack, knot: Knot) -> None:
    (option,) = stack.resources()["cert"]["outputs"]["domainValidationOptions"]
    knot.add("example.org", option["resourceRecordName"], "CNAME", option["resourceRecordValue"])


def test_up_waits_visibly_fails_with_record_and_server_and_goes_on_with_the_same_version(
    stack: Stack, knot: Knot
) -> None:
    stack.write(waiting("6s"))
    failed = stack.up().require_failed()
    option = stack.resources()["cert"]["outputs"]["domainValidationOptions"][0]
    name, value = option["resourceRecordName"], option["resourceRecordValue"]
    reason = failed.messages
    assert "Not issued after 6 s" in reason
    assert f"{name} CNAME is missing" in reason
    assert knot.address in reason
    assert f"Set {name} CNAME {value}" in reason
    assert "customTimeouts.update" in reason
    assert any(name in status and "left" in status for status in failed.statuses)
    state = stack.resources()
    arn = state["cert"]["outputs"]["arn"]
    assert state["cert-issued"]["id"] == arn
    assert state["cert-issued"]["initErrors"]
    publish(stack, knot)
    again = stack.up().require_ok()
    assert again.changed() == {"cert-issued": "update"}
    assert versions(stack) == [(1, "ISSUED")]
    assert stack.outputs()["arn"] == arn
    assert stack.preview().require_ok().changed() == {}


def test_a_refresh_in_between_clears_nothing_that_the_next_up_needs(stack: Stack, knot: Knot) -> None:
    stack.write(waiting("3s"))
    stack.up().require_failed()
    arn = stack.resources()["cert-issued"]["id"]
    stack.refresh()
    assert stack.resources()["cert-issued"]["id"] == arn
    previewed = stack.preview()
    assert previewed.changed()["cert-issued"] == "update"
    publish(stack, knot)
    stack.up().require_ok()
    assert versions(stack) == [(1, "ISSUED")]
    assert stack.resources()["cert-issued"]["outputs"]["status"] == "ISSUED"


def test_after_the_record_is_removed_nothing_more_is_issued_for_the_name(stack: Stack, knot: Knot) -> None:
    names = ["removed.example.org"]
    stack.write(issued(names, "example.org", 1, timeout="10s"))
    stack.up().require_ok()
    before = stack.outputs()["serial"]
    knot.delete("example.org", stack.resources()["cert-record-0"]["outputs"]["name"])
    stack.write(program(certificate(names, keyAlgorithm="EC_secp384r1"), validation(timeout="3s")))
    failed = stack.up().require_failed()
    assert "CNAME is missing" in failed.messages
    assert versions(stack) == [(1, "ISSUED"), (2, "VALIDATING")]
    state = stack.resources()
    assert state["cert"]["outputs"]["status"] == "ISSUED"
    assert state["cert-issued"]["outputs"]["serial"] == before
    other = program(certificate(names, resource="other"), validation(resource="other", timeout="3s"))
    stack.write(other)
    stack.up().require_failed()
    assert stack.resources()["other"]["outputs"]["status"] == "PENDING_VALIDATION"


def test_ctrl_c_ends_the_wait_at_once_and_keeps_the_id(stack: Stack) -> None:
    stack.write(waiting("60s"))
    run = stack.start("up", "--yes", "--skip-preview")
    deadline = time.monotonic() + 40
    lines: list[str] = []
    assert run.stdout is not None
    while time.monotonic() < deadline:
        line = run.stdout.readline()
        lines.append(line)
        if re.search(r"CNAME is missing", line):
            break
    run.send_signal(signal.SIGINT)
    pressed = time.monotonic()
    rest, _ = run.communicate(timeout=30)
    assert time.monotonic() - pressed < 8, "".join(lines) + rest
    assert run.returncode != 0
    state = stack.resources()
    assert state["cert-issued"]["id"] == state["cert"]["outputs"]["arn"]
    assert "pending_operations" not in stack.export()
