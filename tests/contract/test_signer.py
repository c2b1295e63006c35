"""The contract of ports.keys.Signer."""

import functools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from certwright.adapters.keys.signer import VaultSigner
from certwright.errors import IntegrityError, SigningRefused
from certwright.model.keys import KeyAlgorithm, KeyPurpose, ManagedKey, authority_key_binding, certificate_key_binding
from certwright.model.linted import Linted, seal_linted
from certwright.model.secret import SecretBytes
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from tests.contract.rows import HERE, make_arn
from tests.contract.vaults import make_vault

TBS = b"to be signed"
PLACE = authority_key_binding(HERE, "a1", 1)
CERTIFICATE_PLACE = certificate_key_binding(make_arn(), 1)
VAULT = make_vault()
SIGNER = VaultSigner(VAULT)
RSA_BITS = {KeyAlgorithm.RSA_2048: 2048, KeyAlgorithm.RSA_3072: 3072, KeyAlgorithm.RSA_4096: 4096}
CURVES = {
    KeyAlgorithm.EC_PRIME256V1: ("secp256r1", hashes.SHA256()),
    KeyAlgorithm.EC_SECP384R1: ("secp384r1", hashes.SHA384()),
    KeyAlgorithm.EC_SECP521R1: ("secp521r1", hashes.SHA512()),
}
QUICK = KeyAlgorithm.EC_PRIME256V1


@functools.cache
def key_of(algorithm: KeyAlgorithm, subject: str = "a1") -> ManagedKey:
    """Generate an authority's key once for all tests that only use it."""
    return SIGNER.generate(algorithm, replace(PLACE, subject=subject))


def certificate_key_of(algorithm: KeyAlgorithm, subject: str = "a1") -> ManagedKey:
    """Seal the same private half as a certificate's key, as generating it for one would have."""
    key = key_of(algorithm, subject)
    place = replace(CERTIFICATE_PLACE, subject=f"arn of {subject}")
    return replace(key, sealed=VAULT.seal(VAULT.open(key.sealed, key.binding), place), binding=place)


def fresh(key: ManagedKey, tbs: bytes = TBS) -> Linted:
    """Make a token as the lint does."""
    return seal_linted(tbs, key.public_key, "profile")


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_generated_key_is_what_was_asked_for(algorithm: KeyAlgorithm) -> None:
    key = key_of(algorithm)
    assert (key.algorithm, key.binding) == (algorithm, PLACE)
    public = load_der_public_key(key.public_key)
    assert public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == key.public_key
    if algorithm in RSA_BITS:
        assert isinstance(public, rsa.RSAPublicKey)
        assert (public.key_size, public.public_numbers().e) == (RSA_BITS[algorithm], 65537)
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        assert public.curve.name == CURVES[algorithm][0]


def test_two_generated_keys_differ() -> None:
    assert len({SIGNER.generate(QUICK, PLACE).public_key for _ in range(20)}) == 20


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_signature_verifies_with_the_hash_that_fits_the_key(algorithm: KeyAlgorithm) -> None:
    key = key_of(algorithm)
    signature = SIGNER.sign(key, fresh(key))
    public = load_der_public_key(key.public_key)
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, TBS, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(signature, TBS, ec.ECDSA(CURVES[algorithm][1]))


def test_a_signer_over_the_same_vault_uses_keys_that_another_generated() -> None:
    vault = make_vault()
    key = VaultSigner(vault).generate(QUICK, PLACE)
    assert VaultSigner(vault).sign(key, fresh(key))


def test_a_token_signs_once() -> None:
    key = key_of(QUICK)
    token = fresh(key)
    SIGNER.sign(key, token)
    with pytest.raises(SigningRefused, match="used before"):
        SIGNER.sign(key, token)


def test_a_token_of_another_key_does_not_sign_and_is_not_used_up() -> None:
    key, other = key_of(QUICK), key_of(QUICK, "a2")
    token = fresh(other)
    with pytest.raises(SigningRefused, match="another issuer key"):
        SIGNER.sign(key, token)
    assert SIGNER.sign(other, token)


def test_a_row_that_claims_another_public_key_does_not_sign() -> None:
    key, other = key_of(QUICK), key_of(QUICK, "a2")
    lying = replace(key, public_key=other.public_key)
    for token in (fresh(key), fresh(other)):
        with pytest.raises(IntegrityError):
            SIGNER.sign(lying, token)


@pytest.mark.parametrize("purpose", [purpose for purpose in KeyPurpose if purpose is not KeyPurpose.AUTHORITY_KEY])
def test_a_key_signs_nothing_that_is_for(purpose: KeyPurpose) -> None:
    key = SIGNER.generate(QUICK, replace(PLACE, purpose=purpose))
    with pytest.raises(SigningRefused):
        SIGNER.sign(key, fresh(key))


@pytest.mark.parametrize("purpose", [purpose for purpose in KeyPurpose if purpose is not KeyPurpose.CERTIFICATE_KEY])
def test_a_key_is_not_exported_that_is_for(purpose: KeyPurpose) -> None:
    key = SIGNER.generate(QUICK, replace(PLACE, purpose=purpose))
    with pytest.raises(SigningRefused):
        SIGNER.export(key)


def test_only_the_lint_makes_tokens() -> None:
    with pytest.raises(SigningRefused):
        Linted(object(), TBS, key_of(QUICK).public_key, "profile")


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Let threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_of_many_threads_with_one_token_one_may_sign() -> None:
    key = key_of(QUICK)
    start = Barrier(8)

    def redeem(token: Linted) -> bool:
        start.wait(10)
        try:
            token.redeem(key.public_key)
        except SigningRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        for _ in range(200):
            token = fresh(key)
            assert list(pool.map(redeem, [token] * 8)).count(True) == 1


@pytest.mark.parametrize(
    "stolen",
    [
        lambda key, other: replace(key, sealed=other.sealed),
        lambda key, _: replace(key, binding=replace(key.binding, version=2)),
        lambda key, other: replace(key, public_key=other.public_key),
        lambda key, _: replace(key, sealed=key.sealed[:-1] + bytes([key.sealed[-1] ^ 1])),
    ],
    ids=[
        "the sealed half of another key",
        "another version",
        "the public half of another key",
        "a changed sealed half",
    ],
)
def test_a_key_is_not_used_with(stolen: Callable[[ManagedKey, ManagedKey], ManagedKey]) -> None:
    key = stolen(key_of(QUICK), key_of(QUICK, "a2"))
    with pytest.raises(IntegrityError):
        SIGNER.sign(key, fresh(key))
    with pytest.raises(IntegrityError):
        SIGNER.export(stolen(certificate_key_of(QUICK), certificate_key_of(QUICK, "a2")))


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_an_exported_key_is_the_private_half_in_pkcs8_pem(algorithm: KeyAlgorithm) -> None:
    key = certificate_key_of(algorithm)
    exported = SIGNER.export(key)
    assert isinstance(exported, SecretBytes)
    assert exported.reveal().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    private = load_pem_private_key(exported.reveal(), None)
    assert private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == key.public_key


def test_a_managed_key_shows_nothing_of_its_private_half() -> None:
    key = certificate_key_of(QUICK)
    private = load_pem_private_key(SIGNER.export(key).reveal(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    secret = private.private_numbers().private_value.to_bytes(32, "big")
    assert secret not in key.sealed
    assert secret not in key.public_key
    assert secret.hex() not in repr(key)
