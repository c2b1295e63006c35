"""Invoke: every function, its faults, and that looking stores nothing."""

from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.transport import wire
from tests.transport.declared import NAME, certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, Engine, engine, refused
from tests.transport.homes import dump, environment, make_home
from tests.transport.wire import Json

ABSENT = "arn:certwright:acm:local:000000000000:certificate/12345678-1234-4234-8234-123456789012"


def test_the_trust_bundle_holds_the_root_and_its_fingerprint(up: Engine) -> None:
    found = up.invoked("getTrustBundle", {})
    (root,) = x509.load_pem_x509_certificates(found["pem"].encode())
    assert root.issuer == root.subject
    assert [item.lower() for item in found["fingerprints"]] == [root.fingerprint(hashes.SHA256()).hex(":")]


def test_the_trust_bundle_verifies_what_is_issued(up: Engine, zones: Zones) -> None:
    _, waited = issued(up, zones)
    (root,) = x509.load_pem_x509_certificates(up.invoked("getTrustBundle", {})["pem"].encode())
    (issuing,) = x509.load_pem_x509_certificates(waited.outputs["chainPem"].encode())
    (leaf,) = x509.load_pem_x509_certificates(waited.outputs["certificatePem"].encode())
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)


def test_records_are_those_of_a_certificate_with_these_names(up: Engine) -> None:
    names = [NAME, "a.example.com"]
    options = up.preview(CERTIFICATE, certificate(subjectAlternativeNames=names[1:]))["domainValidationOptions"]
    found = up.invoked("getValidationRecords", {"domainNames": names})["records"]
    assert [(item["name"], item["type"], item["value"]) for item in found] == [
        (option["resourceRecordName"], option["resourceRecordType"], option["resourceRecordValue"])
        for option in options
    ]


def test_every_record_comes_once(up: Engine) -> None:
    names = ["example.com", "*.example.com", "Example.com.", "a.example.com"]
    assert len(up.invoked("getValidationRecords", {"domainNames": names})["records"]) == 2


def test_no_names_have_no_records(up: Engine) -> None:
    assert up.invoked("getValidationRecords", {"domainNames": []}) == {"records": []}


def test_a_certificate_is_found_by_its_arn_before_its_issue(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate(tags={"team": "web"}))
    assert up.invoked("getCertificate", {"arn": made.id}) == {
        "arn": made.id,
        "id": made.id,
        "domain": NAME,
        "subjectAlternativeNames": [NAME],
        "status": "PENDING_VALIDATION",
        "keyAlgorithm": "EC_prime256v1",
        "domainValidationOptions": made.outputs["domainValidationOptions"],
        "renewalEligibility": "INELIGIBLE",
        "tags": {"team": "web"},
    }


def test_an_issued_certificate_comes_with_its_chain(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    found = up.invoked("getCertificate", {"arn": made.id})
    assert {name: found[name] for name in ("serial", "notAfter", "certificatePem", "chainPem")} == {
        name: waited.outputs[name] for name in ("serial", "notAfter", "certificatePem", "chainPem")
    }
    assert found["fullchainPem"] == found["certificatePem"] + found["chainPem"]
    assert (found["certificate"], found["certificateChain"]) == (found["certificatePem"], found["chainPem"])


def test_no_private_key_comes_from_a_function(up: Engine, zones: Zones) -> None:
    made, _ = issued(up, zones, options={"export": "ENABLED"})
    assert "PRIVATE KEY" not in str(up.invoked("getCertificate", {"arn": made.id}))


@pytest.mark.parametrize(
    "search",
    [
        pytest.param({"domain": NAME}, id="a name"),
        pytest.param({"domain": "WWW.Example.com."}, id="a name in capitals with a dot"),
        pytest.param({"domain": NAME, "statuses": ["ISSUED", "EXPIRED"]}, id="statuses"),
        pytest.param({"domain": NAME, "keyTypes": ["RSA_2048", "EC_prime256v1"]}, id="key types"),
        pytest.param({"domain": NAME, "mostRecent": True}, id="the newest"),
        pytest.param({"domain": NAME, "types": ["IMPORTED", "AMAZON_ISSUED"]}, id="types"),
        pytest.param({"domain": NAME, "tags": {"team": "web"}}, id="a name and a tag"),
        pytest.param({"tags": {"team": "web", "tier": "1"}}, id="tags"),
    ],
)
def test_an_issued_certificate_is_found_by(up: Engine, zones: Zones, search: Json) -> None:
    made, _ = issued(up, zones, tags={"team": "web", "tier": "1", "cost": "7"})
    assert up.invoked("getCertificate", search)["arn"] == made.id


@pytest.mark.parametrize(
    "search",
    [
        pytest.param({"domain": "other.example.com"}, id="another name"),
        pytest.param({"domain": NAME, "statuses": ["EXPIRED"]}, id="another status"),
        pytest.param({"domain": NAME, "keyTypes": ["RSA_2048"]}, id="another key"),
        pytest.param({"domain": NAME, "types": ["PRIVATE"]}, id="another type"),
        pytest.param({"tags": {"team": "db"}}, id="a tag with another value"),
        pytest.param({"domain": "other.example.com", "tags": {"team": "web"}}, id="the tag of another name"),
        pytest.param({"arn": ABSENT}, id="an ARN unknown here"),
    ],
)
def test_what_does_not_fit_is_not_found(up: Engine, zones: Zones, search: Json) -> None:
    issued(up, zones, tags={"team": "web"})
    with refused() as found:
        up.invoke("getCertificate", search)
    assert found[0].code is grpc.StatusCode.NOT_FOUND


def test_a_pending_certificate_is_found_by_its_status_only(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    search = {"domain": NAME, "statuses": ["PENDING_VALIDATION"]}
    assert up.invoked("getCertificate", search)["arn"] == made.id


def test_of_several_the_newest_is_taken_where_asked_for(up: Engine, zones: Zones) -> None:
    issued(up, zones, "first")
    second = up.create(CERTIFICATE, certificate(), name="second")
    assert up.invoked("getCertificate", {"domain": NAME, "mostRecent": True})["arn"] == second.id


FAULTS = [
    pytest.param("getCertificate", {}, "arn", "MISSING", id="neither ARN nor name"),
    pytest.param("getCertificate", {"tags": {}}, "arn", "MISSING", id="no tags to look for"),
    pytest.param("getCertificate", {"domain": NAME, "types": ["OWN"]}, "types[0]", "NOT_IN_SET", id="a type"),
    pytest.param("getCertificate", {"arn": "web"}, "arn", "INVALID_ARN", id="no ARN"),
    pytest.param("getCertificate", {"domain": 7}, "domain", "WRONG_TYPE", id="a name that is a number"),
    pytest.param("getCertificate", {"domain": NAME, "statuses": ["x"]}, "statuses[0]", "NOT_IN_SET", id="a status"),
    pytest.param("getCertificate", {"domain": NAME, "keyTypes": ["DSA"]}, "keyTypes[0]", "NOT_IN_SET", id="a key type"),
    pytest.param("getCertificate", {"name": NAME}, "name", "UNKNOWN_PROPERTY", id="an argument unknown here"),
    pytest.param("getValidationRecords", {}, "domainNames", "MISSING", id="no names"),
    pytest.param(
        "getValidationRecords", {"domainNames": ["a.com", "x y"]}, "domainNames[1]", "WHITESPACE", id="a blank"
    ),
    pytest.param("getTrustBundle", {"pem": True}, "pem", "UNKNOWN_PROPERTY", id="an argument where there is none"),
]


@pytest.mark.parametrize(("function", "args", "path", "code"), FAULTS)
def test_a_fault_of_an_argument_is_refused_with_its_path(
    up: Engine, function: str, args: Json, path: str, code: str
) -> None:
    with refused() as found:
        up.invoke(function, args)
    assert found[0].code is grpc.StatusCode.INVALID_ARGUMENT
    assert (found[0].sentence.startswith(f"{path}: "), f"[{code}]" in found[0].sentence) == (True, True), found


def test_all_faults_of_the_arguments_are_told_at_once(up: Engine) -> None:
    with refused() as found:
        up.invoke("getValidationRecords", {"domainNames": ["x y", "a.com", "-.com"], "colour": "red"})
    paths = [line.partition(":")[0] for line in found[0].sentence.splitlines()]
    assert paths == ["colour", "domainNames[0]", "domainNames[2]"]


def test_several_certificates_without_mostrecent_are_refused_by_name(up: Engine, zones: Zones) -> None:
    first, _ = issued(up, zones, "first")
    second = up.create(CERTIFICATE, certificate(), name="second")
    with refused() as found:
        up.invoke("getCertificate", {"domain": NAME})
    assert found[0].code is grpc.StatusCode.INVALID_ARGUMENT
    assert found[0].sentence.startswith("domain: ")
    assert [arn in found[0].sentence for arn in (first.id, second.id)] == [True, True]


def test_tags_that_no_certificate_has_are_named_without_their_values(up: Engine) -> None:
    with refused() as found:
        up.invoke("getCertificate", {"tags": {"team": "canary-value", "tier": "1"}})
    assert "the tags team, tier with status ISSUED" in found[0].sentence
    assert "canary-value" not in found[0].sentence


def test_several_certificates_with_the_tags_are_refused_at_the_tags(up: Engine) -> None:
    for name in ("first", "second"):
        up.create(CERTIFICATE, certificate(tags={"team": "web"}), name=name)
    with refused() as found:
        up.invoke("getCertificate", {"tags": {"team": "web"}, "statuses": ["PENDING_VALIDATION"]})
    assert found[0].sentence.startswith("tags: 2 certificates fit: ")


@pytest.mark.parametrize("function", ["getCertificate", "getValidationRecords", "getTrustBundle"])
def test_an_asset_as_argument_is_refused_with_its_path(up: Engine, function: str) -> None:
    with refused() as found:
        up.invoke(function, {"domain": {wire.SIGNATURE: wire.ASSET, "text": "x"}})
    assert found[0].code is grpc.StatusCode.INVALID_ARGUMENT
    assert found[0].sentence.startswith("domain: assets and resources are not taken here")


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("getValidationRecords", {"domainNames": [NAME]}),
        ("getTrustBundle", {}),
        ("getCertificate", {"domain": NAME, "statuses": ["PENDING_VALIDATION"]}),
    ],
)
def test_looking_stores_nothing(up: Engine, home: Path, function: str, args: Json) -> None:
    up.create(CERTIFICATE, certificate())
    before = dump(home)
    up.invoked(function, args)
    assert dump(home) == before


def test_another_home_has_another_root(up: Engine, tmp_path: Path) -> None:
    with engine(environment(make_home(tmp_path / "other"))) as other:
        other.configure()
        assert other.invoked("getTrustBundle", {}) != up.invoked("getTrustBundle", {})
