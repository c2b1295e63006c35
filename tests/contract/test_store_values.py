"""Every value comes back from a store exactly as it went in, whatever people and name servers write."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.model.certificates import CertificateSpec
from certwright.model.keys import KeyAlgorithm
from certwright.model.names import DomainName
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.rows import ACCOUNT, LONGEST_SERIAL, make_arn, make_certificate, make_event, make_issued, put
from tests.fakes import NOON

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=5).map(tuple)
NAMES = st.lists(
    st.from_regex(r"(\*\.)?[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){1,3}", fullmatch=True), min_size=1, max_size=5
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 - bounds
LENGTHS = st.integers(1, 10**9).map(lambda seconds: timedelta(seconds=seconds))
one_store_for_all = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_numbers = count(1)


@one_store_for_all
@given(names=NAMES, algorithm=st.sampled_from(KeyAlgorithm), issuer=TEXT, lifetime=LENGTHS)
def test_what_is_wished_for(
    store: SqlStore, names: list[str], algorithm: KeyAlgorithm, issuer: str, lifetime: timedelta
) -> None:
    arn = make_arn(next(_numbers))
    spec = CertificateSpec(tuple(DomainName(name) for name in names), algorithm, issuer, lifetime)
    put(store, make_certificate(arn, spec=spec))
    view = store.read(lambda tx: tx.certificates.view(arn))
    assert view is not None
    assert view.certificate.spec == spec
    assert view.certificate.spec.digest == spec.digest


@one_store_for_all
@given(tags=PAIRS, default_tags=PAIRS, early=st.none() | LENGTHS, repin=TEXT)
def test_options(
    store: SqlStore,
    tags: tuple[tuple[str, str], ...],
    default_tags: tuple[tuple[str, str], ...],
    early: timedelta | None,
    repin: str,
) -> None:
    certificate = make_certificate(
        make_arn(next(_numbers)), tags=tags, default_tags=default_tags, early_renewal=early, repin=repin
    )
    put(store, certificate)
    view = store.read(lambda tx: tx.certificates.view(certificate.arn))
    assert view is not None
    assert view.certificate == certificate


@one_store_for_all
@given(sentence=TEXT)
def test_a_sentence_about_what_is_awaited(store: SqlStore, sentence: str) -> None:
    version = make_issued(make_arn(next(_numbers)), waiting_for=sentence)
    put(store, make_certificate(version.arn), version)
    assert store.read(lambda tx: tx.certificates.version(version.arn, 1)) == version


@one_store_for_all
@given(instant=INSTANTS, serial=st.integers(1, LONGEST_SERIAL), blob=st.binary(max_size=300))
def test_instants_serials_and_octets(store: SqlStore, instant: datetime, serial: int, blob: bytes) -> None:
    version = make_issued(make_arn(next(_numbers)), not_after=instant, serial=serial, tbs=blob, certificate=blob)
    put(store, make_certificate(version.arn), version)
    found = store.read(lambda tx: tx.certificates.version(version.arn, 1))
    assert found == version
    assert found.not_after is not None
    assert found.not_after.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "\r\n\x1b[31m", "\u2028\u202e", "\U0001f600", "'; DROP TABLE x; --", ""]
)
def test_a_subject_in_the_audit_log(store: SqlStore, text: str) -> None:
    event = make_event(subject=text, at=NOON)
    store.write(lambda tx: tx.audit.add(event))
    assert store.read(lambda tx: tx.audit.last(ACCOUNT)) == event
