"""docs/TROUBLESHOOTING.md: every sentence that it quotes is one that certwright can say."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.support.stack import REPOSITORY

PAGE = (REPOSITORY / "docs" / "TROUBLESHOOTING.md").read_text()
QUOTED = re.findall(r"^> (`+) ?(.+?) ?\1$", PAGE, re.MULTILINE)
SENTENCES = [text for _, text in QUOTED]
_VARIABLE = "…"
_SHORTEST = 4


@cache
def said() -> str:
    """Return every text of the provider, a line each, with `…` for what differs."""
    files = (REPOSITORY / "provider").rglob("*.py")
    return "\n".join(text for file in files for text in texts_of(ast.parse(file.read_text())))


def texts_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\s+", " ", node.value.replace("$python", _VARIABLE))
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else _VARIABLE for part in node.values)


def fixed_parts(sentence: str) -> list[str]:
    """Return what is fixed of a sentence: between what differs, and around the word for the kind of a fault."""
    parts = re.split(rf"{_VARIABLE}|\[([A-Z_]+)\]\.", sentence)
    return [part.strip(" :.`") for part in parts if part and len(part.strip(" :.`")) >= _SHORTEST]


def test_the_page_quotes_at_least_forty_sentences() -> None:
    assert len(SENTENCES) >= 40


def test_no_sentence_is_quoted_twice() -> None:
    assert sorted(set(SENTENCES)) == sorted(SENTENCES)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_quoted_sentence_is_in_the_source(sentence: str) -> None:
    parts = fixed_parts(sentence)
    assert parts
    assert [part for part in parts if part not in said()] == []


@pytest.mark.parametrize("sentence", ["… is no certificate of ours, sorry.", "…: … is a URL [IS_NO_URL]."])
def test_a_sentence_that_nothing_says_is_found(sentence: str) -> None:
    assert [part for part in fixed_parts(sentence) if part not in said()] != []


def test_every_entry_has_a_sentence_and_a_way_out() -> None:
    entries = re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    lines = {title: [line for line in body.splitlines() if line] for title, body in entries}
    bare = [title for title, body in lines.items() if not body[0].startswith("> ") or body[-1].startswith("> ")]
    assert bare == []
