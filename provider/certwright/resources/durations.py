"""Lengths of time as pulumi-aws writes them: RFC 3339 (`P60D`) or Go (`2160h`)."""

import re
from datetime import timedelta

_ISO = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_GO = re.compile(r"(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?")
_LONGEST = timedelta(days=36500)


def parse_duration(text: str) -> timedelta:
    """Parse a positive length of time of at most 100 years; raise `ValueError` when the text is none."""
    match = _ISO.fullmatch(text) or _GO.fullmatch(text)
    parts = {unit: int(amount) for unit, amount in match.groupdict().items() if amount} if match else {}
    try:
        length = timedelta(**parts)
    except OverflowError:
        length = timedelta(0)
    if not timedelta(0) < length <= _LONGEST:
        msg = f"{text!r} is no length of time"
        raise ValueError(msg)
    return length


def write_duration(length: timedelta) -> str:
    """Return a length of time so that it reads back as the same, to the second."""
    seconds = f"T{length.seconds}S" if length.seconds else ""
    return f"P{length.days}D{seconds}" if length.days else f"P{seconds}"
