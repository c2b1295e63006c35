"""Certificates and versions in SQL (ports.store.CertificateRows)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, and_, bindparam, false, or_, select

from certwright.adapters.store.rows import (
    read_json,
    read_spec,
    reading,
    write_json,
    write_spec,
)
from certwright.adapters.store.statements import RowWriter, where
from certwright.adapters.store.tables import SEAL, certificate_versions, certificates
from certwright.adapters.store.version_values import read_version, write_version
from certwright.errors import IntegrityError
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    Certificate,
    CertificateType,
    CertificateVersion,
    CertificateView,
    KeyRotation,
    RenewalOutputs,
    ValidationMethod,
    VersionState,
)
from certwright.model.names import DomainName
from certwright.model.scope import Scope

_newest = certificate_versions.alias("newest")
_current = certificate_versions.alias("current")
_PENDING = tuple(state.value for state in VersionState if state.is_pending)


class SqlCertificateRows:
    """Certificates and their versions; every statement carries the account."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def view(self, arn: CertificateArn) -> CertificateView | None:
        """Return the certificate with newest and current version in one read; deleted ones too."""
        found = self._read(_BY_ID, account=arn.account, id=arn.id)
        return next((view for view in found if view.certificate.arn == arn), None)

    def views(self, scope: Scope) -> Sequence[CertificateView]:
        """Return all that are not deleted, oldest first."""
        return self._read(_IN_SCOPE, **_place_of(scope))

    def arns(self, scope: Scope) -> Sequence[CertificateArn]:
        """Return what is not deleted, oldest first; nothing is read of them but their ids."""
        found = select(certificates.c.region, certificates.c.account, certificates.c.id).where(*_IS_LIVE)
        return self._arns(found, **_place_of(scope))

    def begun_after(self, now: datetime) -> Sequence[CertificateArn]:
        """Return the live certificates of all accounts whose current version is not valid before a later instant."""
        table = certificates.c
        current = certificates.join(_current, _is_version(_current))
        found = select(table.region, table.account, table.id).select_from(current)
        return self._arns(found.where(table.deleted_at.is_(None), _current.c.not_before > now))

    def _arns(self, found: Select[Any], **values: object) -> list[CertificateArn]:
        rows = self._connection.execute(found.order_by(certificates.c.created_at), values)
        return [CertificateArn(region, account, number) for region, account, number in rows]

    def is_empty(self, account: str) -> bool:
        """Say whether the account never had a certificate."""
        return self._connection.execute(_FIRST, {"account": account}).first() is None

    def version(self, arn: CertificateArn, number: int) -> CertificateVersion | None:
        """Return one version."""
        found = where(certificate_versions, "account", "certificate_id", "number")
        key = {"account": arn.account, "certificate_id": arn.id, "number": number}
        row = self._connection.execute(found, key).mappings().first()
        return None if row is None else read_version(arn, row, "")

    def unclaimed(self, scope: Scope, urn: str) -> Certificate | None:
        """Return the live row of the URN that no engine has acknowledged yet."""
        row = self._connection.execute(_UNCLAIMED, {**_place_of(scope), "urn": urn}).mappings().first()
        return None if row is None else _read_certificate(row, "")

    def naming(self, account: str, base: DomainName) -> Sequence[CertificateArn]:
        """Return the live certificates of the account that have `base` or its wildcard as a name."""
        table = certificates.c
        mentions = or_(*(table.spec.contains(f'"{name}"', autoescape=True) for name in (base.text, f"*.{base.text}")))
        is_live = (table.account == account, table.deleted_at.is_(None), mentions)
        found = self._connection.execute(select(table.region, table.id).where(*is_live).order_by(table.created_at))
        return [CertificateArn(region, account, number) for region, number in found]

    def add(self, certificate: Certificate) -> None:
        """Add a certificate."""
        self._writer.add(certificates, _write_certificate(certificate))

    def update(self, certificate: Certificate) -> None:
        """Replace the row of the same ARN."""
        self._writer.replace(certificates, _write_certificate(certificate), str(certificate.arn))

    def add_version(self, version: CertificateVersion) -> None:
        """Add a version."""
        self._writer.add(certificate_versions, write_version(version))

    def update_version(self, version: CertificateVersion) -> None:
        """Replace the row of the same ARN and number."""
        what = f"{version.arn} version {version.number}"
        self._writer.replace(certificate_versions, write_version(version), what)

    def pending(self, scope: Scope) -> Sequence[CertificateVersion]:
        """Return pending versions of live certificates, oldest first."""
        found = _found_by_version(_newest, _current).where(_newest.c.state.in_(_PENDING))
        return [view.newest for view in self._read(found.order_by(_newest.c.requested_at), **_place_of(scope))]

    def due(self, scope: Scope, now: datetime) -> Sequence[CertificateVersion]:
        """Return current versions whose renewal instant has come, most urgent first."""
        is_due = (_current.c.state == VersionState.ISSUED.value, _current.c.renewal_chosen <= now)
        found = _found_by_version(_current, _newest).where(*is_due)
        views = self._read(found.order_by(_current.c.not_after), **_place_of(scope))
        return [view.current for view in views if view.current is not None]

    @reading("certificate")
    def _read(self, found: Select[Any], **values: object) -> list[CertificateView]:
        rows = self._connection.execute(found, values).mappings()
        return [_read_view(row) for row in rows if row["c_id"] is not None]


def _place_of(scope: Scope) -> dict[str, str]:
    """Return the values of `_IS_LIVE`."""
    return {"account": scope.account, "region": scope.region}


def _found_by_certificate() -> Select[Any]:
    """Start from certificates."""
    joined = certificates.join(_newest, _is_version(_newest)).outerjoin(_current, _is_version(_current))
    return select(*_columns()).select_from(joined).order_by(certificates.c.created_at)


def _found_by_version(version: Any, other: Any) -> Select[Any]:  # noqa: ANN401 - as above
    """Start from versions, which an index finds by state and instant.

    Outer joins, whose empty rows are dropped later, keep SQLite from starting at the certificates of the account: it
    takes them for few, and they may be a million.
    """
    is_live = and_(_is_version(version), *_IS_LIVE)
    joined = version.outerjoin(certificates, is_live).outerjoin(other, _is_version(other))
    return select(*_columns()).select_from(joined).where(_same(version.c.account))


def _columns() -> list[Any]:
    prefixes = (("c_", certificates), ("n_", _newest), ("u_", _current))
    return [
        column.label(f"{prefix}{column.name}")
        for prefix, table in prefixes
        for column in table.c
        if column.name != SEAL
    ]


def _is_version(version: Any) -> Any:  # noqa: ANN401 - as above
    number = certificates.c.newest_version if version is _newest else certificates.c.current_version
    return and_(
        version.c.account == certificates.c.account,
        version.c.certificate_id == certificates.c.id,
        version.c.number == number,
    )


def _same(column: Column[Any]) -> ColumnElement[bool]:
    return column == bindparam(column.name)


# Statements are made once: making one takes longer than running it.
_OF_ACCOUNT = _same(certificates.c.account)
_IS_LIVE = (_OF_ACCOUNT, _same(certificates.c.region), certificates.c.deleted_at.is_(None))
_BY_ID = _found_by_certificate().where(_OF_ACCOUNT, _same(certificates.c.id))
_IN_SCOPE = _found_by_certificate().where(*_IS_LIVE)
_FIRST = select(certificates.c.id).where(_OF_ACCOUNT).limit(1)
_UNCLAIMED = select(certificates).where(*_IS_LIVE, _same(certificates.c.urn), certificates.c.claimed == false())


def _read_view(row: RowMapping) -> CertificateView:
    certificate = _read_certificate(row, "c_")
    current = read_version(certificate.arn, row, "u_") if row["u_number"] is not None else None
    return CertificateView(certificate, read_version(certificate.arn, row, "n_"), current)


def _write_certificate(certificate: Certificate) -> dict[str, Any]:
    early = certificate.early_renewal
    return {
        "account": certificate.arn.account,
        "id": certificate.arn.id,
        "region": certificate.arn.region,
        "type": certificate.type.value,
        "spec": write_spec(certificate.spec),
        "options": write_json(
            validationMethod=certificate.validation_method.value,
            earlyRenewal=None if early is None else int(early.total_seconds()),
            keyRotation=certificate.key_rotation.value,
            renewalOutputs=certificate.renewal_outputs.value,
            export=certificate.export_enabled,
            repin=certificate.repin,
            pinned=certificate.pinned_version,
            tags=certificate.tags,
            defaultTags=certificate.default_tags,
        ),
        "urn": certificate.urn,
        "input_digest": certificate.input_digest,
        "claimed": certificate.claimed,
        "created_at": certificate.created_at,
        "current_version": certificate.current_version,
        "newest_version": certificate.newest_version,
        "deleted_at": certificate.deleted_at,
    }


@reading("certificate")
def _read_certificate(row: RowMapping, prefix: str) -> Certificate:
    options = read_json(row[f"{prefix}options"], "certificate options")
    early, pinned = options["earlyRenewal"], options["pinned"]
    if not isinstance(early, (int, type(None))) or not isinstance(pinned, (int, type(None))):
        msg = "the stored certificate options have fields of the wrong type"
        raise IntegrityError(msg)
    return Certificate(
        arn=CertificateArn(row[f"{prefix}region"], row[f"{prefix}account"], row[f"{prefix}id"]),
        type=CertificateType(row[f"{prefix}type"]),
        spec=read_spec(row[f"{prefix}spec"]),
        validation_method=ValidationMethod(options["validationMethod"]),
        early_renewal=None if early is None else timedelta(seconds=early),
        key_rotation=KeyRotation(options["keyRotation"]),
        renewal_outputs=RenewalOutputs(options["renewalOutputs"]),
        export_enabled=bool(options["export"]),
        repin=str(options["repin"]),
        pinned_version=pinned,
        tags=_read_tags(options["tags"]),
        default_tags=_read_tags(options["defaultTags"]),
        urn=row[f"{prefix}urn"],
        input_digest=row[f"{prefix}input_digest"],
        claimed=row[f"{prefix}claimed"],
        created_at=row[f"{prefix}created_at"],
        current_version=row[f"{prefix}current_version"],
        newest_version=row[f"{prefix}newest_version"],
        deleted_at=row[f"{prefix}deleted_at"],
    )


def _read_tags(stored: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(stored, list):
        msg = "the stored tags of a certificate are no list"
        raise IntegrityError(msg)
    return tuple((str(key), str(value)) for key, value in stored)
