"""Certificate profiles of the built-in authority: what goes into root, issuing CA and leaf."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certwright.core.names import common_name
from certwright.core.signing import load_public_key
from certwright.model.names import DomainName

ROOT_LIFE = timedelta(days=3653)
ISSUING_LIFE = timedelta(days=1096)
CA_BACKDATE = timedelta(hours=24)
LEAF_BACKDATE = timedelta(minutes=60)
LEAF_USES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
SERIAL_SIZE = 16
_SECOND = timedelta(seconds=1)
_END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class ProfileName(Enum):
    """The three profiles."""

    ROOT = "root"
    ISSUING = "issuing"
    LEAF = "leaf"


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last second of a certificate; both belong to it (RFC 5280 section 4.1.2.5)."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """Everything a certificate must be: the builder makes it, the lint holds the result against it.

    `issuer` is the issuing certificate, None for a root, which issues itself.
    """

    profile: ProfileName
    subject: x509.Name
    names: tuple[DomainName, ...]
    spki: bytes
    issuer: x509.Certificate | None
    issuer_spki: bytes
    serial: int
    validity: Validity
    permitted_domains: tuple[str, ...] = ()

    @property
    def profile_hash(self) -> str:
        """Return SHA-256 (hex) of what the profile prescribes, whatever names and keys it is filled with."""
        described = [self.profile.value, "v1", _DESCRIPTION[self.profile], list(self.permitted_domains)]
        return hashlib.sha256(json.dumps(described).encode()).hexdigest()


_DESCRIPTION = {
    ProfileName.ROOT: "bc=critical,ca ku=critical,certsign,crlsign ski aki nc=critical",
    ProfileName.ISSUING: "bc=critical,ca,pathlen0 ku=critical,certsign,crlsign eku=server,client ski aki nc=critical",
    ProfileName.LEAF: "bc=critical,leaf ku=critical,sig(,keyenc for rsa) eku=server,client san ski aki",
}


def serial_from(random_bytes: bytes) -> int:
    """Return a serial of 16 random bytes behind the byte 0x01: positive, under 2^159, no random bit discarded."""
    return int.from_bytes(b"\x01" + random_bytes, "big")


def leaf_validity(now: datetime, life: timedelta, issuer: x509.Certificate) -> Validity:
    """Return a leaf's validity: from 60 minutes ago, `life` long to the second, inside the issuer's."""
    start = max(_whole(now) - LEAF_BACKDATE, issuer.not_valid_before_utc)
    return Validity(start, _end(start, life, issuer.not_valid_after_utc))


def ca_validity(now: datetime, life: timedelta, issuer: x509.Certificate | None) -> Validity:
    """Return a CA's validity: backdated 24 hours, inside its issuer's when it has one."""
    start = _whole(now) - CA_BACKDATE
    if issuer is None:
        return Validity(start, _end(start, life, _END_OF_TIME))
    end = _end(start, life, issuer.not_valid_after_utc)
    return Validity(max(start, issuer.not_valid_before_utc), end)


def _end(start: datetime, life: timedelta, limit: datetime) -> datetime:
    """Return the last second of a life, not after a limit; the year 9999 ends all sums."""
    return start + min(life - _SECOND, limit - start)


def ca_subject(role: str, account: str, region: str, installation_id: str, generation: int) -> x509.Name:
    """Return a CA's name, different for each account, Region, installation and generation."""
    units = [installation_id, region] if region else [installation_id]
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "certwright"),
            *(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units),
            x509.NameAttribute(NameOID.COMMON_NAME, f"certwright {role} {account} G{generation}"),
        ]
    )


def leaf_subject(names: Sequence[DomainName]) -> x509.Name:
    """Return CN = first name when it has at most 64 octets, else an empty subject."""
    common = common_name(names)
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])


def build(expected: Expected) -> x509.CertificateBuilder:
    """Return the builder of the certificate that is expected."""
    issuer = expected.issuer.subject if expected.issuer else expected.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(expected.subject)
        .issuer_name(issuer)
        .public_key(load_public_key(expected.spki))
        .serial_number(expected.serial)
        .not_valid_before(expected.validity.not_before)
        .not_valid_after(expected.validity.not_after)
    )
    for extension, critical in extensions_of(expected):
        builder = builder.add_extension(extension, critical=critical)
    return builder


def extensions_of(expected: Expected) -> list[tuple[x509.ExtensionType, bool]]:
    """Return the extensions of a certificate with their criticality, in order."""
    key = load_public_key(expected.spki)
    is_ca = expected.profile is not ProfileName.LEAF
    path_length = 0 if expected.profile is ProfileName.ISSUING else None
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=is_ca, path_length=path_length), True),
        (_key_usage(is_ca=is_ca, encipherment=isinstance(key, rsa.RSAPublicKey)), True),
    ]
    if expected.profile is not ProfileName.ROOT:
        extensions.append((x509.ExtendedKeyUsage(LEAF_USES), False))
    if expected.names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name.text) for name in expected.names])
        extensions.append((alternative, not list(expected.subject)))
    extensions.append((x509.SubjectKeyIdentifier.from_public_key(key), False))
    extensions.append((_authority_key_identifier(expected), False))
    if is_ca and expected.permitted_domains:
        permitted = [x509.DNSName(domain) for domain in expected.permitted_domains]
        extensions.append((x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), True))
    return extensions


def _authority_key_identifier(expected: Expected) -> x509.AuthorityKeyIdentifier:
    """Return the issuer's key identifier; a root names its own."""
    if expected.issuer is None:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(load_public_key(expected.spki))
    identifier = expected.issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _key_usage(*, is_ca: bool, encipherment: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=not is_ca and encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
