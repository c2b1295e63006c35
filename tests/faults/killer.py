"""Read strace's lines from standard input and kill the traced process at the n-th: python killer.py N MARKER.

strace's own injection counts for each thread; a pool of threads makes such counts differ from run to run.
"""

import os
import re
import signal
import sys
from pathlib import Path

count, marker = int(sys.argv[1]), Path(sys.argv[2])
for number, line in enumerate(sys.stdin, start=1):
    if number == count:
        thread = line.split(maxsplit=1)[0]
        process = re.search(r"^Tgid:\s*(\d+)$", Path(f"/proc/{thread}/status").read_text(), re.MULTILINE)
        assert process is not None
        os.kill(int(process[1]), signal.SIGKILL)
        marker.touch()
