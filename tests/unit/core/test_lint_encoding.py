"""The lint judges the octets that will be signed, and pkilint's silence counts only where pkilint has spoken."""

from dataclasses import replace

import pytest
from certwright.core import lint as lint_module
from certwright.core.lint import lint
from certwright.core.profiles import Expected
from certwright.core.signing import Prepared
from certwright.errors import SigningRefused
from certwright.model.keys import KeyAlgorithm
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.pki import private_key
from tests.unit.core.expectations import leaf, prepared, root

EXPECTED = leaf()
DER = prepared(EXPECTED).unsigned.public_bytes(Encoding.DER)
TBS = prepared(EXPECTED).tbs
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
ECDSA_SHA384 = bytes.fromhex("06082a8648ce3d040303")
NO_OID = bytes.fromhex("0608fa8648ce3d040302")


def parsed(der: bytes) -> x509.Certificate | None:
    """Return the certificate, None for octets that the library cannot read as one."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
        assert list(certificate.extensions) is not None
        assert (certificate.subject, certificate.issuer) is not None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    except (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None
    return certificate


def as_captured(der: bytes) -> Prepared:
    """Return a certificate as if its octets were the captured ones."""
    certificate = x509.load_der_x509_certificate(der)
    return Prepared(certificate.tbs_certificate_bytes, certificate, lambda _: b"")


def passes(certificate: x509.Certificate) -> bool:
    """Say whether the lint lets a certificate through that is captured as it is."""
    try:
        lint(Prepared(certificate.tbs_certificate_bytes, certificate, lambda _: b""), EXPECTED)
    except SigningRefused:
        return False
    return True


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
def test_no_bit_of_what_is_signed_can_be_flipped() -> None:
    assert passes(x509.load_der_x509_certificate(DER))
    start = DER.index(TBS)
    mutants = [
        parsed(DER[:place] + bytes([DER[place] ^ 1 << bit]) + DER[place + 1 :])
        for place in range(start, start + len(TBS))
        for bit in range(8)
    ]
    readable = [mutant for mutant in mutants if mutant is not None]
    assert len(readable) > 1000
    assert [mutant.tbs_certificate_bytes.hex() for mutant in readable if passes(mutant)] == []


def test_the_algorithm_inside_what_is_signed_may_not_differ_from_the_one_outside() -> None:
    lint(prepared(EXPECTED), EXPECTED)
    with pytest.raises(SigningRefused):
        lint(as_captured(DER.replace(ECDSA_SHA256, ECDSA_SHA384, 1)), EXPECTED)


def test_the_same_key_may_not_be_written_in_another_encoding() -> None:
    lint(prepared(EXPECTED), EXPECTED)
    public_key = private_key(KeyAlgorithm.EC_PRIME256V1, "leaf").public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    numbers = public_key.public_numbers()
    point = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    hybrid = bytes([6 + numbers.y % 2]) + point
    with pytest.raises(SigningRefused):
        lint(as_captured(DER.replace(b"\x04" + point, hybrid, 1)), EXPECTED)


def unclean() -> Expected:
    """Return a root that our own rules have nothing against: its organisation is longer than X.520 allows."""
    attributes = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "x" * 65, _validate=False),
        x509.NameAttribute(NameOID.COMMON_NAME, "Root"),
    ]
    return replace(root(algorithm=KeyAlgorithm.EC_SECP521R1), subject=x509.Name(attributes))


def test_what_pkilint_finds_stops_the_signature_and_is_told_again_at_the_next_attempt() -> None:
    lint_module._shapes.clear()
    expected = unclean()
    for _ in range(2):
        with pytest.raises(SigningRefused, match="invalid_asn1_syntax"):
            lint(prepared(expected), expected)


def test_what_pkilint_cannot_read_is_allowed_at_no_attempt() -> None:
    lint_module._shapes.clear()
    unreadable = x509.load_der_x509_certificate(DER.replace(ECDSA_SHA256, NO_OID, 1))
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(passes(unreadable))
        except ValueError:
            outcomes.append(False)
    assert outcomes == [False, False]
