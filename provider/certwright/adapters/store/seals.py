"""Seals: a keyed digest over each row and its table, so that a changed, moved or foreign row shows."""

import hmac
from collections.abc import Mapping

from sqlalchemy import Column, Table, TypeDecorator
from sqlalchemy.engine.default import DefaultDialect

from certwright.adapters.store.tables import SEAL
from certwright.errors import KeyUnavailable
from certwright.model.secret import SecretBytes

FORMAT = b"\x01"
_ANY_DIALECT = DefaultDialect()


class Seals:
    """Make seals under the store's key, which is known once its master key is."""

    def __init__(self) -> None:
        self._key: SecretBytes | None = None

    def use(self, key: SecretBytes) -> None:
        """Seal under this key from now on."""
        self._key = key

    def of(self, table: Table, stored: Mapping[str, object]) -> bytes:
        """Return the seal of a row, given as the driver's values: format version and HMAC-SHA-256.

        Columns without a value are left out, so that a new empty column leaves every seal as it is.
        """
        if self._key is None:
            msg = "The store was opened without the key that seals its rows; nothing was written."
            raise KeyUnavailable(msg)
        fields = [(name, value) for name, value in sorted(stored.items()) if value is not None and name != SEAL]
        parts = [table.name.encode(), *(part for name, value in fields for part in (name.encode(), _encode(value)))]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return FORMAT + hmac.digest(self._key.reveal(), FORMAT + message, "sha256")

    def sealed(self, table: Table, row: Mapping[str, object]) -> dict[str, object]:
        """Return a whole row with its seal, ready to be written; columns that are not given are empty."""
        whole = {column.name: row.get(column.name) for column in table.columns if column.name != SEAL}
        stored = {column.name: _stored(column, whole[column.name]) for column in table.columns if column.name in whole}
        return {**whole, SEAL: self.of(table, stored)}


def _stored(column: Column[object], value: object) -> object:
    """Return the value as the driver gets it."""
    kind = column.type
    return kind.process_bind_param(value, _ANY_DIALECT) if isinstance(kind, TypeDecorator) else value


def _encode(value: object) -> bytes:
    """Return an encoding that no two values share; SQLite keeps booleans as integers and bad bytes in a text."""
    match value:
        case int():
            return b"i%d" % value
        case str():
            return b"s" + value.encode("utf-8", "surrogateescape")
        case bytes():
            return b"b" + value
    return b"?" + repr(value).encode()
