"""Mutation testing of the security core: every mutant of these modules must fail a unit test, nine in ten do.

mutmut knows sources at the top or in src/ only, so it works on a copy that is laid out so, below build/. What it
mutates and which tests it runs is in pyproject.toml. The survivors are explained in docs/MUTANTS.md.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COPY = REPOSITORY / "build" / "mutants"
LEAST_PERCENT = 90.0
KILLED = frozenset({1, 3})
# CI fixes what hypothesis draws: a mutant is killed in each run or in none.
SETTLED = {"CI": "true", "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> int:
    """Mutate, run the tests, print the table; 1 when too many live."""
    make_copy()
    log = COPY / "mutmut.log"
    with log.open("w") as out:
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1)]
        subprocess.run(command, cwd=COPY, env={**os.environ, **SETTLED}, stdout=out, stderr=out, check=False)
    tally = dict(sorted(results(COPY / "mutants" / "src")))
    if not tally or any(codes[None] for codes in tally.values()):
        print(f"mutmut did not come to its end: see {log}", file=sys.stderr)
        return 1
    print_table(tally)
    return 0 if all(percent(codes) >= LEAST_PERCENT for codes in tally.values()) else 1


def make_copy() -> None:
    """Copy sources and tests, the sources as src/."""
    shutil.rmtree(COPY, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "provider", COPY / "src", ignore=ignore)
    shutil.copytree(REPOSITORY / "tests", COPY / "tests", ignore=ignore)
    shutil.copy(REPOSITORY / "pyproject.toml", COPY)


def results(folder: Path) -> Iterator[tuple[str, Counter[int | None]]]:
    """Yield each module with the exit codes of the tests of its mutants; None for one that was not tried."""
    for meta in folder.rglob("*.py.meta"):
        codes: Mapping[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            yield str(meta.relative_to(folder / "certwright"))[: -len(".meta")], Counter(codes.values())


def percent(codes: Counter[int | None]) -> float:
    """Return how many of a hundred mutants were killed."""
    return 100 * sum(codes[code] for code in KILLED) / codes.total()


def print_table(tally: Mapping[str, Counter[int | None]]) -> None:
    """Print a line for each module, and one for all."""
    total: Counter[int | None] = sum(tally.values(), Counter())
    print(f"{'module':<28} {'mutants':>8} {'killed':>8} {'percent':>8}")
    for module, codes in [*tally.items(), ("all", total)]:
        killed = sum(codes[code] for code in KILLED)
        print(f"{module:<28} {codes.total():>8} {killed:>8} {percent(codes):>8.1f}")
    print(f"Survivors: cd {COPY.relative_to(REPOSITORY)} && mutmut results; mutmut show <mutant>")


if __name__ == "__main__":
    sys.exit(main())
