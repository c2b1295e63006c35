"""Settings from configuration and environment: every key in every shape it arrives in."""

import json
from pathlib import Path
from typing import Any

import pytest
from certwright.model.policy import CaaPolicy
from certwright.settings import (
    CONFIG_KEYS,
    ConfigKey,
    ServerAddress,
    Settings,
    ValidatingAddress,
    resolve_settings,
)

HOME = {"CERTWRIGHT_HOME": "/home/of/certwright"}
INSTALLATION = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
UPDATES = {"server": "192.0.2.53", "keyName": "updater", "keySecret": "c2VjcmV0"}


def settings(config: dict[str, object] | None = None, **environ: str) -> Settings:
    return resolve_settings(config or {}, {**HOME, **environ})


def seen(found: Settings, key: str) -> Any:
    """Return what a key decided."""
    policy = found.policy
    return {
        "store": found.store,
        "masterKey": found.master_key,
        "account": found.scope.account,
        "region": found.scope.region,
        "installation": found.installation,
        "issuer": found.issuer,
        "validationDomain": policy.validation_domain,
        "resolvers": [str(server) for server in found.resolvers],
        "validatingResolver": found.validating_resolver,
        "requireDnssec": policy.require_dnssec,
        "caaIdentities": policy.caa_identities,
        "caaPolicy": policy.caa_policy,
        "permittedDomains": policy.permitted_domains,
        "rfc2136": found.rfc2136 and (found.rfc2136.server, found.rfc2136.port, found.rfc2136.key_algorithm),
        "hosted": found.hosted and (found.hosted.provider, [name for name, _ in found.hosted.credentials]),
        "preflight": policy.preflight,
        "defaultTags": dict(found.default_tags),
    }[key]


DEFAULTS: dict[str, object] = {
    "store": "sqlite:////home/of/certwright/store.db",
    "masterKey": "file:/home/of/certwright/master.key",
    "account": "000000000000",
    "region": "local",
    "installation": None,
    "issuer": "embedded",
    "validationDomain": "acm-validations.certwright.internal",
    "resolvers": [],
    "validatingResolver": None,
    "requireDnssec": False,
    "caaIdentities": (),
    "caaPolicy": CaaPolicy.WARN,
    "permittedDomains": (),
    "rfc2136": None,
    "hosted": None,
    "preflight": True,
    "defaultTags": {},
}

SHAPES = [
    pytest.param("store", "sqlite:////srv/store.db", "sqlite:////srv/store.db", id="a SQLite URL"),
    pytest.param("store", "postgresql://db.example/cw", "postgresql://db.example/cw", id="a PostgreSQL URL"),
    pytest.param("masterKey", "file:/srv/key", "file:/srv/key", id="a key file"),
    pytest.param("masterKey", "env:MASTER", "env:MASTER", id="a key in a variable"),
    pytest.param("masterKey", "passphrase:env:PASS", "passphrase:env:PASS", id="a passphrase in a variable"),
    pytest.param("masterKey", "passphrase:file:/srv/pass", "passphrase:file:/srv/pass", id="a passphrase in a file"),
    pytest.param("account", "123456789012", "123456789012", id="an account"),
    pytest.param("region", "eu-1", "eu-1", id="a Region"),
    pytest.param("installation", INSTALLATION, INSTALLATION, id="an installation"),
    pytest.param("issuer", "embedded", "embedded", id="the built-in issuer"),
    pytest.param("validationDomain", "V.Example.COM.", "v.example.com", id="a domain in capitals with a dot"),
    pytest.param("resolvers", ["192.0.2.1", "[::1]:5353"], ["192.0.2.1:53", "[::1]:5353"], id="a list of servers"),
    pytest.param(
        "validatingResolver",
        "127.0.0.1:5353",
        ValidatingAddress(ServerAddress("127.0.0.1", 5353)),
        id="a validating resolver on loopback",
    ),
    pytest.param(
        "validatingResolver",
        "tls://9.9.9.9#Dns.Quad9.net.",
        ValidatingAddress(ServerAddress("9.9.9.9", 853), "dns.quad9.net"),
        id="a validating resolver over TLS",
    ),
    pytest.param("requireDnssec", False, False, id="a boolean that is false by default"),
    pytest.param("caaIdentities", ["CA.Example.com."], ("ca.example.com",), id="a list of CAA identities"),
    pytest.param("permittedDomains", ["Example.com.", ".corp"], ("corp", "example.com"), id="a set of domains"),
    pytest.param("rfc2136", UPDATES, ("192.0.2.53", 53, "hmac-sha256"), id="an update target with defaults"),
    pytest.param(
        "rfc2136",
        {**UPDATES, "port": 5353, "keyAlgorithm": "hmac-sha512"},
        ("192.0.2.53", 5353, "hmac-sha512"),
        id="an update target with a port as a number",
    ),
    pytest.param(
        "hosted",
        {"provider": "cloudflare", "credentials": {"zoneId": 7, "apiToken": "t"}},
        ("cloudflare", ["apiToken", "zoneId"]),
        id="a hosted zone",
    ),
    pytest.param("preflight", False, False, id="a boolean"),
    pytest.param("defaultTags", {"team": "web", "cost": 7}, {"team": "web", "cost": "7"}, id="a map with a number"),
    pytest.param("defaultTags", {"live": True}, {"live": "true"}, id="a map with a boolean"),
]


def as_text(value: object) -> str:
    """Write a value as stack configuration and environment variables carry it."""
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("key", CONFIG_KEYS, ids=lambda key: str(key.name))
def test_every_key_has_its_documented_default(key: ConfigKey) -> None:
    assert seen(settings(), key.name) == DEFAULTS[key.name]


@pytest.mark.parametrize("key", CONFIG_KEYS, ids=lambda key: str(key.name))
def test_every_key_has_a_shape_in_the_table(key: ConfigKey) -> None:
    assert key.name in {shape.values[0] for shape in SHAPES} | {"caaPolicy"}


@pytest.mark.parametrize(("key", "value", "expected"), SHAPES)
def test_a_key_is_read_as_a_native_value(key: str, value: object, expected: object) -> None:
    assert seen(settings({key: value}), key) == expected


@pytest.mark.parametrize(("key", "value", "expected"), SHAPES)
def test_a_key_is_read_as_text(key: str, value: object, expected: object) -> None:
    assert seen(settings({key: as_text(value)}), key) == expected


@pytest.mark.parametrize(("key", "value", "expected"), SHAPES)
def test_a_key_is_read_from_its_environment_variable(key: str, value: object, expected: object) -> None:
    variable = next(item.variable for item in CONFIG_KEYS if item.name == key)
    assert seen(settings(None, **{variable: as_text(value)}), key) == expected


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("store", "CERTWRIGHT_STORE"),
        ("masterKey", "CERTWRIGHT_MASTER_KEY"),
        ("validationDomain", "CERTWRIGHT_VALIDATION_DOMAIN"),
        ("caaIdentities", "CERTWRIGHT_CAA_IDENTITIES"),
        ("rfc2136", "CERTWRIGHT_RFC2136"),
    ],
)
def test_a_variable_is_the_key_in_capitals_with_underscores(name: str, variable: str) -> None:
    assert next(key for key in CONFIG_KEYS if key.name == name).variable == variable


def test_configuration_goes_before_the_environment() -> None:
    assert settings({"region": "eu-1"}, CERTWRIGHT_REGION="us-1").scope.region == "eu-1"


@pytest.mark.parametrize("key", CONFIG_KEYS, ids=lambda key: str(key.name))
def test_an_empty_variable_is_as_good_as_none(key: ConfigKey) -> None:
    assert seen(settings(None, **{key.variable: ""}), key.name) == DEFAULTS[key.name]


@pytest.mark.parametrize("text", ["192.0.2.1, 192.0.2.2", "192.0.2.1,192.0.2.2,", '["192.0.2.1", "192.0.2.2"]'])
def test_a_list_may_be_text_with_commas(text: str) -> None:
    assert seen(settings({"resolvers": text}), "resolvers") == ["192.0.2.1:53", "192.0.2.2:53"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("TRUE", True), ("1", True), ("yes", True), ("false", False), ("False", False), ("0", False)],
)
def test_a_boolean_may_be_text(text: str, expected: bool) -> None:  # noqa: FBT001 - a row of a table
    assert settings({"preflight": text}).policy.preflight is expected


@pytest.mark.parametrize(
    ("identities", "policy", "expected"),
    [
        pytest.param([], None, CaaPolicy.WARN, id="no identity warns"),
        pytest.param(["ca.example"], None, CaaPolicy.ENFORCE, id="an identity enforces"),
        pytest.param(["ca.example"], "warn", CaaPolicy.WARN, id="an identity warns where told to"),
        pytest.param(["ca.example"], "enforce", CaaPolicy.ENFORCE, id="an identity enforces where told to"),
    ],
)
def test_what_a_forbidding_caa_record_does(identities: list[str], policy: str | None, expected: CaaPolicy) -> None:
    config: dict[str, object] = {"caaIdentities": identities} | ({"caaPolicy": policy} if policy else {})
    assert settings(config).policy.caa_policy is expected


@pytest.mark.parametrize("require", [True, "true"])
def test_dnssec_may_be_required_where_something_checks_it(require: object) -> None:
    assert settings({"requireDnssec": require, "validatingResolver": "::1"}).policy.require_dnssec


@pytest.mark.parametrize(("config", "expected"), [({}, False), ({"resolvers": ["192.0.2.1"]}, True)])
def test_configured_servers_are_the_authority(config: dict[str, object], expected: bool) -> None:  # noqa: FBT001
    assert settings(config).policy.has_own_servers is expected


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        pytest.param({"CERTWRIGHT_HOME": "/srv/cw", "HOME": "/root"}, "/srv/cw", id="CERTWRIGHT_HOME first"),
        pytest.param({"HOME": "/root"}, "/root/.certwright", id="below HOME otherwise"),
        pytest.param({"CERTWRIGHT_HOME": "", "HOME": "/root"}, "/root/.certwright", id="below HOME when it is empty"),
    ],
)
def test_where_the_home_is(environ: dict[str, str], home: str) -> None:
    found = resolve_settings({}, environ)
    assert (found.home, found.store) == (Path(home), f"sqlite:///{home}/store.db")


@pytest.mark.parametrize(
    ("ci", "expected"), [("true", True), ("1", True), ("TRUE", True), ("false", False), ("", False)]
)
def test_whether_this_is_a_runner_of_ci(ci: str, expected: bool) -> None:  # noqa: FBT001 - a row of a table
    assert settings(None, CI=ci).is_ci is expected


@pytest.mark.parametrize(("config", "expected"), [({}, True), ({"store": "sqlite:////srv/store.db"}, False)])
def test_whether_the_store_is_the_homes_own(config: dict[str, object], expected: bool) -> None:  # noqa: FBT001
    assert settings(config).uses_default_store is expected


@pytest.mark.parametrize("name", ["version", "pluginDownloadURL", "__internal"])
def test_the_engines_own_keys_pass(name: str) -> None:
    assert settings({name: "1.2.3"}) == settings()
