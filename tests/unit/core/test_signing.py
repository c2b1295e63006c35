"""Capture signs nothing; one signature goes around exactly the bytes that were captured."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest
from certwright.core.profiles import build
from certwright.core.signing import _preset, assemble, capture, load_public_key, prepare, signature_hash
from certwright.errors import SigningRefused
from certwright.model.keys import KeyAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.pki import PrivateKey, make_ca, private_key
from tests.unit.core.expectations import leaf, root

HASHES = {
    KeyAlgorithm.RSA_2048: "sha256",
    KeyAlgorithm.RSA_3072: "sha256",
    KeyAlgorithm.RSA_4096: "sha256",
    KeyAlgorithm.EC_PRIME256V1: "sha256",
    KeyAlgorithm.EC_SECP384R1: "sha384",
    KeyAlgorithm.EC_SECP521R1: "sha512",
}
CA = make_ca("Issuing CA")


def sign(key: PrivateKey, tbs: bytes) -> bytes:
    """Sign as the signer does."""
    algorithm = signature_hash(key.public_key())
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(tbs, padding.PKCS1v15(), algorithm)
    return key.sign(tbs, ec.ECDSA(algorithm))


@pytest.mark.parametrize(("algorithm", "name"), HASHES.items())
def test_the_hash_fits_the_key(algorithm: KeyAlgorithm, name: str) -> None:
    assert signature_hash(private_key(algorithm).public_key()).name == name


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_certificate_is_assembled_that_its_issuer_signed(algorithm: KeyAlgorithm) -> None:
    issuer = make_ca("CA", algorithm=algorithm)
    ready = prepare(build(leaf(issuer=issuer)), issuer.spki)
    certificate = x509.load_der_x509_certificate(ready.finish(sign(issuer.key, ready.tbs)))
    certificate.verify_directly_issued_by(issuer.certificate)
    assert certificate.tbs_certificate_bytes == ready.tbs


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_the_captured_bytes_are_those_that_the_library_would_sign(algorithm: KeyAlgorithm) -> None:
    issuer = make_ca("CA", algorithm=algorithm)
    builder = build(leaf(issuer=issuer))
    signed = builder.sign(issuer.key, signature_hash(issuer.key.public_key()))
    assert capture(builder, issuer.key.public_key()) == signed.tbs_certificate_bytes


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_captured_certificate_carries_no_signature(algorithm: KeyAlgorithm) -> None:
    issuer = make_ca("CA", algorithm=algorithm)
    ready = prepare(build(leaf(issuer=issuer)), issuer.spki)
    assert ready.unsigned.signature == b"\x00"
    assert ready.unsigned.tbs_certificate_bytes == ready.tbs


def test_capturing_twice_gives_the_same_bytes() -> None:
    builder = build(leaf(issuer=CA))
    assert capture(builder, CA.key.public_key()) == capture(builder, CA.key.public_key())


BUILDER = build(leaf(issuer=CA))
TBS = capture(BUILDER, CA.key.public_key())
OTHER = build(replace(leaf(issuer=CA), serial=5))
OTHER_TBS = capture(OTHER, CA.key.public_key())
GOOD = sign(CA.key, TBS)


def flip_last_bit(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


REFUSED: dict[str, tuple[x509.CertificateBuilder, bytes, bytes, str]] = {
    "another builder's bytes": (OTHER, TBS, GOOD, "not made of the bytes"),
    "other bytes, signed": (BUILDER, OTHER_TBS, sign(CA.key, OTHER_TBS), "not made of the bytes"),
    "bytes with one bit flipped": (BUILDER, flip_last_bit(TBS), GOOD, "not made of the bytes"),
    "bytes cut short": (BUILDER, TBS[:-1], GOOD, "not made of the bytes"),
    "no bytes": (BUILDER, b"", GOOD, "not made of the bytes"),
    "the signature over other bytes": (BUILDER, TBS, sign(CA.key, OTHER_TBS), "does not verify"),
    "another key's signature": (BUILDER, TBS, sign(private_key(label="another"), TBS), "does not verify"),
    "a signature with one bit flipped": (BUILDER, TBS, flip_last_bit(GOOD), "does not verify"),
    "a signature cut short": (BUILDER, TBS, GOOD[:-1], "does not verify"),
    "a signature with an octet more": (BUILDER, TBS, GOOD + b"\0", "does not verify"),
    "the placeholder": (BUILDER, TBS, b"\0", "does not verify"),
    "no signature": (BUILDER, TBS, b"", "does not verify"),
}


@pytest.mark.parametrize(("builder", "tbs", "signature", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_nothing_is_assembled_of(builder: x509.CertificateBuilder, tbs: bytes, signature: bytes, why: str) -> None:
    with pytest.raises(SigningRefused, match=why):
        assemble(builder, CA.key.public_key(), tbs, signature)


def test_nothing_is_assembled_for_another_issuers_key() -> None:
    with pytest.raises(SigningRefused):
        assemble(BUILDER, private_key(label="another").public_key(), TBS, GOOD)


def test_an_rsa_signature_by_another_padding_is_refused() -> None:
    issuer = make_ca("CA", algorithm=KeyAlgorithm.RSA_2048)
    ready = prepare(build(leaf(issuer=issuer)), issuer.spki)
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    algorithm = signature_hash(issuer.key.public_key())
    signature = issuer.key.sign(ready.tbs, padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH), algorithm)
    with pytest.raises(SigningRefused, match="does not verify"):
        ready.finish(signature)


def test_a_root_is_assembled_under_its_own_key() -> None:
    expected = root()
    ready = prepare(build(expected), expected.issuer_spki)
    key = private_key(KeyAlgorithm.EC_SECP384R1, "root")
    certificate = x509.load_der_x509_certificate(ready.finish(sign(key, ready.tbs)))
    certificate.verify_directly_issued_by(certificate)


def test_a_key_that_is_neither_rsa_nor_ec_does_not_sign() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    with pytest.raises(SigningRefused, match="do not sign certificates here"):
        load_public_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


PRESET = _preset(CA.key.public_key(), b"\0")
USES: dict[str, Callable[[], object]] = {
    "copied": lambda: copy.copy(PRESET),
    "copied deeply": lambda: copy.deepcopy(PRESET),
    "written out": lambda: PRESET.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "asked for its numbers": PRESET.private_numbers,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_the_key_that_captures_cannot_be(use: Callable[[], object]) -> None:
    with pytest.raises(SigningRefused, match="a preset key only signs"):
        use()
