"""The site: it builds without a warning, needs nothing from elsewhere, and leaves nothing out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.stack import REPOSITORY
from tools.docs import generated_pages, site_links
from tools.docs_reference import reference_pages

SCHEMA: dict[str, Any] = json.loads((REPOSITORY / "schema.json").read_text())
MEMBERS = {**SCHEMA["resources"], **SCHEMA["functions"]}
REFERENCE = reference_pages(SCHEMA)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_has_a_page_for_every_document_and_every_generated_page(site: Path) -> None:
    documents = [path.name for path in (REPOSITORY / "docs").glob("*.md")]
    expected = {name.removesuffix(".md") + ".html" for name in (*documents, *generated_pages())}
    assert {name for name in expected if not (site / name).exists()} == set()


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loaded = re.compile(
        r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?(?:https?:)?//|<link\b[^>]*\bhref=[\"']?(?:https?:)?//"
    )
    assert [page.name for page in site.rglob("*.html") if loaded.search(page.read_text())] == []


@pytest.mark.parametrize("token", MEMBERS)
def test_a_reference_page_names_every_property_with_its_description(token: str) -> None:
    member, page = MEMBERS[token], REFERENCE[f"reference/{token.rpartition(':')[2]}.md"]
    inputs = member.get("inputProperties") or member.get("inputs", {}).get("properties", {})
    outputs = member.get("properties") or member["outputs"]["properties"]
    described = {**outputs, **inputs}
    absent = [
        name for name, item in described.items() if f"| `{name}` |" not in page or item["description"] not in page
    ]
    assert absent == []


@pytest.mark.parametrize("token", MEMBERS)
def test_a_reference_page_has_an_example_in_every_language(token: str) -> None:
    page = REFERENCE[f"reference/{token.rpartition(':')[2]}.md"]
    assert re.findall(r'^=== "(\w+)"', page, re.MULTILINE) == ["Python", "TypeScript", "Go", "YAML"]


def test_the_configuration_page_has_every_key_with_its_variable() -> None:
    page = REFERENCE["reference/configuration.md"]
    keys = SCHEMA["config"]["variables"]
    variables = [re.findall(r"`(CERTWRIGHT_\w+)`", item["description"])[-1] for item in keys.values()]
    assert [key for key, name in zip(keys, variables, strict=True) if f"| `{key}`<br>`{name}` |" not in page] == []


def test_secrets_defaults_and_required_inputs_are_marked() -> None:
    validation, certificate = REFERENCE["reference/CertificateValidation.md"], REFERENCE["reference/Certificate.md"]
    assert "| `privateKeyPem` | string | **Secret.**" in validation
    assert "| `domainName` | string | **Required.**" in certificate
    assert "Default: `RSA_2048`." in certificate


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[a](KEYS.md#stolen)", "[a](KEYS.md#stolen)"),
        ("[a](../examples/quickstart)", "[a](examples.md#quickstart)"),
        ("[a](../examples/stack-reference/servers)", "[a](examples.md#stack-reference-servers)"),
        ("[a](../README.md)", "[a](index.md)"),
        ("[a](../LICENSE)", "a"),
        ("[a](https://example.com/x)", "[a](https://example.com/x)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](NOWHERE.md)", "[a](NOWHERE.md)"),
        ("[a\nb](../README.md)", "[a\nb](index.md)"),
        ("```\n[a](../README.md)\n```\n[b](../README.md)", "```\n[a](../README.md)\n```\n[b](index.md)"),
    ],
)
def test_a_link_of_the_repository_leads_to_its_page(markdown: str, expected: str) -> None:
    assert site_links(markdown, "docs", "PAGE.md") == expected
