"""Rules of single configuration values: what passes, what is refused, and that no refusal shows a secret."""

import base64

import pytest
from certwright.errors import Fault
from certwright.settings import read_settings, resolve_settings

HOME = {"CERTWRIGHT_HOME": "/home/of/certwright"}
MATERIAL = "k3yMaterial"
UPDATES: dict[str, object] = {"server": "192.0.2.53", "keyName": "updater", "keySecret": "c2VjcmV0"}


def faults(config: dict[str, object], unknown: frozenset[str] = frozenset()) -> tuple[Fault, ...]:
    return read_settings(config, HOME, unknown).faults


@pytest.mark.parametrize(
    "uri",
    [
        "file:/srv/master.key",
        "env:CERTWRIGHT_KEY",
        "env:_key2",
        "env:CERTWRIGHT_PRODUCTION_EU_CENTRAL_1_MASTER_KEY",
        "passphrase:env:PASS",
        "passphrase:file:/srv/pass",
    ],
)
def test_a_place_of_a_master_key_passes(uri: str) -> None:
    assert faults({"masterKey": uri}) == ()


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        pytest.param(f"passphrase:{MATERIAL}", "BAD_MASTER_KEY", id="a passphrase itself"),
        pytest.param(f"passphrase:passphrase:env:{MATERIAL}", "BAD_MASTER_KEY", id="a passphrase of a passphrase"),
        pytest.param(f"passphrase:vault:{MATERIAL}", "BAD_MASTER_KEY", id="a passphrase of a kind unknown here"),
        pytest.param(f"passphrase:file:{MATERIAL}", "RELATIVE_KEY_FILE", id="a passphrase file with a relative path"),
        pytest.param(f"env:{base64.b64encode(b'k' * 32).decode()}", "BAD_MASTER_KEY", id="a key in base64"),
        pytest.param(f"env:{base64.b64encode(b'k' * 32).decode().rstrip('=')}", "BAD_MASTER_KEY", id="without padding"),
        pytest.param(f"env:{'abcdef01' * 8}", "BAD_MASTER_KEY", id="a key in hex that reads like a name"),
        pytest.param(f"env:{MATERIAL}-x", "BAD_MASTER_KEY", id="a name with a hyphen"),
        pytest.param(f"env:{MATERIAL}\n", "BAD_MASTER_KEY", id="a name with a line end"),
        pytest.param(f"file:/{MATERIAL}/", "BAD_MASTER_KEY", id="a folder"),
        pytest.param(f"file:/{MATERIAL}\0", "BAD_MASTER_KEY", id="a path that no system takes"),
    ],
)
def test_what_names_no_master_key_is_refused_without_its_value(uri: str, code: str) -> None:
    (fault,) = faults({"masterKey": uri})
    assert (fault.path, fault.code, uri.rpartition(":")[2].strip() in str(fault)) == ("masterKey", code, False)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"postgresql://u:{MATERIAL}@h:abc/db", id="a port that is no number"),
        pytest.param(f"postgresql+psycopg://u:{MATERIAL}@h:99x/db", id="a port with a letter"),
        pytest.param(f"postgresql:u:{MATERIAL}@h/db", id="no slashes"),
        pytest.param(f"{MATERIAL}://h/db", id="a kind unknown here"),
        pytest.param(f"postgresql://u:{MATERIAL}@h/d\nb", id="a line end"),
        pytest.param(f"sqlite:////srv/{MATERIAL}/", id="a folder"),
        pytest.param("sqlite:////", id="the root folder"),
        pytest.param(f"sqlite:////srv/{MATERIAL}?mode=ro", id="options"),
    ],
)
def test_what_is_no_store_is_refused_without_its_value(url: str) -> None:
    (fault,) = faults({"store": url})
    assert (fault.path, fault.code, MATERIAL in str(fault)) == ("store", "BAD_STORE_URL", False)


@pytest.mark.parametrize(("octets", "codes"), [(219, []), (220, ["BAD_DOMAIN"]), (400, ["BAD_DOMAIN"])])
def test_a_validation_domain_leaves_room_for_a_label(octets: int, codes: list[str]) -> None:
    domain = ("a" * 59 + ".") * 6 + "a" * 40
    assert [fault.code for fault in faults({"validationDomain": domain[-octets:]})] == codes


@pytest.mark.parametrize("value", [[], "", "[]", " [ ] ", ", ,"])
def test_an_empty_list_of_resolvers_is_none_at_all(value: object) -> None:
    found = resolve_settings({"resolvers": value}, HOME)
    assert (found.resolvers, found.policy.has_own_servers) == ((), False)


@pytest.mark.parametrize("text", ["[::1]:5353", " [::1]:5353,192.0.2.1", "[2001:db8::1]"])
def test_a_list_that_starts_with_a_bracketed_address_is_no_json(text: str) -> None:
    assert faults({"resolvers": text}) == ()


def test_enforcing_without_an_identity_is_refused() -> None:
    (fault,) = faults({"caaPolicy": "enforce"})
    assert (fault.path, fault.code, "Set caaIdentities" in fault.fix) == ("caaPolicy", "NO_CAA_IDENTITIES", True)


def test_enforcing_while_the_identities_are_not_known_yet_is_no_fault() -> None:
    assert faults({"caaPolicy": "enforce"}, frozenset({"caaIdentities"})) == ()


def test_enforcing_with_faulty_identities_is_one_fault() -> None:
    assert [fault.path for fault in faults({"caaPolicy": "enforce", "caaIdentities": ["?"]})] == ["caaIdentities[0]"]


def test_a_value_that_is_not_known_yet_is_not_taken_from_the_environment() -> None:
    read = read_settings({}, {**HOME, "CERTWRIGHT_REGION": "no region"}, frozenset({"region"}))
    assert (read.faults, read.settings.scope.region) == ((), "local")


def test_permitted_domains_have_one_order_and_each_stands_once() -> None:
    found = resolve_settings({"permittedDomains": ["b.example", "A.example.", ".b.example"]}, HOME)
    assert found.policy.permitted_domains == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"port": "70000"}, "rfc2136.port: 70000 is outside", id="a port too large"),
        pytest.param({"port": 0}, "rfc2136.port: 0 is outside", id="port 0"),
        pytest.param({"port": "²"}, "rfc2136.port is no number of a port", id="a port in superscript"),
        pytest.param({"port": 5.5}, "rfc2136.port is no number of a port", id="half a port"),
        pytest.param({"server": "not a host"}, "rfc2136.server: ", id="a server that is none"),
        pytest.param({"keyName": "a..b"}, "rfc2136.keyName: ", id="a key name with an empty label"),
        pytest.param({"keyAlgorithm": "hmac-foo"}, "rfc2136.keyAlgorithm: ", id="an algorithm unknown here"),
        pytest.param({"keySecret": MATERIAL + "!"}, "rfc2136.keySecret: ", id="a secret that is no base64"),
        pytest.param({"keySecret": ""}, "missing: rfc2136.keySecret", id="no secret"),
        pytest.param({"zone": "example.com"}, "rfc2136.zone does not exist", id="a property unknown here"),
    ],
)
def test_a_fault_of_an_update_target_names_the_property(change: dict[str, object], said: str) -> None:
    (fault,) = faults({"rfc2136": {**UPDATES, **change}})
    assert (fault.path, said in fault.message, MATERIAL in str(fault)) == ("rfc2136", True, False)


def test_every_fault_of_an_update_target_is_told() -> None:
    found = faults({"rfc2136": {**UPDATES, "port": 0, "keyAlgorithm": "x", "keySecret": "!"}})
    assert [fault.message.partition(":")[0] for fault in found] == [
        "rfc2136.port",
        "rfc2136.keyAlgorithm",
        "rfc2136.keySecret",
    ]


def test_settings_show_no_password_of_the_store() -> None:
    assert MATERIAL not in repr(resolve_settings({"store": f"postgresql://u:{MATERIAL}@h/db"}, HOME))
