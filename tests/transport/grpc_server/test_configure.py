"""DiffConfig and Configure: what replaces, what opening tells, and that opening again is no harm."""

import base64
from pathlib import Path

import grpc
import pytest
from certwright import __version__
from pulumi.runtime.proto import provider_pb2

from tests.transport.engine import CERTIFICATE, Engine, refused
from tests.transport.homes import dump
from tests.transport.wire import UNKNOWN, secret, struct

INPUTS = {"domainName": "www.example.com"}
OLD = {
    "account": "000000000000",
    "region": "local",
    "installation": "0f3b",
    "validationDomain": "v.example.com",
    "resolvers": ["192.0.2.1"],
    "preflight": True,
    "defaultTags": {"team": "web"},
    "rfc2136": {"server": "192.0.2.53", "port": 53},
    "store": "sqlite:////a.db",
    "masterKey": "file:/a",
    "version": "0.1.0",
}


@pytest.mark.parametrize(
    ("key", "value"), [("account", "123456789012"), ("region", "eu-1")], ids=["the account", "the Region"]
)
def test_another_owner_of_everything_replaces(bare: Engine, key: str, value: str) -> None:
    found = bare.diff_config(OLD, {**OLD, key: value})
    assert (list(found.replaces), list(found.diffs), found.changes) == ([key], [key], found.DIFF_SOME)


@pytest.mark.parametrize("key", ["account", "region"])
def test_what_is_not_known_yet_does_not_replace(bare: Engine, key: str) -> None:
    assert list(bare.diff_config(OLD, {**OLD, key: UNKNOWN}).replaces) == []


@pytest.mark.parametrize("key", ["account", "region"])
def test_what_an_older_state_never_resolved_does_not_replace(bare: Engine, key: str) -> None:
    unresolved = {name: value for name, value in OLD.items() if name != key}
    assert list(bare.diff_config(unresolved, OLD).replaces) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("installation", "1f3b"),
        ("validationDomain", "w.example.com"),
        ("resolvers", ["192.0.2.2"]),
        ("preflight", False),
        ("defaultTags", {"team": "db"}),
        ("rfc2136", {"server": "192.0.2.54", "port": 53}),
        ("store", "sqlite:////b.db"),
        ("masterKey", "file:/b"),
        ("version", "0.2.0"),
        ("permittedDomains", ["example.com"]),
    ],
)
def test_nothing_else_replaces(bare: Engine, key: str, value: object) -> None:
    found = bare.diff_config(OLD, {**OLD, key: value})
    assert (list(found.replaces), list(found.diffs)) == ([], [key])


@pytest.mark.parametrize(
    "news",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"resolvers": '["192.0.2.1"]'}, id="a list as JSON text"),
        pytest.param({"defaultTags": '{ "team" : "web" }'}, id="a map as JSON text with blanks"),
        pytest.param({"rfc2136": '{"port": 53, "server": "192.0.2.53"}'}, id="an object as JSON text in another order"),
        pytest.param({"preflight": "true"}, id="a boolean as text"),
        pytest.param({"masterKey": secret("file:/a")}, id="a secret that was open"),
        pytest.param({"rfc2136": {"server": secret("192.0.2.53"), "port": 53}}, id="a secret below that was open"),
        pytest.param({"__internal": {"x": "y"}}, id="the engine's own"),
    ],
)
def test_what_means_the_same_is_no_change(bare: Engine, news: dict[str, object]) -> None:
    found = bare.diff_config(OLD, {**OLD, **news})
    assert (list(found.diffs), found.changes) == ([], found.DIFF_NONE)


def test_a_key_left_out_is_a_change(bare: Engine) -> None:
    assert list(bare.diff_config(OLD, {key: value for key, value in OLD.items() if key != "preflight"}).diffs) == [
        "preflight"
    ]


def test_the_last_outputs_stand_in_for_inputs_that_are_not_sent(bare: Engine) -> None:
    request = provider_pb2.DiffRequest(olds=struct(OLD), news=struct({**OLD, "region": "eu-1"}))
    assert list(bare.stub.DiffConfig(request).replaces) == ["region"]


def test_configure_accepts_secrets_and_previews(bare: Engine) -> None:
    response = bare.configure()
    assert (response.acceptSecrets, response.supportsPreview, response.acceptResources) == (True, True, False)


def test_configure_stores_nothing_in_a_home_that_has_its_keys(bare: Engine, home: Path) -> None:
    before = dump(home)
    bare.configure()
    assert dump(home) == before


def test_configuring_twice_leaves_one_working_provider(bare: Engine) -> None:
    bare.configure(preflight=False)
    first = bare.preview(CERTIFICATE, INPUTS)
    bare.configure(preflight=False)
    assert bare.preview(CERTIFICATE, INPUTS) == first


def test_configuring_again_takes_the_new_settings(bare: Engine) -> None:
    bare.configure(account="000000000001", preflight=False)
    first = bare.preview(CERTIFICATE, INPUTS)["domainValidationOptions"]
    bare.configure(account="000000000002", preflight=False)
    assert bare.preview(CERTIFICATE, INPUTS)["domainValidationOptions"] != first


def test_an_unknown_value_is_left_out_of_the_settings(bare: Engine) -> None:
    response = bare.configure(defaultTags=UNKNOWN)
    assert response.supportsPreview


@pytest.mark.parametrize(
    ("kind", "variable"), [("env:MASTER", "MASTER"), ("passphrase:env:PASS", "PASS")], ids=["a key", "a passphrase"]
)
def test_a_master_key_in_the_environment_serves_check_and_configure(
    bare: Engine, tmp_path: Path, environ: dict[str, str], kind: str, variable: str
) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    environ[variable] = base64.b64encode(b"m" * 32).decode()
    bare.configure(masterKey=kind, preflight=False)
    assert bare.preview(CERTIFICATE, INPUTS)["domainValidationOptions"]


def test_a_home_made_by_configure_is_told_once(bare: Engine, tmp_path: Path, environ: dict[str, str]) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    bare.stub.Configure(provider_pb2.ConfigureRequest(args=struct({})))
    bare.stub.Configure(provider_pb2.ConfigureRequest(args=struct({})))
    (notice,) = bare.log.lines("WARNING")
    assert ("A new certwright home was made" in notice, str(tmp_path / "fresh") in notice) == (True, True)


def test_a_home_made_by_check_config_is_told_too(bare: Engine, tmp_path: Path, environ: dict[str, str]) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    bare.configure()
    assert [line for line in bare.log.lines("WARNING") if "A new certwright home was made" in line]


def test_a_sqlite_store_in_ci_is_warned_of(bare: Engine, environ: dict[str, str]) -> None:
    environ["CI"] = "true"
    bare.configure()
    (notice,) = bare.log.lines("WARNING")
    assert "lost with this runner" in notice


@pytest.mark.parametrize(("version", "count"), [(__version__, 0), ("99.0.0", 1)], ids=["the same", "another"])
def test_an_sdk_of_another_version_is_warned_of(bare: Engine, version: str, count: int) -> None:
    bare.configure(version=version)
    bare.configure(version=version)
    assert len([line for line in bare.log.lines("WARNING") if "99.0.0" in line and __version__ in line]) == count


def test_a_store_that_cannot_be_opened_is_a_sentence(bare: Engine, home: Path) -> None:
    (home / "master.key").unlink()
    with refused() as found:
        bare.stub.Configure(provider_pb2.ConfigureRequest(args=struct({})))
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert found[0].sentence == (
        f"Cannot read the master key {home}/master.key: No such file or directory. "
        "Restore it, or set certwright:masterKey."
    )
