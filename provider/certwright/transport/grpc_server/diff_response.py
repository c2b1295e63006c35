"""Changes of a resource as the engine is to show them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pulumi.runtime.proto import provider_pb2

from certwright.resources.session import ChangeKind, DiffResult, PropertyChange

_KINDS = {
    (ChangeKind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (ChangeKind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (ChangeKind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (ChangeKind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (ChangeKind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (ChangeKind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_PART = re.compile(r'\["(?P<quoted>.*?)"\](?=[.\[]|$)|\[(?P<index>[^\]]*)\]|(?P<name>[^.\[]+)')


def shown_changes(found: DiffResult, ignored: Iterable[str]) -> tuple[PropertyChange, ...]:
    """Return one change a path, without those at or below a path that the program ignores."""
    paths = [_parts(path) for path in ignored]
    merged: dict[str, PropertyChange] = {}
    for change in found.changes:
        if not _is_ignored(_parts(change.path), paths):
            merged[change.path] = _together(merged.get(change.path, change), change)
    return tuple(merged.values())


def diff_response(changes: Sequence[PropertyChange], stables: Iterable[str]) -> provider_pb2.DiffResponse:
    """Write changes of different paths."""
    some = provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=[change.path for change in changes],
        replaces=[change.path for change in changes if change.replaces],
        stables=list(stables),
        detailedDiff={
            change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=change.is_input)
            for change in changes
        },
        hasDetailedDiff=True,
    )


def _together(first: PropertyChange, second: PropertyChange) -> PropertyChange:
    """Return what two changes of one path come to: what is removed and added was updated."""
    return replace(
        first,
        kind=first.kind if first.kind is second.kind else ChangeKind.UPDATE,
        replaces=first.replaces or second.replaces,
        is_input=first.is_input or second.is_input,
    )


def _is_ignored(path: Sequence[str], ignored: Iterable[Sequence[str]]) -> bool:
    return any(
        0 < len(prefix) <= len(path)
        and all(part in {"*", of_path} for part, of_path in zip(prefix, path, strict=False))
        for prefix in ignored
    )


def _parts(path: str) -> tuple[str, ...]:
    """Split `tags["a.b"]` into its parts; `*` is one that stands for any."""
    return tuple(_part(match) for match in _PART.finditer(path))


def _part(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return match["quoted"].replace('\\"', '"').replace("\\\\", "\\")
    return match["index"] or match["name"] or ""
