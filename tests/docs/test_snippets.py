"""The code in README and docs/: it type-checks, previews, and names commands and keys that exist."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from certwright.settings import CONFIG_KEYS
from certwright.transport.cli import main

from tests.docs.pages import PAGES, Snippet, shell_lines, snippets
from tests.support.languages import install_python_sdk
from tests.support.stack import REPOSITORY, TOOLS, make_stack

FOREIGN = re.compile(r"^(?:import|from) pulumi_(?!certwright)|^import pulumiverse", re.MULTILINE)
"""Programs with other providers' SDKs: the tests of their pages run them against those."""
PYTHON = [item for item in snippets("python") if not FOREIGN.search(item.code)]
YAML = [item for item in snippets("yaml") if re.search(r"^(?:resources|variables):", item.code, re.MULTILINE)]
OTHER_VARIABLES = {"CERTWRIGHT_HOME", "CERTWRIGHT_TRACEBACK", "CERTWRIGHT_KEY"}
_COMMAND = re.compile(r"(?:^|\s|\()certwright ((?:[a-z-]+)(?: [^\s#|)`]+)*)")


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an interpreter that has the SDK installed."""
    folder = tmp_path_factory.mktemp("pages")
    install_python_sdk(folder)
    return folder


def test_a_strict_type_checker_accepts_every_program_in_python(typed: Path) -> None:
    for item in PYTHON:
        (typed / f"{item}.py".replace("-", "_")).write_text(item.code)
    names = [f"{item}.py".replace("-", "_") for item in PYTHON]
    options = ["--strict", "--follow-imports", "silent", "--python-executable", str(typed / "venv/bin/python")]
    command = [sys.executable, "-m", "mypy", *options, "--cache-dir", str(typed / "cache"), *names]
    env = {**os.environ, "MYPYPATH": str(REPOSITORY / "provider")}
    done = subprocess.run(command, cwd=typed, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == f"Success: no issues found in {len(names)} source files\n"


def test_there_are_programs_in_python_and_yaml() -> None:
    assert len(PYTHON) >= 6
    assert len(YAML) >= 2


@pytest.mark.e2e
@pytest.mark.skipif(not (TOOLS / "pulumi").exists(), reason=f"no Pulumi engine at {TOOLS}: run make test")
@pytest.mark.parametrize("snippet", YAML, ids=str)
def test_a_program_in_yaml_previews(snippet: Snippet, tmp_path: Path) -> None:
    stack = make_stack(tmp_path / "stack", tmp_path / "home", CERTWRIGHT_PREFLIGHT="false")
    stack.write(snippet.code)
    assert "create" in set(stack.preview().require_ok().ops().values())


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every `certwright …` of a page as words, without what is a remark."""
    for page in PAGES:
        for line in shell_lines(page):
            for found in _COMMAND.findall(line.partition("  #")[0]):
                yield f"{page.name}: certwright {found}", found.split()


def unknown_words(words: list[str]) -> list[str]:
    """Return what the command line does not know of a command: a command, or an option."""
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            break
        if word not in command.commands:
            return [word] if word.isalpha() and not command.invoke_without_command else []
        command = command.commands[word]
    options = {name for parameter in command.params for name in parameter.opts}
    return [word for word in words if word.startswith("--") and word not in options | {"--help"}]


def test_every_command_of_a_page_exists_with_its_options() -> None:
    found = dict(commands())
    assert len(found) > 40
    assert {name: unknown_words(words) for name, words in found.items() if unknown_words(words)} == {}


@pytest.mark.parametrize("words", ["restores FILE", "revoke ARN --because x", "keys rotate --fast"])
def test_a_command_that_does_not_exist_is_found(words: str) -> None:
    assert unknown_words(words.split()) != []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_key_and_variable_of_a_page_exists(page: Path) -> None:
    text = page.read_text()
    keys = set(re.findall(r"\bcertwright:([a-z][A-Za-z0-9]*)\b(?!:)", text)) - {"acm", "index", "getCertificate"}
    variables = set(re.findall(r"\bCERTWRIGHT_[A-Z0-9_]+", text)) - OTHER_VARIABLES
    schema = json.loads((REPOSITORY / "schema.json").read_text())
    assert keys - set(schema["config"]["variables"]) == set()
    assert {name for name in variables if not name.startswith("CERTWRIGHT_TEST")} - {
        key.variable for key in CONFIG_KEYS
    } == set()
