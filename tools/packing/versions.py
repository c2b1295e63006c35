"""The version to release: one, said alike everywhere."""

import json
import re
import tomllib
from pathlib import Path

from tools.packing.steps import ReleaseError

_CHANGES = re.compile(r"^## \[?v?(?P<version>[^\s\]]+)", re.MULTILINE)


def agreed_version(source: Path) -> str:
    """Return the version; raise `ReleaseError` with every place that says another one."""
    said = {place: version for place, version in _said(source).items() if version is not None}
    version = said["pyproject.toml"]
    others = {place: other for place, other in said.items() if other != version}
    if others:
        listed = "".join(f"\n  {place} says {other}" for place, other in others.items())
        msg = f"pyproject.toml says version {version}, but{listed}\nMake them agree (docs/RELEASING.md)."
        raise ReleaseError(msg)
    return version


def _said(source: Path) -> dict[str, str | None]:
    """Return what each place says; None where a generated SDK does not exist."""
    package = source / "provider/certwright/__init__.py"
    return {
        "pyproject.toml": _project(source / "pyproject.toml"),
        "provider/certwright/__init__.py": _first(r'__version__ = "(.+)"', package.read_text()),
        "schema.json": _json(source / "schema.json"),
        "CHANGELOG.md (its newest section)": _first(_CHANGES, (source / "CHANGELOG.md").read_text()),
        "sdk/python/pyproject.toml": _project(source / "sdk/python/pyproject.toml"),
        "sdk/nodejs/package.json": _json(source / "sdk/nodejs/package.json"),
        **{str(path.relative_to(source)): _json(path) for path in sorted((source / "sdk").rglob("pulumi-plugin.json"))},
    }


def _project(path: Path) -> str:
    return str(tomllib.loads(path.read_text())["project"]["version"])


def _json(path: Path) -> str | None:
    return str(json.loads(path.read_text())["version"]) if path.exists() else None


def _first(pattern: str | re.Pattern[str], text: str) -> str:
    found = re.search(pattern, text)
    return found.group(1) if found else "nothing"
