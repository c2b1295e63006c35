"""docs/THREAT-MODEL.md speaks of every threat once, and every test that it names exists."""

import ast
import re
from functools import cache

import pytest

from tests.support.stack import REPOSITORY

TEXT = (REPOSITORY / "docs" / "THREAT-MODEL.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)::(\w+)`", TEXT)))
THREATS = range(1, 34)


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((REPOSITORY / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name in functions_of(file)


def test_every_name_in_backquotes_is_understood() -> None:
    assert len(re.findall(r"`tests/", TEXT)) == len(re.findall(r"`tests/[\w/.]+::\w+`", TEXT))


def test_every_threat_is_spoken_of_once() -> None:
    spoken = [int(number) for number in re.findall(r"^## T(\d+) ", TEXT, re.MULTILINE)]
    for first, last in re.findall(r"^\| T(\d+)(?:\u2013T(\d+))? \|", TEXT, re.MULTILINE):
        spoken += range(int(first), int(last or first) + 1)
    assert sorted(spoken) == list(THREATS)


def test_every_threat_that_is_built_names_a_test_or_says_what_is_not_defended() -> None:
    parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    built = [part for part in parts if re.match(r"T\d+ ", part)]
    assert [part.partition("\n")[0] for part in built if "Shown by" not in part and "Not defended" not in part] == []
