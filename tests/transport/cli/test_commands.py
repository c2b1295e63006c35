"""Exit codes, help texts and errors that every command shares."""

import os
from pathlib import Path

import click
import pytest
from certwright import __version__
from certwright.errors import Kind
from certwright.transport.cli import main
from certwright.transport.cli.opening import EXIT_CODES, OVERDUE

from tests.transport.cli.conftest import Run
from tests.transport.homes import execute

OPENING = [("status",), ("renew", "--due"), ("doctor",), ("standing", "ff")]
COMMANDS = [("init",), *OPENING]


def named(command: tuple[str, ...]) -> str:
    return command[0]


def test_exit_codes_are_told_apart() -> None:
    codes = [*EXIT_CODES.values(), OVERDUE, 0, 1]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("kind", [Kind.INVALID_INPUT, Kind.UNAVAILABLE, Kind.CORRUPT, Kind.REFUSED], ids=str)
def test_what_an_operator_can_mend_has_an_exit_code_of_its_own(kind: Kind) -> None:
    assert EXIT_CODES[kind] > OVERDUE or EXIT_CODES[kind] == click.UsageError.exit_code


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command(run: Run, option: str) -> None:
    done = run(option)
    assert done.exit_code == 0
    assert [name for name in main.commands if f"\n  {name} " not in done.stdout] == []


@pytest.mark.parametrize(
    "arguments",
    [
        *(("init",), ("status",), ("renew",), ("doctor",), ("pulumi",), ("pulumi", "install")),
        *(("backup",), ("restore",), ("export-home",), ("import-home",), ("revoke",), ("standing",)),
    ],
)
def test_every_command_has_a_help_text(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--help")
    words = done.stdout.split("\n\n")[1].strip()
    assert (done.exit_code, words[0].isupper(), len(words) > 20) == (0, True, True)


@pytest.mark.parametrize(("command", "said"), [("status", "exit code is 3"), ("renew", "exit code is 3")])
def test_help_tells_the_exit_code_of_an_overdue_certificate(run: Run, command: str, said: str) -> None:
    assert said in " ".join(run(command, "--help").stdout.split())


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version").stdout == f"certwright, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [("renw",), ("renew",), ("init", "--force")], ids=["unknown", "no --due", "an option"]
)
def test_a_wrong_command_line_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.exit_code, "Usage: " in done.stderr) == (2, True)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_all_faults_of_the_settings_are_told_at_once(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, CERTWRIGHT_REGION="EU", CERTWRIGHT_ACCOUNT="1")
    assert (done.exit_code, "[BAD_REGION]" in done.stderr, "[BAD_ACCOUNT]" in done.stderr) == (2, True, True)


@pytest.mark.parametrize("command", OPENING, ids=named)
def test_a_missing_home_is_not_made(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    absent = tmp_path / "absent"
    done = run(*command, CERTWRIGHT_HOME=str(absent))
    assert (done.exit_code, absent.exists()) == (4, False)
    assert (str(absent) in done.stderr, "Run `certwright init`" in done.stderr) == (True, True)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("gone", "Cannot read the master key"),
        ("open", "can be read by others (mode 0640)"),
        ("empty", "is no certwright master key"),
        ("short", "is not 32 bytes in base64 or hex"),
        ("folder", "Cannot read the master key"),
    ],
)
def test_a_key_that_cannot_be_read_is_an_error(
    run: Run, home: Path, command: tuple[str, ...], damage: str, said: str
) -> None:
    spoil(home / "master.key", damage)
    done = run(*command)
    assert (done.exit_code, said in done.stderr) == (4, True), done.output


def spoil(key: Path, damage: str) -> None:
    """Make a key file unusable."""
    content = key.read_bytes()
    key.unlink()
    if damage == "folder":
        key.mkdir(0o700)
    elif damage != "gone":
        key.write_bytes({"open": content, "empty": b"", "short": content.splitlines()[0] + b"\nAAAA\n"}[damage])
        key.chmod(0o640 if damage == "open" else 0o600)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_the_key_of_another_home_is_an_error(run: Run, command: tuple[str, ...]) -> None:
    key = os.urandom(32).hex()
    done = run(*command, CERTWRIGHT_MASTER_KEY="env:MASTER", MASTER=key)
    assert (done.exit_code, "does not belong to installation" in done.stderr, key in done.output) == (4, True, False)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_another_installation_than_the_pinned_one_is_refused(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, CERTWRIGHT_INSTALLATION="0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")
    assert (done.exit_code, "nothing was changed" in done.stderr) == (6, True)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_file_that_is_no_store_is_an_error(run: Run, home: Path, command: tuple[str, ...]) -> None:
    (home / "store.db").write_text("my shopping list, longer than a magic")
    done = run(*command)
    assert (done.exit_code, "is no SQLite database" in done.stderr) == (4, True)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_store_of_a_newer_certwright_is_an_error(run: Run, home: Path, command: tuple[str, ...]) -> None:
    execute(home, "UPDATE alembic_version SET version_num = '9999'")
    done = run(*command)
    assert (done.exit_code, "newer certwright" in done.stderr) == (4, True)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_no_error_shows_a_traceback(run: Run, home: Path, command: tuple[str, ...]) -> None:
    (home / "master.key").unlink()
    done = run(*command)
    assert (done.stderr.count("\n"), "Traceback" in done.output, done.stdout) == (1, False, "")
