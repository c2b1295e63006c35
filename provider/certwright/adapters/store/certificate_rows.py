"""Certificates and versions in SQL (ports.store.CertificateRows)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, select

from certwright.adapters.store.rows import (
    read_json,
    read_key,
    read_spec,
    write_json,
    write_key,
    write_serial,
    write_spec,
)
from certwright.adapters.store.statements import update_by_key
from certwright.adapters.store.tables import certificate_versions, certificates
from certwright.errors import IntegrityError
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    Certificate,
    CertificateType,
    CertificateVersion,
    CertificateView,
    FailureReason,
    KeyRotation,
    RenewalDecision,
    RenewalOutputs,
    ValidationMethod,
    VersionCause,
    VersionState,
)
from certwright.model.scope import Scope

_newest = certificate_versions.alias("newest")
_current = certificate_versions.alias("current")
_PENDING = tuple(state.value for state in VersionState if state.is_pending)


class SqlCertificateRows:
    """Certificates and their versions; every statement carries the account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def view(self, arn: CertificateArn) -> CertificateView | None:
        """Return the certificate with newest and current version in one read; deleted ones too."""
        found = self._views(certificates.c.account == arn.account, certificates.c.id == arn.id)
        return next((view for view in found if view.certificate.arn == arn), None)

    def views(self, scope: Scope) -> Sequence[CertificateView]:
        """Return all that are not deleted, oldest first."""
        return self._views(*_live(scope))

    def is_empty(self, account: str) -> bool:
        """Say whether the account never had a certificate."""
        first = select(certificates.c.id).where(certificates.c.account == account).limit(1)
        return self._connection.execute(first).first() is None

    def version(self, arn: CertificateArn, number: int) -> CertificateVersion | None:
        """Return one version."""
        table = certificate_versions
        key = (table.c.account == arn.account, table.c.certificate_id == arn.id, table.c.number == number)
        row = self._connection.execute(select(table).where(*key)).mappings().first()
        return None if row is None else _read_version(arn, row, "")

    def unclaimed(self, scope: Scope, urn: str) -> Certificate | None:
        """Return the live row of the URN that no engine has acknowledged yet."""
        where = (*_live(scope), certificates.c.urn == urn, certificates.c.claimed.is_(False))
        row = self._connection.execute(select(certificates).where(*where)).mappings().first()
        return None if row is None else _read_certificate(row, "")

    def unclaimed_before(self, account: str, limit: datetime) -> Sequence[Certificate]:
        """Return live unclaimed rows that were created before `limit`."""
        table = certificates.c
        where = (
            table.account == account,
            table.deleted_at.is_(None),
            table.claimed.is_(False),
            table.created_at < limit,
        )
        return [
            _read_certificate(row, "")
            for row in self._connection.execute(select(certificates).where(*where)).mappings()
        ]

    def add(self, certificate: Certificate) -> None:
        """Add a certificate."""
        self._connection.execute(certificates.insert().values(**_write_certificate(certificate)))

    def update(self, certificate: Certificate) -> None:
        """Replace the row of the same ARN."""
        update_by_key(self._connection, certificates, _write_certificate(certificate), str(certificate.arn))

    def add_version(self, version: CertificateVersion) -> None:
        """Add a version."""
        self._connection.execute(certificate_versions.insert().values(**_write_version(version)))

    def update_version(self, version: CertificateVersion) -> None:
        """Replace the row of the same ARN and number."""
        what = f"{version.arn} version {version.number}"
        update_by_key(self._connection, certificate_versions, _write_version(version), what)

    def pending(self, scope: Scope) -> Sequence[CertificateVersion]:
        """Return pending versions of claimed, live certificates, oldest first."""
        where = (*_live(scope), certificates.c.claimed, _newest.c.state.in_(_PENDING))
        views = self._views(*where, order=_newest.c.requested_at)
        return [view.newest for view in views]

    def due(self, scope: Scope, now: datetime) -> Sequence[CertificateVersion]:
        """Return current versions whose renewal instant has come, most urgent first."""
        where = (
            *_live(scope),
            certificates.c.claimed,
            _current.c.state == VersionState.ISSUED.value,
            _current.c.renewal_chosen <= now,
        )
        views = self._views(*where, order=_current.c.not_after)
        return [view.current for view in views if view.current is not None]

    def _views(self, *where: Any, order: Any = certificates.c.created_at) -> list[CertificateView]:  # noqa: ANN401
        rows = self._connection.execute(_view_statement().where(*where).order_by(order)).mappings()
        return [_read_view(row) for row in rows]


def _live(scope: Scope) -> tuple[Any, ...]:
    table = certificates.c
    return (table.account == scope.account, table.region == scope.region, table.deleted_at.is_(None))


def _view_statement() -> Select[Any]:
    columns = [
        *(column.label(f"c_{column.name}") for column in certificates.c),
        *(column.label(f"n_{column.name}") for column in _newest.c),
        *(column.label(f"u_{column.name}") for column in _current.c),
    ]
    return select(*columns).select_from(
        certificates.join(_newest, _is_version(_newest, certificates.c.newest_version)).outerjoin(
            _current, _is_version(_current, certificates.c.current_version)
        )
    )


def _is_version(table: Any, number: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's expressions
    return and_(
        table.c.account == certificates.c.account,
        table.c.certificate_id == certificates.c.id,
        table.c.number == number,
    )


def _read_view(row: RowMapping) -> CertificateView:
    certificate = _read_certificate(row, "c_")
    current = _read_version(certificate.arn, row, "u_") if row["u_number"] is not None else None
    return CertificateView(certificate, _read_version(certificate.arn, row, "n_"), current)


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
            tags=certificate.tags,
        ),
        "urn": certificate.urn,
        "input_digest": certificate.input_digest,
        "claimed": certificate.claimed,
        "created_at": certificate.created_at,
        "current_version": certificate.current_version,
        "newest_version": certificate.newest_version,
        "deleted_at": certificate.deleted_at,
    }


def _read_certificate(row: RowMapping, prefix: str) -> Certificate:
    options = read_json(row[f"{prefix}options"], "certificate options")
    early, tags = options["earlyRenewal"], options["tags"]
    if not isinstance(tags, list) or not isinstance(early, (int, type(None))):
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
        tags=tuple((str(key), str(value)) for key, value in tags),
        urn=row[f"{prefix}urn"],
        input_digest=row[f"{prefix}input_digest"],
        claimed=row[f"{prefix}claimed"],
        created_at=row[f"{prefix}created_at"],
        current_version=row[f"{prefix}current_version"],
        newest_version=row[f"{prefix}newest_version"],
        deleted_at=row[f"{prefix}deleted_at"],
    )


def _write_version(version: CertificateVersion) -> dict[str, Any]:
    key, renewal = version.key, version.renewal
    return {
        "account": version.arn.account,
        "certificate_id": version.arn.id,
        "number": version.number,
        "spec": write_spec(version.spec),
        "cause": version.cause.value,
        "reason": version.reason,
        "state": version.state.value,
        "requested_at": version.requested_at,
        "waiting_for": version.waiting_for,
        "failure_reason": version.failure_reason.value if version.failure_reason else None,
        "validated_at": version.validated_at,
        "key": write_key(key) if key else None,
        "sealed_key": key.sealed if key else None,
        "public_key": key.public_key if key else None,
        "serial": write_serial(version.serial) if version.serial is not None else None,
        "authority_id": version.authority_id,
        "profile_hash": version.profile_hash,
        "tbs": version.tbs,
        "certificate": version.certificate,
        "not_before": version.not_before,
        "not_after": version.not_after,
        "issued_at": version.issued_at,
        "renewal_start": renewal.window_start if renewal else None,
        "renewal_end": renewal.window_end if renewal else None,
        "renewal_chosen": renewal.chosen if renewal else None,
    }


def _read_version(arn: CertificateArn, row: RowMapping, prefix: str) -> CertificateVersion:
    def of(name: str) -> Any:  # noqa: ANN401 - columns have their own types
        return row[prefix + name]

    start = of("renewal_start")
    return CertificateVersion(
        arn=arn,
        number=of("number"),
        spec=read_spec(of("spec")),
        cause=VersionCause(of("cause")),
        reason=of("reason"),
        state=VersionState(of("state")),
        requested_at=of("requested_at"),
        waiting_for=of("waiting_for"),
        failure_reason=FailureReason(of("failure_reason")) if of("failure_reason") else None,
        validated_at=of("validated_at"),
        key=read_key(of("key"), of("public_key"), of("sealed_key")) if of("key") else None,
        serial=int(of("serial"), 16) if of("serial") else None,
        authority_id=of("authority_id"),
        profile_hash=of("profile_hash"),
        tbs=of("tbs"),
        certificate=of("certificate"),
        not_before=of("not_before"),
        not_after=of("not_after"),
        issued_at=of("issued_at"),
        renewal=RenewalDecision(start, of("renewal_end"), of("renewal_chosen")) if start else None,
    )
