"""One deadline for an attempt over many names, whichever resolver is asked (core.validation.deadline)."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.core.validation.deadline import within
from certwright.model.records import RecordType, ServerAnswer, ServerFailure

from tests.core.world import World, make_world
from tests.fakes import FakeCancellation, ScriptedValidator
from tests.unit.dns.validators import vouches

QUESTION = ("_n.example.com.", RecordType.CNAME)
SECONDS = 110.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    with closing(made.core.store):
        yield replace(made, core=replace(made.core, validating=ScriptedValidator({QUESTION: vouches()})))


def test_both_resolvers_answer_until_the_deadline_and_neither_is_asked_after_it(world: World) -> None:
    bounded = within(world.core, SECONDS)
    assert bounded.validating is not None
    world.clock.wait(SECONDS - 1)
    assert isinstance(bounded.resolver.ask(*QUESTION, 8.0, FakeCancellation())[0], ServerAnswer)
    assert bounded.validating.ask(*QUESTION, 8.0, FakeCancellation()) == vouches()
    world.clock.wait(1)
    (reply,) = bounded.resolver.ask(*QUESTION, 8.0, FakeCancellation())
    assert isinstance(reply, ServerFailure)
    assert bounded.validating.ask(*QUESTION, 8.0, FakeCancellation()) == reply
    assert len(world.zone.asked) == 1


def test_a_core_without_a_validating_resolver_gets_none(world: World) -> None:
    assert within(replace(world.core, validating=None), SECONDS).validating is None
