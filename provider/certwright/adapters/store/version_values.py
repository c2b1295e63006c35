"""Versions of certificates between rows and the model."""

from typing import Any

from sqlalchemy import RowMapping

from certwright.adapters.store.rows import read_key, read_spec, reading, write_key, write_serial, write_spec
from certwright.errors import IntegrityError
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    CertificateVersion,
    FailureReason,
    RenewalDecision,
    VersionCause,
    VersionState,
)
from certwright.model.keys import ManagedKey, certificate_key_binding


def write_version(version: CertificateVersion) -> dict[str, Any]:
    """Write a version."""
    renewal = version.renewal
    return {
        **_write_key(version),
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


@reading("certificate version")
def read_version(arn: CertificateArn, row: RowMapping, prefix: str) -> CertificateVersion:
    """Read a version from the columns that begin with the prefix."""

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
        key=_read_key(arn, row, prefix),
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


def _write_key(version: CertificateVersion) -> dict[str, object]:
    """Write the key with the number of the version it was made for: keyRotation NEVER uses it again later."""
    key = version.key
    if key is None:
        return dict.fromkeys(("key_version", "key_algorithm", "public_key", "sealed_key"))
    origin = key.binding.version
    _require_origin(version.arn, version.number, origin)
    return {"key_version": origin, **write_key(key, certificate_key_binding(version.arn, origin))}


def _read_key(arn: CertificateArn, row: RowMapping, prefix: str) -> ManagedKey | None:
    origin, algorithm, public_key, sealed = (
        row[prefix + name] for name in ("key_version", "key_algorithm", "public_key", "sealed_key")
    )
    if origin is None:
        return None
    _require_origin(arn, row[f"{prefix}number"], origin)
    return read_key(algorithm, public_key, sealed, certificate_key_binding(arn, origin))


def _require_origin(arn: CertificateArn, number: int, origin: int) -> None:
    if not 1 <= origin <= number:
        msg = f"{arn} version {number} has a key of version {origin}, which cannot be"
        raise IntegrityError(msg)
