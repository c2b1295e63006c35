"""The site's hooks: what MkDocs builds besides the pages in docs/, and where links of a repository lead in a site.

README.md is the site's first page, CHANGELOG.md a page; examples and reference are made from examples/, schema.json and
the commands. A link to one of these leads to its page, so that every page reads well in the repository too.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.docs_commands import command_page
from tools.docs_examples import EXAMPLES_PAGE, examples_page
from tools.docs_reference import reference_pages

REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE, OTHER_PAGES = "Reference", "The project"
COMMANDS_PAGE = "reference/commands.md"
_MOVED = {"README.md": "index.md", "CHANGELOG.md": "changelog.md"}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the generated pages into the navigation, and every page that it does not name at its end."""
    nav: list[dict[str, Any]] = list(config.nav or [])
    named = set(_named(nav))
    for section in nav:
        if REFERENCE in section:
            section[REFERENCE] = [*section[REFERENCE], *_reference()]
        if OTHER_PAGES in section:
            others = sorted(path.name for path in Path(config.docs_dir).glob("*.md"))
            section[OTHER_PAGES] += [name for name in others if name not in named]
    config.nav = nav
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are not in docs/."""
    for name, content in generated_pages().items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links out of docs/ to the pages that stand for what they name."""
    del config, files
    return site_links(markdown, "docs", page.file.src_uri) if _is_written(page.file.src_uri) else markdown


def generated_pages() -> dict[str, str]:
    """Return the content of every page that is not in docs/, by its place in the site."""
    moved = {place: site_links((REPOSITORY / name).read_text(), ".", place) for name, place in _MOVED.items()}
    examples = {EXAMPLES_PAGE: examples_page(REPOSITORY / "examples")}
    return {**moved, **examples, **reference_pages(_schema()), COMMANDS_PAGE: command_page()}


def site_links(markdown: str, folder: str, page: str) -> str:
    """Return a page of the repository's `folder` with its links as the site's `page` needs them."""
    parts = _FENCED.split(markdown)
    parts[::2] = [_LINK.sub(lambda link: _led(link, folder, page), part) for part in parts[::2]]
    return "".join(parts)


def _led(link: re.Match[str], folder: str, page: str) -> str:
    text, target = link[1], link[2]
    if re.match(r"[a-z]+:|#", target):
        return link[0]
    path, _, anchor = target.partition("#")
    place = _place(posixpath.normpath(posixpath.join(folder, path)))
    if place is None:
        return text
    relative = posixpath.relpath(place, posixpath.dirname(page) or ".")
    return f"[{text}]({relative}{'#' + anchor if anchor else ''})"


def _place(path: str) -> str | None:
    """Return where the site has a path of the repository; files that it has not are named, not linked."""
    if path in _MOVED:
        return _MOVED[path]
    top, _, rest = path.partition("/")
    if top == "examples":
        return f"{EXAMPLES_PAGE}#{rest.replace('/', '-')}" if rest else EXAMPLES_PAGE
    if top == "docs":
        return rest
    return None if (REPOSITORY / path).exists() else path


def _reference() -> list[str]:
    return [*reference_pages(_schema()), COMMANDS_PAGE]


def _schema() -> Mapping[str, Any]:
    schema: Mapping[str, Any] = json.loads((REPOSITORY / "schema.json").read_text())
    return schema


def _is_written(page: str) -> bool:
    return (REPOSITORY / "docs" / page).exists()


def _named(nav: Iterable[Any]) -> Iterator[str]:
    for item in nav:
        if isinstance(item, str):
            yield item
        else:
            yield from _named_in(item)


def _named_in(section: Mapping[str, Sequence[Any] | str]) -> Iterator[str]:
    for value in section.values():
        if isinstance(value, str):
            yield value
        else:
            yield from _named(value)
