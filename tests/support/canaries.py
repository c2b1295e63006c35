"""Canaries: secrets, every way in which they could be written down, and the artefacts in which they stand.

A secret is hunted by its first and by its last octets, so that one that was cut short is found as well.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

_WINDOW = 20
_DIGITS = 30
_WORD = re.compile(rb"[A-Za-z0-9+/=_:-]{16,}")
# A line break, also an escaped one, and what a display puts before the next line of a longer text.
_BREAK = re.compile(rb"(?:\r?\n|\\+r|\\+n)[ \t|+~-]*")
_PEM = re.compile(rb"BEGIN (?:RSA |EC |)PRIVATE KEY")


@dataclass(frozen=True)
class Canary:
    """A secret by name."""

    name: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Spellings:
    """What to look for: `words` in long runs of letters and digits, `octets` anywhere."""

    words: frozenset[bytes]
    octets: frozenset[bytes]


@dataclass(frozen=True)
class Haystack:
    """What is looked through: an artefact as it is, and its long words without line breaks, each once."""

    whole: bytes
    words: bytes

    def has(self, canary: Canary) -> bool:
        """Say whether the secret stands there in any spelling."""
        spellings = spellings_of(canary.secret)
        return any(item in self.words for item in spellings.words) or any(
            item in self.whole for item in spellings.octets
        )


def haystack_of(content: bytes) -> Haystack:
    """Return what to look through."""
    words = set(_WORD.findall(_BREAK.sub(b"", content)))
    pairs = {word.replace(b":", b"") for word in words if word.count(b":") >= 8}
    return Haystack(content, b"\n".join(words | pairs))


def leaks(artefacts: Mapping[str, bytes], canaries: Iterable[Canary], *, pem: bool = True) -> list[str]:
    """Return which secret stands in which artefact; with `pem` any private key in PEM counts, whosever it is."""
    hunted, found = list(canaries), list[str]()
    for place, content in artefacts.items():
        haystack = haystack_of(content)
        found.extend(f"{canary.name} in {place}" for canary in hunted if haystack.has(canary))
        if pem and _PEM.search(content):
            found.append(f"a private key in PEM in {place}")
    return found


@cache
def spellings_of(secret: bytes) -> Spellings:
    """Return the ways in which a secret could be written down."""
    digits = str(int.from_bytes(secret, "big")).encode()
    words = {digits[:_DIGITS], digits[-_DIGITS:]} if len(digits) > _DIGITS else set()
    octets: set[bytes] = set()
    for window in {secret[:_WINDOW], secret[-_WINDOW:]}:
        words.update(_words_of(window))
        octets.update(_octets_of(window))
    return Spellings(frozenset(words), frozenset(octets))


def _words_of(window: bytes) -> Iterator[bytes]:
    yield window.hex().encode()
    yield window.hex().upper().encode()
    yield from _aligned(base64.b64encode, window, group=3, bits=6)
    yield from _aligned(base64.urlsafe_b64encode, window, group=3, bits=6)
    for text in _aligned(base64.b32encode, window, group=5, bits=5):
        yield text
        yield text.lower()


def _octets_of(window: bytes) -> Iterator[bytes]:
    text = window.decode("latin-1")
    yield window
    yield window[::-1]
    yield text.encode()
    yield repr(window)[2:-1].encode()
    yield json.dumps(text)[1:-1].encode()


def _aligned(encode: Callable[[bytes], bytes], window: bytes, *, group: int, bits: int) -> Iterator[bytes]:
    """Yield the characters that are the same whatever stands before and after, for each offset within a group."""
    for offset in range(group):
        first, last = -(-offset * 8 // bits), (offset + len(window)) * 8 // bits
        yield encode(bytes(offset) + window)[first:last]
