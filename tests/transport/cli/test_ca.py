"""ca: what authorities there are, and a root whose private key is kept elsewhere."""

from pathlib import Path

import pytest
from certwright.model.policy import LONGEST_LEAF
from certwright.transport.cli import main
from click.testing import CliRunner, Result

from tests.support.aging import age
from tests.transport.cli.conftest import Run
from tests.transport.declared import certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, Engine, refused
from tests.transport.homes import dump, environment, rows

PASSPHRASE = "correct horse battery"
UNSEAL = "certwright ca unseal-root FILE"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """Return a file with a passphrase."""
    file = tmp_path / "words"
    file.write_text(f"{PASSPHRASE}\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def sealed(run: Run, tmp_path: Path, words: Path) -> Path:
    """Seal the root and return the file."""
    file = tmp_path / "root.pem"
    done = run("ca", "seal-root", str(file), "--passphrase-file", str(words), "--yes")
    assert done.exit_code == 0, done.output
    return file


def unseal(run: Run, file: Path, words: Path) -> Result:
    return run("ca", "unseal-root", str(file), "--passphrase-file", str(words))


def days_left(home: Path, days: int) -> None:
    """Let the issuing CA end so many days after it can carry the longest leaf no more."""
    age(
        home,
        "UPDATE authorities SET not_after = (strftime('%s', 'now') + ?) * 1000000 WHERE role = 'ISSUING'",
        int(LONGEST_LEAF.total_seconds()) + days * 86400,
    )


def test_roots_and_issuing_cas_are_shown_with_the_place_of_their_keys(run: Run) -> None:
    done = run("ca")
    assert (done.exit_code, done.stdout.count("private key in the store"), done.stderr) == (0, 2, "")
    assert [line.partition(":")[0] for line in done.stdout.splitlines()[::2]] == [
        "root, generation 1",
        "issuing CA of Region local, generation 1",
    ]


def test_a_sealed_root_is_in_a_private_file_and_told(run: Run, sealed: Path) -> None:
    assert (sealed.stat().st_mode & 0o777, b"ENCRYPTED PRIVATE KEY" in sealed.read_bytes()) == (0o600, True)
    assert "private key sealed away" in run("ca").stdout


def test_what_it_prints_tells_to_keep_file_and_passphrase_and_shows_neither(
    run: Run, tmp_path: Path, words: Path
) -> None:
    done = run("ca", "seal-root", str(tmp_path / "root.pem"), "--passphrase-file", str(words), "--yes")
    assert f"{tmp_path}/root.pem and its passphrase are all that is left" in done.stdout
    assert (PASSPHRASE in done.output, "PRIVATE KEY" in done.output) == (False, False)


def test_stacks_doctor_and_trust_bundle_go_on_with_a_sealed_root(
    run: Run, sealed: Path, up: Engine, zones: Zones
) -> None:
    assert sealed.exists()
    assert issued(up, zones)[1].outputs["status"] == "ISSUED"
    assert len(up.invoked("getTrustBundle", {})["fingerprints"]) == 1
    done = run("doctor")
    assert (done.exit_code, "Roots: " in done.stdout) == (0, True)


def test_it_is_unsealed_with_file_and_passphrase(run: Run, home: Path, sealed: Path, words: Path) -> None:
    done = unseal(run, sealed, words)
    assert (done.exit_code, "root, generation 1: unsealed" in done.stdout) == (0, True)
    assert "private key sealed away" not in run("ca").stdout
    assert [action for (action,) in rows(home, "audit_events", "action")][-2:] == ["SealRoot", "UnsealRoot"]
    assert run("doctor").exit_code == 0


def test_unsealing_again_says_that_nothing_was_changed(run: Run, sealed: Path, words: Path) -> None:
    unseal(run, sealed, words)
    assert "nothing was changed" in unseal(run, sealed, words).stdout


def test_a_wrong_passphrase_ends_with_4_and_is_not_shown(run: Run, sealed: Path, words: Path) -> None:
    words.write_text("wrong horse battery")
    done = unseal(run, sealed, words)
    assert (done.exit_code, "does not open" in done.stderr, "wrong horse" in done.output) == (4, True, False)


def test_a_file_of_another_home_is_refused(run: Run, home: Path, sealed: Path, words: Path, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    run("init", CERTWRIGHT_HOME=other)
    foreign = tmp_path / "foreign.pem"
    run("ca", "seal-root", str(foreign), "--passphrase-file", str(words), "--yes", CERTWRIGHT_HOME=other)
    before = dump(home)
    done = unseal(run, foreign, words)
    assert (done.exit_code, "belongs to none" in done.stderr, sealed.exists()) == (6, True, True)
    assert {**dump(home), "leases": None} == {**before, "leases": None}


def test_a_file_that_exists_is_not_overwritten(run: Run, home: Path, tmp_path: Path, words: Path) -> None:
    (tmp_path / "root.pem").write_text("mine")
    done = run("ca", "seal-root", str(tmp_path / "root.pem"), "--passphrase-file", str(words), "--yes")
    assert (done.exit_code, "exists already" in done.stderr) == (6, True)
    assert (tmp_path / "root.pem").read_text() == "mine"
    assert rows(home, "authorities", "length(sealed_key) > 0") == [(1,), (1,)]


def test_sealing_a_sealed_root_is_refused(run: Run, sealed: Path, words: Path, tmp_path: Path) -> None:
    done = run("ca", "seal-root", str(tmp_path / "second.pem"), "--passphrase-file", str(words), "--yes")
    assert (done.exit_code, "sealed already" in done.stderr, sealed.exists()) == (6, True, True)
    assert not (tmp_path / "second.pem").exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("y\n{0}\n{0}\n", 0), ("y\nshort\nshort\n", 2), ("y\n{0}\nanother one\n", 1), ("n\n", 1)],
    ids=["twice the same", "too short", "not the same", "no"],
)
def test_the_passphrase_is_asked_for_twice(home: Path, tmp_path: Path, typed: str, code: int) -> None:
    file = tmp_path / "root.pem"
    done = CliRunner().invoke(
        main, ["ca", "seal-root", str(file)], env=environment(home), input=typed.format(PASSPHRASE)
    )
    assert (done.exit_code, file.exists(), PASSPHRASE in done.output) == (code, code == 0, False)


def test_a_new_root_is_refused_with_the_way_to_it(run: Run, sealed: Path) -> None:
    done = run("init", "--new-root")
    assert (done.exit_code, UNSEAL in done.stderr, sealed.exists()) == (6, True, True)


def test_init_without_a_new_root_goes_on(run: Run, sealed: Path) -> None:
    assert (run("init").exit_code, sealed.exists()) == (0, True)


def test_a_new_region_is_refused_in_preview_and_by_renew(run: Run, sealed: Path, bare: Engine, zones: Zones) -> None:
    done = run("ca", "renew", CERTWRIGHT_REGION="eu-1")
    assert (done.exit_code, UNSEAL in done.stderr, sealed.exists()) == (6, True, True)
    bare.configure(resolvers=[zones.address], region="eu-1")
    with refused() as found:
        bare.preview(CERTIFICATE, certificate())
    assert UNSEAL in found[0].sentence


def test_preview_status_and_doctor_warn_before_the_issuing_ca_is_spent(
    run: Run, home: Path, sealed: Path, up: Engine
) -> None:
    days_left(home, 30)
    up.preview(CERTIFICATE, certificate())
    assert [UNSEAL in line for line in up.log.lines("WARNING") if "sealed away" in line] == [True]
    done = run("status")
    assert (done.exit_code, UNSEAL in done.stderr, sealed.exists()) == (0, True, True)
    assert UNSEAL in run("doctor").stdout


def test_preview_is_quiet_while_nothing_is_due(sealed: Path, up: Engine) -> None:
    up.preview(CERTIFICATE, certificate())
    assert [line for line in up.log.lines("WARNING") if "sealed away" in line] == []
    assert sealed.exists()


def test_renew_makes_the_next_issuing_ca_once_the_root_is_back(run: Run, home: Path, sealed: Path, words: Path) -> None:
    days_left(home, 30)
    unseal(run, sealed, words)
    done = run("ca", "renew")
    assert (done.exit_code, done.stdout) == (0, "issuing CA of Region local, generation 2: made\n")
    assert run("ca", "renew").stdout == "Nothing is due.\n"


@pytest.mark.parametrize(
    "arguments", [("ca",), ("ca", "seal-root"), ("ca", "unseal-root"), ("ca", "renew")], ids=" ".join
)
def test_every_command_has_a_help_text(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--help")
    words = done.stdout.split("\n\n")[1].strip()
    assert (done.exit_code, words[0].isupper(), len(words) > 20) == (0, True, True)
