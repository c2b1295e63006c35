"""README: its program does what README shows of it."""

import json
import re
from pathlib import Path

import pytest

from tests.docs.pages import snippets
from tests.support.stack import REPOSITORY, TOOLS, make_stack

README = (REPOSITORY / "README.md").read_text()
TARGET = {"server": "127.0.0.1", "port": "9", "keyName": "updater", "keySecret": "c2VjcmV0IHNlY3JldCBzZWNyZXQ="}
_LABEL = re.compile(r"_[a-z2-7]{32}\b")


def alike(text: str) -> list[str]:
    """Return the lines of a text with every label the same: a home has labels of its own."""
    return [_LABEL.sub("_label", line).strip() for line in text.splitlines() if line.strip()]


@pytest.mark.e2e
@pytest.mark.skipif(not (TOOLS / "pulumi").exists(), reason=f"no Pulumi engine at {TOOLS}: run make test")
def test_the_preview_in_readme_is_that_of_its_program(tmp_path: Path) -> None:
    (program,) = [item.code for item in snippets("python") if item.page.name == "README.md"]
    (shown,) = re.findall(r"^    \$ pulumi preview\n((?:    .+\n)+)", README, re.MULTILINE)
    settings = {"CERTWRIGHT_RFC2136": json.dumps(TARGET), "CERTWRIGHT_RESOLVERS": "127.0.0.1:9"}
    stack = make_stack(tmp_path / "stack", tmp_path / "home", **settings)
    stack.write_python(program)
    lines = alike(stack.preview().require_ok().text)
    assert [line for line in alike(shown) if line not in lines] == []
    outputs = alike(shown)[alike(shown).index("Outputs:") :]
    assert lines[(start := lines.index("Outputs:")) : start + len(outputs)] == outputs


def test_readme_says_what_it_is_and_how_to_begin_within_forty_lines() -> None:
    head = "\n".join(README.splitlines()[:45])
    assert all(text in head for text in ("pulumi preview", "certwright.Certificate(", "make demo", "make test"))


def test_every_target_that_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", README)) <= targets
