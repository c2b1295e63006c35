"""The tables of docs/DNS-BEHAVIOUR.md, made of the rows that the tests play; run this module to write them."""

import re
from collections.abc import Sequence

from tests.faults.dns_rows import Row, Words
from tests.faults.dns_signed_rows import ROWS as SIGNED_ROWS
from tests.faults.dns_tables import ROWS
from tests.support.stack import REPOSITORY

PAGE = REPOSITORY / "docs" / "DNS-BEHAVIOUR.md"
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = "| The server, or zone, … | | Sentence |\n|---|---|---|\n"
_WORDS: Words = {
    "name": "www.example.com",
    "base": "www.example.com",
    "zone": "example.com.",
    "zone_name": "example.com",
    "top": "com.",
    "elsewhere": "example.net.",
    "record": "_r.www.example.com.",
    "value": "_v.acm-validations.certwright.internal.",
    "record2": "_r.mail.example.com.",
    "value2": "_v2.acm-validations.certwright.internal.",
    "validator": "127.0.0.1:53",
    **{f"ns{index}": f"192.0.2.{index}:53" for index in range(1, 5)},
}


def written(page: str) -> str:
    """Return the page with its tables as the rows are now."""
    return _TABLE.sub(lambda found: f"{found[1]}{_table(found[2])}{found[3]}", page)


def _table(family: str) -> str:
    return _HEAD + "".join(_line(row) for row in _rows(family))


def _rows(family: str) -> Sequence[Row]:
    rows = [row for row in (*ROWS, *SIGNED_ROWS) if row.family == family and row.is_told]
    assert rows, f"no rows of {family}"
    return rows


def _line(row: Row) -> str:
    words = {**_WORDS, "base": _WORDS["zone_name"]} if row.prefixes[0] == "*." else _WORDS
    words = {**words, "name": "*.example.com"} if row.prefixes[0] == "*." else words
    sentence = row.sentence.format(**words).replace("|", r"\|")
    return f"| {row.behaviour} | {row.outcome.value} | `{sentence}` |\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
