"""What goes into root, issuing CA and leaf: serials, subjects, extensions."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from certwright.core.profiles import SERIAL_SIZE, Expected, ca_subject, leaf_subject, serial_from
from certwright.model.keys import KeyAlgorithm
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import assert_is_ca, assert_is_leaf, make_ca, private_key, spki_of
from tests.unit.core.expectations import EXAMPLE, issuing, leaf, names_of, prepared, root

RANDOM = st.binary(min_size=SERIAL_SIZE, max_size=SERIAL_SIZE)


@pytest.mark.parametrize("octet", [0x00, 0x01, 0x7F, 0x80, 0xFF])
def test_a_serial_is_positive_and_below_2_159_whatever_chance_gives(octet: int) -> None:
    assert 0 < serial_from(bytes([octet]) * SERIAL_SIZE) < 2**159


@given(RANDOM)
def test_a_serial_keeps_all_128_random_bits(random_bytes: bytes) -> None:
    assert serial_from(random_bytes) - 2**128 == int.from_bytes(random_bytes, "big")


@given(RANDOM)
def test_a_serial_is_encoded_in_17_octets_like_all_others(random_bytes: bytes) -> None:
    serial = serial_from(random_bytes)
    assert (serial.bit_length() + 8) // 8 == 17


SUBJECTS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "its first name": (("b.example.com", "a.example.com"), "b.example.com"),
    "a wildcard that comes first": (("*.example.com", "example.com"), "*.example.com"),
    "a first name of 64 octets": ((f"{'a' * 52}.example.com",), f"{'a' * 52}.example.com"),
    "nothing when the first name is longer": ((f"{'a' * 53}.example.com", "a.example.com"), None),
}


@pytest.mark.parametrize(("names", "common"), SUBJECTS.values(), ids=SUBJECTS.keys())
def test_the_subject_of_a_leaf_is(names: tuple[str, ...], common: str | None) -> None:
    found = [(item.oid, item.value) for item in leaf_subject(names_of(*names))]
    assert found == ([(NameOID.COMMON_NAME, common)] if common else [])


def test_the_names_are_critical_when_the_subject_is_empty() -> None:
    long = f"{'a' * 53}.example.com"
    assert_is_leaf(prepared(leaf(long)).unsigned, [long])


PLACES = st.tuples(
    st.sampled_from(["123456789012", "123456789013"]),
    st.sampled_from(["local", "eu-1", "eu-11", f"{'a' * 31}b", f"{'a' * 31}c"]),
    st.sampled_from([1, 2, 11, 12]),
)


@given(PLACES, PLACES)
def test_issuing_cas_of_different_places_or_generations_have_different_names(
    one: tuple[str, str, int], two: tuple[str, str, int]
) -> None:
    first, second = (ca_subject("issuing CA", account, region, "id", number) for account, region, number in (one, two))
    assert (first == second) is (one == two)


@pytest.mark.parametrize("region", ["", "eu-1"])
def test_a_ca_is_named_for_its_account_without_a_space_too_many(region: str) -> None:
    values = [str(item.value) for item in ca_subject("root", "123456789012", region, "id", 1)]
    assert any("123456789012" in value for value in values)
    assert [" ".join(value.split()) for value in values] == values


def test_two_installations_have_cas_of_different_names() -> None:
    first, second = (ca_subject("root", "123456789012", "", installation, 1) for installation in ("a", "b"))
    assert first != second


CERTIFICATES: dict[str, Callable[[], x509.Certificate]] = {
    "a leaf": lambda: prepared(leaf()).unsigned,
    "an issuing CA": lambda: prepared(issuing()).unsigned,
    "a root": lambda: prepared(root()).unsigned,
}


BASIC, USAGE, USES, NAMES, OWN, ISSUERS, LIMITS = (
    "basicConstraints critical",
    "keyUsage critical",
    "extendedKeyUsage",
    "subjectAltName",
    "subjectKeyIdentifier",
    "authorityKeyIdentifier",
    "nameConstraints critical",
)
CONSTRAINED = ("example.com",)
EXTENSIONS: dict[str, tuple[Expected, list[str]]] = {
    "a leaf": (leaf(), [BASIC, USAGE, USES, NAMES, OWN, ISSUERS]),
    "a leaf without a subject": (
        leaf(f"{'a' * 53}.example.com"),
        [BASIC, USAGE, USES, f"{NAMES} critical", OWN, ISSUERS],
    ),
    "an issuing CA": (issuing(), [BASIC, USAGE, USES, OWN, ISSUERS]),
    "an issuing CA with permitted domains": (
        issuing(permitted_domains=CONSTRAINED),
        [BASIC, USAGE, USES, OWN, ISSUERS, LIMITS],
    ),
    "a root": (root(), [BASIC, USAGE, OWN, ISSUERS]),
    "a root with permitted domains": (root(permitted_domains=CONSTRAINED), [BASIC, USAGE, OWN, ISSUERS, LIMITS]),
}


@pytest.mark.parametrize(("expected", "extensions"), EXTENSIONS.values(), ids=EXTENSIONS.keys())
def test_the_extensions_are_those_of(expected: Expected, extensions: list[str]) -> None:
    found = prepared(expected).unsigned.extensions
    assert [f"{item.oid._name}{' critical' if item.critical else ''}" for item in found] == extensions


def test_a_leaf_is_a_servers_certificate_for_exactly_its_names() -> None:
    assert_is_leaf(CERTIFICATES["a leaf"](), EXAMPLE)


def test_a_leaf_with_an_rsa_key_may_encipher_keys() -> None:
    assert_is_leaf(prepared(leaf(algorithm=KeyAlgorithm.RSA_2048)).unsigned, EXAMPLE)


def test_an_issuing_ca_may_have_no_ca_below_it() -> None:
    assert_is_ca(CERTIFICATES["an issuing CA"](), path_length=0)


def test_a_root_has_no_path_length() -> None:
    assert_is_ca(CERTIFICATES["a root"](), path_length=None)


@pytest.mark.parametrize("make", CERTIFICATES.values(), ids=CERTIFICATES.keys())
def test_the_version_is_3_and_the_serial_the_reserved_one_in(make: Callable[[], x509.Certificate]) -> None:
    certificate = make()
    assert certificate.version is x509.Version.v3
    assert certificate.serial_number == serial_from(bytes(range(16)))


def test_a_leaf_names_its_issuer_as_the_issuer_names_itself() -> None:
    ca = make_ca("Issuing CA")
    certificate = prepared(leaf(issuer=ca)).unsigned
    identifier = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    own = ca.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert certificate.issuer.public_bytes() == ca.certificate.subject.public_bytes()
    assert identifier.key_identifier == own.digest


def test_a_root_is_its_own_issuer() -> None:
    certificate = CERTIFICATES["a root"]()
    identifier = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert certificate.issuer == certificate.subject
    assert identifier.key_identifier == own.digest


@pytest.mark.parametrize("make", [issuing, root])
def test_permitted_domains_become_critical_name_constraints_of_a_ca(make: Callable[..., Expected]) -> None:
    certificate = prepared(make(permitted_domains=("a.test", "b.test"))).unsigned
    found = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    assert found.value.permitted_subtrees == [x509.DNSName("a.test"), x509.DNSName("b.test")]
    assert found.value.excluded_subtrees is None


@pytest.mark.parametrize("expected", [issuing(), root(), replace(leaf(), permitted_domains=("example.com",))])
def test_there_are_no_name_constraints_without_permitted_domains_nor_in_a_leaf(expected: Expected) -> None:
    with pytest.raises(x509.ExtensionNotFound):
        prepared(expected).unsigned.extensions.get_extension_for_class(x509.NameConstraints)


SAME_PROFILE: dict[str, Expected] = {
    "other names": leaf("other.example.com"),
    "another key": replace(leaf(), spki=spki_of(private_key(label="another"))),
    "another serial": replace(leaf(), serial=5),
}


@pytest.mark.parametrize("other", SAME_PROFILE.values(), ids=SAME_PROFILE.keys())
def test_the_profile_hash_stays_with(other: Expected) -> None:
    assert other.profile_hash == leaf().profile_hash


def test_each_profile_and_each_set_of_permitted_domains_has_its_own_hash() -> None:
    expected = [
        leaf(),
        issuing(),
        root(),
        issuing(permitted_domains=("a.test",)),
        issuing(permitted_domains=("b.test",)),
    ]
    assert len({item.profile_hash for item in expected}) == len(expected)
