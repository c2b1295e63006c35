"""Values of a configuration key that mean the same, and those that do not."""

import json

import pytest
from certwright.settings import ServerAddress, meaning
from hypothesis import given
from hypothesis import strategies as st

HOSTED = {"provider": "cloudflare", "credentials": {"apiToken": "t", "zoneId": "z"}}
TARGET = {"server": "192.0.2.53", "keyName": "k", "keySecret": "c2VjcmV0"}


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        pytest.param("resolvers", "1.2.3.4", ["1.2.3.4"], id="one server, a list of it"),
        pytest.param("resolvers", "1.2.3.4, 1.2.3.5", ["1.2.3.4:53", "1.2.3.5"], id="servers with commas"),
        pytest.param("resolvers", ' ["1.2.3.4"]', ["1.2.3.4"], id="JSON after a blank"),
        pytest.param("resolvers", "[]", [], id="no servers"),
        pytest.param("resolvers", "", [], id="no servers as nothing"),
        pytest.param("preflight", "True", True, id="a boolean in capitals"),
        pytest.param("preflight", "1", True, id="a boolean as a digit"),
        pytest.param("preflight", "no", False, id="a boolean as a word"),
        pytest.param("rfc2136", {**TARGET, "port": "53"}, {**TARGET, "port": 53.0}, id="a port as text"),
        pytest.param("rfc2136", json.dumps({**TARGET, "port": 53}), {**TARGET, "port": 53.0}, id="a port in JSON"),
        pytest.param("rfc2136", TARGET, {**TARGET, "port": 53, "keyAlgorithm": "hmac-sha256"}, id="defaults"),
        pytest.param("hosted", HOSTED, json.dumps(dict(reversed(HOSTED.items()))), id="a hosted zone in JSON"),
        pytest.param("validationDomain", "A.B.", "a.b", id="a domain in capitals with a dot"),
        pytest.param("permittedDomains", ["b.c", "A.c."], "a.c,b.c", id="domains in another order"),
        pytest.param("caaIdentities", "CA.Example", ["ca.example."], id="an identity in capitals"),
        pytest.param("defaultTags", {"live": True, "cost": 7.0}, '{"cost": "7", "live": "true"}', id="tags as texts"),
    ],
)
def test_the_same(name: str, one: object, other: object) -> None:
    assert meaning(name, one) == meaning(name, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        pytest.param("resolvers", ["1.2.3.4"], ["1.2.3.4:5353"], id="another port"),
        pytest.param("preflight", "true", "false", id="another boolean"),
        pytest.param("rfc2136", TARGET, {**TARGET, "keySecret": "b3RoZXI="}, id="another secret"),
        pytest.param("hosted", HOSTED, {**HOSTED, "credentials": {"apiToken": "u"}}, id="another token"),
        pytest.param("hosted", HOSTED, {**HOSTED, "provider": "azure"}, id="another provider"),
        pytest.param("validationDomain", "a.b", "a.c", id="another domain"),
        pytest.param("account", "000000000001", "000000000002", id="another account"),
        pytest.param("store", "sqlite:////a.db", "sqlite:////A.db", id="another file"),
        pytest.param("resolvers", ["x"], ["y"], id="values that cannot be read"),
        pytest.param("version", "0.1.0", "0.2.0", id="a key of the engine"),
    ],
)
def test_not_the_same(name: str, one: object, other: object) -> None:
    assert meaning(name, one) != meaning(name, other)


@given(st.lists(st.builds(ServerAddress, st.ip_addresses().map(str), st.integers(1, 65535)).map(str)))
def test_a_list_means_the_same_however_it_arrives(servers: list[str]) -> None:
    spellings = (servers, json.dumps(servers), ",".join(servers), f" {json.dumps(servers)}")
    assert len({meaning("resolvers", spelling) for spelling in spellings}) == 1
