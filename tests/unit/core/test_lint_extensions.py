"""Every extension of every profile is as the profile says, or nothing is signed."""

from collections.abc import Callable

import pytest
from certwright.core.lint import lint
from certwright.core.profiles import Expected, extensions_of
from certwright.errors import SigningRefused
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tests.pki import private_key
from tests.unit.core.expectations import Extensions, also, flipped, instead, issuing, leaf, prepared_with, root, without

PROFILES: dict[str, Expected] = {
    "a leaf": leaf(),
    "a leaf without a subject": leaf(f"{'a' * 53}.example.com"),
    "an issuing CA": issuing(permitted_domains=("example.com",)),
    "a root": root(permitted_domains=("example.com",)),
}
EACH = {
    f"{type(extension).__name__} of {who}": (expected, type(extension))
    for who, expected in PROFILES.items()
    for extension, _ in extensions_of(expected)
}
OTHER_KEY = private_key(label="another").public_key()


def usage(**uses: bool) -> x509.KeyUsage:
    """Return a leaf's key usage with something else in it."""
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: uses.get(name, name == "digital_signature") for name in names})


def names(*extra: x509.GeneralName) -> x509.SubjectAlternativeName:
    own = [x509.DNSName(name.text) for name in PROFILES["a leaf"].names]
    return x509.SubjectAlternativeName([*own, *extra])


LEAF_MUTANTS: dict[str, Callable[[Expected], Extensions]] = {
    "CA:TRUE": instead(x509.BasicConstraints(ca=True, path_length=None)),
    "CA:TRUE with a path length": instead(x509.BasicConstraints(ca=True, path_length=0)),
    "the use of signing certificates": instead(usage(key_cert_sign=True)),
    "the use of signing CRLs": instead(usage(crl_sign=True)),
    "key agreement": instead(usage(key_agreement=True)),
    "key encipherment for an EC key": instead(usage(key_encipherment=True)),
    "no use at all": instead(usage(digital_signature=False, content_commitment=True)),
    "any extended use": instead(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])),
    "one use more": instead(
        x509.ExtendedKeyUsage(
            [
                ExtendedKeyUsageOID.SERVER_AUTH,
                ExtendedKeyUsageOID.CLIENT_AUTH,
                ExtendedKeyUsageOID.CODE_SIGNING,
            ]
        )
    ),
    "one use less": instead(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
    "an address among the names": instead(names(x509.RFC822Name("a@example.com"))),
    "a directory name among the names": instead(names(x509.DirectoryName(x509.Name([])))),
    "a URI among the names": instead(names(x509.UniformResourceIdentifier("https://www.example.com/"))),
    "another key's identifier": instead(x509.SubjectKeyIdentifier.from_public_key(OTHER_KEY)),
    "another issuer's identifier": instead(x509.AuthorityKeyIdentifier.from_issuer_public_key(OTHER_KEY)),
    "a delegation of OCSP": also(x509.OCSPNoCheck()),
    "name constraints": also(x509.NameConstraints([x509.DNSName("example.com")], None), critical=True),
    "a policy": also(x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.23.140.1.2.1"), None)])),
    "where its CRL is": also(
        x509.CRLDistributionPoints(
            [x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example/")], None, None, None)]
        )
    ),
    "an unknown extension": also(x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.1.1"), b"\x05\x00")),
    "an unknown critical extension": also(
        x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.1.1"), b"\x05\x00"), critical=True
    ),
    "a precertificate's poison": also(x509.PrecertPoison(), critical=True),
}

CA_MUTANTS: dict[str, Callable[[Expected], Extensions]] = {
    "no path length": instead(x509.BasicConstraints(ca=True, path_length=None)),
    "a longer path": instead(x509.BasicConstraints(ca=True, path_length=1)),
    "CA:FALSE": instead(x509.BasicConstraints(ca=False, path_length=None)),
    "other name constraints": instead(x509.NameConstraints([x509.DNSName("evil.example")], None)),
    "wider name constraints": instead(
        x509.NameConstraints([x509.DNSName("example.com"), x509.DNSName("evil.example")], None)
    ),
    "excluded names in place of permitted ones": instead(x509.NameConstraints(None, [x509.DNSName("example.com")])),
    "the use of a server": instead(usage(key_cert_sign=True, crl_sign=True)),
    "names of servers": also(x509.SubjectAlternativeName([x509.DNSName("www.example.com")])),
}


def assert_refused(expected: Expected, extensions: Extensions, finding: str) -> None:
    with pytest.raises(SigningRefused, match=finding):
        lint(prepared_with(expected, extensions), expected)


@pytest.mark.parametrize(("expected", "kind"), EACH.values(), ids=EACH.keys())
def test_it_may_not_be_missing(expected: Expected, kind: type[x509.ExtensionType]) -> None:
    assert_refused(expected, without(kind)(expected), f"extension {kind.oid._name} ")


@pytest.mark.parametrize(("expected", "kind"), EACH.values(), ids=EACH.keys())
def test_its_criticality_may_not_differ(expected: Expected, kind: type[x509.ExtensionType]) -> None:
    assert_refused(expected, flipped(kind)(expected), f"extension {kind.oid._name} ")


@pytest.mark.parametrize("mutate", LEAF_MUTANTS.values(), ids=LEAF_MUTANTS.keys())
def test_a_leaf_is_refused_with(mutate: Callable[[Expected], Extensions]) -> None:
    expected = PROFILES["a leaf"]
    assert_refused(expected, mutate(expected), "is not as the profile says")


@pytest.mark.parametrize("mutate", CA_MUTANTS.values(), ids=CA_MUTANTS.keys())
def test_an_issuing_ca_is_refused_with(mutate: Callable[[Expected], Extensions]) -> None:
    expected = PROFILES["an issuing CA"]
    assert_refused(expected, mutate(expected), "is not as the profile says")


@pytest.mark.parametrize("expected", PROFILES.values(), ids=PROFILES.keys())
def test_the_extensions_of_the_profile_pass_for(expected: Expected) -> None:
    ready = prepared_with(expected, extensions_of(expected))
    assert lint(ready, expected).tbs == ready.tbs
