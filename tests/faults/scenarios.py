"""What a stack is doing when a fault strikes, and how it got there."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.convergence import require_converged, require_gone
from tests.support.programs import issued
from tests.support.stack import Run, Stack
from tests.support.store import make_due

# One call after another, so that the n-th system call is about the same in each run.
_ONE_BY_ONE = ("--parallel", "1")
_ZONE = "example.com"
_ONE = ["fault.example.com"]
_TWO = ["fault.example.com", "more.fault.example.com"]


@dataclass(frozen=True)
class Scenario:
    """`prepare` brings a stack to the point, `act` is struck and afterwards repeated, `require` holds at the end."""

    prepare: Callable[[Stack], None]
    act: Callable[[Stack, dict[str, str]], Run]
    require: Callable[[Stack], None] = require_converged


def _up(stack: Stack, env: dict[str, str]) -> Run:
    return stack.up(*_ONE_BY_ONE, env=env)


def _destroy(stack: Stack, env: dict[str, str]) -> Run:
    return stack.destroy(*_ONE_BY_ONE, env=env)


def _declare(stack: Stack) -> None:
    stack.write(issued(_ONE, _ZONE, 1))


def _settle(stack: Stack) -> None:
    _declare(stack)
    stack.up().require_ok()


def _add_a_name(stack: Stack) -> None:
    _settle(stack)
    stack.write(issued(_TWO, _ZONE, 2))


def _let_it_be_due(stack: Stack) -> None:
    _settle(stack)
    make_due(stack.home)


SCENARIOS = {
    "a first up on a machine without a home": Scenario(_declare, _up),
    "a name is added": Scenario(_add_a_name, _up),
    "a renewal is due": Scenario(_let_it_be_due, _up),
    "everything is destroyed": Scenario(_settle, _destroy, require_gone),
}
