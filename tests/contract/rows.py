"""Builders of everything that a store keeps; equal arguments make equal rows."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from certwright.model.arns import CertificateArn
from certwright.model.audit import AuditEvent
from certwright.model.authorities import Authority, AuthorityRole, AuthorityState
from certwright.model.certificates import (
    Certificate,
    CertificateSpec,
    CertificateType,
    CertificateVersion,
    HandedOutName,
    KeyRotation,
    RenewalDecision,
    RenewalOutputs,
    ValidationMethod,
    VersionCause,
    VersionState,
)
from certwright.model.installation import AccountSecret, Installation, KeyEncryptionKey
from certwright.model.keys import KeyAlgorithm, ManagedKey, authority_key_binding, certificate_key_binding
from certwright.model.names import DomainName
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.revocations import Revocation, RevocationLogEntry, RevocationReason
from certwright.model.scope import Scope
from certwright.model.zone_records import ZoneRecordHold
from certwright.ports.store import Store, Transaction

from tests.fakes import NOON

T = TypeVar("T")
ACCOUNT = "000000000001"
OTHER_ACCOUNT = "000000000002"
HERE = Scope(ACCOUNT, "local")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONGEST_SERIAL = 2**159 - 1


def make_arn(number: int = 1, scope: Scope = HERE) -> CertificateArn:
    return CertificateArn(scope.region, scope.account, f"{number:08x}-0000-4000-8000-000000000000")


def make_spec(*names: str) -> CertificateSpec:
    texts = names or ("example.com", "*.example.com")
    return CertificateSpec(
        tuple(DomainName(text) for text in texts), KeyAlgorithm.EC_PRIME256V1, "embedded", timedelta(days=395)
    )


def make_certificate(arn: CertificateArn | None = None, **changes: Any) -> Certificate:
    """Make a claimed, live certificate with one version, which is not issued yet."""
    arn = arn or make_arn()
    certificate = Certificate(
        arn=arn,
        type=CertificateType.VALIDATED,
        spec=make_spec(),
        validation_method=ValidationMethod.DNS,
        early_renewal=timedelta(days=10),
        key_rotation=KeyRotation.ON_RENEWAL,
        renewal_outputs=RenewalOutputs.FOLLOW,
        export_enabled=False,
        repin="",
        pinned_version=None,
        tags=(("team", "web"), ("äöü", "☃")),
        default_tags=(("stage", "test"),),
        urn=f"urn:pulumi:dev::test::certwright:index:Certificate::{arn.id}",
        input_digest="d" * 64,
        claimed=True,
        created_at=NOON,
        current_version=None,
        newest_version=1,
        deleted_at=None,
    )
    return replace(certificate, **changes)


def make_version(arn: CertificateArn | None = None, number: int = 1, **changes: Any) -> CertificateVersion:
    """Make a version as it is right after a request."""
    version = CertificateVersion(
        arn=arn or make_arn(),
        number=number,
        spec=make_spec(),
        cause=VersionCause.REQUEST,
        reason="requested",
        state=VersionState.REQUESTED,
        requested_at=NOON,
    )
    return replace(version, **changes)


def make_issued(arn: CertificateArn | None = None, number: int = 1, **changes: Any) -> CertificateVersion:
    """Make an issued version with every field filled; its renewal comes 30 days before its end."""
    arn = arn or make_arn()
    not_after = NOON + timedelta(days=395, microseconds=-1)
    issued: dict[str, Any] = {
        "state": VersionState.ISSUED,
        "waiting_for": "nothing any more",
        "validated_at": NOON + timedelta(microseconds=1),
        "key": make_key(arn, number),
        "serial": LONGEST_SERIAL,
        "authority_id": "a1",
        "profile_hash": "p" * 64,
        "tbs": b"\x00tbs\xff",
        "certificate": b"\x00certificate\xff",
        "not_before": NOON - HOUR,
        "not_after": not_after,
        "issued_at": NOON + timedelta(seconds=2),
        "renewal": RenewalDecision(not_after - 40 * DAY, not_after - 20 * DAY, not_after - 30 * DAY),
    }
    return make_version(arn, number, **{**issued, **changes})


def make_key(arn: CertificateArn | None = None, version: int = 1) -> ManagedKey:
    arn = arn or make_arn()
    binding = certificate_key_binding(arn, version)
    return ManagedKey(KeyAlgorithm.EC_PRIME256V1, b"\x00spki\xff", b"\x00sealed\xff", binding)


def make_installation(name: str = "i1") -> Installation:
    return Installation(name, NOON, "check", b"wrapped")


def make_kek(scope: Scope = HERE, generation: int = 1, wrapped: bytes = b"\x00kek\xff") -> KeyEncryptionKey:
    return KeyEncryptionKey(scope.account, scope.region, generation, wrapped, NOON)


def make_secret(account: str = ACCOUNT, generation: int = 1, sealed: bytes = b"\x00secret\xff") -> AccountSecret:
    return AccountSecret(account, generation, sealed, NOON)


def make_name(name: str = "example.com", account: str = ACCOUNT, value: str = "_v.test.") -> HandedOutName:
    record = ResourceRecord(f"_n.{name}.", RecordType.CNAME, value)
    return HandedOutName(account, "dns", DomainName(name), record, NOON)


def make_authority(
    name: str = "a1",
    scope: Scope = HERE,
    role: AuthorityRole = AuthorityRole.ISSUING,
    generation: int = 1,
    **changes: Any,
) -> Authority:
    binding = authority_key_binding(scope, name, generation)
    authority = Authority(
        id=name,
        scope=scope,
        role=role,
        generation=generation,
        state=AuthorityState.SIGNING,
        key=ManagedKey(KeyAlgorithm.EC_SECP384R1, b"\x00spki\xff", b"\x00sealed\xff", binding),
        serial=LONGEST_SERIAL,
        issuer_id="root",
        tbs=b"\x00tbs\xff",
        certificate=None,
        not_before=NOON - DAY,
        not_after=NOON + 1000 * DAY,
        permitted_domains=("example.com", "example.org"),
    )
    return replace(authority, **changes)


def make_event(sequence: int = 1, account: str = ACCOUNT, at: datetime = NOON, subject: str = "s") -> AuditEvent:
    detail = (("name", "☃\r\n"), ("other", ""))
    return AuditEvent(account, sequence, at, "tester", "RequestCertificate", subject, detail, "0" * 64, "h" * 64)


def make_hold(
    urn: str = "u1",
    account: str = ACCOUNT,
    zone: str = "example.com",
    name: str = "_n.example.com.",
    value: str = "_v.test.",
    rtype: RecordType = RecordType.CNAME,
    hold_id: str = "",
) -> ZoneRecordHold:
    record = ResourceRecord(name, rtype, value)
    return ZoneRecordHold(account, hold_id or f"{urn}/{zone}/{name}/{rtype.value}", urn, zone, record, False, NOON)


def make_revocation(number: int = 1, **changes: Any) -> Revocation:
    revocation = Revocation("ca", LONGEST_SERIAL - number, make_arn(number), 1, RevocationReason.KEY_COMPROMISE, NOON)
    return replace(revocation, **changes)


def make_log(number: int = 1, **changes: Any) -> RevocationLogEntry:
    log = RevocationLogEntry(number, f"log {number}", "host:/home", NOON + number * HOUR, NOON, NOON)
    return replace(log, **changes)


def write_each(store: Store, write: Callable[[Transaction, T], object], items: Iterable[T]) -> None:
    """Write all items in one transaction, each in the same way."""
    rows = tuple(items)
    store.write(lambda tx: [write(tx, row) for row in rows])


def put(store: Store, certificate: Certificate, *versions: CertificateVersion) -> None:
    """Store a certificate with its versions; one that was just requested when none are given."""
    store.write(lambda tx: tx.certificates.add(certificate))
    write_each(store, lambda tx, row: tx.certificates.add_version(row), versions or (make_version(certificate.arn),))
