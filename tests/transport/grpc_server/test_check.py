"""Check of each resource: every fault with its path, inputs as written, defaults filled in, nothing stored."""

from pathlib import Path

import grpc
import pytest

from tests.transport import wire
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, RECORD, VALIDATION, Engine, refused
from tests.transport.homes import dump
from tests.transport.wire import Json, plain, secret

ARN = "arn:certwright:acm:local:000000000000:certificate/12345678-1234-4234-8234-123456789012"
TARGET: Json = {"server": "192.0.2.53", "keyName": "updater", "keySecret": "c2VjcmV0"}
NEW_RECORD: Json = {
    "zone": "example.com",
    "name": "_x.www.example.com.",
    "type": "CNAME",
    "value": "_y.validations.internal.",
    "rfc2136": TARGET,
}

RIGHT = [
    pytest.param(CERTIFICATE, {"domainName": "www.example.com"}, id="a certificate"),
    pytest.param(CERTIFICATE, {"domainName": "*.Example.COM."}, id="a wildcard in capitals"),
    pytest.param(VALIDATION, {"certificateArn": ARN, "validationRecordFqdns": ["_x.example.com"]}, id="a validation"),
    pytest.param(RECORD, NEW_RECORD, id="a record"),
    pytest.param(RECORD, {**NEW_RECORD, "ttl": 60, "zone": "Example.com."}, id="a record with a life"),
    pytest.param(RECORD, {**NEW_RECORD, "name": "*.example.com"}, id="a wildcard record"),
    pytest.param(CERTIFICATE, {"domainName": wire.UNKNOWN, "tags": wire.UNKNOWN}, id="a certificate, unknown yet"),
    pytest.param(VALIDATION, {"certificateArn": wire.UNKNOWN}, id="a validation, unknown yet"),
    pytest.param(RECORD, dict.fromkeys(NEW_RECORD, wire.UNKNOWN), id="a record, unknown yet"),
    pytest.param(RECORD, {**NEW_RECORD, "rfc2136": {**TARGET, "keySecret": wire.UNKNOWN}}, id="a key, unknown yet"),
]
WRONG = [
    pytest.param(CERTIFICATE, {}, {"domainName"}, id="a certificate without a name"),
    pytest.param(
        CERTIFICATE,
        {"domainName": "a b", "subjectAlternativeNames": ["x.example.com", "*"], "validationMethod": "EMAIL", "x": 1},
        {"domainName", "subjectAlternativeNames[1]", "validationMethod", "x"},
        id="a certificate with many faults",
    ),
    pytest.param(
        CERTIFICATE,
        {"domainName": "www.example.com", "options": {"export": "x"}, "validity": {"type": "DAYS", "value": 900}},
        {"options.export", "validity.value"},
        id="a certificate with faults below",
    ),
    pytest.param(VALIDATION, {}, {"certificateArn"}, id="a validation of nothing"),
    pytest.param(VALIDATION, {"certificateArn": "web"}, {"certificateArn"}, id="a validation of a name"),
    pytest.param(
        VALIDATION,
        {"certificateArn": ARN, "validationRecordFqdns": "x"},
        {"validationRecordFqdns"},
        id="a text as list",
    ),
    pytest.param(RECORD, {"rfc2136": TARGET}, {"zone", "name", "type", "value"}, id="an empty record"),
    pytest.param(RECORD, {**NEW_RECORD, "name": "_x.example.org"}, {"name"}, id="a record outside its zone"),
    pytest.param(RECORD, {**NEW_RECORD, "name": "a..example.com"}, {"name"}, id="an empty label"),
    pytest.param(RECORD, {**NEW_RECORD, "name": f"{'a' * 64}.example.com"}, {"name"}, id="a label of 64 octets"),
    pytest.param(RECORD, {**NEW_RECORD, "name": f"{'a.' * 125}example.com"}, {"name"}, id="a name of 261 octets"),
    pytest.param(RECORD, {**NEW_RECORD, "value": f"{'b' * 64}.internal"}, {"value"}, id="a value with a long label"),
    pytest.param(RECORD, {**NEW_RECORD, "value": "v 1"}, {"value"}, id="a value with a blank"),
    pytest.param(RECORD, {**NEW_RECORD, "type": "TXT"}, {"type"}, id="a record of another type"),
    pytest.param(RECORD, {**NEW_RECORD, "ttl": 0}, {"ttl"}, id="a life of nothing"),
    pytest.param(RECORD, {**NEW_RECORD, "ttl": 604801}, {"ttl"}, id="a life of more than a week"),
    pytest.param(RECORD, {**NEW_RECORD, "ttl": 1.5}, {"ttl"}, id="a life of half seconds"),
    pytest.param(RECORD, {**NEW_RECORD, "rfc2136": None}, {"rfc2136"}, id="no place for updates"),
    pytest.param(
        RECORD,
        {**NEW_RECORD, "rfc2136": {"server": "192.0.2.53", "keyAlgorithm": "hmac-md5"}},
        {"rfc2136.keyName", "rfc2136.keySecret", "rfc2136.keyAlgorithm"},
        id="a place with faults",
    ),
    pytest.param(RECORD, {**NEW_RECORD, "rfc2136": {**TARGET, "port": 70000}}, {"rfc2136.port"}, id="a port too large"),
    pytest.param(
        RECORD, {**NEW_RECORD, "rfc2136": {**TARGET, "keySecret": "not base64!"}}, {"rfc2136.keySecret"}, id="no base64"
    ),
]


@pytest.mark.parametrize(("resource", "news"), RIGHT)
def test_a_right_declaration_has_no_fault(up: Engine, resource: str, news: Json) -> None:
    assert up.faults(resource, news) == {}


@pytest.mark.parametrize(("resource", "news"), RIGHT)
def test_inputs_stay_as_written(up: Engine, resource: str, news: Json) -> None:
    inputs = plain(up.check(resource, news).inputs)
    assert {name: inputs[name] for name in news} == news


@pytest.mark.parametrize(("resource", "news", "paths"), WRONG)
def test_every_fault_is_told_with_its_path(up: Engine, resource: str, news: Json, paths: set[str]) -> None:
    assert set(up.faults(resource, news)) == paths


@pytest.mark.parametrize(("resource", "news", "paths"), WRONG)
def test_every_fault_says_how_to_mend_it(up: Engine, resource: str, news: Json, paths: set[str]) -> None:
    del paths
    reasons = up.faults(resource, news).values()
    assert [reason for reason in reasons if not (reason.endswith(".") and "]. " in reason)] == []


def test_a_path_is_not_said_twice(up: Engine) -> None:
    (reason,) = up.faults(VALIDATION, {}).values()
    assert reason == "this property is required [MISSING]. Set certificateArn."


@pytest.mark.parametrize("resource", [CERTIFICATE, VALIDATION, RECORD])
def test_check_stores_nothing(up: Engine, home: Path, resource: str) -> None:
    before = dump(home)
    up.check(resource, {**NEW_RECORD, "domainName": "www.example.com", "certificateArn": ARN})
    assert dump(home) == before


def test_check_asks_no_dns(up: Engine, zones: Zones) -> None:
    up.check(CERTIFICATE, {"domainName": "www.example.com"})
    assert zones.asked == []


def test_the_defaults_are_filled_in(up: Engine) -> None:
    assert plain(up.check(CERTIFICATE, {"domainName": "www.example.com"}).inputs) == {
        "domainName": "www.example.com",
        "validationMethod": "DNS",
        "keyAlgorithm": "RSA_2048",
        "keyRotation": "ON_RENEWAL",
        "renewalOutputs": "FOLLOW",
    }


def test_a_default_does_not_replace_what_is_unknown(up: Engine) -> None:
    inputs = plain(up.check(CERTIFICATE, {"domainName": "www.example.com", "keyAlgorithm": wire.UNKNOWN}).inputs)
    assert inputs["keyAlgorithm"] == wire.UNKNOWN


@pytest.mark.parametrize(
    ("resource", "news", "name"),
    [
        pytest.param(RECORD, NEW_RECORD, "rfc2136", id="a declared secret, not marked"),
        pytest.param(RECORD, {**NEW_RECORD, "value": secret("v.internal")}, "value", id="what was marked"),
        pytest.param(CERTIFICATE, {"domainName": "a.example.com", "tags": {"x": secret("y")}}, "tags", id="below"),
    ],
)
def test_a_secret_comes_back_marked(up: Engine, resource: str, news: Json, name: str) -> None:
    assert wire.is_secret(up.check(resource, news).inputs, name)


@pytest.mark.parametrize(
    "news",
    [
        {**NEW_RECORD, "rfc2136": {**TARGET, "keySecret": "hunter2 is no base64"}},
        {**NEW_RECORD, "rfc2136": {**TARGET, "keySecret": ["hunter2"]}},
        {**NEW_RECORD, "rfc2136": "hunter2"},
    ],
)
def test_no_fault_shows_a_secret(up: Engine, news: Json) -> None:
    assert "hunter2" not in "".join(up.faults(RECORD, news).values())


@pytest.mark.parametrize("signature", [wire.ASSET, wire.ARCHIVE, wire.RESOURCE])
def test_an_asset_is_refused_with_its_path(up: Engine, signature: str) -> None:
    asset = {wire.SIGNATURE: signature, "text": "x"}
    with refused() as found:
        up.check(CERTIFICATE, {"domainName": "www.example.com", "tags": {"logo": asset}})
    assert found[0].code is grpc.StatusCode.INVALID_ARGUMENT
    assert found[0].sentence.startswith("tags.logo: assets and resources are not taken here [WRONG_TYPE]")


def test_a_name_that_others_hand_out_names_under_is_warned_of(up: Engine) -> None:
    up.check(CERTIFICATE, {"domainName": "github.io"})
    assert [line for line in up.log.lines("WARNING") if line.startswith("github.io is a suffix")]
