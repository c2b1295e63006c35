"""Keys: the master key, the vault for secrets and the signer that alone uses private keys."""

from collections.abc import Sequence
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

    def rewrap(self, blob: bytes, binding: KeyBinding, generation: int) -> bytes:
        """Return the same secret sealed under this generation; nobody sees it meanwhile."""
        ...


class KeyFile(Protocol):
    """A file outside the store that keeps private keys; what goes into it is encrypted already."""

    @property
    def place(self) -> str:
        """Return where it is."""
        ...

    def create(self, content: bytes) -> None:
        """Write a new file, durable and for its owner only; raise `Refused` when there is one already."""
        ...

    def read(self) -> bytes:
        """Return what it holds; raise `KeyUnavailable` when it cannot be read."""
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


class KeyCarrier(Protocol):
    """Carry private keys of authorities out of the store and back, never in the clear."""

    def carry_out(self, key: ManagedKey, passphrase: SecretBytes) -> bytes:
        """Return an authority's private key as PKCS#8 PEM, encrypted under a passphrase, to be kept elsewhere.

        Raises `SigningRefused` for any but an authority's key, and `IntegrityError` when its halves do not match.
        """
        ...

    def carry_in(self, pem: bytes, passphrase: SecretBytes, keys: Sequence[ManagedKey]) -> ManagedKey:
        """Return the one of `keys` whose private half this is, with that half sealed; the reverse of `carry_out`.

        Raises `KeyUnavailable` for another passphrase or a damaged file, `Refused` when it belongs to none of them.
        """
        ...
