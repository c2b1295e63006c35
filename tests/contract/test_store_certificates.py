"""The contract of ports.store.CertificateRows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import Conflict, NotFound
from certwright.model.certificates import (
    CertificateView,
    FailureReason,
    KeyRotation,
    RenewalOutputs,
    ValidationMethod,
    VersionState,
)
from certwright.model.names import DomainName
from certwright.model.scope import Scope
from certwright.ports.store import Transaction
from sqlalchemy import event

from tests.contract.rows import (
    ACCOUNT,
    HERE,
    HOUR,
    make_arn,
    make_certificate,
    make_issued,
    make_spec,
    make_version,
    put,
)
from tests.fakes import NOON


def test_a_certificate_comes_back_as_it_was_stored(store: SqlStore) -> None:
    certificate, version = make_certificate(current_version=1), make_issued()
    put(store, certificate, version)
    assert store.read(lambda tx: tx.certificates.view(certificate.arn)) == CertificateView(
        certificate, version, version
    )


def test_optional_fields_come_back_empty(store: SqlStore) -> None:
    certificate = make_certificate(early_renewal=None, tags=(), default_tags=(), deleted_at=NOON, claimed=False)
    put(store, certificate)
    assert store.read(lambda tx: tx.certificates.view(certificate.arn)) == CertificateView(
        certificate, make_version(), None
    )


def test_a_view_has_the_newest_and_the_current_version(store: SqlStore) -> None:
    certificate = make_certificate(current_version=2, newest_version=3)
    put(
        store,
        certificate,
        make_issued(number=1, state=VersionState.RETIRED),
        make_issued(number=2),
        make_version(number=3),
    )
    view = store.read(lambda tx: tx.certificates.view(certificate.arn))
    assert view == CertificateView(certificate, make_version(number=3), make_issued(number=2))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(lambda tx: tx.certificates.view(make_arn()), id="view"),
        pytest.param(lambda tx: tx.certificates.views(HERE), id="views"),
        pytest.param(lambda tx: tx.certificates.pending(HERE), id="pending"),
        pytest.param(lambda tx: tx.certificates.due(HERE, NOON), id="due"),
    ],
)
def test_certificates_with_their_versions_take_one_read(
    store: SqlStore, query: Callable[[Transaction], object]
) -> None:
    put(store, make_certificate(current_version=1, newest_version=2), make_issued(), make_version(number=2))
    put(store, make_certificate(make_arn(2)))
    with statements(store) as seen:
        store.read(query)
    assert [text.split()[0] for text in seen] == ["SELECT"]


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    """Collect the statements that reach the database, without those that begin, end and set up transactions."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA")):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_a_certificate_that_was_never_added_is_no_view(store: SqlStore) -> None:
    assert store.read(lambda tx: tx.certificates.view(make_arn())) is None


def test_the_region_of_the_arn_must_be_right(store: SqlStore) -> None:
    put(store, make_certificate())
    assert store.read(lambda tx: tx.certificates.view(replace(make_arn(), region="elsewhere"))) is None


def test_views_are_all_that_are_not_deleted_oldest_first(store: SqlStore) -> None:
    for number, age in ((1, 1), (2, 3), (3, 2)):
        put(store, make_certificate(make_arn(number), created_at=NOON - age * HOUR))
    put(store, make_certificate(make_arn(4), deleted_at=NOON))
    put(store, make_certificate(make_arn(5, Scope(ACCOUNT, "elsewhere"))))
    views = store.read(lambda tx: tx.certificates.views(HERE))
    assert [view.certificate.arn for view in views] == [make_arn(2), make_arn(3), make_arn(1)]


def test_an_account_is_empty_until_its_first_certificate_for_ever(store: SqlStore) -> None:
    before = store.read(lambda tx: tx.certificates.is_empty(ACCOUNT))
    put(store, make_certificate(make_arn(1, Scope(ACCOUNT, "elsewhere")), claimed=False, deleted_at=NOON))
    assert (before, store.read(lambda tx: tx.certificates.is_empty(ACCOUNT))) == (True, False)


def test_a_version_is_found_by_its_number(store: SqlStore) -> None:
    put(store, make_certificate(newest_version=2), make_issued(), make_version(number=2))
    found = store.read(lambda tx: [tx.certificates.version(make_arn(), number) for number in (1, 2, 3)])
    assert found == [make_issued(), make_version(number=2), None]


@pytest.mark.parametrize("state", VersionState)
def test_a_version_keeps_its_state(store: SqlStore, state: VersionState) -> None:
    put(store, make_certificate())
    version = make_version(state=state, failure_reason=FailureReason.CAA_ERROR, waiting_for="_x.example.com. ☃")
    store.write(lambda tx: tx.certificates.update_version(version))
    assert store.read(lambda tx: tx.certificates.version(make_arn(), 1)) == version


def test_an_update_replaces_the_whole_certificate(store: SqlStore) -> None:
    put(store, make_certificate())
    changed = make_certificate(
        spec=make_spec("example.org"),
        validation_method=ValidationMethod.EMAIL,
        early_renewal=None,
        key_rotation=KeyRotation.NEVER,
        renewal_outputs=RenewalOutputs.PIN,
        export_enabled=True,
        repin="again",
        pinned_version=1,
        tags=(),
        default_tags=(),
        claimed=False,
        deleted_at=NOON,
    )
    store.write(lambda tx: tx.certificates.update(changed))
    view = store.read(lambda tx: tx.certificates.view(make_arn()))
    assert view == CertificateView(changed, make_version(), None)


def test_an_update_of_a_version_can_empty_its_fields(store: SqlStore) -> None:
    put(store, make_certificate(), make_issued())
    store.write(lambda tx: tx.certificates.update_version(make_version()))
    assert store.read(lambda tx: tx.certificates.version(make_arn(), 1)) == make_version()


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(lambda tx: tx.certificates.update(make_certificate(make_arn(2))), id="a certificate"),
        pytest.param(lambda tx: tx.certificates.update_version(make_version(number=2)), id="a version's number"),
        pytest.param(
            lambda tx: tx.certificates.update_version(make_version(make_arn(2))), id="a version's certificate"
        ),
    ],
)
def test_an_update_of_what_is_not_there_is_not_found(store: SqlStore, update: Callable[[Transaction], None]) -> None:
    put(store, make_certificate())
    with pytest.raises(NotFound):
        store.write(update)


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(lambda tx: tx.certificates.add(make_certificate(spec=make_spec("b.test"))), id="the same ARN"),
        pytest.param(lambda tx: tx.certificates.add_version(make_issued()), id="the same number"),
        pytest.param(lambda tx: tx.certificates.add_version(make_version(make_arn(2))), id="a version of nothing"),
    ],
)
def test_an_addition_that_does_not_fit_is_an_error_and_changes_nothing(
    store: SqlStore, add: Callable[[Transaction], None]
) -> None:
    put(store, make_certificate())
    with pytest.raises(Conflict):
        store.write(add)
    view = store.read(lambda tx: tx.certificates.view(make_arn()))
    assert view == CertificateView(make_certificate(), make_version(), None)


NAMED = {
    1: ("example.com", "www.example.com"),
    2: ("*.example.com",),
    3: ("sub.www.example.com", "example.org"),
    4: ("a-b.example.com", "xexample.com"),
    5: ("example.com.evil.test",),
}


@pytest.mark.parametrize(
    ("base", "numbers"),
    [
        ("example.com", [1, 2]),
        ("www.example.com", [1]),
        ("example.org", [3]),
        ("com", []),
        ("a_b.example.com", []),
        ("%", []),
    ],
)
def test_certificates_are_found_by_the_base_of_a_name(store: SqlStore, base: str, numbers: list[int]) -> None:
    for number, names in NAMED.items():
        put(store, make_certificate(make_arn(number), spec=make_spec(*names)))
    found = store.read(lambda tx: tx.certificates.naming(ACCOUNT, DomainName(base)))
    assert sorted(found) == [make_arn(number) for number in numbers]


def test_certificates_of_every_region_are_found_by_name_unless_deleted(store: SqlStore) -> None:
    elsewhere = make_arn(2, Scope(ACCOUNT, "elsewhere"))
    put(store, make_certificate(make_arn(1), claimed=False))
    put(store, make_certificate(elsewhere))
    put(store, make_certificate(make_arn(3), deleted_at=NOON))
    found = store.read(lambda tx: tx.certificates.naming(ACCOUNT, DomainName("example.com")))
    assert set(found) == {make_arn(1), elsewhere}
