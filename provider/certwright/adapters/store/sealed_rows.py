"""Key-encryption keys, account secrets, and what is sealed under them, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, func, select, tuple_

from certwright.adapters.store.statements import RowWriter, has_row, newest_where, where
from certwright.adapters.store.tables import (
    account_secrets,
    authorities,
    certificate_versions,
    certificates,
    key_encryption_keys,
)
from certwright.adapters.store.version_values import read_version
from certwright.core.envelope import header
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion
from certwright.model.installation import AccountSecret, KeyEncryptionKey
from certwright.model.scope import Scope


class SqlKeyRows:
    """Wrapped keys and account secrets (ports.store.KeyRows)."""

    def __init__(self, connection: Connection, writer: RowWriter) -> None:
        self._connection = connection
        self._writer = writer

    def newest_kek(self, scope: Scope) -> KeyEncryptionKey | None:
        """Return the scope's newest key-encryption key."""
        newest = newest_where(key_encryption_keys, "account", "region", by="generation")
        row = self._connection.execute(newest, {"account": scope.account, "region": scope.region}).first()
        return None if row is None else _read_kek(row)

    def kek(self, scope: Scope, generation: int) -> KeyEncryptionKey | None:
        """Return one generation."""
        found = where(key_encryption_keys, "account", "region", "generation")
        key = {"account": scope.account, "region": scope.region, "generation": generation}
        row = self._connection.execute(found, key).first()
        return None if row is None else _read_kek(row)

    def scopes(self, account: str) -> Sequence[Scope]:
        """Return the scopes of the account that have a key-encryption key."""
        table = key_encryption_keys.c
        regions = select(table.region).where(table.account == account).distinct().order_by(table.region)
        return [Scope(account, region) for region in self._connection.execute(regions).scalars()]

    def every_kek(self) -> Sequence[KeyEncryptionKey]:
        """Return every generation of every account and Region."""
        table = key_encryption_keys
        rows = self._connection.execute(select(table).order_by(*table.primary_key.columns))
        return [_read_kek(row) for row in rows]

    def add_kek(self, key: KeyEncryptionKey) -> bool:
        """Add a generation; return False when it exists."""
        return self._writer.add_unless_there(key_encryption_keys, _write_kek(key))

    def update_kek(self, key: KeyEncryptionKey) -> None:
        """Replace the row of the same generation."""
        what = f"generation {key.generation} of the key-encryption key of {key.account} {key.region}".rstrip()
        self._writer.replace(key_encryption_keys, _write_kek(key), what)

    def has_sealed(self, scope: Scope) -> bool:
        """Say whether anything is sealed under the scope's key-encryption key; the account's own has no Region."""
        of_scope = (authorities.c.account == scope.account, authorities.c.region == scope.region)
        if has_row(self._connection, authorities, *of_scope):
            return True
        if not scope.region:
            return has_row(self._connection, account_secrets, account_secrets.c.account == scope.account)
        keys = certificates.join(certificate_versions)
        of_scope = (certificates.c.account == scope.account, certificates.c.region == scope.region)
        return has_row(self._connection, keys, *of_scope, certificate_versions.c.sealed_key.is_not(None))

    def not_sealed_under(
        self, scope: Scope, generation: int, after: CertificateVersion | None, limit: int
    ) -> Sequence[CertificateVersion]:
        """Return versions whose key is sealed under another generation, ordered by certificate and number."""
        table = certificate_versions
        start = header(generation)
        is_other = [
            certificates.c.account == scope.account,
            certificates.c.region == scope.region,
            table.c.sealed_key.is_not(None),
            func.substr(table.c.sealed_key, 1, len(start)) != start,
        ]
        order = (table.c.certificate_id, table.c.number)
        if after is not None:
            is_other.append(tuple_(*order) > (after.arn.id, after.number))
        found = select(table).select_from(certificates.join(table)).where(*is_other).order_by(*order).limit(limit)
        return [_read_version(scope, row) for row in self._connection.execute(found).mappings()]

    def newest_secret(self, account: str) -> AccountSecret | None:
        """Return the account's newest secret."""
        newest = newest_where(account_secrets, "account", by="generation")
        row = self._connection.execute(newest, {"account": account}).first()
        return None if row is None else _read_secret(row)

    def secrets(self, account: str) -> Sequence[AccountSecret]:
        """Return every generation of the account's secret, oldest first."""
        rows = self._connection.execute(where(account_secrets, "account", by="generation"), {"account": account})
        return [_read_secret(row) for row in rows]

    def add_secret(self, secret: AccountSecret) -> bool:
        """Add a generation; return False when it exists."""
        return self._writer.add_unless_there(account_secrets, _write_secret(secret))

    def update_secret(self, secret: AccountSecret) -> None:
        """Replace the row of the same generation."""
        what = f"generation {secret.generation} of the secret of account {secret.account}"
        self._writer.replace(account_secrets, _write_secret(secret), what)


def _read_version(scope: Scope, row: RowMapping) -> CertificateVersion:
    return read_version(CertificateArn(scope.region, scope.account, row["certificate_id"]), row, "")


def _write_kek(key: KeyEncryptionKey) -> dict[str, object]:
    return {
        "account": key.account,
        "region": key.region,
        "generation": key.generation,
        "wrapped": key.wrapped,
        "created_at": key.created_at,
    }


def _read_kek(row: Row[Any]) -> KeyEncryptionKey:
    return KeyEncryptionKey(row.account, row.region, row.generation, row.wrapped, row.created_at)


def _write_secret(secret: AccountSecret) -> dict[str, object]:
    return {
        "account": secret.account,
        "generation": secret.generation,
        "sealed": secret.sealed,
        "created_at": secret.created_at,
    }


def _read_secret(row: Row[Any]) -> AccountSecret:
    return AccountSecret(row.account, row.generation, row.sealed, row.created_at)
