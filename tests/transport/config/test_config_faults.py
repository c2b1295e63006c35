"""CheckConfig: all faults together, each with its key, nothing of a secret, and nothing stored."""

import base64
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from tests.transport.engine import Engine, refused
from tests.transport.homes import execute, make_home, rows
from tests.transport.wire import ASSET, SIGNATURE, UNKNOWN, plain, secret, struct

MATERIAL = base64.b64encode(b"k" * 32).decode()
OTHER = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
DOWN = "postgresql://user:hunter2@127.0.0.1:1/db"


def failures(response: Any) -> list[tuple[str, str]]:
    """Return each failure as property and reason."""
    return [(item.property, item.reason) for item in response.failures]


def starts(response: Any) -> set[str]:
    """Return by failure the property, or what the reason of one without a property starts with."""
    return {found or reason.partition(":")[0] for found, reason in failures(response)}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("masterKey", f"env:{MATERIAL}", id="key material in place of a variable"),
        pytest.param("masterKey", MATERIAL, id="key material"),
        pytest.param("masterKey", secret(MATERIAL), id="key material, marked"),
        pytest.param("masterKey", [MATERIAL], id="key material in a list"),
        pytest.param("masterKey", "passphrase:hunter2", id="a passphrase"),
        pytest.param("store", "postgresql://user:hunter2@h:99x/db", id="a password of the store"),
        pytest.param("store", DOWN, id="a password of a store that is down"),
        pytest.param("rfc2136", {"server": "x", "keyName": "k", "keySecret": "hunter2!"}, id="a TSIG secret"),
        pytest.param("rfc2136", '{"keySecret": "hunter2!"', id="a TSIG secret in broken JSON"),
        pytest.param("region", secret("hunter2!"), id="anything that was marked"),
    ],
)
def test_a_failure_of_a_secret_names_no_property_and_shows_no_value(bare: Engine, key: str, value: object) -> None:
    found = failures(bare.check_config({key: value}))
    assert {name for name, _ in found} == {""}
    assert all(reason.startswith(f"{key}: ") for _, reason in found)


@pytest.mark.parametrize("name", ["masterkey", "MasterKey", "master_key", "masterKeyy", "storeUrl", "rfc2316"])
def test_a_misspelt_secret_names_no_property(bare: Engine, name: str) -> None:
    response = bare.check_config({name: MATERIAL})
    assert [(found, reason.partition(":")[0]) for found, reason in failures(response)] == [("", name)]


def test_no_failure_shows_key_material(bare: Engine) -> None:
    config = {"masterKey": f"env:{MATERIAL}", "store": "postgresql://u:hunter2@h:99x/db"}
    shown = str(failures(bare.check_config(config)))
    assert (MATERIAL in shown, "hunter2" in shown) == (False, False)


def test_key_store_and_other_keys_are_judged_together(bare: Engine, home: Path) -> None:
    (home / "master.key").chmod(0o644)
    response = bare.check_config({"region": "no region", "store": DOWN, "resolvers": ["x"]})
    assert starts(response) == {"region", "resolvers[0]", "store", "masterKey"}


def test_a_key_is_judged_beside_a_store_that_cannot_be_read(bare: Engine) -> None:
    assert starts(bare.check_config({"masterKey": "env:NOPE", "store": "x"})) == {"masterKey", "store"}


def test_a_store_is_judged_beside_a_key_that_is_not_known_yet(bare: Engine) -> None:
    assert starts(bare.check_config({"masterKey": UNKNOWN, "store": DOWN})) == {"store"}


def test_a_relative_home_is_one_fault(bare: Engine, environ: dict[str, str]) -> None:
    environ["CERTWRIGHT_HOME"] = "certwright"
    assert len(failures(bare.check_config({}))) == 1


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"region": "no region"}, id="a key that is wrong"),
        pytest.param({"masterKey": "env:NOPE"}, id="a master key that is missing"),
        pytest.param({"store": "sqlite:////etc/passwd/store.db"}, id="a store that cannot be made"),
        pytest.param({"masterKey": "file:/etc/passwd/key"}, id="a key file that cannot be made"),
        pytest.param({"store": UNKNOWN}, id="a store that is not known yet"),
        pytest.param({"masterKey": UNKNOWN}, id="a master key that is not known yet"),
    ],
)
def test_what_cannot_be_used_makes_no_home(
    bare: Engine, tmp_path: Path, environ: dict[str, str], config: dict[str, object]
) -> None:
    environ["CERTWRIGHT_HOME"] = str(tmp_path / "fresh")
    bare.check_config(config)
    assert not (tmp_path / "fresh").exists()


def test_ci_makes_no_home_over_what_an_attempt_left_behind(
    bare: Engine, tmp_path: Path, environ: dict[str, str]
) -> None:
    left = make_home(tmp_path / "left")
    for table in ("installation", "key_encryption_keys", "account_secrets", "authorities", "audit_events", "serials"):
        execute(left, f"DELETE FROM {table}")
    execute(left, "DELETE FROM leases")
    (left / "master.key").unlink()
    environ.update(CERTWRIGHT_HOME=str(left), CI="true")
    ((_, reason),) = failures(bare.check_config({}))
    assert ("CI=true" in reason, (left / "master.key").exists(), rows(left, "installation")) == (True, False, [])


def test_rows_without_an_installation_are_a_fault_of_the_store(bare: Engine, home: Path) -> None:
    execute(home, "DELETE FROM installation")
    ((found, reason),) = failures(bare.check_config({}))
    assert (found, "Restore the whole store" in reason) == ("store", True)


@pytest.mark.parametrize("way", ["the state", "the configuration"])
def test_another_installation_is_a_fault_of_the_installation(bare: Engine, way: str) -> None:
    pinned = {"installation": OTHER}
    news, olds = (pinned, {}) if way == "the configuration" else ({}, pinned)
    assert [found for found, _ in failures(bare.check_config(news, olds))] == ["installation"]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        pytest.param({"masterKey": "env:NOPE"}, "NOPE, which is not set.", id="a key"),
        pytest.param({"store": DOWN}, "cannot be used", id="a store"),
        pytest.param({"installation": OTHER}, "nothing was changed.", id="an installation"),
    ],
)
def test_a_reason_is_sentences_alone(bare: Engine, config: dict[str, object], said: str) -> None:
    ((_, reason),) = failures(bare.check_config(config))
    assert (said in reason, reason.endswith("."), "[" in reason) == (True, True, False)


@pytest.mark.parametrize("key", ["account", "region"])
def test_what_is_not_known_yet_replaces_nothing(bare: Engine, key: str) -> None:
    olds = plain(bare.check_config({key: "000000000001" if key == "account" else "eu-1"}).inputs)
    news = plain(bare.check_config({key: UNKNOWN}, olds).inputs)
    found = bare.diff_config(olds, news)
    assert (list(found.replaces), list(found.diffs)) == ([], [key])


def test_enforcing_with_identities_that_are_not_known_yet_passes(bare: Engine) -> None:
    assert failures(bare.check_config({"caaPolicy": "enforce", "caaIdentities": UNKNOWN})) == []


def test_a_store_comes_back_marked_secret(bare: Engine, home: Path) -> None:
    inputs = bare.check_config({"store": f"sqlite:///{home}/store.db"}).inputs
    assert inputs.fields["store"].WhichOneof("kind") == "struct_value"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"resolvers": "1.2.3.4"}, {"resolvers": ["1.2.3.4"]}),
        ({"preflight": "True"}, {"preflight": True}),
        ({"preflight": "1"}, {"preflight": True}),
        ({"resolvers": ' ["1.2.3.4"]'}, {"resolvers": ["1.2.3.4"]}),
        ({"rfc2136": '{"port": "53"}'}, {"rfc2136": {"port": 53}}),
        ({"validationDomain": "A.B."}, {"validationDomain": "a.b"}),
    ],
    ids=str,
)
def test_another_spelling_is_no_change(bare: Engine, old: dict[str, object], new: dict[str, object]) -> None:
    assert list(bare.diff_config(old, new).diffs) == []


@pytest.mark.parametrize("method", ["CheckConfig", "DiffConfig", "Configure"])
def test_an_asset_in_the_configuration_is_refused_with_its_path(bare: Engine, method: str) -> None:
    asset = struct({"defaultTags": {"logo": {SIGNATURE: ASSET, "text": "x"}}})
    requests = {
        "CheckConfig": provider_pb2.CheckRequest(news=asset),
        "DiffConfig": provider_pb2.DiffRequest(news=asset),
        "Configure": provider_pb2.ConfigureRequest(args=asset),
    }
    with refused() as found:
        getattr(bare.stub, method)(requests[method])
    assert found[0].code is grpc.StatusCode.INVALID_ARGUMENT
    assert found[0].sentence.startswith("defaultTags.logo: assets and resources are not taken here")
