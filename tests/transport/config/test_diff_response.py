"""Changes as the engine shows them: without what is ignored, and one for each path."""

import pytest
from certwright.resources.session import ChangeKind, DiffResult, PropertyChange
from certwright.transport.grpc_server.diff_response import diff_response, shown_changes
from pulumi.runtime.proto import provider_pb2

from tests.transport.engine import changed

ADD, DELETE, UPDATE = ChangeKind.ADD, ChangeKind.DELETE, ChangeKind.UPDATE
SANS = "subjectAlternativeNames"


@pytest.mark.parametrize(
    ("path", "ignored", "is_shown"),
    [
        pytest.param("serial", ["*"], False, id="everything"),
        pytest.param('tags["a"]', ["*"], False, id="everything, below"),
        pytest.param("serial", ["serial"], False, id="the property"),
        pytest.param("serial", ["notAfter", "serial"], False, id="one of several"),
        pytest.param("serial", ["serialNumber"], True, id="a longer name"),
        pytest.param("serial", [], True, id="nothing"),
        pytest.param("serial", [""], True, id="an empty path"),
        pytest.param('tags["a"]', ["tags"], False, id="what it stands in"),
        pytest.param('tags["a"]', ["tags.a"], False, id="the same by a dot"),
        pytest.param('tags["a"]', ['tags["a"]'], False, id="the same in quotes"),
        pytest.param('tags["a"]', ["tags.b"], True, id="another tag"),
        pytest.param('tags["a"]', ["tags.*"], False, id="every tag"),
        pytest.param('tags["a.b/c"]', ['tags["a.b/c"]'], False, id="a tag with dots"),
        pytest.param('tags["a.b/c"]', ["tags.a"], True, id="a tag that begins alike"),
        pytest.param('tags["we"ird"]', [r'tags["we\"ird"]'], False, id="a tag with a quote"),
        pytest.param(f"{SANS}[1]", [f"{SANS}[1]"], False, id="an element"),
        pytest.param(f"{SANS}[1]", [f"{SANS}[0]"], True, id="another element"),
        pytest.param(f"{SANS}[1]", [f"{SANS}[*]"], False, id="every element"),
        pytest.param("options", ["options.export"], True, id="something below it"),
    ],
)
def test_a_change_is_shown_unless_it_is_ignored(path: str, ignored: list[str], is_shown: bool) -> None:  # noqa: FBT001
    request = provider_pb2.DiffRequest(ignoreChanges=ignored)
    shown = shown_changes(DiffResult((PropertyChange(path, UPDATE),)), request.ignoreChanges)
    assert [change.path for change in shown] == ([path] if is_shown else [])


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        pytest.param([ADD, DELETE], "UPDATE", id="added and removed"),
        pytest.param([DELETE, ADD], "UPDATE", id="removed and added"),
        pytest.param([ADD, UPDATE], "UPDATE", id="added and updated"),
        pytest.param([ADD, ADD], "ADD", id="added twice"),
        pytest.param([DELETE, ADD, DELETE], "UPDATE", id="three times"),
    ],
)
def test_changes_of_one_path_are_one_change(kinds: list[ChangeKind], expected: str) -> None:
    found = DiffResult(tuple(PropertyChange(SANS, kind) for kind in kinds))
    response = diff_response(shown_changes(found, []), ())
    assert (changed(response), list(response.diffs)) == ({SANS: expected}, [SANS])


def test_one_change_that_replaces_is_enough() -> None:
    found = DiffResult((PropertyChange("a", ADD), PropertyChange("a", DELETE, replaces=True, is_input=False)))
    response = diff_response(shown_changes(found, []), ())
    assert (changed(response), list(response.replaces)) == ({"a": "UPDATE_REPLACE"}, ["a"])
