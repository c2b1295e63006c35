"""Builders: declared certificates as the engine sends them, and certificates as the store has them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from certwright.core.certificates import CertificateWish
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    Certificate,
    CertificateSpec,
    CertificateType,
    CertificateVersion,
    CertificateView,
    KeyRotation,
    RenewalDecision,
    RenewalOutputs,
    ValidationMethod,
    VersionCause,
    VersionState,
)
from certwright.model.keys import KeyAlgorithm
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.resources.certificate_inputs import _wish
from certwright.resources.certificate_meaning import names_of
from certwright.resources.certificate_types import CertificateArgs
from certwright.resources.fields import Decoded, decode
from certwright.resources.values import Properties, Value

ARN = CertificateArn("local", "000000000000", "12345678-1234-4234-8234-123456789012")
NOW = datetime(2030, 6, 1, tzinfo=UTC)
NAME = "www.example.com"


def policy(*permitted: str) -> Policy:
    return Policy("validations.internal", (), CaaPolicy.WARN, permitted, preflight=False)


def decoded(**values: Value) -> Decoded[CertificateArgs]:
    """Return what is declared; `domainName` is www.example.com unless given."""
    return decode(CertificateArgs, {"domainName": NAME, **values})


def args(**values: Value) -> CertificateArgs:
    return decoded(**values).args


def wish(values: Properties | None = None, defaults: dict[str, str] | None = None) -> CertificateWish:
    """Return the wish of a declaration, with the default tags of the configuration."""
    found = decoded(**(values or {}))
    return _wish(found.args, names_of(found), policy(), tuple(sorted((defaults or {}).items())))


def spec(*names: str) -> CertificateSpec:
    parsed = tuple(DomainName(name) for name in names or (NAME,))
    return CertificateSpec(parsed, KeyAlgorithm.RSA_2048, "embedded", timedelta(days=395))


def version(
    number: int = 1,
    state: VersionState = VersionState.ISSUED,
    cause: VersionCause = VersionCause.REQUEST,
    reason: str = "requested",
    days_left: int = 300,
) -> CertificateVersion:
    """Return a version; an issued one ends in `days_left` days and is due 60 days before that."""
    bare = CertificateVersion(ARN, number, spec(), cause, reason, state, NOW - timedelta(days=95))
    if not state.has_certificate:
        return replace(bare, waiting_for="its CNAME is missing")
    end = NOW + timedelta(days=days_left)
    window = RenewalDecision(end - timedelta(days=60), end - timedelta(days=54), end - timedelta(days=57))
    return replace(bare, not_before=end - timedelta(days=395), not_after=end, renewal=window)


def view(
    current: CertificateVersion | None, newest: CertificateVersion | None = None, pinned: int | None = None
) -> CertificateView:
    """Return a certificate with its current version and, if it is another, its newest; `pinned` under PIN."""
    last = newest or current or version(state=VersionState.REQUESTED)
    certificate = Certificate(
        arn=ARN,
        type=CertificateType.VALIDATED,
        spec=last.spec,
        validation_method=ValidationMethod.DNS,
        early_renewal=None,
        key_rotation=KeyRotation.ON_RENEWAL,
        renewal_outputs=RenewalOutputs.FOLLOW if pinned is None else RenewalOutputs.PIN,
        export_enabled=False,
        repin="",
        pinned_version=pinned,
        tags=(),
        default_tags=(),
        urn="urn",
        input_digest="applied",
        claimed=True,
        created_at=NOW - timedelta(days=95),
        current_version=current.number if current else None,
        newest_version=last.number,
        deleted_at=None,
    )
    return CertificateView(certificate, last, current)
