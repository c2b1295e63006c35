"""What people read of a wrong name, word for word: message and fix of every rule."""

import pytest
from certwright.core.names import name_faults, parse_names, too_many_names
from certwright.errors import Fault
from certwright.model.names import DomainName

LONG_LABEL = "a" * 64
LONG_BASE = ".".join([*["a" * 63] * 3, "b" * 16, "example.com"])

SENTENCES: dict[str, tuple[str, str]] = {
    "": ("the name is empty", "Write a name such as www.example.com, or leave the entry out."),
    "a b.example": ("'a b.example' contains white space", "Remove it."),
    "https:www.example.com/": ("'https:www.example.com/' is a URL", "Write the host name only."),
    "a@example.com": (
        "'a@example.com' is an e-mail address",
        "Write a domain name; addresses need a private certificate.",
    ),
    "192.0.2.1": ("'192.0.2.1' is an IP address", "Use a name; IP addresses need a private certificate."),
    "[2001:db8::1]": ("'[2001:db8::1]' is an IP address", "Use a name; IP addresses need a private certificate."),
    "b\u00fccher.example": ("'b\u00fccher.example' is not ASCII", "Write the A-label 'xn--bcher-kva.example'."),
    "\u2603.example": (
        (
            "'\u2603.example' is not ASCII and no valid internationalised name "
            "(Codepoint U+2603 at position 1 of '\u2603' not allowed)"
        ),
        "Correct it.",
    ),
    "www.*.example.com": (
        "the wildcard in 'www.*.example.com' is not one whole leftmost label",
        "Write *.example.com.",
    ),
    LONG_BASE: ("the name has 220 octets; 219 leave room for its validation record", "Shorten it."),
    "intranet": ("'intranet' is a single label", "Use a full name; single labels need a private certificate."),
    "a.b.localhost": (
        "'a.b.localhost' is under localhost",
        "Use a real name; localhost needs a private certificate.",
    ),
    "www..example.com": (
        "the name has an empty label (two dots in a row, or one at the start)",
        "Remove a dot.",
    ),
    f"{LONG_LABEL}.example.com": (
        f"the label '{LONG_LABEL}' has 64 octets, at most 63 are allowed",
        "Shorten it.",
    ),
    "_dmarc.example.com": (
        "the label '_dmarc' contains an underscore",
        "Use a hyphen; underscores need a private certificate.",
    ),
    "-www.example.com": (
        "the label '-www' contains something else than letters, digits and inner hyphens",
        "Use letters, digits and inner hyphens only.",
    ),
    "ab--cd.example.com": ("the label 'ab--cd' has hyphens in places 3 and 4", "Only A-labels (xn--) may."),
    "xn--n3h.example": (
        "'xn--n3h' is no valid A-label (Codepoint U+2603 at position 1 of '\u2603' not allowed)",
        "Encode the name again with IDNA 2008.",
    ),
    "a.1": ("the last label '1' is a number", "Use a domain name that can exist."),
    "*.co.uk": ("co.uk is a public suffix: its wildcard would cover everybody's names", "Name a domain below it."),
    "co.uk": ("co.uk is a public suffix, nobody's own domain", "Name a domain below it."),
}


@pytest.mark.parametrize(("text", "sentences"), SENTENCES.items(), ids=[fix for _, fix in SENTENCES.values()])
def test_the_sentences_about(text: str, sentences: tuple[str, str]) -> None:
    (fault,) = name_faults(text, "domainName")
    assert (fault.message, fault.fix) == sentences


@pytest.mark.parametrize("text", ["localhost.example.com", "www.localhost.example.com"])
def test_a_name_that_has_localhost_elsewhere_than_at_its_end_is_allowed(text: str) -> None:
    assert list(name_faults(text, "domainName")) == []


def test_the_sentence_about_too_many_names() -> None:
    names = [DomainName(f"n{number}.example.com") for number in range(101)]
    assert too_many_names(names, "subjectAlternativeNames") == Fault(
        "subjectAlternativeNames",
        "TOO_MANY_NAMES",
        "101 names; a certificate takes 100",
        "Split them over several certificates.",
    )


def test_the_sentence_about_a_suffix_of_a_company() -> None:
    assert parse_names(["github.io"], ["domainName"]).warnings == (
        "github.io is a suffix under which a company hands out names to others; make sure all of it is yours.",
    )
