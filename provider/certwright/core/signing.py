"""Capture what would be signed, and put the one real signature around exactly those bytes.

`CertificateBuilder.sign` accepts any implementation of its key interfaces. A preset key hands it a signature made
beforehand and remembers the bytes it was asked to sign, so certificates are captured and assembled by the library's own
encoder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Never, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from certwright.errors import SigningRefused

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_DUMMY = b"\x00"


def load_public_key(spki: bytes) -> PublicKey:
    """Return the RSA or EC key of a SubjectPublicKeyInfo; raise `SigningRefused` for any other kind."""
    key = load_der_public_key(spki)
    if not isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        msg = f"keys of type {type(key).__name__} do not sign certificates here"
        raise SigningRefused(msg)
    return key


def signature_hash(key: PublicKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    """Return the hash that fits a key: SHA-256 for RSA and P-256, SHA-384 for P-384, SHA-512 for P-521."""
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size > 384:
        return hashes.SHA512()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size > 256:
        return hashes.SHA384()
    return hashes.SHA256()


class _Preset:
    """Give a preset signature and keep what was to be signed."""

    def __init__(self, public_key: PublicKey, signature: bytes) -> None:
        self._public_key = public_key
        self._signature = signature
        self.tbs = b""

    def public_key(self) -> PublicKey:
        return self._public_key

    @property
    def key_size(self) -> int:
        return self._public_key.key_size

    def sign(self, data: bytes, *_: object) -> bytes:
        self.tbs = bytes(data)
        return self._signature

    def _refuse(self, *_: object, **__: object) -> Never:
        msg = "a preset key only signs"
        raise SigningRefused(msg)

    private_bytes = private_numbers = decrypt = exchange = _refuse
    __copy__ = __deepcopy__ = _refuse


class _PresetRsa(_Preset, rsa.RSAPrivateKey):  # type: ignore[misc]
    """Stand in for an RSA key."""


class _PresetEc(_Preset, ec.EllipticCurvePrivateKey):  # type: ignore[misc]
    """Stand in for an EC key."""

    @property
    def curve(self) -> ec.EllipticCurve:
        return cast("ec.EllipticCurvePublicKey", self._public_key).curve


def capture(builder: x509.CertificateBuilder, issuer_key: PublicKey) -> bytes:
    """Return the TBSCertificate (DER) that the issuer would sign; nothing is signed."""
    preset = _preset(issuer_key, _DUMMY)
    builder.sign(preset, signature_hash(issuer_key))
    return preset.tbs


def unsigned_certificate(builder: x509.CertificateBuilder, issuer_key: PublicKey) -> x509.Certificate:
    """Return the certificate with a dummy signature, for linting."""
    return builder.sign(_preset(issuer_key, _DUMMY), signature_hash(issuer_key))


def assemble(builder: x509.CertificateBuilder, issuer_key: PublicKey, tbs: bytes, signature: bytes) -> bytes:
    """Return the certificate (DER) of `tbs` and `signature`.

    Raises `SigningRefused` when the builder's bytes are not `tbs`, the signature does not verify, or the result does
    not parse back to the same bytes.
    """
    preset = _preset(issuer_key, signature)
    certificate = builder.sign(preset, signature_hash(issuer_key))
    der = certificate.public_bytes(Encoding.DER)
    parsed = x509.load_der_x509_certificate(der)
    if preset.tbs != tbs or parsed.tbs_certificate_bytes != tbs or parsed.signature != signature:
        msg = "the certificate is not made of the bytes that were linted and signed"
        raise SigningRefused(msg)
    _verify(issuer_key, signature, tbs)
    return der


def _verify(key: PublicKey, signature: bytes, tbs: bytes) -> None:
    algorithm = signature_hash(key)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, tbs, padding.PKCS1v15(), algorithm)
        else:
            key.verify(signature, tbs, ec.ECDSA(algorithm))
    except InvalidSignature as error:
        msg = "the signature does not verify under the issuer's key; the certificate was discarded"
        raise SigningRefused(msg) from error


def _preset(key: PublicKey, signature: bytes) -> _PresetRsa | _PresetEc:
    return (_PresetRsa if isinstance(key, rsa.RSAPublicKey) else _PresetEc)(key, signature)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A certificate ready for its one signature; `finish` takes the signature and returns the certificate (DER)."""

    tbs: bytes
    unsigned: x509.Certificate
    finish: Callable[[bytes], bytes]


def prepare(builder: x509.CertificateBuilder, issuer_spki: bytes) -> Prepared:
    """Capture the TBS for the issuer's key (SubjectPublicKeyInfo DER)."""
    key = load_public_key(issuer_spki)
    tbs = capture(builder, key)
    return Prepared(tbs, unsigned_certificate(builder, key), lambda signature: assemble(builder, key, tbs, signature))
