"""The proof that a to-be-signed certificate passed its lint."""

from certwright.errors import SigningRefused


class Linted:
    """Allow one signature over one TBS by one issuer key; made by `core.lint.lint` only.

    Attributes:
        tbs: the TBSCertificate, DER.
        issuer_public_key: SubjectPublicKeyInfo DER of the only key that may sign it.
        profile_hash: SHA-256 (hex) of the profile it was linted against.

    """

    __slots__ = ("_spent", "issuer_public_key", "profile_hash", "tbs")

    def __init__(self, seal: object, tbs: bytes, issuer_public_key: bytes, profile_hash: str) -> None:
        if seal is not _SEAL:
            msg = "only the lint makes a Linted token"
            raise SigningRefused(msg)
        self.tbs = tbs
        self.issuer_public_key = issuer_public_key
        self.profile_hash = profile_hash
        self._spent = False

    def redeem(self, issuer_public_key: bytes) -> bytes:
        """Return the TBS for the one signature; raise `SigningRefused` for a second use or another key."""
        if self._spent:
            msg = "this token was used before; lint again to sign again"
            raise SigningRefused(msg)
        if issuer_public_key != self.issuer_public_key:
            msg = "this token is for another issuer key"
            raise SigningRefused(msg)
        self._spent = True
        return self.tbs


_SEAL = object()


def seal_linted(tbs: bytes, issuer_public_key: bytes, profile_hash: str) -> Linted:
    """Make the token; banned outside `core/lint.py` by the linter."""
    return Linted(_SEAL, tbs, issuer_public_key, profile_hash)
