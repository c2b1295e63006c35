"""What the pages for users contain: code, commands, keys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
_FENCED = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Snippet:
    """A block of code of a page."""

    page: Path
    number: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.number}"


def snippets(language: str) -> list[Snippet]:
    """Return every block of code in a language, in every page."""
    return [item for page in PAGES for item in _blocks(page) if item.language == language]


def shell_lines(page: Path) -> Iterator[str]:
    """Yield every line that may be typed: blocks in no other language, and code within sentences; no quoted message."""
    for block in _blocks(page):
        if block.language in {"", "sh"}:
            yield from block.code.splitlines()
    for line in _FENCED.sub("", page.read_text()).splitlines():
        if line.startswith("    "):
            yield line.strip()
        elif not line.startswith("> "):
            yield from _CODE.findall(line)


def _blocks(page: Path) -> Iterator[Snippet]:
    for number, found in enumerate(_FENCED.finditer(page.read_text())):
        width = len(found["indent"])
        code = "\n".join(line[width:] for line in found["code"].splitlines())
        yield Snippet(page, number, found["language"], f"{code}\n")
