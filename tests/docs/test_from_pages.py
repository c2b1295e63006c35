"""The pages for those who come from pulumiverse/acme and pulumi-tls: complete and true beside the real SDKs."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.foreign_dns import SDKS, with_sdks
from tests.support.stack import REPOSITORY

DOCS = REPOSITORY / "docs"
SCHEMA = json.loads((REPOSITORY / "schema.json").read_text())
Json = dict[str, Any]
PAGES = {"pulumiverse_acme": "FROM-PULUMIVERSE-ACME.md", "pulumi_tls": "FROM-PULUMI-TLS.md"}
TABLES = [
    ("pulumiverse_acme", "acme", "Certificate"),
    ("pulumi_tls", "tls", "PrivateKey"),
    ("pulumi_tls", "tls", "CertRequest"),
    ("pulumi_tls", "tls", "LocallySignedCert"),
    ("pulumi_tls", "tls", "SelfSignedCert"),
]
MADE = {
    "FROM-PULUMIVERSE-ACME.md": [
        [
            "acme:index/certificate:Certificate",
            "acme:index/registration:Registration",
            "tls:index/privateKey:PrivateKey",
        ],
        [
            "aws:route53/record:Record",
            "certwright:index:Certificate",
            "certwright:index:CertificateValidation",
        ],
    ],
    "FROM-PULUMI-TLS.md": [
        [
            "tls:index/certRequest:CertRequest",
            "tls:index/locallySignedCert:LocallySignedCert",
            "tls:index/privateKey:PrivateKey",
            "tls:index/privateKey:PrivateKey",
            "tls:index/selfSignedCert:SelfSignedCert",
        ],
        ["certwright:index:Certificate", "certwright:index:CertificateValidation"],
    ],
}
_INSPECT = """
import inspect, json, sys
import pulumi_tls, pulumiverse_acme

def names(cls):
    return {name for name, value in vars(cls).items() if isinstance(value, property)}

def members(module):
    classes = {name for name in dir(module) if inspect.isclass(getattr(module, name))}
    resources = {name for name in classes if f"{name}Args" in classes and hasattr(getattr(module, name), "get")}
    return resources, {name for name in dir(module) if name.startswith("get_") and not name.endswith("_output")}

found = {}
for module in (pulumi_tls, pulumiverse_acme):
    resources, functions = members(module)
    found[module.__name__] = {"functions": sorted(functions), "resources": {
        name: {"in": sorted(names(getattr(module, f"{name}Args"))),
               "out": sorted(names(getattr(module, name)) - names(getattr(module, f"{name}Args")))}
        for name in resources}}
print(json.dumps(found))
"""

pytestmark = pytest.mark.skipif(not (SDKS / "pulumi_tls").exists(), reason="no SDKs of other providers: run make test")


@cache
def theirs() -> Json:
    """Return what the other SDKs have, in the schema's names."""
    found: Json = with_sdks("-c", _INSPECT)
    return found


def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def page(name: str) -> str:
    return (DOCS / name).read_text()


def rows(name: str, title: str) -> list[list[str]]:
    """Return the cells of each row of a section's table, without its head."""
    (section,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page(name), re.DOTALL | re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in lines]


@pytest.mark.parametrize(("module", "prefix", "resource"), TABLES)
def test_a_table_has_every_property_that_the_other_provider_has(module: str, prefix: str, resource: str) -> None:
    table = rows(PAGES[module], f"{prefix}.{resource}")
    listed = {side: sorted(row[0] for row in table if row[1] == side) for side in ("in", "out")}
    expected = theirs()[module]["resources"][resource]
    assert listed == {side: sorted(map(camel, names)) for side, names in expected.items()}


@pytest.mark.parametrize(("module", "prefix", "resource"), TABLES)
def test_what_a_table_calls_the_same_is_in_the_schema(module: str, prefix: str, resource: str) -> None:
    ours = {name for item in SCHEMA["resources"].values() for name in (*item["inputProperties"], *item["properties"])}
    table = rows(PAGES[module], f"{prefix}.{resource}")
    assert {row[2] for row in table} <= {"same", "differs", "not here"}
    assert {row[0] for row in table if row[2] == "same"} <= ours


@pytest.mark.parametrize(("module", "prefix"), [("pulumiverse_acme", "acme"), ("pulumi_tls", "tls")])
def test_a_page_has_a_section_for_every_resource_and_function(module: str, prefix: str) -> None:
    found = theirs()[module]
    titles = set(re.findall(rf"^## {prefix}\.(\w+)$", page(PAGES[module]), re.MULTILINE))
    assert titles == {*found["resources"], *map(camel, found["functions"])}


@pytest.mark.parametrize(("name", "place"), [(name, place) for name in MADE for place in (0, 1)])
def test_a_program_of_a_page_makes_its_resources_with_the_real_sdks(name: str, place: int, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)[place])
    made = with_sdks("-m", "tests.support.mocked_program", str(program), "domain=example.com")
    assert sorted(item["type"] for item in made) == MADE[name][place]
