"""`up` and `preview` of many certificates, beside the same engine with a provider that does nothing."""

import json
import stat
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Goal, Measure, Say
from tests.support.home_records import home_with_records
from tests.support.knot import Knot, start_knot
from tests.support.programs import certificate, program, validation
from tests.support.stack import REPOSITORY, Stack, make_stack

_ZONE = "example.com"
_PREVIEWS = 3
_PATIENCE = 1200.0
_FLOOR = "provider that does nothing"


def measure_engine(folder: Path, say: Say, count: int = 1000) -> list[Measure]:
    """Measure `up` and `preview` of certificates that wait, and of half as many that are issued and waited for."""
    knot = start_knot(folder / "knot", [_ZONE])
    try:
        waiting = [certificate([f"w{index}.{_ZONE}"], f"cert-{index}") for index in range(count)]
        names = [f"i{index}.{_ZONE}" for index in range(count // 2)]
        issued = [
            certificate([name], f"cert-{index}") + validation(resource=f"cert-{index}", timeout="600s")
            for index, name in enumerate(names)
        ]
        return [
            *_measure(folder / "waiting", knot, say, f"{count} certificates", waiting, ()),
            *_measure(folder / "issued", knot, say, f"{count // 2} certificates issued and waited for", issued, names),
        ]
    finally:
        knot.stop()


def _measure(
    folder: Path, knot: Knot, say: Say, title: str, resources: Sequence[str], names: Sequence[str]
) -> list[Measure]:
    ours = make_stack(folder / "ours", CERTWRIGHT_RESOLVERS=json.dumps([knot.address]))
    for owner, target in home_with_records(ours, names).items():
        knot.add(_ZONE, owner, "CNAME", target)
    ours.write(program(*resources))
    say(f"first preview of {title}")
    first = _seconds(ours, "preview")
    say(f"up of {title}")
    up = _seconds(ours, "up", "--yes", "--skip-preview")
    floor = _floor_stack(folder, ours)
    floor.write(f"{_plugins(folder)}{program(*resources)}")
    say(f"first preview of {title}: {_FLOOR}")
    floor_first = _seconds(floor, "preview")
    say(f"up of {title}: {_FLOOR}")
    floor_up = _seconds(floor, "up", "--yes", "--skip-preview")
    say(f"previews of {title}, nothing changed: ours and the floor's in turn")
    pairs = [(_seconds(ours, "preview"), _seconds(floor, "preview")) for _ in range(_PREVIEWS)]
    return [
        Measure(f"up, {title}", up, "s", floor_up, _FLOOR, Goal(1.10)),
        Measure(f"preview, {title}, nothing changed", *_best(pairs), _FLOOR, Goal(1.05)),
        Measure(f"first preview, {title}", first, "s", floor_first, _FLOOR),
    ]


def _best(pairs: Sequence[tuple[float, float]]) -> tuple[float, str, float]:
    return min(mine for mine, _ in pairs), "s", min(other for _, other in pairs)


def _floor_stack(folder: Path, ours: Stack) -> Stack:
    """Return a stack whose provider answers with what ours has in its state."""
    outputs = {
        item["urn"]: {"id": item["id"], "outputs": item.get("outputs", {})}
        for item in ours.resources().values()
        if item.get("id") and not item["type"].startswith("pulumi:")
    }
    file = folder / "outputs.json"
    file.write_text(json.dumps(outputs))
    script = folder / "plugin" / "pulumi-resource-certwright"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\nfrom benchmarks.floor_provider import main\nmain()\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    schema = str(REPOSITORY / "schema.json")
    return make_stack(
        folder / "floor",
        FLOOR_OUTPUTS=str(file),
        FLOOR_SCHEMA=schema,
        PYTHONPATH=str(REPOSITORY),
        PULUMI_IGNORE_AMBIENT_PLUGINS="true",
    )


def _plugins(folder: Path) -> str:
    return f"plugins:\n  providers:\n    - name: certwright\n      path: {folder / 'plugin'}\n"


def _seconds(stack: Stack, *command: str) -> float:
    began = time.monotonic()
    done = stack.pulumi(*command, "--non-interactive", timeout=_PATIENCE)
    if done.returncode:
        msg = f"pulumi {command[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        raise RuntimeError(msg)
    return time.monotonic() - began
