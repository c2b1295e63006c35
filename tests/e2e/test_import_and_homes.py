"""Import, refresh, and stores that are not the right one: nothing is ever dropped."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import issued, program
from tests.support.stack import Stack
from tests.support.store import dump

_INVOKE = """
variables:
  found: {"fn::invoke": {"function": "certwright:getValidationRecords", "arguments": {"domainNames": ["example.com"]}}}
outputs:
  records: ${found.records}
"""


def test_every_resource_is_imported_by_its_id_and_then_shows_no_difference(
    new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    source = new_stack("source")
    source.write(issued(["import.example.com", "www.import.example.com"], "example.com", 2))
    source.up().require_ok()
    made = source.resources()
    target = new_stack("target")
    target.write("resources: {}\n")
    wanted = {
        "nameTable": {},
        "resources": [
            {"type": made[name]["type"], "name": name, "id": made[name]["id"]}
            for name in ("cert", "cert-record-0", "cert-record-1", "cert-issued")
        ],
    }
    listing = tmp_path / "import.json"
    listing.write_text(json.dumps(wanted))
    done = target.pulumi(
        "import", "--file", str(listing), "--yes", "--skip-preview", "--generate-code=false", "--protect=false"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    target.write(issued(["import.example.com", "www.import.example.com"], "example.com", 2))
    shown = target.preview().require_ok()
    assert shown.changed() == {}
    imported = target.resources()
    assert imported["cert"]["outputs"]["arn"] == made["cert"]["outputs"]["arn"]
    assert "PRIVATE KEY" not in target.export()


def test_import_prints_a_program_with_the_fewest_inputs(new_stack: Callable[..., Stack]) -> None:
    source = new_stack("source")
    source.write(issued(["code.example.com"], "example.com", 1))
    source.up().require_ok()
    arn = source.outputs()["arn"]
    target = new_stack("target")
    target.write("resources: {}\n")
    done = target.pulumi("import", "certwright:index:Certificate", "cert", arn, "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    inputs = target.resources()["cert"]["inputs"]
    assert inputs == {"domainName": "code.example.com", "keyAlgorithm": "EC_prime256v1"}


def stable(stack: Stack) -> dict[str, Any]:
    """Return id, inputs and outputs of the resources in the state; the rest is the engine's own bookkeeping."""
    kept = ("id", "inputs", "outputs", "type")
    return {name: {key: item.get(key) for key in kept} for name, item in stack.resources().items()}


@pytest.fixture
def settled(stack: Stack) -> Stack:
    """Return a stack with an issued certificate."""
    stack.write(issued(["home.example.com"], "example.com", 1))
    stack.up().require_ok()
    return stack


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param({"CERTWRIGHT_HOME": "{folder}/none"}, "is empty", id="a home that is not there"),
        pytest.param(
            {"CERTWRIGHT_STORE": "postgresql://nobody@127.0.0.1:1/none"}, "cannot be used", id="a server that is down"
        ),
        pytest.param({"CERTWRIGHT_MASTER_KEY": "env:NOT_THERE"}, "NOT_THERE", id="a master key that is missing"),
    ],
)
def test_a_refresh_drops_nothing_with(settled: Stack, settings: dict[str, str], sentence: str) -> None:
    before = stable(settled)
    env = {name: value.format(folder=settled.folder) for name, value in settings.items()}
    failed = settled.refresh(env=env).require_failed()
    assert sentence in failed.text
    assert stable(settled) == before
    assert settled.preview().require_ok().changed() == {}


def test_an_emptied_store_is_refused_and_drops_nothing(settled: Stack) -> None:
    before = stable(settled)
    for file in settled.home.glob("store.db*"):
        file.unlink()
    for run in (settled.refresh(), settled.preview(), settled.up(), settled.destroy()):
        assert "installation" in run.require_failed().text
    assert stable(settled) == before
    assert not (settled.home / "store.db").exists()


def test_two_homes_and_one_stack_the_second_changes_nothing(
    settled: Stack, new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    other = new_stack("other", home=tmp_path / "second-home")
    other.write(issued(["else.example.org"], "example.org", 1))
    other.up().require_ok()
    rows, before = dump(tmp_path / "second-home"), stable(settled)
    env = {"CERTWRIGHT_HOME": str(tmp_path / "second-home")}
    for run in (settled.preview(env=env), settled.up(env=env), settled.refresh(env=env), settled.destroy(env=env)):
        text = run.require_failed().text
        assert "belongs to certwright installation" in text
        assert "nothing was changed" in text
    settled.write(_INVOKE)
    assert "belongs to certwright installation" in settled.preview(env=env).require_failed().text
    assert dump(tmp_path / "second-home") == rows
    assert stable(settled) == before


def test_a_pinned_installation_refuses_another_home_before_anything_is_made(
    settled: Stack, new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    other = new_stack("pinned", home=tmp_path / "third-home")
    installation = settled.resources()["cert"]["outputs"]["__certwright"]["installation"]
    other.configure("certwright:installation", installation)
    other.write(program('  cert: {"type": "certwright:Certificate", "properties": {"domainName": "a.example.com"}}\n'))
    assert installation in other.preview().require_failed().text
    assert not (tmp_path / "third-home").exists()


def test_ci_without_a_home_fails_in_preview_with_the_advice(stack: Stack) -> None:
    stack.write(issued(["ci.example.com"], "example.com", 1))
    failed = stack.preview(env={"CI": "true"}).require_failed()
    assert "certwright init" in failed.text
    assert "CI=true" in failed.text
    assert not stack.home.exists()


def test_the_first_preview_makes_a_home_and_says_so(stack: Stack) -> None:
    stack.write(issued(["first.example.com"], "example.com", 1))
    shown = stack.preview().require_ok()
    assert "A new certwright home was made" in shown.messages
    assert "hold for this home only" in shown.messages
    assert "A new certwright home was made" not in stack.preview().require_ok().messages


def test_the_first_up_says_that_browsers_do_not_trust_the_built_in_authority(stack: Stack) -> None:
    stack.write(issued(["trust.example.com"], "example.com", 1))
    assert "not trusted by browsers" in stack.up().require_ok().messages
    stack.write(issued(["trust.example.com", "b.trust.example.com"], "example.com", 2))
    assert "not trusted by browsers" not in stack.up().require_ok().messages


def test_ci_with_sqlite_warns_that_the_store_dies_with_the_runner(stack: Stack) -> None:
    stack.write(issued(["runner.example.com"], "example.com", 1))
    stack.up().require_ok()
    assert "lost with this runner" in stack.preview(env={"CI": "true"}).require_ok().messages


def test_a_deleted_certificate_is_gone_at_refresh_and_made_anew(
    settled: Stack, new_stack: Callable[..., Stack]
) -> None:
    arn = settled.outputs()["arn"]
    twin = new_stack("twin")
    shutil.copytree(settled.folder / "state", twin.folder / "state", dirs_exist_ok=True)
    twin.write(issued(["home.example.com"], "example.com", 1))
    twin.destroy().require_ok()
    settled.refresh().require_ok()
    assert "cert" not in settled.resources()
    settled.up().require_ok()
    assert settled.outputs()["arn"] != arn
