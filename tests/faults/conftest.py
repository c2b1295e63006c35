"""Stacks for the fault tests: the end-to-end ones, prepared once for each scenario and copied for each fault."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import knot, new_stack, pytest_collection_modifyitems, target
from tests.faults.scenarios import CROWDED, SCENARIOS
from tests.support.knot import Knot
from tests.support.stack import Stack, make_stack

__all__ = ["knot", "new_stack", "pytest_collection_modifyitems"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, knot: Knot) -> Callable[[str], Stack]:
    """Return a maker of the stack that a scenario begins with, made once."""
    made: dict[str, Stack] = {}

    def prepare(scenario: str) -> Stack:
        if scenario not in made:
            folder = tmp_path_factory.mktemp("prepared")
            settings = {"CERTWRIGHT_RESOLVERS": f'["{knot.address}"]', "CERTWRIGHT_RFC2136": target(knot)}
            stack = make_stack(folder / "stack", folder / "home", **settings)
            (SCENARIOS | CROWDED)[scenario].prepare(stack)
            made[scenario] = stack
        return made[scenario]

    return prepare


@pytest.fixture
def stack_in(prepared: Callable[[str], Stack], tmp_path: Path) -> Callable[[str], Stack]:
    """Return a maker of copies of a scenario's stack and home."""
    return lambda scenario: copy_stack(prepared(scenario), tmp_path)


def copy_stack(source: Stack, folder: Path) -> Stack:
    """Copy a stack and its home; the copy is named, since the engine remembers the chosen stack by path."""
    shutil.copytree(source.folder, folder / "stack")
    if source.home.exists():
        shutil.copytree(source.home, folder / "home")
    extra = (*source.extra, ("PULUMI_STACK", "dev"))
    return replace(source, folder=folder / "stack", home=folder / "home", extra=extra)
