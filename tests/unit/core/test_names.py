"""What names cover, permit and become in a certificate."""

import idna
import pytest
from certwright.core.names import common_name, covers, is_permitted, parse_names
from certwright.model.names import DomainName
from hypothesis import given
from hypothesis import strategies as st

COVERS: dict[str, tuple[str, str, bool]] = {
    "a name covers itself": ("www.example.com", "www.example.com", True),
    "a name covers no other": ("www.example.com", "web.example.com", False),
    "a name covers nothing below it": ("example.com", "www.example.com", False),
    "a wildcard covers one label": ("*.example.com", "www.example.com", True),
    "a wildcard does not cover two labels": ("*.example.com", "a.b.example.com", False),
    "a wildcard does not cover its apex": ("*.example.com", "example.com", False),
    "a wildcard covers itself": ("*.example.com", "*.example.com", True),
    "a wildcard does not cover a wildcard below it": ("*.example.com", "*.www.example.com", False),
    "a wildcard does not cover a name that only ends alike": ("*.example.com", "www.badexample.com", False),
    "a name does not cover a wildcard": ("www.example.com", "*.example.com", False),
}

PERMITTED: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "the domain itself": ("example.com", ("example.com",), True),
    "a name below it": ("a.b.example.com", ("example.com",), True),
    "its wildcard": ("*.example.com", ("example.com",), True),
    "a wildcard below it": ("*.a.example.com", ("example.com",), True),
    "a name below the second one": ("www.example.org", ("example.com", "example.org"), True),
    "not its parent": ("example.com", ("www.example.com",), False),
    "not the wildcard that reaches beside it": ("*.example.com", ("www.example.com",), False),
    "not a name that only ends alike": ("badexample.com", ("example.com",), False),
    "not a name that only starts alike": ("example.com.evil.example", ("example.com",), False),
    "nothing when nothing is permitted": ("example.com", (), False),
}

COMMON_NAMES: dict[str, tuple[list[str], str | None]] = {
    "the first name": (["b.example.com", "a.example.com"], "b.example.com"),
    "a wildcard as first name": (["*.example.com"], "*.example.com"),
    "a first name of 64 octets": ([f"{'a' * 52}.example.com"], f"{'a' * 52}.example.com"),
    "nothing for 65 octets, even when another name would fit": ([f"{'a' * 53}.example.com", "a.example.com"], None),
    "nothing for a wildcard of 65 octets": ([f"*.{'a' * 51}.example.com"], None),
    "nothing without names": ([], None),
}

WARNED: dict[str, tuple[list[str], int]] = {
    "a suffix of a company": (["github.io"], 1),
    "its wildcard": (["*.github.io"], 1),
    "apex and wildcard once": (["github.io", "*.github.io"], 1),
    "two suffixes twice": (["github.io", "*.s3.amazonaws.com"], 2),
    "a name below it not at all": (["me.github.io"], 0),
    "a wildcard below it not at all": (["*.me.github.io"], 0),
    "other names not at all": (["www.example.com", "db.internal"], 0),
}

LABELS = st.from_regex(r"[a-z]([a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "example"]))


@pytest.mark.parametrize(("pattern", "name", "covered"), COVERS.values(), ids=COVERS.keys())
def test_covers(pattern: str, name: str, covered: bool) -> None:  # noqa: FBT001 - a column of the table
    assert covers(DomainName(pattern), DomainName(name)) is covered


@pytest.mark.parametrize(("name", "permitted", "allowed"), PERMITTED.values(), ids=PERMITTED.keys())
def test_permitted_domains_allow(name: str, permitted: tuple[str, ...], allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_permitted(DomainName(name), permitted) is allowed


@pytest.mark.parametrize(("names", "common"), COMMON_NAMES.values(), ids=COMMON_NAMES.keys())
def test_the_common_name_is(names: list[str], common: str | None) -> None:
    assert common_name([DomainName(name) for name in names]) == common


@pytest.mark.parametrize(("texts", "count"), WARNED.values(), ids=WARNED.keys())
def test_private_suffixes_warn_about(texts: list[str], count: int) -> None:
    parsed = parse_names(texts, texts)
    assert len(parsed.warnings) == count
    assert parsed.faults == ()


def test_names_keep_their_order_and_stand_once() -> None:
    texts = ["b.example.com", "A.example.com.", "B.example.com", "*.example.com", "a.example.com"]
    parsed = parse_names(texts, texts)
    assert [name.text for name in parsed.names] == ["b.example.com", "a.example.com", "*.example.com"]


def test_each_name_has_the_path_of_its_first_place() -> None:
    texts = ["b.example.com", "_a.example.com", "B.example.com.", "c.example.com"]
    parsed = parse_names(texts, ["domainName", *(f"subjectAlternativeNames[{index}]" for index in range(3))])
    assert [name.text for name in parsed.names] == ["b.example.com", "c.example.com"]
    assert parsed.paths == ("domainName", "subjectAlternativeNames[2]")


def test_apex_and_wildcard_are_two_names() -> None:
    texts = ["example.com", "*.example.com"]
    assert [name.text for name in parse_names(texts, texts).names] == texts


def test_texts_and_paths_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="shorter"):
        parse_names(["a.example.com", "b.example.com"], ["domainName"])


@given(NAMES, st.booleans(), st.booleans())
def test_case_and_a_trailing_dot_change_no_name(text: str, shouts: bool, dotted: bool) -> None:  # noqa: FBT001 - drawn
    written = (text.upper() if shouts else text) + ("." if dotted else "")
    assert parse_names([written], ["domainName"]).names == parse_names([text], ["domainName"]).names


@given(NAMES)
def test_a_canonical_name_parses_to_itself(text: str) -> None:
    (name,) = parse_names([text], ["domainName"]).names
    assert parse_names([name.text], ["domainName"]).names == (name,)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00fc\u00e9\u0107\u0142", min_size=1, max_size=12))
def test_every_u_label_is_refused_with_an_a_label_that_decodes_to_it(label: str) -> None:
    parsed = parse_names([f"{label}.example"], ["domainName"])
    if label.isascii():
        assert parsed.faults == ()
        return
    (fault,) = parsed.faults
    shown = fault.fix.split("'")[1]
    assert idna.decode(shown) == f"{label}.example"
    assert parse_names([shown], ["domainName"]).faults == ()


@given(NAMES, NAMES)
def test_a_wildcard_covers_exactly_one_label_more_than_its_base(base: str, other: str) -> None:
    pattern = DomainName(f"*.{base}")
    assert covers(pattern, DomainName(other)) is (other.split(".")[1:] == base.split("."))
