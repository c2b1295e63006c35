"""keys: what there is, rotation of both kinds of keys, and what is said of it."""

import base64
import os
from pathlib import Path

import pytest
from certwright.transport.cli import main
from click.testing import CliRunner

from tests.transport.cli.conftest import Run
from tests.transport.declared import issued
from tests.transport.dns_server import Zones
from tests.transport.engine import Engine
from tests.transport.homes import dump, environment, execute, rows

SECRET = base64.b64encode(os.urandom(32)).decode()


def generations(home: Path) -> list[tuple[object, ...]]:
    return sorted(rows(home, "key_encryption_keys", "region, generation"))


def test_generations_are_shown_with_what_they_seal(run: Run, home: Path, up: Engine, zones: Zones) -> None:
    issued(up, zones)
    done = run("keys")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            f"Master key: file:{home}/master.key",
            "Account 000000000000:",
            "  generation 1: 2 secrets",
            "Region local:",
            "  generation 1: 2 secrets",
        ],
    )


def test_looking_stores_nothing(run: Run, home: Path) -> None:
    before = dump(home)
    run("keys")
    assert dump(home) == before


def test_a_rotation_moves_everything_and_says_how_much(run: Run, home: Path, up: Engine, zones: Zones) -> None:
    issued(up, zones)
    done = run("keys", "rotate")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "Account 000000000000: generation 2",
            "Region local: generation 2",
            "4 secrets sealed anew. Processes that are running follow within a minute.",
        ],
    )
    assert "  generation 1: 0 secrets\n  generation 2: 2 secrets\n" in run("keys").stdout
    assert generations(home) == [("", 1), ("", 2), ("local", 1), ("local", 2)]
    assert run("doctor").exit_code == 0


def test_a_plugin_that_was_running_goes_on_after_a_rotation(run: Run, up: Engine, zones: Zones) -> None:
    issued(up, zones)
    run("keys", "rotate")
    issued(up, zones, "other", domainName="other.example.com")
    assert run("doctor").exit_code == 0


def test_a_damaged_secret_ends_it_with_5(run: Run, home: Path) -> None:
    execute(home, "UPDATE authorities SET sealed_key = substr(sealed_key, 1, 60) WHERE role = 'ISSUING'")
    done = run("keys", "rotate")
    assert (done.exit_code, "1 secrets do not open" in done.stderr) == (5, True)


def test_the_master_key_moves_to_a_new_file_that_is_made(run: Run, home: Path, tmp_path: Path) -> None:
    new = tmp_path / "keys" / "new.key"
    done = run("keys", "rotate-master", "--to", f"file:{new}", "--yes")
    assert (done.exit_code, new.stat().st_mode & 0o777) == (0, 0o600)
    assert f"export CERTWRIGHT_MASTER_KEY=file:{new}\n" in done.stdout
    assert f"{new} was made now: copy it to a safe place" in done.stdout
    assert f"The old master key, file:{home}/master.key, was left as it is." in done.stdout
    assert new.read_text().splitlines()[1] not in done.output


def test_afterwards_the_new_key_opens_and_the_old_one_does_not(run: Run, tmp_path: Path) -> None:
    new = f"file:{tmp_path}/new.key"
    run("keys", "rotate-master", "--to", new, "--yes")
    assert [run("doctor").exit_code, run("doctor", CERTWRIGHT_MASTER_KEY=new).exit_code] == [4, 0]


@pytest.mark.parametrize("uri", ["env:NEW_KEY", "passphrase:env:NEW_KEY"])
def test_the_master_key_moves_to_the_environment(run: Run, uri: str) -> None:
    done = run("keys", "rotate-master", "--to", uri, "--yes", NEW_KEY=SECRET)
    assert (done.exit_code, SECRET in done.output, "copy it to a safe place" in done.output) == (0, False, False)
    assert run("doctor", CERTWRIGHT_MASTER_KEY=uri, NEW_KEY=SECRET).exit_code == 0


def test_it_moves_back_by_the_same_command(run: Run, home: Path, tmp_path: Path) -> None:
    new = f"file:{tmp_path}/new.key"
    run("keys", "rotate-master", "--to", new, "--yes")
    run("keys", "rotate-master", "--to", f"file:{home}/master.key", "--yes", CERTWRIGHT_MASTER_KEY=new)
    assert run("doctor").exit_code == 0


def test_a_key_file_that_an_interrupted_run_made_is_taken(run: Run, home: Path, tmp_path: Path) -> None:
    run("init", CERTWRIGHT_HOME=str(tmp_path / "other"))
    new = tmp_path / "other" / "master.key"
    done = run("keys", "rotate-master", "--to", f"file:{new}", "--yes")
    assert (done.exit_code, f"{new} was there: copy it" in done.stdout) == (0, True)
    assert (home / "master.key").exists()


@pytest.mark.parametrize(
    ("uri", "code", "said"),
    [
        ("file:new.key", 2, "RELATIVE_KEY_FILE"),
        (SECRET, 2, "BAD_MASTER_KEY"),
        ("pkcs11:token", 2, "UNSUPPORTED_MASTER_KEY"),
        ("env:ABSENT", 4, "ABSENT, which is not set"),
        ("file:{home}/master.key", 6, "has already"),
    ],
    ids=["relative", "the key itself", "pkcs11", "unset", "the same"],
)
def test_a_new_master_key_that_cannot_be_is_refused(run: Run, home: Path, uri: str, code: int, said: str) -> None:
    before = dump(home)
    done = run("keys", "rotate-master", "--to", uri.format(home=home), "--yes")
    assert (done.exit_code, said in done.stderr, SECRET in done.output) == (code, True, False)
    assert dump(home) == before


def test_without_a_yes_nothing_is_moved_or_made(home: Path, tmp_path: Path) -> None:
    before, new = dump(home), tmp_path / "new.key"
    command = ["keys", "rotate-master", "--to", f"file:{new}"]
    done = CliRunner().invoke(main, command, env=environment(home), input="n\n")
    assert (done.exit_code, new.exists(), dump(home)) == (1, False, before)
    assert f"needs file:{new} from then on" in done.stdout


def test_wiping_alone_is_a_command(run: Run, home: Path) -> None:
    execute(home, "UPDATE authorities SET sealed_key = CAST('canary-of-a-removed-key' AS BLOB)")
    execute(home, "UPDATE authorities SET sealed_key = x'00'")
    done = run("keys", "wipe")
    assert (done.exit_code, "holds nothing any more" in done.stdout) == (0, True)
    assert not any(b"canary-of-a-removed-key" in file.read_bytes() for file in home.iterdir())


@pytest.mark.parametrize(
    "arguments", [("keys",), ("keys", "rotate"), ("keys", "rotate-master"), ("keys", "wipe")], ids=" ".join
)
def test_every_command_has_a_help_text(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--help")
    words = done.stdout.split("\n\n")[1].strip()
    assert (done.exit_code, words[0].isupper(), len(words) > 20) == (0, True, True)
