"""What certificates are expected to be, ready for builder and lint, and ways to build something else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from certwright.core.profiles import (
    Expected,
    ProfileName,
    Validity,
    build,
    ca_subject,
    ca_validity,
    extensions_of,
    leaf_subject,
    leaf_validity,
    serial_from,
)
from certwright.core.signing import Prepared, load_public_key, prepare
from certwright.model.keys import KeyAlgorithm
from certwright.model.names import DomainName
from cryptography import x509

from tests.pki import LEAF_LIFE, NOON, Identity, make_ca, private_key, spki_of

EXAMPLE = ("www.example.com", "example.com", "*.example.com")
SERIAL = serial_from(bytes(range(16)))
ROOT_LIFE = timedelta(days=3653)
Extensions = list[tuple[x509.ExtensionType, bool]]


def names_of(*texts: str) -> tuple[DomainName, ...]:
    """Return domain names."""
    return tuple(DomainName(text) for text in texts)


def leaf(
    *names: str,
    issuer: Identity | None = None,
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1,
    validity: Validity | None = None,
) -> Expected:
    """Return a leaf below `issuer`; `www.example.com` and its neighbours unless told otherwise."""
    signing = issuer or make_ca("Issuing CA")
    wanted = names_of(*(names or EXAMPLE))
    return Expected(
        profile=ProfileName.LEAF,
        subject=leaf_subject(wanted),
        names=wanted,
        spki=spki_of(private_key(algorithm, "leaf")),
        issuer=signing.certificate,
        issuer_spki=signing.spki,
        serial=SERIAL,
        validity=validity or leaf_validity(NOON, LEAF_LIFE, signing.certificate),
    )


def issuing(
    *,
    issuer: Identity | None = None,
    permitted_domains: tuple[str, ...] = (),
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1,
) -> Expected:
    """Return an issuing CA below `issuer`."""
    signing = issuer or make_ca("Root CA", algorithm=KeyAlgorithm.EC_SECP384R1)
    return Expected(
        profile=ProfileName.ISSUING,
        subject=ca_subject("issuing CA", "123456789012", "local", "installation", 1),
        names=(),
        spki=spki_of(private_key(algorithm, "issuing")),
        issuer=signing.certificate,
        issuer_spki=signing.spki,
        serial=SERIAL,
        validity=ca_validity(NOON, timedelta(days=1096), signing.certificate),
        permitted_domains=permitted_domains,
    )


def root(*, permitted_domains: tuple[str, ...] = (), algorithm: KeyAlgorithm = KeyAlgorithm.EC_SECP384R1) -> Expected:
    """Return a root."""
    spki = spki_of(private_key(algorithm, "root"))
    return Expected(
        profile=ProfileName.ROOT,
        subject=ca_subject("root", "123456789012", "", "installation", 1),
        names=(),
        spki=spki,
        issuer=None,
        issuer_spki=spki,
        serial=SERIAL,
        validity=ca_validity(NOON, ROOT_LIFE, None),
        permitted_domains=permitted_domains,
    )


def prepared(expected: Expected) -> Prepared:
    """Return what the provider itself would have signed."""
    return prepare(build(expected), expected.issuer_spki)


def prepared_with(expected: Expected, extensions: Sequence[tuple[x509.ExtensionType, bool]]) -> Prepared:
    """Return what is expected but for its extensions."""
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
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return prepare(builder, expected.issuer_spki)


def without(kind: type[x509.ExtensionType]) -> Callable[[Expected], Extensions]:
    """Leave an extension out."""
    return lambda expected: [item for item in extensions_of(expected) if not isinstance(item[0], kind)]


def flipped(kind: type[x509.ExtensionType]) -> Callable[[Expected], Extensions]:
    """Turn an extension's criticality round."""
    return lambda expected: [(item, critical ^ isinstance(item, kind)) for item, critical in extensions_of(expected)]


def instead(value: x509.ExtensionType) -> Callable[[Expected], Extensions]:
    """Give an extension another value."""
    return lambda expected: [
        (value if isinstance(item, type(value)) else item, critical) for item, critical in extensions_of(expected)
    ]


def also(value: x509.ExtensionType, *, critical: bool = False) -> Callable[[Expected], Extensions]:
    """Add an extension."""
    return lambda expected: [*extensions_of(expected), (value, critical)]


def moved(expected: Expected, *, start: int = 0, end: int = 0) -> Expected:
    """Move the validity by seconds."""
    first, last = expected.validity.not_before, expected.validity.not_after
    return replace(expected, validity=Validity(first + timedelta(seconds=start), last + timedelta(seconds=end)))
