"""Keys: algorithms, and what a wrapped secret is bound to."""

from dataclasses import dataclass
from enum import Enum

from certwright.model.arns import CertificateArn
from certwright.model.scope import Scope


class KeyAlgorithm(Enum):
    """Key algorithms of validated certificates, in ACM's words (R6)."""

    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    EC_PRIME256V1 = "EC_prime256v1"
    EC_SECP384R1 = "EC_secp384r1"
    EC_SECP521R1 = "EC_secp521r1"


class KeyPurpose(Enum):
    """What a wrapped secret is for; part of its additional authenticated data."""

    KEY_ENCRYPTION_KEY = "kek"
    SEAL_KEY = "seal-key"
    ACCOUNT_SECRET = "account-secret"  # noqa: S105 - a purpose, no secret
    CERTIFICATE_KEY = "certificate-key"
    AUTHORITY_KEY = "authority-key"


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """Tie a wrapped secret to its one place: purpose, owner, subject (ARN or id) and version (T2).

    An empty `scope.region` means the account's own key-encryption key.
    """

    purpose: KeyPurpose
    scope: Scope
    subject: str
    version: int

    def authenticated_data(self) -> bytes:
        """Return the bytes that are authenticated with the ciphertext; unambiguous by length prefixes."""
        parts = (self.purpose.value, self.scope.account, self.scope.region, self.subject, str(self.version))
        return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def certificate_key_binding(arn: CertificateArn, version: int) -> KeyBinding:
    """Return what the key that was made for this version of a certificate is bound to."""
    return KeyBinding(KeyPurpose.CERTIFICATE_KEY, arn.scope, str(arn), version)


def authority_key_binding(scope: Scope, authority_id: str, generation: int) -> KeyBinding:
    """Return what an authority's key is bound to."""
    return KeyBinding(KeyPurpose.AUTHORITY_KEY, scope, authority_id, generation)


@dataclass(frozen=True, slots=True)
class ManagedKey:
    """A generated key pair: public half as SubjectPublicKeyInfo DER, private half sealed under `binding`.

    A store never keeps the binding: it follows from the place of the key, or a key that was moved would bring it along.
    `sealed` is empty when the private half was carried out of the store.
    """

    algorithm: KeyAlgorithm
    public_key: bytes
    sealed: bytes
    binding: KeyBinding

    @property
    def is_away(self) -> bool:
        """Say whether the private half is kept outside the store."""
        return not self.sealed
