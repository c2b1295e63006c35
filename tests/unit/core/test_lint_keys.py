"""Which keys a certificate may have, and what an independent linter says of all that we issue."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from certwright.core import pkilint_lints
from certwright.core.lint import lint
from certwright.core.pkilint_lints import pkilint_findings
from certwright.core.profiles import Expected
from certwright.errors import SigningRefused
from certwright.model.keys import KeyAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import PrivateKey, ec_key, make_ca, rsa_key, spki_of
from tests.unit.core.expectations import issuing, leaf, prepared, root

LONG_NAME = f"{'a' * 53}.example.com"
SHAPES: dict[str, Callable[[KeyAlgorithm], Expected]] = {
    "a leaf": lambda algorithm: leaf(algorithm=algorithm),
    "a leaf below such a CA": lambda algorithm: leaf(issuer=make_ca("Issuing CA", algorithm=algorithm)),
    "a leaf without a subject": lambda algorithm: leaf(LONG_NAME, algorithm=algorithm),
    "an issuing CA": lambda algorithm: issuing(algorithm=algorithm),
    "an issuing CA below such a root": lambda algorithm: issuing(issuer=make_ca("Root CA", algorithm=algorithm)),
    "an issuing CA with name constraints": lambda algorithm: issuing(
        algorithm=algorithm, permitted_domains=("example.com",)
    ),
    "a root": lambda algorithm: root(algorithm=algorithm),
    "a root with name constraints": lambda algorithm: root(algorithm=algorithm, permitted_domains=("example.com",)),
}


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_what_we_issue_is_clean_to_our_own_lint_and_to_pkilint(
    shape: Callable[[KeyAlgorithm], Expected], algorithm: KeyAlgorithm
) -> None:
    expected = shape(algorithm)
    ready = prepared(expected)
    assert lint(ready, expected).redeem(expected.issuer_spki) == ready.tbs
    assert pkilint_findings(ready.unsigned.public_bytes(Encoding.DER)) == []


WEAK: dict[str, tuple[Callable[[], PrivateKey], str]] = {
    "RSA with 1024 bits": (lambda: rsa_key(1024), "shorter than 2048 bits"),
    "RSA with 2047 bits": (lambda: rsa_key(2047), "shorter than 2048 bits"),
    "RSA with the exponent 3": (lambda: rsa_key(2048, exponent=3), "its exponent is not 65537"),
    "EC on P-192": (lambda: ec_key("secp192r1"), "the curve "),
    "EC on P-224": (lambda: ec_key("secp224r1"), "the curve "),
    "EC on a curve of Bitcoin": (lambda: ec_key("secp256k1"), "the curve "),
    "EC on a Brainpool curve": (lambda: ec_key("brainpoolP256r1"), "the curve "),
}


@pytest.mark.parametrize(("key", "finding"), WEAK.values(), ids=WEAK.keys())
def test_no_certificate_has_a_key_of(key: Callable[[], PrivateKey], finding: str) -> None:
    expected = replace(leaf(), spki=spki_of(key()))
    with pytest.raises(SigningRefused, match=finding):
        lint(prepared(expected), expected)


MESSAGES: dict[str, tuple[str, bool]] = {
    "a wildcard": ('Invalid domain name: "*.example.com"', True),
    "a wildcard below an A-label": ('Invalid domain name: "*.xn--bcher-kva.example"', True),
    "a wildcard in the middle": ('Invalid domain name: "www.*.example.com"', False),
    "two wildcards": ('Invalid domain name: "*.*.example.com"', False),
    "a wildcard above one label": ('Invalid domain name: "*.com"', False),
    "an underscore": ('Invalid domain name: "_x.example.com"', False),
    "an underscore below a wildcard": ('Invalid domain name: "*._x.example.com"', False),
}


@pytest.mark.parametrize(("message", "excused"), MESSAGES.values(), ids=MESSAGES.keys())
def test_pkilints_finding_of_a_name_is_excused_for(message: str, excused: bool) -> None:  # noqa: FBT001 - a column of the table
    assert pkilint_lints._is_off("pkix.invalid_domain_name_syntax", message) is excused


def test_no_other_finding_is_excused() -> None:
    assert {code for code, _, _ in pkilint_lints.LINTS_OFF} == {"pkix.invalid_domain_name_syntax"}
