"""Validity to the second: leap days, the end of UTCTime, the issuer's limits (C8)."""

from datetime import UTC, datetime, timedelta

import pytest
from certwright.core.profiles import Validity, ca_validity, leaf_validity
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import Identity, make_ca
from tests.unit.core.expectations import leaf, prepared

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def at(*parts: int) -> datetime:
    """Return an instant in UTC."""
    year, month, day, *time = parts
    return datetime(year, month, day, *time, tzinfo=UTC)  # type: ignore[misc,arg-type]


def ca(start: datetime, end: datetime) -> Identity:
    """Return an issuer with that validity; all of them have one key."""
    return make_ca("Issuing CA", not_before=start, not_after=end)


AGES = ca(at(2000, 1, 1), at(9999, 12, 31, 23, 59, 59))

LEAVES: dict[str, tuple[datetime, timedelta, datetime, datetime]] = {
    "395 days over a year without a leap day": (
        at(2026, 3, 1, 12),
        395 * DAY,
        at(2026, 3, 1, 11),
        at(2027, 3, 31, 10, 59, 59),
    ),
    "395 days over a leap day": (at(2027, 3, 1, 12), 395 * DAY, at(2027, 3, 1, 11), at(2028, 3, 30, 10, 59, 59)),
    "a day that starts on a leap day": (at(2028, 2, 29, 1), DAY, at(2028, 2, 29), at(2028, 2, 29, 23, 59, 59)),
    "a day that starts before a leap day": (at(2028, 2, 29), DAY, at(2028, 2, 28, 23), at(2028, 2, 29, 22, 59, 59)),
    "a year over the 29th of February that 2100 has not": (
        at(2099, 6, 1, 1),
        365 * DAY,
        at(2099, 6, 1),
        at(2100, 5, 31, 23, 59, 59),
    ),
    "an end in the last second of 2049": (at(2049, 12, 31, 1), DAY, at(2049, 12, 31), at(2049, 12, 31, 23, 59, 59)),
    "an end in the first second of 2050": (
        at(2049, 12, 31, 1, 0, 1),
        DAY,
        at(2049, 12, 31, 0, 0, 1),
        at(2050, 1, 1),
    ),
    "825 days": (at(2026, 3, 1, 12), 825 * DAY, at(2026, 3, 1, 11), at(2028, 6, 3, 10, 59, 59)),
    "one hour, which is over when it is issued": (
        at(2026, 3, 1, 12),
        HOUR,
        at(2026, 3, 1, 11),
        at(2026, 3, 1, 11, 59, 59),
    ),
    "no fractions of a second": (
        at(2026, 3, 1, 12, 0, 0, 999_999),
        DAY,
        at(2026, 3, 1, 11),
        at(2026, 3, 2, 10, 59, 59),
    ),
}


@pytest.mark.parametrize(("now", "life", "start", "end"), LEAVES.values(), ids=LEAVES.keys())
def test_a_leaf_lives(now: datetime, life: timedelta, start: datetime, end: datetime) -> None:
    assert leaf_validity(now, life, AGES.certificate) == Validity(start, end)


NOW = at(2026, 3, 1, 12)
INSIDE: dict[str, tuple[Identity, datetime, datetime]] = {
    "its start when the issuer is younger than an hour": (
        ca(NOW - timedelta(minutes=5), at(2030, 1, 1)),
        at(2026, 3, 1, 11, 55),
        at(2027, 3, 31, 11, 54, 59),
    ),
    "its end when the issuer ends earlier": (
        ca(at(2025, 1, 1), at(2026, 6, 1, 7, 8, 9)),
        at(2026, 3, 1, 11),
        at(2026, 6, 1, 7, 8, 9),
    ),
    "both": (ca(NOW, NOW + DAY), NOW, NOW + DAY),
    "neither when they fall on the issuer's own": (
        ca(at(2026, 3, 1, 11), at(2027, 3, 31, 10, 59, 59)),
        at(2026, 3, 1, 11),
        at(2027, 3, 31, 10, 59, 59),
    ),
}


@pytest.mark.parametrize(("issuer", "start", "end"), INSIDE.values(), ids=INSIDE.keys())
def test_the_issuer_limits_of_a_leaf(issuer: Identity, start: datetime, end: datetime) -> None:
    assert leaf_validity(NOW, 395 * DAY, issuer.certificate) == Validity(start, end)


CAS: dict[str, tuple[Identity | None, datetime, datetime]] = {
    "its full life from a day ago when it is a root": (None, at(2026, 2, 28, 12), at(2029, 2, 28, 11, 59, 59)),
    "no longer than its issuer": (
        ca(at(2020, 1, 1), at(2028, 1, 1)),
        at(2026, 2, 28, 12),
        at(2028, 1, 1),
    ),
    "not before its issuer": (
        ca(at(2026, 3, 1), at(2050, 1, 1)),
        at(2026, 3, 1),
        at(2029, 2, 28, 11, 59, 59),
    ),
}


@pytest.mark.parametrize(("issuer", "start", "end"), CAS.values(), ids=CAS.keys())
def test_a_ca_lives(issuer: Identity | None, start: datetime, end: datetime) -> None:
    assert ca_validity(NOW, 1096 * DAY, issuer.certificate if issuer else None) == Validity(start, end)


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
LIVES = st.timedeltas(timedelta(hours=2), timedelta(days=825)).map(lambda life: timedelta(seconds=life // SECOND))


@given(INSTANTS, LIVES)
def test_a_leaf_lives_exactly_as_long_as_is_asked_for_and_both_seconds_belong_to_it(
    now: datetime, life: timedelta
) -> None:
    validity = leaf_validity(now, life, AGES.certificate)
    assert validity.not_after - validity.not_before + SECOND == life
    assert now - validity.not_before - HOUR < SECOND
    assert (validity.not_before.microsecond, validity.not_after.microsecond) == (0, 0)


ISSUERS = [ca(at(2026, 1, 1), at(2030, 1, 1)), ca(at(2040, 1, 1), at(2060, 1, 1)), AGES]


@given(INSTANTS, LIVES, st.sampled_from(ISSUERS))
def test_nothing_lives_outside_its_issuer(now: datetime, life: timedelta, issuer: Identity) -> None:
    certificate = issuer.certificate
    for validity in (leaf_validity(now, life, certificate), ca_validity(now, life, certificate)):
        assert validity.not_before >= certificate.not_valid_before_utc
        assert validity.not_after <= certificate.not_valid_after_utc


def test_a_ca_ends_with_the_last_second_that_a_certificate_can_tell() -> None:
    validity = ca_validity(at(9990, 3, 1, 12), 3653 * DAY, None)
    assert validity == Validity(at(9990, 2, 28, 12), at(9999, 12, 31, 23, 59, 59))


def test_a_leaf_ends_with_its_issuer_in_the_last_second_that_a_certificate_can_tell() -> None:
    validity = leaf_validity(at(9999, 12, 1, 12), 395 * DAY, AGES.certificate)
    assert validity == Validity(at(9999, 12, 1, 11), at(9999, 12, 31, 23, 59, 59))


UTC_TIME, GENERALIZED_TIME = b"\x17\x0d", b"\x18\x0f"
ENCODED: dict[str, tuple[datetime, bytes]] = {
    "UTCTime for the last second of 2049": (at(2049, 12, 31, 23, 59, 59), UTC_TIME + b"491231235959Z"),
    "GeneralizedTime for the first second of 2050": (at(2050, 1, 1), GENERALIZED_TIME + b"20500101000000Z"),
}


@pytest.mark.parametrize(("end", "encoded"), ENCODED.values(), ids=ENCODED.keys())
def test_an_end_is_written_as(end: datetime, encoded: bytes) -> None:
    expected = leaf(issuer=AGES, validity=Validity(at(2049, 6, 1), end))
    assert UTC_TIME + b"490601000000Z" + encoded in prepared(expected).tbs
