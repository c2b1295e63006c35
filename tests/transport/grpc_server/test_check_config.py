"""CheckConfig: what is resolved, every fault at once, secrets marked, unknown values left alone."""

import json
from pathlib import Path

import pytest

from tests.transport import wire
from tests.transport.engine import Engine, failures
from tests.transport.homes import make_home, rows
from tests.transport.wire import plain, secret

UPDATES = {"server": "192.0.2.53", "keyName": "updater", "keySecret": "c2VjcmV0"}


def installation(home: Path) -> str:
    ((found,),) = rows(home, "installation", "id")
    return str(found)


def test_what_later_runs_compare_is_resolved(bare: Engine, home: Path) -> None:
    assert plain(bare.check_config({}).inputs) == {
        "account": "000000000000",
        "region": "local",
        "validationDomain": "acm-validations.certwright.internal",
        "installation": installation(home),
    }


def test_what_is_given_stays_as_written(bare: Engine) -> None:
    given = {
        "account": "123456789012",
        "region": "eu-1",
        "validationDomain": "V.Example.com.",
        "resolvers": '["192.0.2.1"]',
        "defaultTags": {"team": "web"},
        "preflight": "false",
        "version": "0.1.0",
        "__internal": {},
    }
    inputs = plain(bare.check_config(given).inputs)
    assert {name: inputs[name] for name in given} == given


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [
        ("CERTWRIGHT_ACCOUNT", "123456789012", "account"),
        ("CERTWRIGHT_REGION", "eu-1", "region"),
        ("CERTWRIGHT_VALIDATION_DOMAIN", "v.example.com", "validationDomain"),
    ],
)
def test_the_environment_is_resolved_too(
    bare: Engine, environ: dict[str, str], variable: str, value: str, key: str
) -> None:
    environ[variable] = value
    assert plain(bare.check_config({}).inputs)[key] == value


def test_every_fault_is_told_at_once_with_its_key(bare: Engine) -> None:
    news = {"account": "1", "region": "EU", "store": "x", "resolvers": ["192.0.2.1", "x"], "colour": "red"}
    assert set(failures(bare.check_config(news))) == {"account", "region", "store", "resolvers[1]", "colour"}


def test_a_fault_says_what_is_wrong_its_code_and_the_fix(bare: Engine) -> None:
    assert failures(bare.check_config({"account": "1"})) == {
        "account": "'1' is no account [BAD_ACCOUNT]. An account is 12 digits; quote it in YAML."
    }


def test_with_faults_the_inputs_come_back_as_written(bare: Engine) -> None:
    assert plain(bare.check_config({"account": "1", "region": "eu-1"}).inputs) == {"account": "1", "region": "eu-1"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("masterKey", "vault:s3cret", id="a master key, not marked"),
        pytest.param("masterKey", secret("vault:s3cret"), id="a master key, marked"),
        pytest.param("rfc2136", UPDATES, id="an update target, not marked"),
        pytest.param("rfc2136", json.dumps(UPDATES), id="an update target as text"),
        pytest.param("rfc2136", {**UPDATES, "keySecret": secret("c2VjcmV0")}, id="an update target, marked below"),
        pytest.param("region", secret("eu-1"), id="anything that was marked"),
        pytest.param("store", "sqlite:////srv/store.db", id="a store, which may hold a password"),
        pytest.param("masterkey", "s3cret", id="a master key under a misspelt name"),
    ],
)
def test_a_secret_comes_back_marked(bare: Engine, key: str, value: object) -> None:
    assert wire.is_secret(bare.check_config({key: value}).inputs, key)


def test_what_is_no_secret_comes_back_open(bare: Engine) -> None:
    inputs = bare.check_config({"rfc2136": UPDATES, "account": "123456789012"}).inputs
    assert {name for name in inputs.fields if wire.is_secret(inputs, name)} == {"rfc2136"}


@pytest.mark.parametrize("key", ["account", "region", "resolvers", "defaultTags", "rfc2136", "preflight", "caaPolicy"])
def test_an_unknown_value_skips_its_checks_and_stays_unknown(bare: Engine, key: str) -> None:
    response = bare.check_config({key: wire.UNKNOWN})
    assert (failures(response), plain(response.inputs)[key]) == ({}, wire.UNKNOWN)


def test_a_value_that_is_unknown_inside_skips_its_checks(bare: Engine) -> None:
    assert failures(bare.check_config({"rfc2136": {"server": wire.UNKNOWN}, "resolvers": ["x", wire.UNKNOWN]})) == {}


@pytest.mark.parametrize("key", ["store", "masterKey"])
def test_an_unknown_store_leaves_the_installation_unknown(bare: Engine, key: str) -> None:
    assert plain(bare.check_config({key: wire.UNKNOWN}).inputs)["installation"] == wire.UNKNOWN


def test_an_unknown_store_keeps_the_installation_of_the_last_run(bare: Engine) -> None:
    checked = bare.check_config({"store": wire.UNKNOWN}, {"installation": "of the last run"})
    assert plain(checked.inputs)["installation"] == "of the last run"


def test_the_installation_of_the_last_run_is_insisted_on(bare: Engine, home: Path) -> None:
    other = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    (reason,) = failures(bare.check_config({}, {"installation": other})).values()
    assert (other in reason, installation(home) in reason, "nothing was changed" in reason) == (True, True, True)


def test_a_pinned_installation_is_insisted_on(bare: Engine) -> None:
    (reason,) = failures(bare.check_config({"installation": "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"})).values()
    assert "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d" in reason


def test_an_emptied_home_is_refused_where_the_stack_knows_an_installation(
    bare: Engine, tmp_path: Path, environ: dict[str, str], home: Path
) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "empty")
    (reason,) = failures(bare.check_config({}, {"installation": installation(home)})).values()
    assert ("is empty" in reason, (tmp_path / "empty").exists()) == (True, False)


def test_a_missing_home_is_made(bare: Engine, tmp_path: Path, environ: dict[str, str]) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    inputs = plain(bare.check_config({}).inputs)
    assert inputs["installation"] == installation(tmp_path / "fresh")


def test_a_missing_home_is_refused_in_ci(bare: Engine, tmp_path: Path, environ: dict[str, str]) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    environ["CI"] = "true"
    (reason,) = failures(bare.check_config({})).values()
    assert ("certwright init" in reason, (tmp_path / "fresh").exists()) == (True, False)


def test_a_home_that_is_there_is_taken_in_ci(bare: Engine, environ: dict[str, str]) -> None:
    environ["CI"] = "true"
    assert failures(bare.check_config({})) == {}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param("remove", "Cannot read the master key", id="a key that is gone"),
        pytest.param("open", "can be read by others (mode 0644)", id="a key that others can read"),
        pytest.param("replace", "does not belong to installation", id="the key of another home"),
        pytest.param("scribble", "is no certwright master key", id="a key file with something else in it"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_fault_of_its_key(
    bare: Engine, home: Path, tmp_path: Path, damage: str, said: str
) -> None:
    key = home / "master.key"
    if damage == "remove":
        key.unlink()
    elif damage == "open":
        key.chmod(0o644)
    elif damage == "replace":
        key.write_bytes((make_home(tmp_path / "other") / "master.key").read_bytes())
    else:
        key.write_text("my shopping list")
    found = failures(bare.check_config({}))
    assert list(found) == ["masterKey"], found
    assert said in found["masterKey"]


@pytest.mark.parametrize(
    "content", [pytest.param(b"", id="emptied"), pytest.param(b"my shopping list, more than 16", id="overwritten")]
)
def test_a_store_that_is_none_is_a_fault_of_its_key(bare: Engine, home: Path, content: bytes) -> None:
    (home / "store.db").write_bytes(content)
    assert list(failures(bare.check_config({}, {"installation": "x"}))) == ["store"]


def test_a_fault_of_a_secret_names_no_property_whose_value_the_engine_would_print(bare: Engine) -> None:
    (failure,) = bare.check_config({"masterKey": "vault:s3cret"}).failures
    assert (failure.property, failure.reason.startswith("masterKey: "), "s3cret" in failure.reason) == ("", True, False)


def test_a_reason_ends_with_one_stop(bare: Engine, home: Path) -> None:
    (home / "master.key").unlink()
    (reason,) = failures(bare.check_config({})).values()
    assert (reason[-1], ".." in reason, ". [" in reason) == (".", False, False)
