"""The proof that a to-be-signed certificate passed its lint."""

from typing import Never

from certwright.errors import SigningRefused


class Linted:
    """Allow one signature over one TBS by one issuer key; made by `core.lint.lint` only, never changed or copied."""

    __slots__ = ("_issuer_public_key", "_permits", "_profile_hash", "_tbs")
    _tbs: bytes
    _issuer_public_key: bytes
    _profile_hash: str
    _permits: list[bytes]

    def __init__(self, seal: object, tbs: bytes, issuer_public_key: bytes, profile_hash: str) -> None:
        if seal is not _SEAL:
            msg = "only the lint makes a Linted token"
            raise SigningRefused(msg)
        keep = super().__setattr__
        keep("_tbs", tbs)
        keep("_issuer_public_key", issuer_public_key)
        keep("_profile_hash", profile_hash)
        keep("_permits", [tbs])

    @property
    def tbs(self) -> bytes:
        """Return the TBSCertificate, DER."""
        return self._tbs

    @property
    def issuer_public_key(self) -> bytes:
        """Return the SubjectPublicKeyInfo DER of the only key that may sign it."""
        return self._issuer_public_key

    @property
    def profile_hash(self) -> str:
        """Return SHA-256 (hex) of the profile it was linted against."""
        return self._profile_hash

    def redeem(self, issuer_public_key: bytes) -> bytes:
        """Return the TBS for the one signature; raise `SigningRefused` for a second use or another key."""
        if issuer_public_key != self._issuer_public_key:
            msg = "this token is for another issuer key"
            raise SigningRefused(msg)
        try:
            return self._permits.pop()  # atomic: of two threads one gets it
        except IndexError as error:
            msg = "this token was used before; lint again to sign again"
            raise SigningRefused(msg) from error

    def __setattr__(self, name: str, value: object) -> Never:
        msg = f"a Linted token stays as the lint made it: {name} cannot be set"
        raise SigningRefused(msg)

    def __delattr__(self, name: str) -> Never:
        msg = f"a Linted token stays as the lint made it: {name} cannot be deleted"
        raise SigningRefused(msg)

    def _refuse_copy(self, *_: object) -> Never:
        msg = "a Linted token cannot be copied or stored: it allows one signature"
        raise SigningRefused(msg)

    __copy__ = __deepcopy__ = __reduce__ = __reduce_ex__ = __getstate__ = _refuse_copy


_SEAL = object()


def seal_linted(tbs: bytes, issuer_public_key: bytes, profile_hash: str) -> Linted:
    """Make the token; banned outside `core/lint.py` by the linter."""
    return Linted(_SEAL, tbs, issuer_public_key, profile_hash)
