"""Run benchmarks, print a table and write benchmarks/results.json."""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.engine import measure_engine
from benchmarks.issuance import measure_issuance
from benchmarks.measure import Measure, Say, table
from benchmarks.startup import measure_startup

_RESULTS = Path(__file__).parent / "results.json"
_BENCHMARKS: dict[str, Callable[[Path, Say], list[Measure]]] = {
    "startup": measure_startup,
    "issuance": measure_issuance,
    "engine": measure_engine,
}


def main() -> int:
    """Run what is named, everything where nothing is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"one or more of: {', '.join(_BENCHMARKS)} (default: all)")
    names = parser.parse_args().names or list(_BENCHMARKS)
    unknown = [name for name in names if name not in _BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(_BENCHMARKS)}")
    began = time.monotonic()

    def say(what: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - began:5.0f} s] {what}\n")
        sys.stderr.flush()

    measures = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"certwright-bench-{name}-") as folder:
            measures += _BENCHMARKS[name](Path(folder), say)
    _RESULTS.write_text(
        json.dumps({"python": platform.python_version(), "measures": [m.record() for m in measures]}, indent=1)
    )
    sys.stdout.write(f"{table(measures)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
