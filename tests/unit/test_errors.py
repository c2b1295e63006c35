"""The tree of errors: drawn as it is, each with a kind, each a sentence."""

import inspect
import re
from collections.abc import Iterator

import pytest
from certwright import errors
from certwright.errors import CertwrightError, Fault, InvalidArn, InvalidInput, Kind, ValidationFailed

FIRST = Fault("domainName", "IS_IP", "'1.2.3.4' is an IP address", "Use a name.")
SECOND = Fault("tags", "NOT_A_MAP", "this must map strings to strings", 'Write {"team": "web"}.')


def classes() -> list[type[CertwrightError]]:
    found = [item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, CertwrightError)]
    return [item for item in found if item is not CertwrightError]


def drawn() -> Iterator[tuple[str, str]]:
    """Yield (class, parent) as the module's docstring draws them."""
    parents = {0: "CertwrightError"}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"(?P<indent>[│ ]*)[├└]── (?P<name>\w+)", line)
        if match is not None:
            depth = len(match["indent"]) // 4
            parents[depth + 1] = match["name"]
            yield match["name"], parents[depth]


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    assert dict(drawn()) == {item.__name__: item.__base__.__name__ for item in classes() if item.__base__ is not None}


@pytest.mark.parametrize("error", classes(), ids=lambda item: item.__name__)
def test_every_class_says_in_its_docstring_what_it_tells(error: type[CertwrightError]) -> None:
    assert re.match(r"(Say|Carry) ", error.__doc__ or "")


@pytest.mark.parametrize("error", classes(), ids=lambda item: item.__name__)
def test_every_class_carries_a_kind(error: type[CertwrightError]) -> None:
    assert isinstance(error.kind, Kind)


def test_every_kind_is_carried_by_some_class() -> None:
    assert {item.kind for item in classes()} == set(Kind)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        pytest.param(FIRST, "domainName: '1.2.3.4' is an IP address [IS_IP]. Use a name.", id="with its path first"),
        pytest.param(Fault("", "X", "it is so", "Mend it."), "it is so [X]. Mend it.", id="without a path, no colon"),
    ],
)
def test_a_fault_is_path_message_code_and_fix(fault: Fault, sentence: str) -> None:
    assert str(fault) == sentence


@pytest.mark.parametrize("error", [InvalidInput, ValidationFailed], ids=lambda item: str(item.__name__))
def test_all_faults_of_one_input_are_told_at_once(error: type[InvalidInput | ValidationFailed]) -> None:
    raised = error([FIRST, SECOND])
    assert (raised.faults, str(raised)) == ((FIRST, SECOND), f"{FIRST}\n{SECOND}")


def test_an_invalid_arn_says_the_form_and_where_it_stood() -> None:
    (fault,) = InvalidArn("arn:aws:x", "arn:certwright:…", "certificateArn").faults
    assert (fault.path, fault.code) == ("certificateArn", "INVALID_ARN")
    assert "'arn:aws:x' is not of the form arn:certwright:…" in fault.message
