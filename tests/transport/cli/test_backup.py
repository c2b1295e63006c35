"""certwright backup, restore, export-home and import-home: what they say, refuse and leave behind."""

import os
import shutil
import stat
from pathlib import Path

import pytest
from certwright.transport.cli.prompts import Ticker

from tests.transport.cli.conftest import Run
from tests.transport.declared import certificate, issued, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine
from tests.transport.homes import dump, execute, rows

PASSPHRASE = "correct horse battery"


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    """Give a private file with a passphrase."""
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    file.chmod(0o600)
    return str(file)


def lose_store(home: Path) -> None:
    for name in ("store.db", "store.db-wal", "store.db-shm"):
        (home / name).unlink(missing_ok=True)


def test_a_lost_store_comes_back_from_its_backup_and_certificates_are_good(
    run: Run, up: Engine, zones: Zones, home: Path, tmp_path: Path
) -> None:
    made, _ = issued(up, zones)
    archive = str(tmp_path / "a.archive")
    done = run("backup", archive)
    assert done.exit_code == 0, done.output
    before = dump(home)
    lose_store(home)
    restored = run("restore", archive)
    assert restored.exit_code == 0, restored.output
    assert "Every revocation since then is known" in restored.stdout
    after = dump(home)
    assert {table: rows for table, rows in after.items() if table not in {"audit_events", "tallies"}} == {
        table: rows for table, rows in before.items() if table not in {"audit_events", "tallies"}
    }
    assert run("doctor").exit_code == 0
    assert run("standing", made.id).stdout == "GOOD\n"


def test_a_backup_is_private_says_where_the_key_is_and_holds_none(run: Run, home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.archive"
    done = run("backup", str(archive))
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert f"The master key is not in it: file:{home}/master.key" in done.stdout
    assert (home / "master.key").read_bytes().splitlines()[1] not in archive.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.archive", "home"]


def test_a_file_that_is_there_is_replaced_only_on_demand(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "a.archive"
    archive.write_text("precious")
    refused = run("backup", str(archive))
    assert (refused.exit_code, archive.read_text()) == (6, "precious")
    assert "is there already" in refused.stderr
    assert run("backup", str(archive), "--replace").exit_code == 0
    assert archive.read_bytes().startswith(b'{"certwrightArchive":1,')


def test_a_link_that_leads_elsewhere_is_not_followed(run: Run, tmp_path: Path) -> None:
    precious, link = tmp_path / "precious", tmp_path / "a.archive"
    link.symlink_to(precious)
    assert run("backup", str(link)).exit_code == 6
    assert run("backup", str(link), "--replace").exit_code == 0
    assert (precious.exists(), link.is_symlink()) == (False, False)


def test_a_place_that_cannot_be_written_is_an_error_with_its_reason(run: Run, tmp_path: Path) -> None:
    done = run("backup", str(tmp_path / "absent" / "a.archive"))
    assert (done.exit_code, "No such file or directory" in done.stderr) == (4, True)


def test_a_backup_is_in_the_audit_log_it_carries(run: Run, home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.archive"
    run("backup", str(archive))
    assert b'"BackUpStore"' in archive.read_bytes()
    (detail,) = [row for row in rows(home, "audit_events", "action, detail") if row[0] == "BackUpStore"]
    assert str(archive) in str(detail[1])


def test_a_backup_of_a_damaged_store_is_made_and_says_what_is_damaged(run: Run, home: Path, tmp_path: Path) -> None:
    execute(home, "UPDATE authorities SET permitted_domains = permitted_domains || ' '")
    done = run("backup", str(tmp_path / "a.archive"))
    assert (done.exit_code, "FOUND authorities" in done.stderr) == (3, True)
    lose_store(home)
    restored = run("restore", str(tmp_path / "a.archive"))
    assert (restored.exit_code, "FOUND authorities" in restored.stdout) == (3, True)


def test_a_restore_needs_the_master_key(run: Run, home: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "a.archive")
    run("backup", archive)
    lose_store(home)
    other = run("restore", archive, CERTWRIGHT_MASTER_KEY="env:OTHER", OTHER=os.urandom(32).hex())
    (home / "master.key").unlink()
    none = run("restore", archive)
    assert (other.exit_code, none.exit_code, (home / "store.db").exists()) == (4, 4, False)
    assert "does not belong to installation" in other.stderr


def test_a_restore_over_a_store_is_refused(run: Run, home: Path, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "a.archive"))
    before = dump(home)
    done = run("restore", str(tmp_path / "a.archive"))
    assert (done.exit_code, "is not empty" in done.stderr, dump(home) == before) == (6, True, True)


def test_a_damaged_backup_is_an_error_of_its_own_and_nothing_is_restored(run: Run, home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.archive"
    run("backup", str(archive))
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b'"CreateAuthority"', b'"DeleteAuthority"'))
    lose_store(home)
    done = run("restore", str(archive))
    assert (done.exit_code, "was cut or changed" in done.stderr) == (5, True)
    assert not (home / "store.db").exists()


@pytest.mark.parametrize(
    "arguments", [(), ("a", "--accept-lost-revocations"), ("--lost-log", "l", "--accept-lost-revocations")]
)
def test_restore_takes_one_thing_at_a_time(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("restore", *arguments).exit_code == 2


def elsewhere(run: Run, home: Path, tmp_path: Path) -> Run:
    """Return the same shell on another machine, which has the master key and nothing else."""
    there = tmp_path / "there"
    there.mkdir()
    shutil.copy(home / "master.key", there / "master.key")

    def command(*arguments: str, **variables: str) -> object:
        return run(*arguments, **{"CERTWRIGHT_HOME": str(there), **variables})

    return command  # type: ignore[return-value]


def test_restored_elsewhere_nothing_is_good_until_the_loss_is_accepted(
    run: Run, up: Engine, zones: Zones, home: Path, tmp_path: Path
) -> None:
    made, _ = issued(up, zones)
    archive = str(tmp_path / "a.archive")
    run("backup", archive)
    run("revoke", made.id, "--reason", "KEY_COMPROMISE", "--yes")
    there = elsewhere(run, home, tmp_path)
    restored = there("restore", archive)
    assert (restored.exit_code, "may have been revoked" in restored.stdout) == (0, True), restored.output
    standing = there("standing", made.id)
    assert (standing.exit_code, standing.stdout, "--lost-log FILE" in standing.stderr) == (6, "", True)
    assert there("doctor").exit_code == 3
    found = there("restore", "--lost-log", str(home / "revocations.log"))
    assert (found.exit_code, found.stdout) == (0, "Taken over: 1 revocations that were not known here.\n")
    assert there("standing", made.id).stdout.startswith("REVOKED ")
    assert there("doctor").exit_code == 0


def test_accepting_the_loss_asks_first(run: Run, home: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "a.archive")
    run("backup", archive)
    there = elsewhere(run, home, tmp_path)
    there("restore", archive)
    asked = there("restore", "--accept-lost-revocations")
    assert (asked.exit_code, "Is nothing else lost?" in asked.output, "certwright has a fault" in asked.output) == (
        1,
        True,
        False,
    )
    assert there("doctor").exit_code == 3
    assert there("restore", "--accept-lost-revocations", "--yes").exit_code == 0
    assert there("doctor").exit_code == 0


def test_restored_in_the_same_home_what_was_revoked_meanwhile_is_revoked_again(
    run: Run, up: Engine, zones: Zones, home: Path, tmp_path: Path
) -> None:
    made, _ = issued(up, zones)
    archive = str(tmp_path / "a.archive")
    run("backup", archive)
    run("revoke", made.id, "--yes")
    lose_store(home)
    assert run("restore", archive).exit_code == 0
    standing = run("standing", made.id)
    assert (standing.exit_code, standing.stdout.split()[0]) == (3, "REVOKED")
    assert "REVOKED" in run("status").stdout


def test_a_home_moves_with_everything_under_its_passphrase(
    run: Run, up: Engine, zones: Zones, home: Path, tmp_path: Path, passphrase: str
) -> None:
    made, _ = issued(up, zones)
    file = tmp_path / "home.export"
    exported = run("export-home", str(file), "--passphrase-file", passphrase)
    assert exported.exit_code == 0, exported.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    there = tmp_path / "there"
    imported = run("import-home", str(file), "--passphrase-file", passphrase, CERTWRIGHT_HOME=str(there))
    assert (imported.exit_code, "may have been revoked" in imported.stdout) == (0, True), imported.output
    assert (there / "master.key").read_bytes() == (home / "master.key").read_bytes()
    assert stat.S_IMODE((there / "master.key").stat().st_mode) == 0o600
    run("restore", "--accept-lost-revocations", "--yes", CERTWRIGHT_HOME=str(there))
    assert run("doctor", CERTWRIGHT_HOME=str(there)).exit_code == 0
    assert run("standing", made.id, CERTWRIGHT_HOME=str(there)).stdout == "GOOD\n"


def test_nothing_of_a_home_can_be_read_in_its_export(run: Run, home: Path, tmp_path: Path, passphrase: str) -> None:
    run("export-home", str(tmp_path / "e"), "--passphrase-file", passphrase)
    content = (tmp_path / "e").read_bytes()
    key = (home / "master.key").read_bytes().splitlines()[1]
    found = [word for word in (key, b"certwrightArchive", b"CreateAuthority", PASSPHRASE.encode()) if word in content]
    assert found == []


def test_a_wrong_passphrase_imports_nothing(run: Run, tmp_path: Path, passphrase: str) -> None:
    run("export-home", str(tmp_path / "e"), "--passphrase-file", passphrase)
    Path(passphrase).write_text("another passphrase")
    there = tmp_path / "there"
    done = run("import-home", str(tmp_path / "e"), "--passphrase-file", passphrase, CERTWRIGHT_HOME=str(there))
    assert (done.exit_code, "passphrase does not open" in done.stderr, there.exists()) == (4, True, False)


def test_an_import_into_a_home_that_is_there_is_refused(run: Run, home: Path, tmp_path: Path, passphrase: str) -> None:
    run("export-home", str(tmp_path / "e"), "--passphrase-file", passphrase)
    before = dump(home)
    assert run("import-home", str(tmp_path / "e"), "--passphrase-file", passphrase).exit_code == 6
    assert dump(home) == before
    there = tmp_path / "there"
    there.mkdir()
    (there / "master.key").write_text("another key")
    done = run("import-home", str(tmp_path / "e"), "--passphrase-file", passphrase, CERTWRIGHT_HOME=str(there))
    assert (done.exit_code, [path.name for path in there.iterdir()]) == (6, ["master.key"])


def test_an_import_that_fails_takes_its_key_back(run: Run, tmp_path: Path, passphrase: str) -> None:
    run("export-home", str(tmp_path / "e"), "--passphrase-file", passphrase)
    there = tmp_path / "there"
    arguments = ("import-home", str(tmp_path / "e"), "--passphrase-file", passphrase)
    done = run(*arguments, CERTWRIGHT_HOME=str(there), CERTWRIGHT_INSTALLATION="0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")
    assert (done.exit_code, list(there.iterdir())) == (6, [])
    assert run(*arguments, CERTWRIGHT_HOME=str(there)).exit_code == 0


def test_a_master_key_that_is_no_file_is_not_exported_but_named(
    run: Run, home: Path, tmp_path: Path, passphrase: str
) -> None:
    key = (home / "master.key").read_text().splitlines()[1]
    (home / "master.key").unlink()
    variables = {"CERTWRIGHT_MASTER_KEY": "env:MASTER", "MASTER": key}
    done = run("export-home", str(tmp_path / "e"), "--passphrase-file", passphrase, **variables)
    assert (done.exit_code, "carry env:MASTER along" in done.stdout) == (0, True), done.output
    there = {**variables, "CERTWRIGHT_HOME": str(tmp_path / "there")}
    assert run("import-home", str(tmp_path / "e"), "--passphrase-file", passphrase, **there).exit_code == 0
    assert not (tmp_path / "there" / "master.key").exists()


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("correct horse battery", 0o640, "can be read by others"),
        ("short", 0o600, "less than 12 characters"),
        (None, 0o600, "No such file"),
    ],
)
def test_a_passphrase_file_that_will_not_do(run: Run, tmp_path: Path, text: str | None, mode: int, said: str) -> None:
    file = tmp_path / "passphrase"
    if text is not None:
        file.write_text(text)
        file.chmod(mode)
    done = run("export-home", str(tmp_path / "e"), "--passphrase-file", str(file))
    assert (done.exit_code, said in done.stderr, (tmp_path / "e").exists()) == (2, True, False)


def test_a_backup_while_a_stack_is_at_work_is_one_instant(
    run: Run, up: Engine, zones: Zones, home: Path, tmp_path: Path
) -> None:
    made = up.create(CERTIFICATE, certificate(), "web")
    archive = str(tmp_path / "a.archive")
    run("backup", archive)
    publish(zones, made.outputs)
    up.create(VALIDATION, {"certificateArn": made.id}, "web")
    lose_store(home)
    assert run("restore", archive).exit_code == 0
    assert "PENDING_VALIDATION" in run("status").stdout
    renewed = run("renew", "--due")
    assert (renewed.exit_code, "ok " in renewed.stdout) == (0, True), renewed.output


def test_long_work_says_how_far_it_is_and_short_work_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    ticker = Ticker("rows")
    ticker(1)
    assert capsys.readouterr().err == ""
    ticker._said -= 3
    ticker(12345)
    assert capsys.readouterr().err == "… 12,345 rows\n"
