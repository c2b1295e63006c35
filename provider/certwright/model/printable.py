"""Foreign text made fit for a sentence that a terminal shows."""

LONGEST = 200
_CUT = "..."


def printable(text: str, longest: int = LONGEST) -> str:
    """Return the text with everything that is not printable escaped, cut after `longest` characters.

    Letters of any script stay; control characters, line and paragraph separators, marks of direction and unpaired
    surrogates do not.
    """
    escaped = "".join(_shown(character) for character in text[: longest + 1])
    return escaped if len(escaped) <= longest else escaped[: longest - len(_CUT)] + _CUT


def _shown(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
