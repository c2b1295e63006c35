"""Homes: looked at as a whole first, made only where allowed, and never given a new key over old rows."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from certwright.adapters.home import Home, look_at_home, open_home
from certwright.adapters.keys.master_keys import RawMasterKey
from certwright.bootstrap import open_app
from certwright.errors import CertwrightError, InstallationMismatch, KeyUnavailable, StoreMissing, StoreUnavailable
from certwright.settings import Settings, resolve_settings

KEY = "6b" * 32
OTHER = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def environment(folder: Path, **variables: str) -> dict[str, str]:
    return {"CERTWRIGHT_HOME": str(folder / "home"), **variables}


def settings(folder: Path, config: dict[str, object] | None = None, **variables: str) -> Settings:
    return resolve_settings(config or {}, environment(folder, **variables))


def opened(folder: Path, config: dict[str, object] | None = None, **variables: str) -> Home:
    environ = environment(folder, **variables)
    home = open_home(resolve_settings(config or {}, environ), environ, None, create=True)
    home.store.close()
    return home


def refusal(folder: Path, config: dict[str, object] | None = None, **variables: str) -> CertwrightError:
    with pytest.raises(CertwrightError) as caught:
        opened(folder, config, **variables)
    return caught.value


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, and every folder as nothing."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


def change(folder: Path, *statements: str) -> None:
    """Change a store behind its back."""
    with closing(sqlite3.connect(folder / "home" / "store.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """Give a folder with a home that has keys."""
    environ = environment(tmp_path)
    open_app(resolve_settings({}, environ), environ).close()
    return tmp_path


@pytest.mark.parametrize(
    ("config", "error"),
    [
        pytest.param({"masterKey": "env:NOPE"}, KeyUnavailable, id="a variable that is not set"),
        pytest.param({"masterKey": "passphrase:env:NOPE"}, KeyUnavailable, id="a passphrase that is not set"),
        pytest.param({"masterKey": "passphrase:file:/nope/pass"}, KeyUnavailable, id="a passphrase that is not there"),
        pytest.param({"masterKey": "file:/etc/passwd"}, KeyUnavailable, id="a key file that is none"),
        pytest.param({"masterKey": "file:/etc/passwd/key"}, KeyUnavailable, id="a key file below a file"),
        pytest.param({"store": "sqlite:////etc/passwd/store.db"}, StoreUnavailable, id="a store below a file"),
        pytest.param({"store": "sqlite:////proc/nope/store.db"}, StoreUnavailable, id="a store that cannot be made"),
        pytest.param({"store": "sqlite:////etc/passwd"}, StoreUnavailable, id="a store that is none"),
        pytest.param({"store": "postgresql://u:pw@127.0.0.1:1/db"}, StoreUnavailable, id="a server that is down"),
    ],
)
def test_a_bad_configuration_makes_nothing(
    tmp_path: Path, config: dict[str, object], error: type[CertwrightError]
) -> None:
    assert isinstance(refusal(tmp_path, config), error)
    assert everything(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        pytest.param(b"certwright-master-key-v1\n" + KEY.encode(), 0o644, id="readable by others"),
        pytest.param(b"my shopping list", 0o600, id="something else"),
    ],
)
def test_a_key_file_that_cannot_be_used_makes_no_store(tmp_path: Path, content: bytes, mode: int) -> None:
    (tmp_path / "home").mkdir()
    key = tmp_path / "home" / "master.key"
    key.write_bytes(content)
    key.chmod(mode)
    before = everything(tmp_path)
    assert isinstance(refusal(tmp_path), KeyUnavailable)
    assert everything(tmp_path) == before


def test_ci_makes_nothing(tmp_path: Path) -> None:
    assert "CI=true" in str(refusal(tmp_path, CI="true"))
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("left", ["store.db", "master.key"])
def test_ci_makes_nothing_over_what_an_attempt_left_behind(tmp_path: Path, left: str) -> None:
    opened(tmp_path)
    change(tmp_path, "DELETE FROM installation")
    for path in (tmp_path / "home").iterdir():
        if path.name != left:
            path.unlink()
    assert "CI=true" in str(refusal(tmp_path, CI="true"))
    assert [path.name for path in (tmp_path / "home").iterdir()] == [left]


def test_ci_takes_a_home_that_is_there(used: Path) -> None:
    assert opened(used, CI="true").is_new is False


def test_what_an_attempt_left_behind_becomes_a_home(tmp_path: Path) -> None:
    opened(tmp_path)
    change(tmp_path, "DELETE FROM installation")
    assert opened(tmp_path).is_new


@pytest.mark.parametrize(
    "table", ["key_encryption_keys", "account_secrets", "audit_events"], ids=lambda table: f"only {table} left"
)
def test_rows_without_an_installation_are_refused_and_left_alone(used: Path, table: str) -> None:
    tables = {"installation", "key_encryption_keys", "account_secrets", "audit_events"} - {table}
    change(used, *(f"DELETE FROM {name}" for name in tables))
    before = everything(used)
    error = refusal(used)
    assert (isinstance(error, StoreUnavailable), "Restore the whole store" in str(error)) == (True, True)
    assert everything(used) == before


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_store_without_its_key_file_is_refused_and_given_no_other(used: Path, ci: str) -> None:
    (used / "home" / "master.key").unlink()
    assert isinstance(refusal(used, CI=ci), KeyUnavailable)
    assert not (used / "home" / "master.key").exists()


def test_the_key_of_another_home_is_refused(used: Path) -> None:
    assert "does not belong to installation" in str(refusal(used, {"masterKey": "env:MASTER"}, MASTER=KEY))


def test_a_home_that_must_be_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="certwright init"):
        open_home(settings(tmp_path), environment(tmp_path), None, create=False)
    assert everything(tmp_path) == {}


def test_only_a_key_file_made_now_has_a_recovery_key(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    assert isinstance(first.master_key, RawMasterKey)
    assert first.recovery_key is not None
    assert (first.recovery_key.reveal(), second.recovery_key) == (first.master_key.recovery_key().reveal(), None)


@pytest.mark.parametrize(("uri", "variable"), [("env:MASTER", "MASTER"), ("passphrase:env:PASS", "PASS")])
def test_a_key_that_was_given_is_no_recovery_key(tmp_path: Path, uri: str, variable: str) -> None:
    home = opened(tmp_path, {"masterKey": uri}, **{variable: KEY})
    assert (home.is_new, home.recovery_key) == (True, None)


def test_everything_wrong_with_a_home_is_seen_at_once(tmp_path: Path) -> None:
    wanted = settings(tmp_path, {"masterKey": "env:NOPE", "store": "postgresql://u:pw@127.0.0.1:1/db"})
    sight = look_at_home(wanted, {}, None)
    assert [fault.key for fault in sight.faults] == ["masterKey", "store"]


def test_another_installation_is_a_fault_of_the_installation(used: Path) -> None:
    sight = look_at_home(settings(used), environment(used), OTHER)
    sight.close()
    assert [(fault.key, type(fault.error)) for fault in sight.faults] == [("installation", InstallationMismatch)]


def test_a_missing_store_is_a_fault_of_the_store_where_an_installation_is_expected(tmp_path: Path) -> None:
    (fault,) = look_at_home(settings(tmp_path), environment(tmp_path), OTHER).faults
    assert (fault.key, OTHER in str(fault.error), "is empty" in str(fault.error)) == ("store", True, True)


@pytest.mark.parametrize(
    ("unchecked", "keys"),
    [
        pytest.param({"store"}, ["masterKey"], id="the store"),
        pytest.param({"masterKey"}, ["store"], id="the key"),
        pytest.param({"store", "masterKey"}, [], id="both"),
    ],
)
def test_what_is_not_to_be_checked_has_no_fault(tmp_path: Path, unchecked: set[str], keys: list[str]) -> None:
    wanted = settings(tmp_path, {"masterKey": "env:NOPE", "store": "postgresql://u:pw@127.0.0.1:1/db"})
    assert [fault.key for fault in look_at_home(wanted, {}, None, unchecked=unchecked).faults] == keys


def test_no_refusal_shows_the_password_of_the_store(tmp_path: Path) -> None:
    for ci in ("", "true"):
        assert "hunter2" not in str(refusal(tmp_path, {"store": "postgresql://u:hunter2@127.0.0.1:1/db"}, CI=ci))


def test_of_many_first_openings_one_home_results(tmp_path: Path) -> None:
    barrier, homes = threading.Barrier(4), list[Home]()

    def go() -> None:
        barrier.wait()
        homes.append(opened(tmp_path))

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len({home.installation.id for home in homes}), [home.is_new for home in homes].count(True)) == (1, 1)
    assert [home.recovery_key is not None for home in homes].count(True) == 1
