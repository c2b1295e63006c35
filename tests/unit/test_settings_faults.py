"""Faults of the configuration: each with its key and a fix, all at once, and never with a secret."""

import pytest
from certwright.errors import Fault, InvalidInput
from certwright.settings import CONFIG_KEYS, resolve_settings

HOME = {"CERTWRIGHT_HOME": "/home/of/certwright"}
UPDATES: dict[str, object] = {"server": "192.0.2.53", "keyName": "updater", "keySecret": "c2VjcmV0"}
SECRET = "hunter2-correct-horse"
HOSTED: dict[str, object] = {"provider": "cloudflare", "credentials": {"apiToken": SECRET}}


def faults(config: dict[str, object], **environ: str) -> tuple[Fault, ...]:
    """Return the faults of a configuration that must be refused."""
    with pytest.raises(InvalidInput) as caught:
        resolve_settings(config, {**HOME, **environ})
    return caught.value.faults


FAULTS = [
    pytest.param("store", "mysql://db/x", "BAD_STORE_URL", id="a store of a kind unknown here"),
    pytest.param("store", "/srv/store.db", "BAD_STORE_URL", id="a store that is no URL"),
    pytest.param("store", "sqlite:///store.db", "RELATIVE_STORE", id="a store with a relative path"),
    pytest.param("store", "sqlite://", "BAD_STORE_URL", id="a store in memory"),
    pytest.param("store", 7, "NOT_A_STRING", id="a store that is a number"),
    pytest.param("masterKey", "file:master.key", "RELATIVE_KEY_FILE", id="a key file with a relative path"),
    pytest.param("masterKey", "file:", "RELATIVE_KEY_FILE", id="a key file without a path"),
    pytest.param("masterKey", "pkcs11:token=x", "UNSUPPORTED_MASTER_KEY", id="a PKCS#11 key"),
    pytest.param("masterKey", "vault:x", "BAD_MASTER_KEY", id="a key of a kind unknown here"),
    pytest.param("masterKey", "env:", "BAD_MASTER_KEY", id="a variable without a name"),
    pytest.param("masterKey", SECRET, "BAD_MASTER_KEY", id="the key itself"),
    pytest.param("masterKey", f"env:{SECRET}", "BAD_MASTER_KEY", id="the key itself in place of a variable"),
    pytest.param("masterKey", f"passphrase:{SECRET}", "BAD_MASTER_KEY", id="the passphrase itself"),
    pytest.param("masterKey", "passphrase:file:pass", "RELATIVE_KEY_FILE", id="a passphrase file with a relative path"),
    pytest.param("masterKey", 7, "NOT_A_STRING", id="a key that is a number"),
    pytest.param("account", 123456789012, "NOT_A_STRING", id="an account without quotes"),
    pytest.param("account", "12345678901", "BAD_ACCOUNT", id="an account of 11 digits"),
    pytest.param("account", "12345678901x", "BAD_ACCOUNT", id="an account with a letter"),
    pytest.param("account", "١٢٣٤٥٦٧٨٩٠١٢", "BAD_ACCOUNT", id="an account in other digits"),
    pytest.param("account", "123456789012\n", "BAD_ACCOUNT", id="an account with a line end"),
    pytest.param("region", "EU-1", "BAD_REGION", id="a Region in capitals"),
    pytest.param("region", "-eu", "BAD_REGION", id="a Region that starts with a hyphen"),
    pytest.param("region", "a" * 33, "BAD_REGION", id="a Region of 33 letters"),
    pytest.param("region", "", "BAD_REGION", id="an empty Region"),
    pytest.param("region", ["local"], "NOT_A_STRING", id="a Region in a list"),
    pytest.param("installation", "none", "BAD_INSTALLATION", id="an installation that is no UUID"),
    pytest.param("installation", 1, "NOT_A_STRING", id="an installation that is a number"),
    pytest.param("issuer", "letsencrypt", "UNKNOWN_ISSUER", id="an issuer unknown here"),
    pytest.param("validationDomain", "not a domain", "BAD_DOMAIN", id="a validation domain with blanks"),
    pytest.param("validationDomain", "label", "BAD_DOMAIN", id="a validation domain of one label"),
    pytest.param("validationDomain", "a." * 127 + "com", "BAD_DOMAIN", id="a validation domain too long"),
    pytest.param("resolvers", ["dns.example.com"], "BAD_SERVER", id="a resolver by host name"),
    pytest.param("resolvers", ["192.0.2.1:99999"], "BAD_SERVER", id="a resolver with a port too large"),
    pytest.param("resolvers", [53], "NOT_A_STRING", id="a resolver that is a number"),
    pytest.param("resolvers", {"a": "b"}, "NOT_A_LIST", id="resolvers in a map"),
    pytest.param("resolvers", 53, "NOT_A_LIST", id="resolvers that are a number"),
    pytest.param("resolvers", '["192.0.2.1"', "BAD_JSON", id="resolvers in broken JSON"),
    pytest.param("validatingResolver", "192.0.2.1", "BAD_VALIDATING_RESOLVER", id="a validating resolver afar"),
    pytest.param("validatingResolver", 53, "NOT_A_STRING", id="a validating resolver that is a number"),
    pytest.param("requireDnssec", True, "NO_VALIDATING_RESOLVER", id="DNSSEC required with nothing that checks it"),
    pytest.param("requireDnssec", "x", "NOT_A_BOOLEAN", id="a requirement between yes and no"),
    pytest.param("caaIdentities", ["no domain"], "BAD_DOMAIN", id="a CAA identity with a blank"),
    pytest.param("caaPolicy", "strict", "BAD_CAA_POLICY", id="a CAA policy unknown here"),
    pytest.param("caaPolicy", "enforce", "NO_CAA_IDENTITIES", id="a CAA policy that nothing could ever satisfy"),
    pytest.param("caaPolicy", True, "NOT_A_STRING", id="a CAA policy that is a boolean"),
    pytest.param("permittedDomains", ["*.example.com"], "BAD_DOMAIN", id="a permitted wildcard"),
    pytest.param("rfc2136", {"server": "192.0.2.53"}, "BAD_RFC2136", id="an update target without a key"),
    pytest.param("rfc2136", {**UPDATES, "zone": "x"}, "BAD_RFC2136", id="an update target with a key unknown here"),
    pytest.param("rfc2136", {**UPDATES, "port": "dns"}, "BAD_RFC2136", id="an update port by name"),
    pytest.param("rfc2136", {**UPDATES, "port": 0}, "BAD_RFC2136", id="an update port 0"),
    pytest.param("rfc2136", {**UPDATES, "port": 70000}, "BAD_RFC2136", id="an update port too large"),
    pytest.param("rfc2136", {**UPDATES, "port": "²"}, "BAD_RFC2136", id="an update port in superscript"),
    pytest.param("rfc2136", {**UPDATES, "keyAlgorithm": "rot13"}, "BAD_RFC2136", id="a TSIG algorithm unknown here"),
    pytest.param("rfc2136", ["192.0.2.53"], "NOT_A_MAP", id="an update target in a list"),
    pytest.param("rfc2136", '{"server": ', "BAD_JSON", id="an update target in broken JSON"),
    pytest.param("hosted", {"provider": "cloudflare"}, "BAD_HOSTED", id="a hosted zone without credentials"),
    pytest.param("hosted", {"provider": "x", "credentials": {}}, "BAD_HOSTED", id="a DNS provider unknown here"),
    pytest.param("hosted", {"credentials": {}}, "BAD_HOSTED", id="a hosted zone without a provider"),
    pytest.param("hosted", {**HOSTED, "apiToken": SECRET}, "BAD_HOSTED", id="a hosted zone with a key unknown here"),
    pytest.param("hosted", {**HOSTED, "credentials": SECRET}, "BAD_HOSTED", id="credentials that are no map"),
    pytest.param("hosted", {**HOSTED, "credentials": {"apiToken": [SECRET]}}, "BAD_HOSTED", id="a token in a list"),
    pytest.param(
        "hosted", {**HOSTED, "credentials": {"apiToken": f"{SECRET}\n"}}, "BAD_HOSTED", id="a token with a line end"
    ),
    pytest.param("hosted", [SECRET], "NOT_A_MAP", id="a hosted zone in a list"),
    pytest.param("hosted", SECRET, "NOT_A_MAP", id="a token in place of a hosted zone"),
    pytest.param("hosted", f'{{"provider": "{SECRET}', "BAD_JSON", id="a hosted zone in broken JSON"),
    pytest.param("preflight", "maybe", "NOT_A_BOOLEAN", id="a preflight between yes and no"),
    pytest.param("preflight", 2, "NOT_A_BOOLEAN", id="a preflight that is a number"),
    pytest.param("defaultTags", ["a"], "NOT_A_MAP", id="tags in a list"),
    pytest.param("defaultTags", "team=web", "NOT_A_MAP", id="tags that are plain text"),
    pytest.param("defaultTags", {"team": ["web"]}, "NOT_A_MAP", id="a tag with a list as value"),
    pytest.param("endpointt", "x", "UNKNOWN_KEY", id="a key that does not exist"),
]


@pytest.mark.parametrize(("key", "value", "code"), FAULTS)
def test_a_fault_has_its_key_its_code_and_a_fix(key: str, value: object, code: str) -> None:
    found = {(fault.path.partition("[")[0], fault.code, fault.fix.endswith(".")) for fault in faults({key: value})}
    assert (key, code, True) in found


def test_every_key_has_a_fault_in_the_table() -> None:
    assert {key.name for key in CONFIG_KEYS} <= {row.values[0] for row in FAULTS}


def test_all_faults_are_told_at_once() -> None:
    config: dict[str, object] = {
        "store": "mysql://db/x",
        "masterKey": "vault:x",
        "account": "1",
        "region": "EU",
        "installation": "x",
        "issuer": "x",
        "validationDomain": "x",
        "resolvers": ["192.0.2.1", "x", "y"],
        "validatingResolver": "x",
        "requireDnssec": "x",
        "caaIdentities": ["?"],
        "caaPolicy": "x",
        "permittedDomains": ["?"],
        "rfc2136": {"server": "192.0.2.53"},
        "preflight": "x",
        "defaultTags": [1],
        "colour": "red",
    }
    expected = [key if key not in {"resolvers", "caaIdentities", "permittedDomains"} else f"{key}[0]" for key in config]
    expected = [path if path != "resolvers[0]" else "resolvers[1]" for path in expected] + ["resolvers[2]"]
    assert sorted(fault.path for fault in faults(config)) == sorted(expected)


def test_an_element_is_named_by_its_place() -> None:
    assert [fault.path for fault in faults({"resolvers": "192.0.2.1, x"})] == ["resolvers[1]"]


def test_an_unknown_key_is_told_the_known_ones() -> None:
    (fault,) = faults({"acount": "123456789012"})
    assert all(key.name in fault.fix for key in CONFIG_KEYS)


@pytest.mark.parametrize("home", ["certwright", "../certwright", "~/certwright"])
def test_a_relative_home_is_refused(home: str) -> None:
    (fault,) = faults({}, CERTWRIGHT_HOME=home)
    assert (fault.code, home in fault.message) == ("RELATIVE_HOME", True)


SECRETS: list[dict[str, object]] = [
    {"masterKey": SECRET},
    {"masterKey": f"vault:{SECRET}"},
    {"masterKey": f"passphrase:{SECRET}", "region": "EU"},
    {"masterKey": f"pkcs11:{SECRET}"},
    {"masterKey": f"file:{SECRET}"},
    {"masterKey": [SECRET]},
    {"masterKey": f"env:{SECRET}"},
    {"store": f"postgres://user:{SECRET}@db/x"},
    {"store": f"user:{SECRET}@db/x"},
    {"rfc2136": {"server": "192.0.2.53", "keySecret": SECRET}},
    {"rfc2136": f'{{"server": "192.0.2.53", "keySecret": "{SECRET}"'},
    {"rfc2136": {**UPDATES, "keySecret": [SECRET]}},
    {"rfc2136": [SECRET]},
    {"rfc2136": SECRET},
]


@pytest.mark.parametrize("config", SECRETS, ids=[f"{'+'.join(row)} {index}" for index, row in enumerate(SECRETS)])
def test_no_fault_shows_a_secret(config: dict[str, object]) -> None:
    assert SECRET not in "\n".join(str(fault) for fault in faults(config))


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"masterKey": "env:Hunter2Hunter2"}, id="a master key"),
        pytest.param({"rfc2136": {**UPDATES, "keySecret": "Hunter2Hunter2=="}}, id="a TSIG secret"),
        pytest.param({"store": "postgresql://user:Hunter2Hunter2@db/x"}, id="a password of the store"),
    ],
)
def test_no_repr_of_settings_shows_a_secret(config: dict[str, object]) -> None:
    assert "Hunter2" not in repr(resolve_settings(config, HOME))


@pytest.mark.parametrize("value", [row.values[1] for row in FAULTS if row.values[0] == "hosted"], ids=repr)
def test_no_fault_of_a_hosted_zone_shows_a_credential(value: object) -> None:
    assert SECRET not in str(faults({"hosted": value}))


def test_one_way_to_write_zones_is_enough() -> None:
    (fault,) = faults({"hosted": HOSTED, "rfc2136": UPDATES})
    assert (fault.path, fault.code) == ("hosted", "TWO_TARGETS")
