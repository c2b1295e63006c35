"""The package schema: as checked in, described throughout, with examples that are true."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from certwright import __version__
from certwright.resources.fields import camel
from certwright.resources.registry import FUNCTIONS, RESOURCES
from certwright.resources.schema import build_schema, schema_text
from certwright.settings import CONFIG_KEYS

REPOSITORY = Path(__file__).parents[3]
SCHEMA = build_schema()
TOKENS = [*SCHEMA["resources"], *SCHEMA["functions"]]
Json = dict[str, Any]


def members(token: str) -> Json:
    """Return a resource or function."""
    found: Json = SCHEMA["resources"].get(token) or SCHEMA["functions"][token]
    return found


def inputs(token: str) -> Json:
    """Return the inputs of a resource or function."""
    member = members(token)
    found: Json = member.get("inputProperties") or member.get("inputs", {"properties": {}})["properties"]
    return found


def properties(token: str) -> Iterator[tuple[str, Json]]:
    """Yield every property of a resource or function, by its path."""
    member = members(token)
    outputs = member["properties"] if "properties" in member else member["outputs"]["properties"]
    for group, found in (("input", inputs(token)), ("output", outputs)):
        yield from ((f"{group} {name}", item) for name, item in found.items())


def blocks(token: str, language: str) -> list[str]:
    """Return the code blocks of a description."""
    return re.findall(rf"```{language}\n(.*?)```", members(token)["description"], re.DOTALL)


PYTHON = [pytest.param(token, code, id=token) for token in TOKENS for code in blocks(token, "python")]


def test_the_file_in_the_repository_is_what_the_code_says() -> None:
    assert json.loads((REPOSITORY / "schema.json").read_text()) == SCHEMA, "run `make schema sdk`"


def test_the_text_is_the_schema_and_ends_a_line() -> None:
    assert (json.loads(schema_text()), schema_text()[-1]) == (SCHEMA, "\n")


def test_the_version_is_the_packages() -> None:
    assert SCHEMA["version"] == __version__


def test_the_sdk_requires_the_provider_of_its_version() -> None:
    assert SCHEMA["language"]["python"]["requires"]["certwright"] == f">={__version__}"


@pytest.mark.parametrize("language", ["python", "nodejs", "go"])
def test_every_language_takes_its_version_from_the_schema(language: str) -> None:
    assert SCHEMA["language"][language]["respectSchemaVersion"] is True


def test_every_resource_and_function_is_there() -> None:
    assert [item.token for item in (*RESOURCES, *FUNCTIONS)] == TOKENS


@pytest.mark.parametrize("token", TOKENS)
def test_every_member_has_a_description_before_its_examples(token: str) -> None:
    words, _, _ = members(token)["description"].partition("## Example Usage")
    assert len(words.strip()) > 40


@pytest.mark.parametrize("token", TOKENS)
def test_every_member_has_an_example_in_python(token: str) -> None:
    assert blocks(token, "python")


@pytest.mark.parametrize("token", TOKENS)
def test_every_property_is_described(token: str) -> None:
    assert [name for name, item in properties(token) if not item.get("description")] == []


@pytest.mark.parametrize("token", SCHEMA["types"])
def test_every_type_is_described(token: str) -> None:
    found = SCHEMA["types"][token]
    assert len(found["description"]) > 10
    words = {item["value"]: item for item in found.get("enum", ())}
    assert [name for name, item in {**words, **found.get("properties", {})}.items() if not item["description"]] == []


@pytest.mark.parametrize("key", CONFIG_KEYS, ids=lambda key: str(key.name))
def test_every_configuration_key_is_described_with_its_variable(key: Any) -> None:
    description = SCHEMA["config"]["variables"][key.name]["description"]
    assert (description.startswith(key.description), key.variable in description) == (True, True)


def test_the_provider_takes_the_configuration_keys() -> None:
    assert SCHEMA["provider"]["inputProperties"] == SCHEMA["config"]["variables"]


@pytest.mark.parametrize(("token", "code"), PYTHON)
def test_every_python_example_compiles(token: str, code: str) -> None:
    assert ast.parse(code, token).body


@pytest.mark.parametrize(("token", "code"), PYTHON)
def test_every_python_example_uses_the_member_it_stands_at(token: str, code: str) -> None:
    name = token.rpartition(":")[2]
    python = name if name[0].isupper() else re.sub(r"(?=[A-Z])", "_", name).lower()
    assert f"certwright.{python}(" in code


@pytest.mark.parametrize(("token", "code"), PYTHON)
def test_every_python_example_names_inputs_that_exist(token: str, code: str) -> None:
    by_python = {re.sub(r"(?=[A-Z])", "_", name.rpartition(":")[2]).lower().lstrip("_"): name for name in TOKENS}
    for call in ast.walk(ast.parse(code, token)):
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("certwright."):
            called = re.sub(r"(?=[A-Z])", "_", ast.unparse(call.func).partition(".")[2]).lower().lstrip("_")
            given = {camel(keyword.arg or "") for keyword in call.keywords}
            assert given <= set(inputs(by_python[called])), called


@pytest.mark.parametrize(
    ("place", "names"),
    [
        pytest.param(SCHEMA["config"]["variables"], {"hosted", "masterKey", "rfc2136", "store"}, id="configuration"),
        pytest.param(SCHEMA["types"]["certwright:index:Rfc2136"]["properties"], {"keySecret"}, id="an update target"),
        pytest.param(SCHEMA["types"]["certwright:index:Hosted"]["properties"], {"credentials"}, id="a hosted zone"),
        pytest.param(
            SCHEMA["resources"]["certwright:index:CertificateValidation"]["properties"],
            {"privateKeyPem"},
            id="a CertificateValidation",
        ),
        pytest.param(SCHEMA["resources"]["certwright:index:Certificate"]["properties"], set(), id="a Certificate"),
    ],
)
def test_exactly_the_secrets_are_marked(place: Json, names: set[str]) -> None:
    assert {name for name, item in place.items() if item.get("secret")} == names


@pytest.mark.parametrize(
    ("token", "required"),
    [
        ("certwright:index:Certificate", ["domainName"]),
        ("certwright:index:CertificateValidation", ["certificateArn"]),
        ("certwright:index:ValidationRecord", ["zone", "name", "type", "value"]),
    ],
)
def test_a_resource_requires_exactly_these_inputs(token: str, required: list[str]) -> None:
    assert members(token)["requiredInputs"] == required


@pytest.mark.parametrize(
    ("token", "replacing"),
    [
        ("certwright:index:Certificate", set()),
        ("certwright:index:CertificateValidation", {"certificateArn"}),
        ("certwright:index:ValidationRecord", {"zone", "name", "type"}),
    ],
)
def test_a_change_replaces_only_for_these_inputs(token: str, replacing: set[str]) -> None:
    assert {name for name, item in inputs(token).items() if item.get("replaceOnChanges")} == replacing


def test_the_defaults_are_those_of_check() -> None:
    found = {
        name: item["default"] for name, item in inputs("certwright:index:Certificate").items() if "default" in item
    }
    assert found == {
        "validationMethod": "DNS",
        "keyAlgorithm": "RSA_2048",
        "keyRotation": "ON_RENEWAL",
        "renewalOutputs": "FOLLOW",
    }


@pytest.mark.parametrize("token", SCHEMA["resources"])
def test_every_input_is_an_output_of_the_same_type(token: str) -> None:
    outputs = members(token)["properties"]
    echoed = {name: item for name, item in inputs(token).items() if name != "validationRecordFqdns"}
    bare = ("description", "default")
    assert all(
        {key: value for key, value in item.items() if key not in bare}
        == {key: value for key, value in outputs[name].items() if key not in bare}
        for name, item in echoed.items()
    )


def test_every_reference_leads_to_a_type() -> None:
    found = set(re.findall(r'"#/types/([^"]+)"', schema_text()))
    assert found == set(SCHEMA["types"])
