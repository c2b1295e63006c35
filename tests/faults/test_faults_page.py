"""docs/FAULTS.md names every fault once at least, and every test that it names exists."""

import ast
import re
from functools import cache

import pytest

from tests.support.stack import REPOSITORY

_TEXT = (REPOSITORY / "docs" / "FAULTS.md").read_text()
_NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)::(\w+)`", _TEXT)))
_IDS = [
    *(f"P{number}" for number in range(1, 19)),
    *(f"S{n}" for n in (1, 2, 3, 4, 5, 8, 11, 13, 15)),
    "C1",
    "C7",
    "C8",
]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((REPOSITORY / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("file", "name"), _NAMED, ids=[name for _, name in _NAMED])
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name in functions_of(file)


def test_every_fault_has_a_row_with_a_test() -> None:
    rows = {found[1]: found[0] for found in re.finditer(r"^\| ([PSC]\d+) \|.*$", _TEXT, re.MULTILINE)}
    assert set(rows) == set(_IDS)
    assert [fault for fault, row in rows.items() if "::" not in row and fault != "P3"] == []
