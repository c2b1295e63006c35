"""Keys: the master key, the vault for secrets and the signer that alone uses private keys."""

from typing import Protocol

from certwright.model.keys import KeyAlgorithm, KeyBinding, ManagedKey
from certwright.model.linted import Linted
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes


class MasterKey(Protocol):
    """Wrap key-encryption keys; what it holds never leaves it.

    `wrap` and `unwrap` authenticate `context`; `unwrap` raises `KeyUnavailable` when the key is the wrong one and
    `IntegrityError` is not told apart from it, since both look the same to an authenticated cipher.
    """

    def wrap(self, secret: SecretBytes, context: bytes) -> bytes:
        """Return `secret` wrapped; the blob starts with a format version."""
        ...

    def unwrap(self, blob: bytes, context: bytes) -> SecretBytes:
        """Return what was wrapped under the same context."""
        ...

    def check_value(self, installation_id: str) -> str:
        """Return a value that recognises this key for an installation and tells nothing about it."""
        ...


class KeyEncryptionKeys(Protocol):
    """Find wrapped key-encryption keys for the vault."""

    def newest(self, scope: Scope) -> tuple[int, bytes]:
        """Return generation and wrapped key of the scope's newest; raise `KeyUnavailable` when there is none."""
        ...

    def of_generation(self, scope: Scope, generation: int) -> bytes:
        """Return that wrapped key; raise `KeyUnavailable` when there is none."""
        ...


class KeyVault(Protocol):
    """Seal secrets under the key-encryption key of their scope, bound to their place (T2).

    `open` raises `IntegrityError` for a blob that was changed, swapped or rolled back.
    """

    def seal(self, secret: SecretBytes, binding: KeyBinding) -> bytes:
        """Return the sealed secret; the blob starts with a format version and the key's generation."""
        ...

    def open(self, blob: bytes, binding: KeyBinding) -> SecretBytes:
        """Return the secret that was sealed under the same binding."""
        ...


class Signer(Protocol):
    """Generate and use private keys; they exist in the clear inside an implementation only."""

    def generate(self, algorithm: KeyAlgorithm, binding: KeyBinding) -> ManagedKey:
        """Return a fresh key pair with its private half sealed."""
        ...

    def sign(self, key: ManagedKey, linted: Linted) -> bytes:
        """Redeem the token and return the signature over its TBS; SHA-256 for RSA and P-256, SHA-384, SHA-512 above.

        Raises `SigningRefused` for any but an authority's key, and `IntegrityError` when its halves do not match.
        """
        ...

    def require_pair(self, key: ManagedKey) -> None:
        """Raise `IntegrityError` unless the sealed private half opens and belongs to the public half."""
        ...

    def export(self, key: ManagedKey) -> SecretBytes:
        """Return the private key as unencrypted PKCS#8 PEM; the caller stores the audit event first (R22).

        Raises `SigningRefused` for any but a certificate's key, and `IntegrityError` when its halves do not match.
        """
        ...
