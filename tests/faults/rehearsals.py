"""Scripts of a page of documentation, as they stand there.

A section (`##`) may have shell blocks (```sh), which readers run, and comments that begin with `rehearsal` (what brings
the trouble about) or `afterwards` (what must hold then). In the order of the page they make one script, in which
`refused COMMAND` fails unless the command does.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import REPOSITORY

DOCS = REPOSITORY / "docs"
_PARTS = re.compile(r"^```sh\n(.*?)^```$|^<!-- (?:rehearsal|afterwards)\n(.*?)^-->$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(\w*)$", re.MULTILINE)
_SECONDS = 240
_BEGIN = """set -euxo pipefail
refused() { if "$@"; then echo "This was not refused: $*"; exit 1; fi; }
"""


@dataclass(frozen=True)
class Rehearsal:
    """One section's script."""

    page: str
    section: str
    script: str

    def run(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Run the script; fail with everything it said when any of its commands fails."""
        file = folder.parent / "rehearsal.sh"
        file.write_text(_BEGIN + self.script)
        done = subprocess.run(
            ["bash", str(file)],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def rehearsals(page: str) -> Iterator[Rehearsal]:
    """Yield the script of each section that has one."""
    for title, text in sections(page):
        parts = [shown or hidden for shown, hidden in _PARTS.findall(text)]
        if parts:
            yield Rehearsal(page, title, "\n".join(parts))


def sections(page: str) -> Iterator[tuple[str, str]]:
    """Yield title and text of each section."""
    for part in (DOCS / page).read_text().split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        yield title, text


def languages(page: str) -> list[str]:
    """Return the language of every opening fence of a page."""
    return _FENCE.findall((DOCS / page).read_text())[::2]
