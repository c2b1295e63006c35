"""What a program declares: names as in the generated SDK, secrets marked, the URN known, no secret in the code."""

import base64
import inspect
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
from certwright import dynamic
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.resources.fields import properties_of
from certwright.resources.registry import FUNCTIONS, RESOURCES
from certwright.transport.dynamic.declared import _options, wire_values
from certwright.transport.dynamic.opening import Homes
from certwright.transport.dynamic.provider import PROVIDERS
from pulumi.dynamic.dynamic import serialize_provider

from tests.support.stack import REPOSITORY
from tests.transport.dns_server import Zones
from tests.transport.wire import SECRET, SIGNATURE, Json

BY_NAME = {resource.name: resource for resource in RESOURCES}
KINDS = ["Certificate", "CertificateValidation", "ValidationRecord"]
PROGRAM = Path(__file__).with_name("program.py")
# What stands in states: a class of another name could not be found by who destroys such a stack.
MODULE = "certwright.transport.dynamic.provider"


def registered(program: Path, **variables: str) -> dict[str, Json]:
    """Return by name the inputs that a program registers, with no engine there."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.mocked_program", str(program)],
        cwd=REPOSITORY,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {item["name"]: item["inputs"] for item in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def declared() -> dict[str, Json]:
    """Return what the test's program registers."""
    return registered(PROGRAM)


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_are_those_of_the_generated_sdk(kind: str) -> None:
    parameters = inspect.signature(getattr(dynamic, kind).__init__).parameters
    expected = [item.attribute for item in properties_of(BY_NAME[kind].args)]
    assert list(parameters) == ["self", "resource_name", "opts", *expected]


@pytest.mark.parametrize("kind", KINDS)
def test_attributes_are_the_properties_of_the_generated_sdk(kind: str) -> None:
    expected = {item.attribute for item in (*properties_of(BY_NAME[kind].args), *properties_of(BY_NAME[kind].state))}
    assert set(getattr(dynamic, kind).__annotations__) == expected


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda item: item.name)
def test_functions_have_the_arguments_of_the_generated_sdk(function: Any) -> None:
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in function.name)
    parameters = inspect.signature(getattr(dynamic, name)).parameters
    assert set(parameters) == {item.attribute for item in properties_of(function.args)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_in_the_state_names_a_class_and_holds_nothing(kind: str) -> None:
    code = base64.b64decode(serialize_provider(PROVIDERS[kind]()))
    assert len(code) < 120
    assert MODULE.encode() in code
    assert f"{kind}Provider".encode() in code
    assert vars(pickle.loads(code)) == {}


def test_the_code_in_the_state_is_not_a_secret_that_would_need_the_passphrase() -> None:
    assert not any(provider.serialize_as_secret_always for provider in PROVIDERS.values())


def test_names_are_sent_as_on_the_wire_and_keys_of_maps_as_they_are() -> None:
    given = {
        "key_algorithm": "RSA_2048",
        "validity": {"type": "DAYS", "value": 30},
        "tags": {"key_algorithm": "x"},
        "issuer": None,
        "misspelt": 1,
    }
    assert wire_values(BY_NAME["Certificate"].args, given) == {
        "keyAlgorithm": "RSA_2048",
        "validity": {"type": "DAYS", "value": 30},
        "tags": {"key_algorithm": "x"},
        "misspelt": 1,
    }


def test_a_map_of_the_program_keeps_its_keys(declared: dict[str, Json]) -> None:
    assert declared["web"]["tags"] == {"key_algorithm": "x"}


@pytest.mark.parametrize("name", ["plain", "output"])
def test_what_holds_a_secret_is_sent_as_one_with_its_names_as_on_the_wire(declared: dict[str, Json], name: str) -> None:
    assert declared[name]["rfc2136"] == {
        SIGNATURE: SECRET,
        "value": {"server": "127.0.0.1", "keyName": "k", "keySecret": "s"},
    }


@pytest.mark.parametrize("name", ["hushed", "partly"])
def test_what_an_output_copies_from_a_secret_is_sent_by_its_name_as_secret_as_that(
    declared: dict[str, Json], name: str
) -> None:
    sent = declared[name]
    assert sent["tagsAll"] == sent["tags"]
    assert SECRET in json.dumps(sent["tags"])


def test_the_urn_is_sent_as_the_engine_makes_it(declared: dict[str, Json]) -> None:
    own = "urn:pulumi:dev::program::pulumi-python:dynamic/certwright:Certificate::web"
    assert declared["web"]["__owner"] == own


@pytest.mark.parametrize(("name", "kind"), [("child", "Certificate"), ("sibling", "CertificateValidation")])
def test_the_urn_of_a_child_names_its_parents_types(declared: dict[str, Json], name: str, kind: str) -> None:
    below = f"my:index:Site$pulumi-python:dynamic/certwright:{kind}::{name}"
    assert declared[name]["__owner"].endswith(below)


def test_records_are_objects_as_in_the_generated_sdk(declared: dict[str, Json]) -> None:
    assert declared["seen"]["name"] == "_owner.example.com."


def test_the_arn_is_the_id_which_an_update_in_preview_keeps(declared: dict[str, Json]) -> None:
    assert declared["id"]["certificateArn"] == "web-id"


def test_options_may_name_properties_as_the_program_does() -> None:
    opts = pulumi.ResourceOptions(ignore_changes=["key_algorithm", 'tags["a_b"]', "renewalOutputs"])
    found = _options(BY_NAME["Certificate"], opts)
    assert found.ignore_changes == ["keyAlgorithm", 'tags["a_b"]', "renewalOutputs"]


def test_secret_outputs_are_secret_whatever_the_program_says() -> None:
    opts = pulumi.ResourceOptions(additional_secret_outputs=["serial"])
    found = _options(BY_NAME["CertificateValidation"], opts)
    assert found.additional_secret_outputs == ["serial", "privateKeyPem"]


def test_faults_of_the_configuration_end_the_program_at_once_with_every_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"certwright:account": "12", "certwright:masterKye": "hunter2", "other:thing": "x"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(given))
    with pytest.raises(pulumi.RunError) as caught:
        dynamic.Certificate("web", domain_name="example.com")
    text = str(caught.value)
    assert "account" in text
    assert "masterKye: there is no such configuration key" in text
    assert "hunter2" not in text


def test_records_are_plain_values_in_a_program(homes: Homes, zones: Zones) -> None:
    del zones
    found = dynamic.get_validation_records(domain_names=["example.com", "*.example.com"]).records
    app = homes.app({}, None, lambda _: None)
    names = parse_names(["example.com"], ["x"]).names
    (expected,) = (item.record for item in validation_records(app.core, app.caller, names))
    assert [(item.name, item.type, item.value) for item in found] == [(expected.name, "CNAME", expected.value)]


def test_the_trust_bundle_is_that_of_the_home(homes: Homes) -> None:
    del homes
    assert dynamic.get_trust_bundle().pem.startswith("-----BEGIN CERTIFICATE-----")


def test_faults_of_a_functions_arguments_end_the_program_with_their_paths(homes: Homes) -> None:
    del homes
    with pytest.raises(pulumi.RunError, match=r"domainNames\[0\]"):
        dynamic.get_validation_records(domain_names=["co.uk"])


def test_a_search_that_finds_nothing_ends_the_program_with_a_sentence(homes: Homes) -> None:
    del homes
    with pytest.raises(pulumi.RunError, match="No certificate"):
        dynamic.get_certificate(domain="example.com")


def test_the_program_of_the_documentation_declares_what_it_says(template: Path, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "DYNAMIC.md").read_text()
    program = tmp_path / "program.py"
    program.write_text(page.partition("```python\n")[2].partition("```")[0])
    found = registered(program, CERTWRIGHT_HOME=str(template))
    assert len(found) == 2
    assert [name for name in found if name.endswith(".example.com.")]


def test_a_missing_home_ends_the_program_and_is_not_made(
    homes: Homes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del homes
    monkeypatch.setenv("CERTWRIGHT_HOME", str(tmp_path / "none"))
    with pytest.raises(pulumi.RunError, match="certwright init"):
        dynamic.get_trust_bundle()
    assert not (tmp_path / "none").exists()
