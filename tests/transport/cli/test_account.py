"""account rotate-secret: what was handed out stays, what is new gets records of the new secret."""

from pathlib import Path

import pytest
from certwright.transport.cli import main
from click.testing import CliRunner

from tests.transport.cli.conftest import Run
from tests.transport.declared import NAME, certificate, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, engine
from tests.transport.homes import dump, environment
from tests.transport.wire import Json


def records_in_a_new_process(home: Path, zones: Zones, *names: str) -> list[Json]:
    """Ask getValidationRecords in the next `pulumi up`."""
    with engine(environment(home)) as fresh:
        fresh.configure(resolvers=[zones.address])
        found: list[Json] = fresh.invoked("getValidationRecords", {"domainNames": list(names)})["records"]
        return found


def test_requested_names_keep_their_records_and_others_get_new_ones(
    run: Run, home: Path, up: Engine, zones: Zones
) -> None:
    up.create(CERTIFICATE, certificate())
    before = records_in_a_new_process(home, zones, NAME, "new.example.com")
    done = run("account", "rotate-secret", "--yes")
    after = records_in_a_new_process(home, zones, NAME, "new.example.com")
    assert (done.exit_code, done.stdout) == (
        0,
        "Account 000000000000 has generation 2 of its secret; new names use it.\n",
    )
    assert after[0] == before[0]
    assert after[1]["name"] != before[1]["name"]


def test_a_request_after_it_gives_the_records_that_were_shown_after_it(
    run: Run, home: Path, up: Engine, zones: Zones
) -> None:
    run("account", "rotate-secret", "--yes")
    (shown,) = records_in_a_new_process(home, zones, "new.example.com")
    made = up.create(CERTIFICATE, certificate(domainName="new.example.com"))
    (option,) = made.outputs["domainValidationOptions"]
    assert (option["resourceRecordName"], option["resourceRecordValue"]) == (shown["name"], shown["value"])


def test_what_was_waiting_is_issued_by_the_records_it_was_given(run: Run, up: Engine, zones: Zones) -> None:
    made = up.create(CERTIFICATE, certificate())
    publish(zones, made.outputs)
    run("account", "rotate-secret", "--yes")
    assert up.create(VALIDATION, {"certificateArn": made.id}).outputs["status"] == "ISSUED"


def test_another_account_keeps_its_secret(run: Run, home: Path) -> None:
    before = len(dump(home)["account_secrets"])
    done = run("account", "rotate-secret", "--yes", CERTWRIGHT_ACCOUNT="999999999999")
    assert (done.exit_code, "has no secret" in done.stderr) == (4, True)
    assert len(dump(home)["account_secrets"]) == before


def test_without_a_yes_nothing_is_changed(home: Path) -> None:
    before = dump(home)
    done = CliRunner().invoke(main, ["account", "rotate-secret"], env=environment(home), input="n\n")
    assert (done.exit_code, dump(home)) == (1, before)


@pytest.mark.parametrize("arguments", [("account",), ("account", "rotate-secret")], ids=" ".join)
def test_every_command_has_a_help_text(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--help")
    words = done.stdout.split("\n\n")[1].strip()
    assert (done.exit_code, words[0].isupper(), len(words) > 20) == (0, True, True)
