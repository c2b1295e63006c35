"""Issued certificates before independent linters and verifiers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from certwright.core.pkilint_lints import LINTS_OFF, pkilint_findings
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.programs import issued
from tests.support.stack import Stack
from tests.support.verifiers import Issued, gnutls_says, go_says, openssl_says, write_pems, zlint_findings

_ROOTS = "  roots: ${bundle.pem}\n"
_INVOKE = 'variables:\n  bundle: {"fn::invoke": {"function": "certwright:getTrustBundle", "arguments": {}}}\n'
_LONG = f"{'a' * 60}.{'b' * 60}.example.com"


def issue(stack: Stack, folder: Path, names: list[str], count: int, **properties: Any) -> Issued:
    stack.write(_INVOKE + issued(names, "example.com", count, **properties) + _ROOTS)
    stack.up().require_ok()
    outputs = stack.outputs()
    return write_pems(folder, outputs["pem"], outputs["chain"], outputs["roots"])


def every_certificate(found: Issued, folder: Path) -> list[Path]:
    """Return each certificate of leaf, chain and roots as a PEM file of its own."""
    paths = []
    for file in (found.leaf, found.chain, found.roots):
        for index, certificate in enumerate(x509.load_pem_x509_certificates(file.read_bytes())):
            path = folder / f"one-{file.stem}-{index}.pem"
            path.write_bytes(certificate.public_bytes(Encoding.PEM))
            paths.append(path)
    return paths


@pytest.mark.parametrize(
    ("names", "algorithm"),
    [
        pytest.param(["rsa.example.com", "*.rsa.example.com"], "RSA_2048", id="RSA 2048 with a wildcard"),
        pytest.param(["rsa3.example.com"], "RSA_3072", id="RSA 3072"),
        pytest.param(["rsa4.example.com"], "RSA_4096", id="RSA 4096"),
        pytest.param(["p256.example.com"], "EC_prime256v1", id="P-256"),
        pytest.param(["p384.example.com"], "EC_secp384r1", id="P-384"),
        pytest.param(["p521.example.com"], "EC_secp521r1", id="P-521"),
        pytest.param([_LONG], "EC_prime256v1", id="a first name too long for a common name"),
    ],
)
def test_linters_find_nothing_and_three_verifiers_accept(
    stack: Stack, tmp_path: Path, names: list[str], algorithm: str
) -> None:
    found = issue(stack, tmp_path, names, 1, keyAlgorithm=algorithm)
    assert openssl_says(found).endswith("leaf.pem: OK")
    assert "Chain verification output: Verified. The certificate is trusted" in gnutls_says(found, names[0])
    assert go_says(found, names[0]) == ""
    for certificate in every_certificate(found, tmp_path):
        der = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.DER)
        assert pkilint_findings(der) == []
        assert zlint_findings(certificate) == {}


def test_permitted_domains_are_constraints_that_the_verifiers_enforce(
    new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = new_stack(CERTWRIGHT_PERMITTED_DOMAINS='["example.com"]')
    found = issue(stack, tmp_path, ["inside.example.com"], 1)
    assert openssl_says(found).endswith("leaf.pem: OK")
    assert go_says(found, "inside.example.com") == ""
    for file in (found.chain, found.roots):
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
        assert constraints.critical
        assert [name.value for name in constraints.value.permitted_subtrees or ()] == ["example.com"]


def test_the_verifiers_refuse_another_name_and_another_root(stack: Stack, tmp_path: Path) -> None:
    found = issue(stack, tmp_path, ["mine.example.com"], 1)
    assert "not other.example.com" in go_says(found, "other.example.com")
    stranger = Issued(found.leaf, found.chain, found.chain.with_name("none.pem"))
    stranger.roots.write_text(found.leaf.read_text())
    assert "OK" not in openssl_says(stranger)


def test_every_lint_that_is_off_has_a_reason() -> None:
    assert all(code and reason for code, _, reason in LINTS_OFF)
