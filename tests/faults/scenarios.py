"""What a stack is doing when a fault strikes, and how it got there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from certwright.bootstrap import open_app
from certwright.core.certificates import certificates_of
from certwright.model.certificates import CertificateVersion, RenewalDecision
from certwright.ports.store import Transaction
from certwright.settings import resolve_settings

from tests.faults.convergence import require_converged, require_gone
from tests.support.programs import certificate, issued, program, records, validation
from tests.support.stack import Run, Stack

# One call after another, so that the n-th system call is about the same in each run.
_ONE_BY_ONE = ("--parallel", "1")
_ZONE = "example.com"
MANY = 8
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
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


def _declare_many(stack: Stack) -> None:
    stack.write(_many([f"m{index}.example.com"] for index in range(MANY)))


def _settle_many(stack: Stack) -> None:
    _declare_many(stack)
    stack.up().require_ok()


def _add_a_name_to_many(stack: Stack) -> None:
    _settle_many(stack)
    stack.write(_many([f"m{index}.example.com", f"more.m{index}.example.com"] for index in range(MANY)))


def _many(certificates: Iterable[list[str]]) -> str:
    """Return a program of certificates with their records and waits."""
    entries = []
    for index, names in enumerate(certificates):
        own = f"cert-{index}"
        published = [f"{own}-record-{number}" for number in range(len(names))]
        entries += [certificate(names, own), records(len(names), _ZONE, own), validation(published, own)]
    return program(*entries)


def _let_it_be_due(stack: Stack) -> None:
    """Let the renewal instant of every certificate be long ago, in rows as certwright writes them."""
    _settle(stack)
    environ = stack.environment()
    app = open_app(resolve_settings({}, environ), environ, create=False)
    for view in certificates_of(app.core, app.caller):
        assert view.current is not None
        due = replace(view.current, renewal=RenewalDecision(_LONG_AGO, _LONG_AGO, _LONG_AGO))
        app.core.store.write(partial(_update, version=due))
    app.close()


def _update(tx: Transaction, version: CertificateVersion) -> None:
    tx.certificates.update_version(version)


SCENARIOS = {
    "a first up on a machine without a home": Scenario(_declare, _up),
    "a name is added": Scenario(_add_a_name, _up),
    "a renewal is due": Scenario(_let_it_be_due, _up),
    "everything is destroyed": Scenario(_settle, _destroy, require_gone),
}
CROWDED = {
    "a first up of many": Scenario(_declare_many, _up),
    "a name is added to many": Scenario(_add_a_name_to_many, _up),
    "many are destroyed": Scenario(_settle_many, _destroy, require_gone),
}
