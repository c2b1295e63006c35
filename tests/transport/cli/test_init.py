"""certwright init: makes a home once, says what to keep, and is safe to repeat."""

import base64
import re
import stat
from pathlib import Path

import pytest

from tests.transport.cli.conftest import Run
from tests.transport.homes import dump, rows

PASSPHRASE = "correct horse battery staple"


def line(text: str, start: str) -> str:
    """Return what stands behind a label."""
    (found,) = [item.removeprefix(start).strip() for item in text.splitlines() if item.startswith(start)]
    return found


def installation(home: Path) -> str:
    ((found,),) = rows(home, "installation", "id")
    return str(found)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Return a place where no home is yet."""
    return tmp_path / "fresh"


def test_a_new_home_is_made_with_its_root(run: Run, fresh: Path) -> None:
    done = run("init", CERTWRIGHT_HOME=str(fresh))
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"A new home was made: {fresh}")
    assert rows(fresh, "authorities", "role, state") == [("ROOT", "ACTIVE")]


def test_nobody_else_can_read_a_new_home(run: Run, fresh: Path) -> None:
    run("init", CERTWRIGHT_HOME=str(fresh))
    modes = {item.name: stat.S_IMODE(item.stat().st_mode) for item in (fresh, fresh / "master.key", fresh / "store.db")}
    assert modes == {"fresh": 0o700, "master.key": 0o600, "store.db": 0o600}


def test_it_prints_the_installation_and_the_line_that_pins_it(run: Run, fresh: Path) -> None:
    done = run("init", CERTWRIGHT_HOME=str(fresh))
    assert line(done.stdout, "Installation:") == installation(fresh)
    assert f"  pulumi config set certwright:installation {installation(fresh)}" in done.stdout.splitlines()


def test_it_prints_the_roots_fingerprint(run: Run, fresh: Path) -> None:
    done = run("init", CERTWRIGHT_HOME=str(fresh))
    assert re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31} \(SHA-256\)", line(done.stdout, "Root fingerprint:"))


def test_the_recovery_key_opens_the_home_without_its_key_file(run: Run, fresh: Path) -> None:
    key = line(run("init", CERTWRIGHT_HOME=str(fresh)).stdout, "Recovery key:")
    (fresh / "master.key").unlink()
    done = run("doctor", CERTWRIGHT_HOME=str(fresh), CERTWRIGHT_MASTER_KEY="env:RECOVERY", RECOVERY=key)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_recovery_key_is_not_printed_where_told_so(run: Run, fresh: Path, stream: str) -> None:
    done = run("init", "--no-recovery-key", CERTWRIGHT_HOME=str(fresh))
    key = base64.b64encode(base64.b64decode((fresh / "master.key").read_text().splitlines()[1])).decode()
    assert (done.exit_code, key in getattr(done, stream), "Recovery key" in done.output) == (0, False, False)


def test_a_second_init_changes_nothing(run: Run, home: Path) -> None:
    run("init")
    before = (dump(home), (home / "master.key").read_bytes())
    done = run("init")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"This home exists already: {home}")
    assert (dump(home), (home / "master.key").read_bytes()) == before


def test_a_second_init_prints_the_same_but_no_recovery_key(run: Run, fresh: Path) -> None:
    first = run("init", CERTWRIGHT_HOME=str(fresh)).stdout
    second = run("init", CERTWRIGHT_HOME=str(fresh)).stdout
    assert [line(second, label) for label in ("Installation:", "Root fingerprint:")] == [
        line(first, label) for label in ("Installation:", "Root fingerprint:")
    ]
    assert "Recovery key" not in second


@pytest.mark.parametrize(
    ("variables", "warned"),
    [({}, True), ({"CERTWRIGHT_PERMITTED_DOMAINS": "example.com"}, False)],
    ids=["without permittedDomains", "with permittedDomains"],
)
def test_an_unconstrained_root_is_said_to_be_one(
    run: Run, fresh: Path, variables: dict[str, str], *, warned: bool
) -> None:
    done = run("init", CERTWRIGHT_HOME=str(fresh), **variables)
    assert ("The root is unconstrained" in done.stdout) is warned


def test_a_home_under_a_passphrase_is_new_too(run: Run, fresh: Path) -> None:
    done = run("init", CERTWRIGHT_HOME=str(fresh), CERTWRIGHT_MASTER_KEY="passphrase:env:PASS", PASS=PASSPHRASE)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"A new home was made: {fresh}")


@pytest.mark.parametrize(
    ("uri", "key"),
    [("env:MASTER", base64.b64encode(b"m" * 32).decode()), ("passphrase:env:MASTER", PASSPHRASE)],
    ids=["a key", "a passphrase"],
)
def test_a_key_that_the_user_brought_is_not_printed(run: Run, fresh: Path, uri: str, key: str) -> None:
    done = run("init", CERTWRIGHT_HOME=str(fresh), CERTWRIGHT_MASTER_KEY=uri, MASTER=key)
    assert (done.exit_code, key in done.output) == (0, False)


def test_a_home_whose_key_is_lost_gets_no_new_one(run: Run, home: Path) -> None:
    (home / "master.key").unlink()
    done = run("init")
    assert (done.exit_code, (home / "master.key").exists()) == (4, False)
    assert f"Cannot read the master key {home}/master.key" in done.stderr


def test_another_account_of_the_home_has_another_root(run: Run) -> None:
    first = line(run("init").stdout, "Root fingerprint:")
    second = line(run("init", CERTWRIGHT_ACCOUNT="000000000001").stdout, "Root fingerprint:")
    assert first != second
