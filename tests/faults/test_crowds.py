"""Many at once: first runs, stacks on one store, waits that end together, slow and silent DNS (P4, P12, P13)."""

import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.faults.injection import timed, times_of
from tests.support.home_records import home_with_records
from tests.support.knot import Knot
from tests.support.nameserver import Act, Behaviour, acts, after, by_question, later, name_server, says
from tests.support.programs import certificate, program, validation
from tests.support.stack import Stack, make_stack
from tests.support.store import query

pytestmark = pytest.mark.timeout(1800)
_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_STACKS, _CERTIFICATES = (20, 50) if _IS_FULL else (4, 10)
_WAITS = 300 if _IS_FULL else 60
_SLOW, _SLOW_FOR = (500, 60.0) if _IS_FULL else (60, 12.0)


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


def knows(records: Mapping[str, str]) -> Behaviour:
    """Answer for these CNAMEs, and that nothing else is there."""
    nothing = says(rcode="NXDOMAIN", apex="example.com.")
    table = {(owner, "CNAME"): says(f"{owner} 60 CNAME {target}") for owner, target in records.items()}
    return by_question(table, nothing)


def test_while_dns_is_slow_no_certificate_meets_a_deadline_and_all_are_issued_once_it_is_quick(
    many_stacks: Callable[[int], list[Stack]], tmp_path: Path
) -> None:
    (stack,) = many_stacks(1)
    names = [f"slow{index}.example.com" for index in range(_SLOW)]
    entries = []
    for index, name in enumerate(names):
        entries += [certificate([name], f"cert-{index}"), validation(resource=f"cert-{index}", timeout="600s")]
    stack.write(program(*entries), "project-0")
    answers = knows(home_with_records(stack, names))
    with name_server(later(_SLOW_FOR, after(5.0, answers), answers)) as server:
        slow = {"CERTWRIGHT_RESOLVERS": f'["127.0.0.1:{server.port}"]', **timed(tmp_path / "bin", tmp_path / "times")}
        run = stack.run("up", "--yes", "--skip-preview", "--parallel", "256", env=slow, timeout=900).require_ok()
    assert "deadline" not in run.text.lower()
    assert any("no answer by UDP" in status for status in run.statuses), "DNS was never slow"
    assert query(stack.home, "SELECT state, count(*) FROM certificate_versions GROUP BY state") == [("ISSUED", _SLOW)]
    # The creates of validations are the waits themselves, which DNS holds up for as long as it is slow.
    creates = times_of(tmp_path / "times", "Create")[:_SLOW]
    assert creates[int(_SLOW * 0.99) - 1] <= 2.0


def test_a_preview_with_dns_that_never_answers_ends_soon(
    many_stacks: Callable[[int], list[Stack]], tmp_path: Path
) -> None:
    del tmp_path
    (stack,) = many_stacks(1)
    entries = (certificate([f"n{index}.silent{index}.example"], f"cert-{index}") for index in range(100))
    stack.write(program(*entries), "project-0")
    home_with_records(stack, ())
    with name_server(acts(Act.SILENCE)) as server:
        silent = {"CERTWRIGHT_RESOLVERS": f'["127.0.0.1:{server.port}"]'}
        floor = min(seconds_of_preview(stack, {**silent, "CERTWRIGHT_PREFLIGHT": "false"}) for _ in range(2))
        taken = min(seconds_of_preview(stack, silent) for _ in range(2))
        assert server.asked
    assert taken <= floor + 3.0, f"{taken:.1f} s, {floor:.1f} s without DNS"


def seconds_of_preview(stack: Stack, env: Mapping[str, str]) -> float:
    began = time.monotonic()
    stack.preview(env=env).require_ok()
    return time.monotonic() - began
