"""Every validity that arithmetic gives is clean to our own lint and to pkilint, and reads back to the second (C8)."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from certwright.core.lint import lint
from certwright.core.pkilint_lints import pkilint_findings
from certwright.core.profiles import leaf_validity
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import make_ca
from tests.unit.core.expectations import leaf, prepared

_DAY = timedelta(days=1)
_AGES = make_ca(
    "Issuing CA",
    not_before=datetime(2000, 1, 1, tzinfo=UTC),
    not_after=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
)
_BORDERS = [
    datetime(2028, 2, 29, tzinfo=UTC),
    datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2050, 1, 1, tzinfo=UTC),
    datetime(2099, 6, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 1, 12, tzinfo=UTC),
]
_CHANCE = Random(20)
_SOME = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=_CHANCE.randrange(60 * 365 * 86400)) for _ in range(40)]
_LIVES = [timedelta(days=_CHANCE.randrange(1, 826)) for _ in (*_BORDERS, *_SOME)]


@pytest.mark.parametrize(
    ("now", "life"), list(zip((*_BORDERS, *_SOME), _LIVES, strict=True)), ids=[str(at) for at in (*_BORDERS, *_SOME)]
)
def test_it_is_clean_and_reads_back_to_the_second(now: datetime, life: timedelta) -> None:
    validity = leaf_validity(now, life, _AGES.certificate)
    expected = leaf(issuer=_AGES, validity=validity)
    ready = prepared(expected)
    lint(ready, expected)
    assert pkilint_findings(ready.unsigned.public_bytes(Encoding.DER)) == []
    read = ready.unsigned
    assert (read.not_valid_before_utc, read.not_valid_after_utc) == (validity.not_before, validity.not_after)
