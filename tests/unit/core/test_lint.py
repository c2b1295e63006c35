"""Whatever differs from what is expected is refused before a key signs it (C11): each mutant by its own finding."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from certwright.core.lint import lint
from certwright.core.profiles import Expected, Validity, build, leaf_validity
from certwright.core.signing import Prepared, prepare
from certwright.errors import SigningRefused
from certwright.model.keys import KeyAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from tests.pki import NOON, make_ca, name_of, private_key, spki_of
from tests.unit.core.expectations import SERIAL, issuing, leaf, moved, names_of, prepared, root

EXPECTED = leaf()
NAMES = EXPECTED.names

BUILT_ELSE: dict[str, tuple[Callable[[], Expected], str]] = {
    "another name instead": (lambda: replace(EXPECTED, names=names_of("evil.example")), "are not the requested"),
    "an extra name": (lambda: replace(EXPECTED, names=(*NAMES, *names_of("evil.example"))), "are not the requested"),
    "a name too few": (lambda: replace(EXPECTED, names=NAMES[:-1]), "are not the requested"),
    "no names": (lambda: replace(EXPECTED, names=()), "are not the requested"),
    "a name in upper case": (
        lambda: replace(EXPECTED, names=(*names_of("WWW.example.com"), *NAMES[1:])),
        "are not the requested",
    ),
    "a name with a trailing dot": (
        lambda: replace(EXPECTED, names=(*names_of("www.example.com."), *NAMES[1:])),
        "are not the requested",
    ),
    "a name twice": (lambda: replace(EXPECTED, names=(*NAMES, NAMES[0])), "twice"),
    "the names in another order": (lambda: replace(EXPECTED, names=NAMES[::-1]), "subjectAltName"),
    "another subject": (lambda: replace(EXPECTED, subject=name_of("evil.example")), "the subject is not"),
    "no subject": (lambda: replace(EXPECTED, subject=x509.Name([])), "the subject is not"),
    "another serial": (lambda: replace(EXPECTED, serial=SERIAL + 1), "the serial is not the reserved one"),
    "an end a second later": (lambda: moved(EXPECTED, end=1), "is not the expected one"),
    "an end a second earlier": (lambda: moved(EXPECTED, end=-1), "is not the expected one"),
    "a start a second earlier": (lambda: moved(EXPECTED, start=-1), "is not the expected one"),
    "a start a second later": (lambda: moved(EXPECTED, start=1), "is not the expected one"),
    "another key": (
        lambda: replace(EXPECTED, spki=spki_of(private_key(label="evil"))),
        "the public key is not the expected one",
    ),
    "a key of another kind": (
        lambda: replace(EXPECTED, spki=spki_of(private_key(KeyAlgorithm.RSA_2048, "leaf"))),
        "the public key is not the expected one",
    ),
    "another issuer": (
        lambda: replace(EXPECTED, issuer=make_ca("Another CA").certificate),
        "the issuer name is not the issuer's subject",
    ),
    "the issuer's name in another string type": (
        lambda: replace(EXPECTED, issuer=printable_issuer()),
        "the issuer name is not the issuer's subject, byte for byte",
    ),
    "an issuing CA instead": (
        lambda: replace(EXPECTED, profile=issuing().profile, names=()),
        "a leaf must not be a CA",
    ),
}


def printable_issuer() -> x509.Certificate:
    """Return a CA of the same name, written as PrintableString."""
    ca = make_ca("Issuing CA")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuing CA", _ASN1Type.PrintableString)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(ca.key.public_key())
        .serial_number(1)
        .not_valid_before(ca.certificate.not_valid_before_utc)
        .not_valid_after(ca.certificate.not_valid_after_utc)
    )
    for extension in ca.certificate.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(ca.key, hashes.SHA256())


@pytest.mark.parametrize(("built", "finding"), BUILT_ELSE.values(), ids=BUILT_ELSE.keys())
def test_a_leaf_is_refused_that_was_built_with(built: Callable[[], Expected], finding: str) -> None:
    with pytest.raises(SigningRefused, match=finding):
        lint(prepared(built()), EXPECTED)


def below(**faults: bool) -> Expected:
    """Return a leaf below a CA that may not be one."""
    ca = make_ca("Issuing CA", **faults)  # type: ignore[arg-type]
    return replace(EXPECTED, issuer=ca.certificate)


def constrained(*names: str) -> Expected:
    """Return a leaf below a CA for example.com and example.org."""
    return leaf(*names, issuer=make_ca("Issuing CA", permitted_domains=("example.com", "example.org")))


WRONG_ISSUES: dict[str, tuple[Callable[[], Expected], str]] = {
    "a name outside the issuer's constraints": (lambda: constrained("www.evil.example"), "www.evil.example is outside"),
    "one of two names outside the issuer's constraints": (
        lambda: constrained("www.example.com", "badexample.com"),
        "badexample.com is outside",
    ),
    "a wildcard outside the issuer's constraints": (lambda: constrained("*.com.example"), "is outside"),
    "the issuer's own key": (
        lambda: replace(EXPECTED, spki=EXPECTED.issuer_spki),
        "the certificate has its issuer's key",
    ),
    "a key that is not the issuer's to sign": (
        lambda: replace(EXPECTED, issuer_spki=spki_of(private_key(label="evil"))),
        "the signing key is not the key of the issuer's certificate",
    ),
    "a life that starts before the issuer's": (lambda: moved(EXPECTED, start=-86400), "reaches beyond the issuer's"),
    "a life that ends after the issuer's": (lambda: moved(EXPECTED, end=86400 * 3650), "reaches beyond the issuer's"),
    "a life of 825 days and a second": (
        lambda: leaf(validity=leaf_validity(NOON, timedelta(days=825, seconds=1), make_ca("Issuing CA").certificate)),
        "a leaf may live at most 825 days",
    ),
    "a name that no request may have": (lambda: leaf("my_host.example.com"), "contains an underscore"),
    "a public suffix": (lambda: leaf("*.co.uk"), "is a public suffix"),
    "a name that is not canonical": (lambda: leaf("WWW.example.com"), "not in canonical form"),
    "a life of one instant": (
        lambda: replace(EXPECTED, validity=replace(EXPECTED.validity, not_after=EXPECTED.validity.not_before)),
        "the end of validity is not after its start",
    ),
    "an issuer that is no CA": (lambda: below(is_ca=False), "the issuer is no CA"),
    "an issuer that may not sign certificates": (
        lambda: below(signs_certificates=False),
        "the issuer may not sign certificates",
    ),
    "a CA below one whose path ends": (
        lambda: issuing(issuer=make_ca("Root CA", path_length=0)),
        "the issuer's path length allows no further CA",
    ),
    "a CA with its issuer's key": (
        lambda: replace(issuing(), spki=issuing().issuer_spki),
        "the certificate has its issuer's key",
    ),
}


@pytest.mark.parametrize(("expected", "finding"), WRONG_ISSUES.values(), ids=WRONG_ISSUES.keys())
def test_nothing_is_issued_as_expected_that_is_wrong_by(expected: Callable[[], Expected], finding: str) -> None:
    wrong = expected()
    with pytest.raises(SigningRefused, match=finding):
        lint(prepared(wrong), wrong)


def test_names_inside_the_issuers_constraints_are_issued() -> None:
    expected = constrained("example.com", "*.a.example.org", "www.example.com")
    assert lint(prepared(expected), expected).tbs == prepared(expected).tbs


def with_serial(serial: int) -> Prepared:
    """Return a leaf with a serial that the library's setter would not take."""
    builder = build(EXPECTED)
    builder._serial_number = serial
    return prepare(builder, EXPECTED.issuer_spki)


@pytest.mark.parametrize("serial", [0, 2**159, 2**160])
@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
def test_a_serial_is_refused_though_it_was_reserved(serial: int) -> None:
    with pytest.raises(SigningRefused, match="the serial is not between 1 and"):
        lint(with_serial(serial), replace(EXPECTED, serial=serial))


@pytest.mark.parametrize("serial", [1, 2**159 - 1])
def test_the_smallest_and_the_largest_serial_pass(serial: int) -> None:
    assert lint(with_serial(serial), replace(EXPECTED, serial=serial)).tbs == with_serial(serial).tbs


def test_a_leaf_may_live_exactly_as_long_as_its_issuer() -> None:
    issuer = make_ca("Issuing CA", not_after=NOON + timedelta(days=90))
    start, end = issuer.certificate.not_valid_before_utc, issuer.certificate.not_valid_after_utc
    expected = leaf(issuer=issuer, validity=Validity(start, end))
    assert lint(prepared(expected), expected).tbs == prepared(expected).tbs


def test_a_leaf_may_live_825_days() -> None:
    expected = leaf(validity=leaf_validity(NOON, timedelta(days=825), make_ca("Issuing CA").certificate))
    assert lint(prepared(expected), expected).tbs == prepared(expected).tbs


def test_a_certificate_is_refused_that_is_not_the_captured_one() -> None:
    other = prepared(replace(EXPECTED, serial=SERIAL + 1))
    with pytest.raises(SigningRefused, match="the linted certificate is not the captured one"):
        lint(replace(other, unsigned=prepared(EXPECTED).unsigned), EXPECTED)


def test_a_signature_algorithm_is_refused_that_does_not_fit_the_issuers_key() -> None:
    certificate = build(EXPECTED).sign(make_ca("Issuing CA").key, hashes.SHA384())
    ready = Prepared(certificate.tbs_certificate_bytes, certificate, lambda _: b"")
    with pytest.raises(SigningRefused, match="the signature algorithm does not use sha256"):
        lint(ready, EXPECTED)


def test_every_finding_is_told_at_once() -> None:
    wrong = moved(replace(EXPECTED, serial=SERIAL + 1, subject=name_of("x.example")), end=1)
    with pytest.raises(SigningRefused, match=r"nothing was signed.*subject.*serial.*validity"):
        lint(prepared(wrong), EXPECTED)


def test_the_token_is_for_the_captured_bytes_the_issuers_key_and_the_profile() -> None:
    linted = lint(prepared(EXPECTED), EXPECTED)
    assert (linted.tbs, linted.issuer_public_key) == (prepared(EXPECTED).tbs, EXPECTED.issuer_spki)
    assert linted.profile_hash == EXPECTED.profile_hash


def test_the_token_signs_once_and_for_its_issuer_only() -> None:
    linted = lint(prepared(EXPECTED), EXPECTED)
    with pytest.raises(SigningRefused, match="another issuer key"):
        linted.redeem(EXPECTED.spki)
    assert linted.redeem(EXPECTED.issuer_spki) == prepared(EXPECTED).tbs
    with pytest.raises(SigningRefused, match="used before"):
        linted.redeem(EXPECTED.issuer_spki)


def test_a_roots_token_is_for_its_own_key() -> None:
    expected = root()
    ready = prepare(build(expected), expected.issuer_spki)
    assert lint(ready, expected).redeem(expected.spki) == ready.tbs
