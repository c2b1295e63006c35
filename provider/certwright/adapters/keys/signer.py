"""The only module that holds raw private keys."""

from collections.abc import Sequence
from dataclasses import replace

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from certwright.adapters.keys.encrypted_pkcs8 import encrypted_pem
from certwright.core.signing import signature_hash
from certwright.errors import IntegrityError, KeyUnavailable, Refused, SigningRefused
from certwright.model.keys import KeyAlgorithm, KeyBinding, KeyPurpose, ManagedKey
from certwright.model.linted import Linted
from certwright.model.secret import SecretBytes
from certwright.ports.keys import KeyVault

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_RSA_BITS = {KeyAlgorithm.RSA_2048: 2048, KeyAlgorithm.RSA_3072: 3072, KeyAlgorithm.RSA_4096: 4096}
_CURVES = {
    KeyAlgorithm.EC_PRIME256V1: ec.SECP256R1(),
    KeyAlgorithm.EC_SECP384R1: ec.SECP384R1(),
    KeyAlgorithm.EC_SECP521R1: ec.SECP521R1(),
}


class VaultSigner:
    """Generate keys, keep them sealed in the vault, and open one only for one signature (Signer, KeyCarrier)."""

    def __init__(self, vault: KeyVault) -> None:
        self._vault = vault

    def generate(self, algorithm: KeyAlgorithm, binding: KeyBinding) -> ManagedKey:
        """Return a fresh key pair with its private half sealed as PKCS#8 DER."""
        key = _generate(algorithm)
        return ManagedKey(algorithm, _spki(key), self._vault.seal(_encoded(key), binding), binding)

    def sign(self, key: ManagedKey, linted: Linted) -> bytes:
        """Redeem the token and return the signature over its TBS."""
        private_key = self._open(key, KeyPurpose.AUTHORITY_KEY)
        tbs = linted.redeem(_spki(private_key))
        algorithm = signature_hash(private_key.public_key())
        if isinstance(private_key, rsa.RSAPrivateKey):
            return private_key.sign(tbs, padding.PKCS1v15(), algorithm)
        return private_key.sign(tbs, ec.ECDSA(algorithm))

    def require_pair(self, key: ManagedKey) -> None:
        """Raise `IntegrityError` unless the sealed private half opens and belongs to the public half."""
        self._open(key, key.binding.purpose)

    def carry_out(self, key: ManagedKey, passphrase: SecretBytes) -> bytes:
        """Return an authority's private key as PKCS#8 PEM, encrypted under a passphrase."""
        return encrypted_pem(_encoded(self._open(key, KeyPurpose.AUTHORITY_KEY)), passphrase)

    def carry_in(self, pem: bytes, passphrase: SecretBytes, keys: Sequence[ManagedKey]) -> ManagedKey:
        """Return the one of `keys` whose private half this is, with that half sealed."""
        private_key = _decrypted(pem, passphrase)
        for key in keys:
            if key.public_key == _spki(private_key):
                return replace(key, sealed=self._vault.seal(_encoded(private_key), key.binding))
        msg = "The file holds a private key that belongs to none of these authorities. Nothing was changed."
        raise Refused(msg)

    def export(self, key: ManagedKey) -> SecretBytes:
        """Return the private key as unencrypted PKCS#8 PEM; callers write the audit row first (R22)."""
        private_key = self._open(key, KeyPurpose.CERTIFICATE_KEY)
        return SecretBytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def _open(self, key: ManagedKey, purpose: KeyPurpose) -> PrivateKey:
        """Open a key for the one thing its purpose allows; its public half must be the one that was stored (T2)."""
        if key.binding.purpose is not purpose:
            msg = f"the key of {key.binding.subject} is no {purpose.value}; nothing was done with it"
            raise SigningRefused(msg)
        if key.is_away:
            msg = f"the private key of {key.binding.subject} is not in the store: it was carried out of it"
            raise SigningRefused(msg)
        private_key = load_der_private_key(self._vault.open(key.sealed, key.binding).reveal(), None)
        if not isinstance(private_key, PrivateKey):
            msg = f"the key of {key.binding.subject} is of an unknown kind"
            raise SigningRefused(msg)
        if _spki(private_key) != key.public_key:
            msg = f"the stored public key of {key.binding.subject} (version {key.binding.version}) is not its key's"
            raise IntegrityError(msg)
        return private_key


def _generate(algorithm: KeyAlgorithm) -> PrivateKey:
    if algorithm in _RSA_BITS:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[algorithm])
    return ec.generate_private_key(_CURVES[algorithm])


def _encoded(key: PrivateKey) -> SecretBytes:
    return SecretBytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _decrypted(pem: bytes, passphrase: SecretBytes) -> PrivateKey:
    try:
        private_key = load_pem_private_key(pem, passphrase.reveal())
    except (ValueError, TypeError, MemoryError, UnsupportedAlgorithm) as error:
        msg = "The private key in the file does not open: the passphrase is another one, or the file is damaged."
        raise KeyUnavailable(msg) from error
    if not isinstance(private_key, PrivateKey):
        msg = "The private key in the file is of a kind that certwright never writes. Nothing was changed."
        raise Refused(msg)
    return private_key


def _spki(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
