"""What a refused certificate is refused for, word for word, and no more than that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from certwright.core import lint as lints
from certwright.core.lint import lint
from certwright.core.profiles import Expected, Validity, build, extensions_of, leaf_validity
from certwright.core.signing import Prepared, prepare
from certwright.errors import SigningRefused
from certwright.model.keys import KeyAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.pki import NOON, make_ca, name_of, private_key, rsa_key, spki_of
from tests.unit.core.expectations import SERIAL, flipped, issuing, leaf, prepared, prepared_with, without

LEAF = leaf()
OTHER = spki_of(private_key(label="another"))
Case = tuple[Callable[[], tuple[Prepared, Expected]], str]


@pytest.fixture(autouse=True)
def _no_known_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test begin as a fresh process does."""
    monkeypatch.setattr(lints, "_shapes", set())


def built(mutant: Expected, expected: Expected = LEAF) -> tuple[Prepared, Expected]:
    """Return what was built as the mutant and is held against what is expected."""
    return prepared(mutant), expected


def as_expected(mutant: Expected) -> tuple[Prepared, Expected]:
    """Return a mutant that is even expected to be so."""
    return prepared(mutant), mutant


def with_issuer(**faults: bool) -> Expected:
    return replace(LEAF, issuer=make_ca("Issuing CA", **faults).certificate)  # type: ignore[arg-type]


def ca_as_leaf() -> tuple[Prepared, Expected]:
    """Return a leaf of the profile, built with the basic constraints of a CA."""
    of_ca = x509.BasicConstraints(ca=True, path_length=None)
    mutant = [
        (of_ca if isinstance(item, x509.BasicConstraints) else item, critical) for item, critical in extensions_of(LEAF)
    ]
    return prepared_with(LEAF, mutant), LEAF


SINGLE: dict[str, Case] = {
    "a serial that was not reserved": (
        lambda: built(replace(LEAF, serial=SERIAL + 1)),
        "the serial is not the reserved one",
    ),
    "another subject": (
        lambda: built(replace(LEAF, subject=name_of("evil.example"))),
        "the subject is not the expected one",
    ),
    "an issuer that is no CA": (lambda: as_expected(with_issuer(is_ca=False)), "the issuer is no CA"),
    "an issuer that may not sign": (
        lambda: as_expected(with_issuer(signs_certificates=False)),
        "the issuer may not sign certificates",
    ),
    "a CA below a path that ends": (
        lambda: as_expected(issuing(issuer=make_ca("Root CA", path_length=0))),
        "the issuer's path length allows no further CA",
    ),
    "a name outside the issuer's constraints": (
        lambda: as_expected(leaf("a.evil.example", issuer=make_ca("Issuing CA", permitted_domains=("example.com",)))),
        "a.evil.example is outside the issuer's name constraints",
    ),
    "the issuer's own key": (
        lambda: as_expected(replace(LEAF, spki=LEAF.issuer_spki)),
        "the certificate has its issuer's key",
    ),
    "a validity beyond the issuer's": (
        lambda: as_expected(
            replace(
                LEAF,
                issuer=make_ca("Issuing CA", not_after=NOON + timedelta(days=10)).certificate,
            )
        ),
        "the validity reaches beyond the issuer's",
    ),
    "a validity that ends as it starts": (
        lambda: as_expected(replace(LEAF, validity=Validity(LEAF.validity.not_before, LEAF.validity.not_before))),
        "the end of validity is not after its start",
    ),
    "a leaf of 826 days": (
        lambda: as_expected(leaf(validity=leaf_validity(NOON, timedelta(days=826), make_ca("Issuing CA").certificate))),
        "a leaf may live at most 825 days",
    ),
    "a short RSA key": (
        lambda: as_expected(replace(LEAF, spki=spki_of(rsa_key(1024)))),
        "the RSA key is shorter than 2048 bits or its exponent is not 65537",
    ),
    "a name twice": (
        lambda: as_expected(replace(LEAF, names=(*LEAF.names, LEAF.names[0]))),
        "a name is in the certificate twice",
    ),
    "a name in upper case": (
        lambda: as_expected(leaf("WWW.example.com")),
        "'WWW.example.com' is not in canonical form",
    ),
    "a name that no request may have": (
        lambda: as_expected(leaf("www.co.uk", "co.uk")),
        "'co.uk': co.uk is a public suffix, nobody's own domain",
    ),
    "a key that is not of the issuer's certificate": (
        lambda: as_expected(replace(LEAF, issuer_spki=OTHER)),
        "the signing key is not the key of the issuer's certificate",
    ),
}


def of_ed25519() -> tuple[Prepared, Expected]:
    """Return a leaf for a key that is neither RSA nor EC."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    builder = build(LEAF)
    builder._public_key = key
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return prepare(builder, LEAF.issuer_spki), replace(LEAF, spki=spki)


def in_another_order() -> tuple[Prepared, Expected]:
    """Return a leaf with the right extensions in the wrong order."""
    return prepared_with(LEAF, extensions_of(LEAF)[::-1]), LEAF


def not_captured() -> tuple[Prepared, Expected]:
    """Return a leaf whose captured bytes are not its own."""
    return replace(prepared(LEAF), tbs=prepared(LEAF).tbs + bytes(1)), LEAF


def without_extended_use() -> tuple[Prepared, Expected]:
    return prepared_with(LEAF, without(x509.ExtendedKeyUsage)(LEAF)), LEAF


def ca_as_leaf_not_critical() -> tuple[Prepared, Expected]:
    of_ca = x509.BasicConstraints(ca=True, path_length=None)
    mutant = [
        (of_ca, False) if isinstance(item, x509.BasicConstraints) else (item, critical)
        for item, critical in extensions_of(LEAF)
    ]
    return prepared_with(LEAF, mutant), LEAF


def with_flipped_constraints() -> tuple[Prepared, Expected]:
    return prepared_with(LEAF, flipped(x509.BasicConstraints)(LEAF)), LEAF


_PROFILE = "is not as the profile says"
SEVERAL: dict[str, tuple[Callable[[], tuple[Prepared, Expected]], list[str]]] = {
    "the constraints of a CA": (
        ca_as_leaf,
        [
            f"extension basicConstraints (critical=True) {_PROFILE}",
            f"extension basicConstraints (critical=True) {_PROFILE}",
            "a leaf must not be a CA, and a CA must be one",
        ],
    ),
    "the constraints of a CA, not critical": (
        ca_as_leaf_not_critical,
        [
            f"extension basicConstraints (critical=False) {_PROFILE}",
            f"extension basicConstraints (critical=True) {_PROFILE}",
            "a leaf must not be a CA, and a CA must be one",
        ],
    ),
    "constraints that are not critical": (
        with_flipped_constraints,
        [
            f"extension basicConstraints (critical=False) {_PROFILE}",
            f"extension basicConstraints (critical=True) {_PROFILE}",
        ],
    ),
    "an extension that is missing": (
        without_extended_use,
        [
            f"extension extendedKeyUsage (critical=False) {_PROFILE}",
            "the number of extensions is not as the profile says",
        ],
    ),
    "another serial and another subject": (
        lambda: built(replace(LEAF, serial=SERIAL + 1, subject=name_of("evil.example"))),
        ["the subject is not the expected one", "the serial is not the reserved one"],
    ),
    "another issuer": (
        lambda: built(replace(LEAF, issuer=make_ca("Another CA").certificate)),
        [
            "the issuer name is not the issuer's subject, byte for byte",
            f"extension authorityKeyIdentifier (critical=False) {_PROFILE}",
            f"extension authorityKeyIdentifier (critical=False) {_PROFILE}",
        ],
    ),
    "extensions in another order": (
        in_another_order,
        ["some octet is not what the profile makes of names, key, serial and validity"],
    ),
    "bytes that were not captured": (not_captured, ["the linted certificate is not the captured one"]),
    "another key": (
        lambda: built(replace(LEAF, spki=OTHER)),
        [
            "the public key is not the expected one",
            f"extension subjectKeyIdentifier (critical=False) {_PROFILE}",
            f"extension subjectKeyIdentifier (critical=False) {_PROFILE}",
        ],
    ),
}


@pytest.mark.parametrize(("case", "findings"), SEVERAL.values(), ids=SEVERAL.keys())
def test_every_finding_is_told_in_order_of(case: Callable[[], tuple[Prepared, Expected]], findings: list[str]) -> None:
    ready, expected = case()
    with pytest.raises(SigningRefused) as caught:
        lint(ready, expected)
    assert str(caught.value) == f"nothing was signed, the certificate failed its lint: {'; '.join(findings)}"


@pytest.mark.parametrize("serial", [0, 2**159])
@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
def test_a_serial_out_of_its_range_is_told_so(serial: int) -> None:
    builder = build(LEAF)
    builder._serial_number = serial
    with pytest.raises(SigningRefused) as caught:
        lint(prepare(builder, LEAF.issuer_spki), replace(LEAF, serial=serial))
    assert str(caught.value).endswith("failed its lint: the serial is not between 1 and 2^159 - 1")


def test_a_key_that_is_neither_rsa_nor_ec_is_told_so() -> None:
    ready, expected = of_ed25519()
    assert list(lints._key(ready.unsigned, expected)) == ["the key is neither RSA nor EC"]


def test_a_shape_that_passed_is_known_and_not_held_against_pkilint_again() -> None:
    lint(prepared(LEAF), LEAF)
    assert lints._is_known_shape(LEAF)


def test_shapes_differ_by_profile_keys_and_extensions() -> None:
    shapes = [
        lints._shape(expected)
        for expected in (
            LEAF,
            issuing(),
            issuing(permitted_domains=("example.com",)),
            leaf(algorithm=KeyAlgorithm.RSA_2048),
            leaf(algorithm=KeyAlgorithm.EC_SECP384R1),
            leaf(issuer=make_ca("Issuing CA", algorithm=KeyAlgorithm.EC_SECP384R1)),
            leaf(f"{'a' * 53}.example.com"),
        )
    ]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize(("case", "finding"), SINGLE.values(), ids=SINGLE.keys())
def test_a_certificate_is_refused_word_for_word_for(
    case: Callable[[], tuple[Prepared, Expected]], finding: str
) -> None:
    ready, expected = case()
    with pytest.raises(SigningRefused) as caught:
        lint(ready, expected)
    assert str(caught.value) == f"nothing was signed, the certificate failed its lint: {finding}"
