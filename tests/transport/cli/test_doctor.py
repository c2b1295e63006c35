"""certwright doctor: clean homes are said to be sound, and one flipped bit is found."""

from pathlib import Path

import pytest

from tests.support.aging import age
from tests.transport.cli.conftest import Run
from tests.transport.declared import issued
from tests.transport.dns_server import Zones
from tests.transport.engine import Engine
from tests.transport.homes import dump, execute, flip

SOUND = "Store, keys, audit log and certificates are sound."


def findings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("FOUND ")]


def test_a_fresh_home_is_sound(run: Run) -> None:
    done = run("doctor")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, SOUND)


def test_a_home_in_use_is_sound(run: Run, up: Engine, zones: Zones) -> None:
    issued(up, zones)
    done = run("doctor")
    assert (done.exit_code, findings(done.stdout)) == (0, [])


def test_it_says_which_home_it_looked_at(run: Run, home: Path) -> None:
    assert run("doctor").stdout.startswith(f"Home {home}, installation ")


def test_it_changes_nothing(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    issued(up, zones)
    before = dump(home)
    run("doctor")
    assert dump(home) == before


def test_looking_at_an_account_that_is_not_there_makes_nothing(run: Run, home: Path) -> None:
    before = dump(home)
    run("doctor", CERTWRIGHT_ACCOUNT="999999999999")
    assert dump(home) == before


@pytest.mark.parametrize("column", ["detail", "actor", "action", "subject", "hash", "previous_hash"])
def test_one_flipped_bit_in_the_audit_log_is_found(run: Run, up: Engine, zones: Zones, home: Path, column: str) -> None:
    issued(up, zones)
    flip(home, "audit_events", column, "sequence = 3")
    done = run("doctor")
    row, chain = findings(done.stdout)
    assert (done.exit_code, row.startswith("FOUND audit_events 000000000000/3: ")) == (3, True), row
    assert chain.startswith("FOUND audit log: ")


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM audit_events WHERE sequence = 3", id="missing"),
        pytest.param("UPDATE audit_events SET at = at + 1 WHERE sequence = 3", id="moved in time"),
        pytest.param("UPDATE audit_events SET detail = '[]' WHERE sequence = 3", id="emptied"),
        pytest.param("UPDATE audit_events SET sequence = 3000 WHERE sequence = 3", id="moved to the end"),
    ],
)
def test_an_audit_event_that_was_tampered_with_is_found(
    run: Run, up: Engine, zones: Zones, home: Path, statement: str
) -> None:
    issued(up, zones)
    assert execute(home, statement) == 1
    row, chain = findings(run("doctor").stdout)
    assert row.startswith("FOUND audit_events")
    assert "audit log of account 000000000000 is broken at event" in chain


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        pytest.param("account_secrets", "sealed", "1 = 1", id="the account's secret"),
        pytest.param("authorities", "sealed_key", "role = 'ROOT'", id="the root's key"),
        pytest.param("authorities", "sealed_key", "role = 'ISSUING'", id="the issuing CA's key"),
        pytest.param("authorities", "certificate", "role = 'ROOT'", id="the root's certificate"),
        pytest.param("authorities", "certificate", "role = 'ISSUING'", id="the issuing CA's certificate"),
        pytest.param("certificate_versions", "sealed_key", "1 = 1", id="a certificate's key"),
        pytest.param("certificate_versions", "public_key", "1 = 1", id="a certificate's public key"),
        pytest.param("certificate_versions", "certificate", "1 = 1", id="a certificate"),
        pytest.param("certificate_versions", "serial", "1 = 1", id="a serial"),
        pytest.param("key_encryption_keys", "wrapped", "region = ''", id="the account's key-encryption key"),
        pytest.param("key_encryption_keys", "wrapped", "region = 'local'", id="the Region's key-encryption key"),
    ],
)
def test_one_flipped_bit_in_keys_and_certificates_is_found(
    run: Run, up: Engine, zones: Zones, home: Path, table: str, column: str, where: str
) -> None:
    issued(up, zones)
    flip(home, table, column, where)
    done = run("doctor")
    assert (done.exit_code, findings(done.stdout) != []) == (3, True), done.output


def test_an_overdue_renewal_is_found_with_its_remedy(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    age(home, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3")
    done = run("doctor")
    (finding,) = findings(done.stdout)
    assert (done.exit_code, made.id in finding, "Run: certwright renew --due" in finding) == (3, True, True)


def test_everything_that_is_wrong_is_found_at_once(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    issued(up, zones)
    flip(home, "audit_events", "hash", "sequence = 3")
    flip(home, "account_secrets", "sealed")
    execute(home, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3")
    found = findings(run("doctor").stdout)
    tables = (
        "audit_events",
        "account_secrets",
        "certificate_versions",
        "audit log",
        "account secret",
        "arn:certwright",
    )
    assert [[word in finding for finding in found].count(True) > 0 for word in tables] == [True] * len(tables), found


def test_a_stored_row_that_does_not_parse_is_a_finding(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    issued(up, zones)
    execute(home, "UPDATE certificates SET spec = '{'")
    done = run("doctor")
    row, certificates = findings(done.stdout)
    assert (done.exit_code, row.startswith("FOUND certificates 0000")) == (3, True)
    assert "does not parse" in certificates


def test_status_of_a_damaged_store_has_an_exit_code_of_its_own(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    issued(up, zones)
    execute(home, "UPDATE certificates SET spec = '{'")
    done = run("status")
    assert (done.exit_code, "certificate specification does not parse" in done.stderr) == (5, True)
