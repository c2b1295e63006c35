"""status and renew: what there is, what is due, and what came of it."""

from pathlib import Path

import pytest

from tests.support.aging import age
from tests.transport.cli.conftest import Run
from tests.transport.declared import NAME, certificate, issued, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, Engine
from tests.transport.homes import dump, rows

DUE = "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3"
EXPIRED = "UPDATE certificate_versions SET not_after = 5, renewal_start = 1, renewal_chosen = 2, renewal_end = 3"


def table(text: str) -> list[list[str]]:
    """Return the cells of the table's rows, without its head."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("NAMES"))
    body = [line for line in lines[start + 1 :] if "arn:" in line]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in body]


def test_status_of_an_empty_home_has_a_head_alone(run: Run, home: Path) -> None:
    done = run("status")
    ((installation,),) = rows(home, "installation", "id")
    assert (done.exit_code, table(done.stdout)) == (0, [])
    assert done.stdout.startswith(f"Installation {installation}, account 000000000000, sqlite:///{home}/store.db\n")


def test_status_shows_a_pending_certificate_and_what_it_waits_for(run: Run, up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    run("renew", "--due")
    done = run("status")
    assert table(done.stdout) == [[NAME, "PENDING_VALIDATION", "-", "-", made.id]]
    assert f"\n{NAME} waits for:\n" in done.stdout
    assert done.exit_code == 0


def test_status_shows_an_issued_certificate_with_its_end_and_renewal(run: Run, up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    done = run("status")
    ((names, state, end, renewal, arn),) = table(done.stdout)
    assert (done.exit_code, names, state, end, arn) == (0, NAME, "ISSUED", waited.outputs["notAfter"][:10], made.id)
    assert "2020" < renewal < end


def test_status_shows_two_names_and_how_many_more(run: Run, up: Engine) -> None:
    up.create(CERTIFICATE, certificate(subjectAlternativeNames=["a.example.com", "b.example.com", "c.example.com"]))
    assert table(run("status").stdout)[0][0] == f"{NAME}, a.example.com +2"


@pytest.mark.parametrize(("statement", "state"), [(DUE, "ISSUED"), (EXPIRED, "EXPIRED")], ids=["due", "expired"])
def test_status_ends_with_3_when_something_is_overdue(
    run: Run, up: Engine, zones: Zones, home: Path, statement: str, state: str
) -> None:
    issued(up, zones)
    age(home, statement)
    done = run("status")
    assert (done.exit_code, table(done.stdout)[0][1], table(done.stdout)[0][3]) == (3, state, "DUE")
    assert "certwright renew --due" in done.stderr


def test_status_does_not_show_what_was_deleted(run: Run, up: Engine) -> None:
    up.delete(CERTIFICATE, up.create(CERTIFICATE, certificate()))
    assert table(run("status").stdout) == []


def test_status_shows_the_account_and_region_asked_for(run: Run, up: Engine) -> None:
    up.create(CERTIFICATE, certificate())
    assert table(run("status", CERTWRIGHT_ACCOUNT="000000000001").stdout) == []
    assert table(run("status", CERTWRIGHT_REGION="eu-1").stdout) == []


def test_status_stores_nothing(run: Run, up: Engine, home: Path) -> None:
    up.create(CERTIFICATE, certificate())
    before = dump(home)
    run("status")
    assert dump(home) == before


@pytest.mark.parametrize("command", ["status", "renew --due"])
def test_an_account_that_is_not_there_is_not_made(run: Run, home: Path, command: str) -> None:
    before = dump(home)
    run(*command.split(), CERTWRIGHT_ACCOUNT="999999999999")
    assert dump(home) == before


def test_nothing_due_is_said(run: Run) -> None:
    done = run("renew", "--due")
    assert (done.exit_code, done.stdout) == (0, "Nothing is due.\n")


def test_an_issued_certificate_is_left_alone_until_it_is_due(run: Run, up: Engine, zones: Zones) -> None:
    issued(up, zones)
    assert run("renew", "--due").stdout == "Nothing is due.\n"


def test_a_due_certificate_is_renewed_under_its_arn(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    made, waited = issued(up, zones)
    age(home, DUE)
    done = run("renew", "--due")
    assert (done.exit_code, done.stdout) == (0, f"ok      {made.id}: renewed as version 2\n")
    assert up.invoked("getCertificate", {"arn": made.id})["serial"] != waited.outputs["serial"]


def test_a_renewal_is_done_once(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    issued(up, zones)
    age(home, DUE)
    run("renew", "--due")
    assert (run("renew", "--due").stdout, run("status").exit_code) == ("Nothing is due.\n", 0)


def test_a_pending_certificate_is_issued_once_its_record_is_there(run: Run, up: Engine, zones: Zones) -> None:
    made = up.create(CERTIFICATE, certificate())
    publish(zones, made.outputs)
    done = run("renew", "--due")
    assert (done.exit_code, done.stdout) == (0, f"ok      {made.id}: issued as version 1\n")


def test_what_cannot_be_renewed_is_said_and_ends_with_3(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    age(home, DUE)
    zones.clear()
    done = run("renew", "--due")
    assert (done.exit_code, done.stdout.startswith(f"waiting {made.id}: ")) == (3, True)
    assert "CNAME is missing" in done.stdout


def test_one_that_cannot_be_renewed_does_not_stop_the_others(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    issued(up, zones, "first")
    other, _ = issued(up, zones, "second", domainName="b.example.com")
    age(home, DUE)
    zones.clear()
    publish(zones, other.outputs)
    done = run("renew", "--due")
    assert (done.exit_code, [line.split()[0] for line in done.stdout.splitlines() if "arn:" in line].count("ok")) == (
        3,
        1,
    )
