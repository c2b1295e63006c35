"""A secret that no repr, log line or pickle shows."""

from typing import Never


class SecretBytes:
    """Hold secret bytes that only `reveal` hands out."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the secret; keep the result out of messages, errors and long-lived objects."""
        return self._value

    def __repr__(self) -> str:
        return "SecretBytes()"

    def __reduce__(self) -> Never:
        msg = "a secret is not serialised"
        raise TypeError(msg)
