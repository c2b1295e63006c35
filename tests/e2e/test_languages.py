"""Programs in TypeScript, Go, Python and YAML on the real engine: the quickstarts as a reader would run them, one
program a language that uses every resource and function, and the schema's examples in YAML.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import target
from tests.support.knot import KEY_SECRET, Knot
from tests.support.languages import (
    PROGRAMS,
    compile_node_sdk,
    doc_examples,
    install_node_packages,
    use_go_sdk,
    why_no_go,
    why_no_typescript,
)
from tests.support.stack import REPOSITORY, TOOLS, Stack, make_stack

Prepare = Callable[[Path, str], Stack]


@pytest.fixture(scope="module")
def node_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the compiled Node.js SDK."""
    skip_without(why_no_typescript(), "pulumi-language-nodejs")
    return compile_node_sdk(tmp_path_factory.mktemp("sdk") / "nodejs")


@pytest.fixture
def prepare(request: pytest.FixtureRequest, tmp_path: Path) -> Prepare:
    """Return what makes a stack of a copy of a program, with the packages of its language in place."""

    def prepared(program: Path, language: str) -> Stack:
        folder = tmp_path / program.name
        shutil.copytree(program, folder, ignore=shutil.ignore_patterns("node_modules"))
        if language == "typescript":
            install_node_packages(folder, request.getfixturevalue("node_sdk"))
        if language == "go":
            skip_without(why_no_go(), "pulumi-language-go")
            use_go_sdk(folder)
        return make_stack(folder, tmp_path / "home")

    return prepared


def skip_without(reason: str, host: str) -> None:
    if reason or not (TOOLS / host).exists():
        pytest.skip(reason or f"no language host at {TOOLS / host}: run make test")


@pytest.mark.parametrize("language", ["typescript", "go"])
def test_a_quickstart_shows_its_records_before_it_makes_them_and_changes_nothing_twice(
    prepare: Prepare, language: str, knot: Knot
) -> None:
    stack = prepare(REPOSITORY / "examples" / f"quickstart-{language}", language)
    stack.configure("domain", "example.net")
    stack.configure("certwright:resolvers", json.dumps([knot.address]))
    stack.configure("certwright:rfc2136", target(knot), "--secret")

    planned = stack.preview().require_ok().planned_outputs().values()
    records = [item for item in planned if item.get("type") == "CNAME"]
    assert len(records) == 3
    assert all(item["name"].endswith("example.net.") for item in records)
    assert all(item["value"].endswith(".acm-validations.certwright.internal.") for item in records)

    stack.up().require_ok()
    validations = [item for item in stack.resources().values() if item["type"].endswith("CertificateValidation")]
    assert [item["outputs"]["status"] for item in validations] == ["ISSUED", "ISSUED"]
    assert len(stack.outputs()["records"]) == 3

    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()
    assert stack.resources() == {}


@pytest.mark.parametrize("language", ["python", "typescript", "go"])
def test_every_resource_and_function_works_under_a_provider_of_its_own_and_secrets_stay_secret(
    prepare: Prepare, language: str, knot: Knot
) -> None:
    stack = prepare(PROGRAMS / language, language)
    stack.configure("domain", "example.org")
    stack.configure("resolver", knot.address)
    stack.configure("port", str(knot.port))
    stack.configure("keySecret", KEY_SECRET, "--secret")

    stack.up().require_ok()
    seen = stack.outputs()
    assert seen["arn"].startswith("arn:certwright:acm:local:123456789012:certificate/")
    assert seen["foundArn"] == seen["arn"]
    assert seen["names"] == ["example.org", "*.example.org"]
    assert seen["tags"] == {"stage": "test", "team": "web"}
    assert seen["recordNames"] == [seen["recordName"]]
    assert seen["key"].startswith("-----BEGIN PRIVATE KEY-----")
    assert seen["roots"] == 1

    state = stack.pulumi("stack", "export").stdout
    assert [text for text in (KEY_SECRET, "PRIVATE KEY") if text in state] == []
    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()


@pytest.mark.parametrize("member", sorted(doc_examples("yaml")))
def test_the_engine_takes_the_example_in_yaml(member: str, stack: Stack) -> None:
    stack.write(doc_examples("yaml")[member])
    stack.configure("tsigSecret", KEY_SECRET, "--secret")
    run = stack.preview()
    if member == "getCertificate":
        assert "No certificate for www.example.com with status ISSUED" in run.require_failed().messages
    else:
        run.require_ok()
