"""Certificates for tests, made by the cryptography library alone, and what a CA or a leaf must be.

Nothing here uses the profiles or the signer under test. Keys are generated once per process and reused by label.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from certwright.model.keys import KeyAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CA_START = NOON - timedelta(days=1)
CA_END = NOON + timedelta(days=3650)
LEAF_LIFE = timedelta(days=395)
_RSA_BITS = {KeyAlgorithm.RSA_2048: 2048, KeyAlgorithm.RSA_3072: 3072, KeyAlgorithm.RSA_4096: 4096}
_CURVES = {
    KeyAlgorithm.EC_PRIME256V1: ec.SECP256R1(),
    KeyAlgorithm.EC_SECP384R1: ec.SECP384R1(),
    KeyAlgorithm.EC_SECP521R1: ec.SECP521R1(),
}
_HASHES: dict[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}


@dataclass(frozen=True)
class Identity:
    """A certificate and the private key of its subject."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def spki(self) -> bytes:
        """Return the public key as SubjectPublicKeyInfo DER."""
        return spki_of(self.key)

    @property
    def der(self) -> bytes:
        """Return the certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        """Return the certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


@cache
def private_key(
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1,
    label: str = "",  # noqa: ARG001 - tells keys apart in the cache
) -> PrivateKey:
    """Return the key of that algorithm and label: always the same in one process."""
    if algorithm in _RSA_BITS:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[algorithm])
    return ec.generate_private_key(_CURVES[algorithm])


@cache
def rsa_key(bits: int, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """Return an RSA key that no certificate may have."""
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


@cache
def ec_key(curve: str) -> ec.EllipticCurvePrivateKey:
    """Return a key on a curve that no certificate may have."""
    kinds: dict[str, type[ec.EllipticCurve]] = {
        "secp192r1": ec.SECP192R1,
        "secp224r1": ec.SECP224R1,
        "secp256k1": ec.SECP256K1,
        "brainpoolP256r1": ec.BrainpoolP256R1,
    }
    return ec.generate_private_key(kinds[curve]())


def spki_of(key: PrivateKey) -> bytes:
    """Return a key's SubjectPublicKeyInfo DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def name_of(common_name: str) -> x509.Name:
    """Return a name made of one CN."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make_ca(
    name: str = "Test Root",
    *,
    issuer: Identity | None = None,
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1,
    not_before: datetime = CA_START,
    not_after: datetime = CA_END,
    path_length: int | None = None,
    permitted_domains: Sequence[str] = (),
    is_ca: bool = True,
    signs_certificates: bool = True,
) -> Identity:
    """Return a CA: a root, or one below `issuer`; the last two switches make one that may not act as a CA."""
    key = private_key(algorithm, name)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=is_ca, path_length=path_length if is_ca else None), True),
        (_key_usage(is_ca=True, signs_certificates=signs_certificates, encipherment=False), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    if permitted_domains:
        permitted = [x509.DNSName(domain) for domain in permitted_domains]
        extensions.append((x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), True))
    return _signed(name_of(name), key, issuer, (not_before, not_after), extensions, None)


def make_leaf(
    names: Sequence[str] = ("www.example.com",),
    *,
    issuer: Identity,
    algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1,
    not_before: datetime = NOON - timedelta(hours=1),
    not_after: datetime = NOON + LEAF_LIFE,
    serial: int | None = None,
) -> Identity:
    """Return a server certificate for `names`, signed by `issuer`."""
    key = private_key(algorithm, f"leaf {names[0]}")
    usage = _key_usage(is_ca=False, signs_certificates=False, encipherment=isinstance(key, rsa.RSAPrivateKey))
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    return _signed(name_of(names[0]), key, issuer, (not_before, not_after), extensions, serial)


def assert_is_ca(certificate: x509.Certificate, *, path_length: int | None = None) -> None:
    """Assert that a certificate is a CA as RFC 5280 section 4.2.1 wants one."""
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert constraints.critical
    assert constraints.value.ca
    assert constraints.value.path_length == path_length
    assert usage.critical
    assert _uses(usage.value) == {"key_cert_sign", "crl_sign"}
    assert list(certificate.subject), "a CA has a name (RFC 5280 section 4.1.2.6)"
    _assert_identified(certificate)


def assert_is_leaf(certificate: x509.Certificate, names: Iterable[str]) -> None:
    """Assert that a certificate is a TLS server's for exactly `names`, and no CA."""
    extensions = certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    alternative = extensions.get_extension_for_class(x509.SubjectAlternativeName)
    uses = {"digital_signature"}
    if isinstance(certificate.public_key(), rsa.RSAPublicKey):
        uses.add("key_encipherment")
    assert not constraints.ca
    assert constraints.path_length is None
    assert usage.critical
    assert _uses(usage.value) == uses
    assert set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    }
    assert sorted(str(item.value) for item in alternative.value) == sorted(names)
    assert alternative.critical == (not list(certificate.subject)), "critical exactly when the subject is empty"
    _assert_identified(certificate)


def _assert_identified(certificate: x509.Certificate) -> None:
    found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    key = certificate.public_key()
    assert isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey))
    assert not found.critical
    assert found.value == x509.SubjectKeyIdentifier.from_public_key(key)
    assert not certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).critical


def _uses(usage: x509.KeyUsage) -> set[str]:
    always = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    return {name for name in (*always, "key_cert_sign", "crl_sign") if getattr(usage, name)}


def _key_usage(*, is_ca: bool, signs_certificates: bool, encipherment: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(
    subject: x509.Name,
    key: PrivateKey,
    issuer: Identity | None,
    validity: tuple[datetime, datetime],
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    serial: int | None,
) -> Identity:
    signing_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial if serial is not None else x509.random_serial_number())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
    )
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
    for extension, critical in (*extensions, (identifier, False)):
        builder = builder.add_extension(extension, critical=critical)
    return Identity(builder.sign(signing_key, _hash_for(signing_key)), key)


def _hash_for(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    curve = key.curve.name if isinstance(key, ec.EllipticCurvePrivateKey) else ""
    return _HASHES.get(curve, hashes.SHA256())
