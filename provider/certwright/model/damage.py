"""Damage: a stored row that is not what certwright wrote."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """Say which row of which table (by its key, empty for a whole table) is damaged, and how."""

    table: str
    row: str
    what: str
