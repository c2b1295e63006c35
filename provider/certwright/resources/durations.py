"""Lengths of time as pulumi-aws writes them: RFC 3339 (`P60D`) or Go (`2160h`)."""

import re
from datetime import timedelta

_ISO = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_GO = re.compile(r"(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?")


def parse_duration(text: str) -> timedelta:
    """Parse a positive length of time; raise `ValueError` when the text is none."""
    match = _ISO.fullmatch(text) or _GO.fullmatch(text)
    parts = {unit: int(amount) for unit, amount in match.groupdict().items() if amount} if match else {}
    length = timedelta(**parts)
    if length <= timedelta(0):
        msg = f"{text!r} is no length of time"
        raise ValueError(msg)
    return length
