"""The lint that every TBS passes before a key signs it, and the only maker of `Linted`.

Own rules run on every TBS; pkilint on the first of each shape (profile, key types, extensions) in a process.
"""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certwright.core.names import canonical, is_permitted, name_faults
from certwright.core.pkilint_lints import pkilint_findings
from certwright.core.profiles import Expected, ProfileName, build, extensions_of
from certwright.core.signing import Prepared, capture, load_public_key, signature_hash
from certwright.errors import SigningRefused
from certwright.model.linted import Linted, seal_linted
from certwright.model.names import DomainName
from certwright.model.policy import LONGEST_LEAF

_SMALLEST_RSA = 2048
_PUBLIC_EXPONENT = 65537
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_LARGEST_SERIAL = 2**159 - 1

E = TypeVar("E", bound=x509.ExtensionType)
Rule = Callable[[x509.Certificate, Expected], Iterator[str]]


def lint(prepared: Prepared, expected: Expected) -> Linted:
    """Return the permission to sign; raise `SigningRefused` with every finding."""
    certificate = prepared.unsigned
    findings = [finding for rule in RULES for finding in rule(certificate, expected)]
    if certificate.tbs_certificate_bytes != prepared.tbs:
        findings.append("the linted certificate is not the captured one")
    if not findings and capture(build(expected), load_public_key(expected.issuer_spki)) != prepared.tbs:
        findings.append("some octet is not what the profile makes of names, key, serial and validity")
    if not findings and not _is_known_shape(expected):
        findings.extend(pkilint_findings(certificate.public_bytes(Encoding.DER)))
    if findings:
        msg = "nothing was signed, the certificate failed its lint: " + "; ".join(findings)
        raise SigningRefused(msg)
    _know_shape(expected)
    return seal_linted(prepared.tbs, expected.issuer_spki, expected.profile_hash)


_shapes: set[tuple[str, ...]] = set()
_shapes_lock = threading.Lock()


def _shape(expected: Expected) -> tuple[str, ...]:
    keys = [load_public_key(spki) for spki in (expected.spki, expected.issuer_spki)]
    extensions = sorted(f"{item.oid.dotted_string}{critical}" for item, critical in extensions_of(expected))
    return (expected.profile.value, *(f"{type(key).__name__}{key.key_size}" for key in keys), *extensions)


def _is_known_shape(expected: Expected) -> bool:
    with _shapes_lock:
        return _shape(expected) in _shapes


def _know_shape(expected: Expected) -> None:
    """Remember a shape only once a certificate of it passed everything."""
    with _shapes_lock:
        _shapes.add(_shape(expected))


def _name_rules(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    """Hold every name against the rules of requests again: what Check let through is not taken on trust."""
    del expected
    for text in _alternative_names(certificate):
        if canonical(text).text != text:
            yield f"{text!r} is not in canonical form"
        for fault in name_faults(text, "name"):
            yield f"{text!r}: {fault.message}"


def _names(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    found = _alternative_names(certificate)
    if len(found) != len(set(found)):
        yield "a name is in the certificate twice"
    if {DomainName(name) for name in found} != set(expected.names):
        yield f"names {sorted(found)} are not the requested {sorted(name.text for name in expected.names)}"
    if certificate.subject.public_bytes() != expected.subject.public_bytes():
        yield "the subject is not the expected one"


def _serial(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    if not 0 < certificate.serial_number <= _LARGEST_SERIAL:
        yield "the serial is not between 1 and 2^159 - 1"
    if certificate.serial_number != expected.serial:
        yield "the serial is not the reserved one"


def _validity(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if (start, end) != (expected.validity.not_before, expected.validity.not_after):
        yield f"validity {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} is not the expected one"
    if end <= start:
        yield "the end of validity is not after its start"
    if expected.profile is ProfileName.LEAF and end - start >= LONGEST_LEAF:
        yield f"a leaf may live at most {LONGEST_LEAF.days} days"
    issuer = expected.issuer
    if issuer is not None and (start < issuer.not_valid_before_utc or end > issuer.not_valid_after_utc):
        yield "the validity reaches beyond the issuer's"


def _key(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    key = certificate.public_key()
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != expected.spki:
        yield "the public key is not the expected one"
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, _CURVES):
        yield f"the curve {key.curve.name} is not among those that are allowed"
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _SMALLEST_RSA or key.public_numbers().e != _PUBLIC_EXPONENT:
            yield "the RSA key is shorter than 2048 bits or its exponent is not 65537"
    elif not isinstance(key, ec.EllipticCurvePublicKey):
        yield "the key is neither RSA nor EC"
    if expected.issuer is not None and expected.spki == expected.issuer_spki:
        yield "the certificate has its issuer's key"


def _issuer(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    subject = expected.issuer.subject if expected.issuer else expected.subject
    if certificate.issuer.public_bytes() != subject.public_bytes():
        yield "the issuer name is not the issuer's subject, byte for byte"
    issuer_key = load_public_key(expected.issuer_spki)
    if expected.issuer is not None:
        issuer_spki = expected.issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if issuer_spki != expected.issuer_spki:
            yield "the signing key is not the key of the issuer's certificate"
    wanted = signature_hash(issuer_key).name
    if certificate.signature_hash_algorithm is None or certificate.signature_hash_algorithm.name != wanted:
        yield f"the signature algorithm does not use {wanted}"


def _extensions(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    found = {(item.oid, item.critical, item.value.public_bytes()) for item in certificate.extensions}
    wanted = {(item.oid, critical, item.public_bytes()) for item, critical in extensions_of(expected)}
    for oid, critical, _ in sorted(found ^ wanted, key=lambda item: (item[0].dotted_string, item[1])):
        yield f"extension {oid._name} (critical={critical}) is not as the profile says"  # noqa: SLF001 - its only name
    if len(list(certificate.extensions)) != len(wanted):
        yield "the number of extensions is not as the profile says"


def _issuer_constraints(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    issuer = expected.issuer
    if issuer is None:
        return
    constraints = _extension(issuer, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        yield "the issuer is no CA"
    elif expected.profile is not ProfileName.LEAF and constraints.path_length == 0:
        yield "the issuer's path length allows no further CA"
    usage = _extension(issuer, x509.KeyUsage)
    if usage is None or not usage.key_cert_sign:
        yield "the issuer may not sign certificates"
    limits = _extension(issuer, x509.NameConstraints)
    permitted = [item.value for item in (limits.permitted_subtrees or ())] if limits else []
    for name in _alternative_names(certificate):
        if permitted and not is_permitted(DomainName(name), permitted):
            yield f"{name} is outside the issuer's name constraints"


def _leaf_is_no_ca(certificate: x509.Certificate, expected: Expected) -> Iterator[str]:
    constraints = _extension(certificate, x509.BasicConstraints)
    is_ca = constraints is not None and constraints.ca
    if is_ca != (expected.profile is not ProfileName.LEAF):
        yield "a leaf must not be a CA, and a CA must be one"


RULES: tuple[Rule, ...] = (
    _names,
    _name_rules,
    _serial,
    _validity,
    _key,
    _issuer,
    _extensions,
    _issuer_constraints,
    _leaf_is_no_ca,
)


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    return next((item.value for item in certificate.extensions if isinstance(item.value, kind)), None)


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    extension = _extension(certificate, x509.SubjectAlternativeName)
    return [str(name.value) for name in extension] if extension is not None else []
