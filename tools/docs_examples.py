"""The page of examples: every program in examples/ as it is run by the tests."""

import re
from collections.abc import Iterator
from pathlib import Path

EXAMPLES_PAGE = "examples.md"
_LANGUAGES = {".py": "python", ".ts": "typescript", ".go": "go", ".yaml": "yaml"}
_DESCRIPTION = re.compile(r"^description: (.+)$", re.MULTILINE)
_HEAD = """\
# Examples

Programs of the repository's folder `examples`, as the tests run them.
"""


def examples_page(folder: Path) -> str:
    """Return the page of every example in a folder."""
    examples = sorted((path for path in folder.iterdir() if path.is_dir()), key=_place)
    return "\n".join([_HEAD, *(_section(example) for example in examples)])


def _place(example: Path) -> tuple[bool, str]:
    """Put those first that a reader begins with."""
    return not example.name.startswith("quickstart"), example.name


def _section(example: Path) -> str:
    parts = [f"## {example.name} {{ #{example.name} }}\n"]
    for program in _programs(example):
        if program != example:
            parts.append(f"### {program.relative_to(example)} {{ #{_anchor(example, program)} }}\n")
        parts += [f"{described}.\n" for described in _DESCRIPTION.findall((program / "Pulumi.yaml").read_text())]
        parts += [_code(program, file) for file in _sources(program)]
    return "\n".join(parts)


def _programs(example: Path) -> Iterator[Path]:
    for project in sorted(example.rglob("Pulumi.yaml")):
        if "node_modules" not in project.parts:
            yield project.parent


def _sources(program: Path) -> list[Path]:
    """Return what a reader wants to see of a program: its code, or its Pulumi.yaml when that is all."""
    code = [file for file in sorted(program.iterdir()) if file.suffix in {".py", ".ts", ".go"}]
    return code or [program / "Pulumi.yaml"]


def _anchor(example: Path, program: Path) -> str:
    return "-".join((example.name, *program.relative_to(example).parts))


def _code(program: Path, file: Path) -> str:
    title = file.relative_to(program.parent).as_posix()
    return f'```{_LANGUAGES[file.suffix]} title="{title}"\n{file.read_text().rstrip()}\n```\n'
