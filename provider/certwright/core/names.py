"""Rules for domain names (design: Names; RFC 1035, 5280 section 4.2.1.6, 5890, 5891)."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import idna

from certwright.errors import Fault
from certwright.model.names import WILDCARD, DomainName

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

MOST_NAMES = 100
LONGEST_NAME = 253
VALIDATION_LABEL = 34
LONGEST_VALIDATED_NAME = LONGEST_NAME - VALIDATION_LABEL
LONGEST_COMMON_NAME = 64
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_IP = re.compile(r"[0-9.]+|\[?[0-9a-f]*:[0-9a-f:.]+\]?")


@dataclass(frozen=True, slots=True)
class ParsedNames:
    """The names that are right, in order and each once; every fault of the others; and warnings that stop nothing.

    `paths` are the property paths of `names`.
    """

    names: tuple[DomainName, ...]
    paths: tuple[str, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[str, ...]


def parse_names(texts: Sequence[str], paths: Sequence[str]) -> ParsedNames:
    """Parse names as people write them; `paths` are the property paths of `texts`, for the faults."""
    places: dict[DomainName, str] = {}
    faults: list[Fault] = []
    for text, path in zip(texts, paths, strict=True):
        found = list(name_faults(text, path))
        faults.extend(found)
        if not found:
            places.setdefault(canonical(text), path)
    names = tuple(places)
    return ParsedNames(names, tuple(places.values()), tuple(faults), tuple(_private_suffix_warnings(names)))


def too_many_names(names: Sequence[DomainName], path: str) -> Fault | None:
    """Return the fault of a certificate with more names than one takes."""
    if len(names) <= MOST_NAMES:
        return None
    fix = "Split them over several certificates."
    return Fault(path, "TOO_MANY_NAMES", f"{len(names)} names; a certificate takes {MOST_NAMES}", fix)


def name_faults(text: str, path: str) -> Iterator[Fault]:
    """Yield what is wrong with one name; nothing when it is right. Later rules run only where earlier ones hold."""
    found = (
        _shape_fault(text)
        or _character_fault(text)
        or _label_fault(canonical(text).base.text)
        or _suffix_fault(canonical(text))
    )
    if found is not None:
        yield Fault(path, *found)


def covers(pattern: DomainName, name: DomainName) -> bool:
    """Say whether a certificate for `pattern` serves `name`: the same, or one label under its wildcard (R3)."""
    if not pattern.is_wildcard or name.is_wildcard:
        return pattern == name
    _, _, parent = name.text.partition(".")
    return parent == pattern.base.text


def is_permitted(name: DomainName, permitted: Sequence[str]) -> bool:
    """Say whether a name is one of the permitted domains or below one (RFC 5280 section 4.2.1.10)."""
    base = name.base.text
    return any(base == domain or base.endswith(f".{domain}") for domain in permitted)


def common_name(names: Sequence[DomainName]) -> str | None:
    """Return the first name when it fits a common name (64 octets), else None: then the subject stays empty."""
    return names[0].text if names and len(names[0].text) <= LONGEST_COMMON_NAME else None


Found = tuple[str, str, str]


def canonical(text: str) -> DomainName:
    """Return the form in which names are compared: lower case, no trailing dot."""
    return DomainName(text.lower().removesuffix("."))


def _shape_fault(text: str) -> Found | None:
    bare = text.strip().lower().removesuffix(".")
    if not bare:
        return ("EMPTY_NAME", "the name is empty", "Write a name such as www.example.com, or leave the entry out.")
    if text != text.strip() or any(character.isspace() for character in text):
        return ("WHITESPACE", f"{text!r} contains white space", "Remove it.")
    if "://" in text or "/" in text:
        return ("IS_URL", f"{text!r} is a URL", "Write the host name only.")
    if "@" in text:
        return (
            "IS_EMAIL",
            f"{text!r} is an e-mail address",
            "Write a domain name; addresses need a private certificate.",
        )
    if _is_ip(bare):
        return ("IS_IP", f"{text!r} is an IP address", "Use a name; IP addresses need a private certificate.")
    return None


def _is_ip(text: str) -> bool:
    if not _IP.fullmatch(text):
        return False
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _character_fault(text: str) -> Found | None:
    if text.isascii():
        return None
    try:
        alabel = idna.encode(text.removeprefix(WILDCARD).removesuffix("."), uts46=True).decode()
    except idna.IDNAError as error:
        return ("NAME_NOT_ASCII", f"{text!r} is not ASCII and no valid internationalised name ({error})", "Correct it.")
    shown = f"{WILDCARD if text.startswith(WILDCARD) else ''}{alabel}"
    return ("NAME_NOT_ASCII", f"{text!r} is not ASCII", f"Write the A-label {shown!r}.")


def _label_fault(base: str) -> Found | None:
    if "*" in base:
        return ("BAD_WILDCARD", f"the wildcard in {base!r} is not one whole leftmost label", "Write *.example.com.")
    if len(base) > LONGEST_VALIDATED_NAME:
        message = f"the name has {len(base)} octets; {LONGEST_VALIDATED_NAME} leave room for its validation record"
        return ("NAME_TOO_LONG", message, "Shorten it.")
    labels = base.split(".")
    if len(labels) == 1:
        return (
            "SINGLE_LABEL",
            f"{base!r} is a single label",
            "Use a full name; single labels need a private certificate.",
        )
    if labels[-1] == "localhost":
        return ("LOCALHOST", f"{base!r} is under localhost", "Use a real name; localhost needs a private certificate.")
    return next((fault for label in labels if (fault := _one_label_fault(label)) is not None), None) or _tld_fault(base)


def _one_label_fault(label: str) -> Found | None:
    if not label:
        return ("EMPTY_LABEL", "the name has an empty label (two dots in a row, or one at the start)", "Remove a dot.")
    if len(label) > 63:
        return ("LABEL_TOO_LONG", f"the label {label!r} has {len(label)} octets, at most 63 are allowed", "Shorten it.")
    if "_" in label:
        fix = "Use a hyphen; underscores need a private certificate."
        return ("UNDERSCORE", f"the label {label!r} contains an underscore", fix)
    if not _LABEL.fullmatch(label):
        fix = "Use letters, digits and inner hyphens only."
        return ("BAD_LABEL", f"the label {label!r} contains something else than letters, digits and inner hyphens", fix)
    return _idna_fault(label)


def _idna_fault(label: str) -> Found | None:
    if label[2:4] != "--":
        return None
    if not label.startswith("xn--"):
        return ("RESERVED_LABEL", f"the label {label!r} has hyphens in places 3 and 4", "Only A-labels (xn--) may.")
    try:
        again = idna.encode(idna.decode(label)).decode()
    except idna.IDNAError as error:
        return ("BAD_A_LABEL", f"{label!r} is no valid A-label ({error})", "Encode the name again with IDNA 2008.")
    if again != label:
        return ("BAD_A_LABEL", f"{label!r} is not how IDNA 2008 writes this label", f"Write {again!r}.")
    return None


def _tld_fault(base: str) -> Found | None:
    top = base.rpartition(".")[2]
    if top.isdigit():
        return ("NUMERIC_TLD", f"the last label {top!r} is a number", "Use a domain name that can exist.")
    return None


def _suffix_fault(name: DomainName) -> Found | None:
    if _suffixes().publicsuffix(name.base.text) != name.base.text:
        return None
    if name.is_wildcard:
        message = f"{name.base} is a public suffix: its wildcard would cover everybody's names"
        return ("INVALID_PUBLIC_DOMAIN", message, "Name a domain below it.")
    return ("INVALID_PUBLIC_DOMAIN", f"{name} is a public suffix, nobody's own domain", "Name a domain below it.")


def _private_suffix_warnings(names: Sequence[DomainName]) -> Iterator[str]:
    for base in dict.fromkeys(name.base.text for name in names):
        if base.count(".") and _all_suffixes().publicsuffix(base) == base:
            yield f"{base} is a suffix under which a company hands out names to others; make sure all of it is yours."


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 56 ms to load

    return PublicSuffixList(only_icann=True, accept_unknown=False)


@cache
def _all_suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 56 ms to load

    return PublicSuffixList(accept_unknown=False)
