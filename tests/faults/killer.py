"""Read strace's lines from standard input and send a signal at the n-th: python killer.py N SIGNAL WHO MARKER.

WHO is `plugin`, the traced process, or `engine`, the process that started the tracer. strace's own injection counts
for each thread; a pool of threads makes such counts differ from run to run.
"""

import os
import re
import signal
import sys
from pathlib import Path


def field_of(process: str, name: str) -> int:
    """Return a number from /proc/<process>/status."""
    found = re.search(rf"^{name}:\s*(\d+)$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def engine_above(process: int) -> int:
    """Return the nearest ancestor that is the engine."""
    while Path(f"/proc/{process}/comm").read_text().strip() != "pulumi":
        process = field_of(str(process), "PPid")
    return process


def main() -> None:
    """Count lines to the end; the tracer must not find its pipe closed."""
    count, number, who, marker = int(sys.argv[1]), signal.Signals[sys.argv[2]], sys.argv[3], Path(sys.argv[4])
    for line_number, line in enumerate(sys.stdin, start=1):
        if line_number == count:
            plugin = field_of(line.split(maxsplit=1)[0], "Tgid")
            os.kill(engine_above(plugin) if who == "engine" else plugin, number)
            marker.touch()


if __name__ == "__main__":
    main()
