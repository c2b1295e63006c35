"""Many at once: one home from many first runs, one store under many stacks, many waits that end together (P4, P13)."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.knot import Knot
from tests.support.programs import certificate, program, validation
from tests.support.stack import Stack, make_stack
from tests.support.store import query

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_STACKS, _CERTIFICATES = (20, 50) if _IS_FULL else (4, 10)
_WAITS = 300 if _IS_FULL else 60


@pytest.fixture
def many_stacks(tmp_path: Path, knot: Knot) -> Callable[[int], list[Stack]]:
    """Return a maker of stacks, each of a project of its own, on one home that is not there yet."""
    settings = {"CERTWRIGHT_RESOLVERS": f'["{knot.address}"]'}

    def make_one(index: int) -> Stack:
        folder = tmp_path / f"stack-{index}"
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(f"name: project-{index}\nruntime: yaml\nresources: {{}}\n")
        return make_stack(folder, tmp_path / "home", **settings)

    return lambda count: [make_one(index) for index in range(count)]


def all_up(stacks: list[Stack]) -> list[str]:
    """Run `up` on all stacks at once and return what each printed; fail when one failed."""
    runs = [stack.start("up", "--yes", "--skip-preview") for stack in stacks]
    texts = [run.communicate(timeout=600)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), "\n".join(texts)
    return texts


def test_eight_first_ups_at_once_make_one_home(many_stacks: Callable[[int], list[Stack]]) -> None:
    stacks = many_stacks(8)
    for index, stack in enumerate(stacks):
        stack.write(program(certificate([f"s{index}.example.com"])), f"project-{index}")
    all_up(stacks)
    home = stacks[0].home
    installations = {stack.resources()["cert"]["outputs"]["__certwright"]["installation"] for stack in stacks}
    assert query(home, "SELECT id FROM installation") == [(installations.pop(),)]
    assert installations == set()
    assert query(home, "SELECT count(*) FROM authorities WHERE role = 'ROOT'") == [(1,)]
    assert sorted(path.name for path in home.iterdir() if "store.db" not in path.name) == ["master.key"]


def test_many_stacks_on_one_store_meet_no_error(many_stacks: Callable[[int], list[Stack]]) -> None:
    stacks = many_stacks(_STACKS)
    for number, stack in enumerate(stacks):
        entries = (certificate([f"c{index}.example.com"], f"cert-{index}") for index in range(_CERTIFICATES))
        stack.write(program(*entries), f"project-{number}")
    all_up(stacks)
    assert query(stacks[0].home, "SELECT count(*) FROM certificates") == [(_STACKS * _CERTIFICATES,)]
    assert query(stacks[0].home, "SELECT count(*) FROM handed_out_names") == [(_CERTIFICATES,)]


def test_many_waits_end_together_at_ctrl_c_and_keep_their_ids(many_stacks: Callable[[int], list[Stack]]) -> None:
    (stack,) = many_stacks(1)
    entries = []
    for index in range(_WAITS):
        entries.append(certificate([f"w{index}.example.org"], f"cert-{index}"))
        entries.append(validation(resource=f"cert-{index}", timeout="300s"))
    stack.write(program(*entries), "project-0")
    run = stack.start("up", "--yes", "--skip-preview", "--parallel", "400")
    assert run.stdout is not None
    waiting: set[str] = set()
    deadline = time.monotonic() + 200
    while len(waiting) < _WAITS and time.monotonic() < deadline:
        found = re.search(r"CertificateValidation (cert-\d+-issued) .*CNAME is missing", run.stdout.readline())
        if found:
            waiting.add(found[1])
    assert len(waiting) == _WAITS
    pressed = time.monotonic()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=120)
    taken = time.monotonic() - pressed
    state = stack.resources()
    kept = [name for name, item in state.items() if item["type"].endswith("CertificateValidation") and item["id"]]
    assert len(kept) == _WAITS
    assert "pending_operations" not in stack.export()
    # The waits end within their next look of 200 ms; the engine then writes its state once for each of them.
    assert taken < 5 + _WAITS * 0.1, f"{taken:.1f} s for {_WAITS} waits"
