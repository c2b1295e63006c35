"""certwright revoke and standing: what they ask, print and refuse, and what the next `up` makes of it."""

import re
from pathlib import Path

import pytest
from certwright.model.revocations import RevocationReason

from tests.transport.cli.conftest import Run
from tests.transport.declared import certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine
from tests.transport.homes import rows


def serial_of(home: Path, number: int = 1) -> str:
    found = {row[0]: str(row[1]) for row in rows(home, "certificate_versions", "number, serial")}
    return found[number]


def test_a_revoked_certificate_is_shown_as_such_everywhere(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    done = run("revoke", made.id, "--reason", "KEY_COMPROMISE", "--yes")
    assert re.fullmatch(r"REVOKED version 1, serial [0-9a-f]+: KEY_COMPROMISE, [-0-9]+ [:0-9]+ UTC\n", done.stdout)
    for subject in (made.id, serial_of(home), serial_of(home).upper()):
        standing = run("standing", subject)
        assert (standing.exit_code, standing.stdout.startswith("REVOKED ")) == (3, True), standing.output
    assert " REVOKED " in run("status").stdout
    assert run("doctor").exit_code == 0


def test_a_revoked_certificate_is_deleted_twice_and_stays_revoked(
    run: Run, up: Engine, zones: Zones, home: Path
) -> None:
    made, _ = issued(up, zones)
    run("revoke", made.id, "--reason", "SUPERSEDED", "--yes")
    up.delete(CERTIFICATE, made)
    up.delete(CERTIFICATE, made)
    for subject in (made.id, serial_of(home)):
        standing = run("standing", subject)
        assert (standing.exit_code, standing.stdout.startswith("REVOKED ")) == (3, True), standing.output
    assert run("doctor").exit_code == 0


def test_a_good_certificate_is_good_by_arn_and_by_serial_with_colons(
    run: Run, up: Engine, zones: Zones, home: Path
) -> None:
    made, _ = issued(up, zones)
    digits = serial_of(home)
    colons = ":".join(digits[index : index + 2] for index in range(0, len(digits), 2))
    for subject in (made.id, digits, colons):
        standing = run("standing", subject)
        assert (standing.exit_code, standing.stdout) == (0, "GOOD\n")


def test_an_unknown_serial_is_unknown(run: Run) -> None:
    standing = run("standing", "00ff")
    assert (standing.exit_code, standing.stdout) == (3, "UNKNOWN\n")


def test_revoking_asks_first(run: Run, up: Engine, zones: Zones) -> None:
    made, _ = issued(up, zones)
    asked = run("revoke", made.id)
    assert (asked.exit_code, f"Revoke the current version of {made.id} for ever" in asked.output) == (1, True)
    assert run("standing", made.id).stdout == "GOOD\n"


def test_revoking_twice_keeps_the_first_reason_and_instant(run: Run, up: Engine, zones: Zones) -> None:
    made, _ = issued(up, zones)
    first = run("revoke", made.id, "--reason", "SUPERSEDED", "--yes")
    again = run("revoke", made.id, "--reason", "KEY_COMPROMISE", "--yes")
    assert (again.exit_code, again.stdout) == (0, first.stdout)


def test_the_next_up_issues_another_version_which_is_good(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    made, waited = issued(up, zones)
    run("revoke", made.id, "--yes")
    diff = up.diff(CERTIFICATE, made, certificate())
    assert diff.changes == 2
    updated = up.update(CERTIFICATE, made, certificate())
    up.update(VALIDATION, waited, {"certificateArn": made.id})
    assert run("standing", made.id).stdout == "GOOD\n"
    assert run("standing", serial_of(home, 1)).stdout.startswith("REVOKED ")
    del updated


@pytest.mark.parametrize("subject", ["x", "", "-", "arn:aws:acm:eu-west-1:123456789012:certificate/1", "f" * 41])
def test_what_is_neither_arn_nor_serial_is_an_error_of_the_input(run: Run, subject: str) -> None:
    assert run("standing", "--", subject).exit_code == 2


def test_an_arn_of_another_account_does_not_exist(run: Run, up: Engine, zones: Zones) -> None:
    made, _ = issued(up, zones)
    for command in (("revoke", made.id, "--yes"), ("standing", made.id)):
        done = run(*command, CERTWRIGHT_ACCOUNT="999999999999")
        assert (done.exit_code, "does not exist in this installation" in done.stderr) == (1, True)


def test_a_version_that_is_not_issued_has_nothing_to_revoke(run: Run, up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate(), "web")
    assert "nothing to revoke" in run("revoke", made.id, "--yes").stderr
    assert run("revoke", made.id, "--version", "1", "--yes").exit_code == 6


def test_reasons_are_acms_and_nothing_that_could_be_undone(run: Run) -> None:
    text = run("revoke", "--help").stdout
    assert [reason.value for reason in RevocationReason if reason.value not in text] == []
    assert run("revoke", "arn", "--reason", "CERTIFICATE_HOLD").exit_code == 2


def test_codes_are_those_of_rfc_5280() -> None:
    assert {reason.value: reason.code for reason in RevocationReason} == {
        "UNSPECIFIED": 0,
        "KEY_COMPROMISE": 1,
        "CA_COMPROMISE": 2,
        "AFFILIATION_CHANGED": 3,
        "SUPERSEDED": 4,
        "CESSATION_OF_OPERATION": 5,
        "PRIVILEGE_WITHDRAWN": 9,
        "A_A_COMPROMISE": 10,
    }


def test_without_the_log_revoking_needs_a_new_one_on_purpose(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    other, _ = issued(up, zones, "other")
    run("revoke", other.id, "--yes")
    (home / "revocations.log").unlink()
    refused = run("revoke", made.id, "--yes")
    assert (refused.exit_code, "certwright revoke --new-log" in refused.stderr) == (6, True)
    assert run("revoke", made.id, "--new-log", "--yes").exit_code == 0
    assert run("standing", made.id).exit_code == 3
    assert run("doctor").exit_code == 3
