"""The language sections: names that agree, and oldest versions that are true."""

import json
import re
import tomllib
from pathlib import Path

from certwright import __version__
from certwright.resources.schema import build_schema
from certwright.resources.schema_languages import OLDEST_PULUMI, OLDEST_PULUMI_IN_PYTHON

REPOSITORY = Path(__file__).parents[3]
LANGUAGE = build_schema()["language"]
MANIFEST = json.loads((REPOSITORY / "sdk/nodejs/package.json").read_text())
GO_MODULE = (REPOSITORY / "sdk/go/go.mod").read_text()


def test_the_sdk_has_the_same_name_in_every_registry() -> None:
    python = tomllib.loads((REPOSITORY / "sdk/python/pyproject.toml").read_text())
    assert (python["project"]["name"].replace("_", "-"), MANIFEST["name"]) == ("pulumi-certwright", "pulumi-certwright")


def test_the_go_package_lies_in_the_module_that_the_schema_names() -> None:
    module = re.search(r"^module (\S+)$", GO_MODULE, re.MULTILINE)
    assert module is not None
    assert module[1] == LANGUAGE["go"]["modulePath"]
    assert LANGUAGE["go"]["importBasePath"] == f"{module[1]}/certwright"


def test_the_sdk_for_python_asks_for_the_python_and_pulumi_of_the_provider() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = LANGUAGE["python"]["requires"]["pulumi"].replace(".0,<4.0.0", ",<4")
    assert f"pulumi{wanted}" in project["dependencies"]
    assert LANGUAGE["python"]["pythonRequires"] == project["requires-python"]


def test_the_other_languages_allow_the_same_oldest_pulumi() -> None:
    found = {
        LANGUAGE["nodejs"]["dependencies"]["@pulumi/pulumi"].removeprefix("^"),
        *re.findall(r"github.com/pulumi/pulumi/sdk/v3 v(\S+)", GO_MODULE),
    }
    assert found == {OLDEST_PULUMI}


def test_the_tests_in_typescript_run_on_the_oldest_pulumi_that_is_allowed() -> None:
    locked = json.loads((REPOSITORY / "tools/nodejs/package-lock.json").read_text())["packages"]
    assert locked["node_modules/@pulumi/pulumi"]["version"] == OLDEST_PULUMI


def test_no_lock_names_the_host_of_a_registry() -> None:
    assert '"resolved"' not in (REPOSITORY / "tools/nodejs/package-lock.json").read_text()


def test_every_sdk_asks_for_the_plugin_of_its_version() -> None:
    plugins = [
        json.loads((REPOSITORY / path).read_text())
        for path in (
            "sdk/python/pulumi_certwright/pulumi-plugin.json",
            "sdk/go/pulumi-plugin.json",
            "sdk/go/certwright/pulumi-plugin.json",
        )
    ]
    wanted = {"resource": True, "name": "certwright", "version": __version__}
    assert [*plugins, MANIFEST["pulumi"]] == [wanted] * 4


def test_the_page_names_the_oldest_versions() -> None:
    page = (REPOSITORY / "docs/LANGUAGES.md").read_text()
    python, other = OLDEST_PULUMI_IN_PYTHON.removesuffix(".0"), OLDEST_PULUMI.removesuffix(".0")
    for words in (f"`pulumi` {python}", f"`@pulumi/pulumi` {other}", f"`pulumi/sdk/v3` {other}"):
        assert words in page
