"""Tables in the subset that SQLite and PostgreSQL-wire databases share.

Text keys, no sequences, instants as microseconds since 1970 in UTC, serials as fixed-width hex. Constraints carry
correctness; leases are for economy.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """Store an aware datetime as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Write the microseconds."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read an aware datetime."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Words(TypeDecorator[str]):
    """Store what people and name servers write; PostgreSQL's text has no NUL, so that is spelled out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Spell NUL as backslash and zero."""
        return None if value is None else value.replace("\\", "\\\\").replace("\0", "\\0")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Read the words as they were written."""
        if value is None:
            return None
        return "\\".join(part.replace("\\0", "\0") for part in value.split("\\\\"))


metadata = MetaData()
SEAL = "seal"


def _seal() -> Column[bytes]:
    """Return the column of the row's seal; empty only in rows of a store that was never sealed."""
    return Column(SEAL, LargeBinary)


installation = Table(
    "installation",
    metadata,
    Column("singleton", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("key_check", Text, nullable=False),
    Column("clock_mark", Instant, nullable=False),
    Column("seal_key", LargeBinary),
    _seal(),
)

key_encryption_keys = Table(
    "key_encryption_keys",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    _seal(),
)

account_secrets = Table(
    "account_secrets",
    metadata,
    Column("account", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    _seal(),
)

handed_out_names = Table(
    "handed_out_names",
    metadata,
    Column("account", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("record_name", Text, nullable=False),
    Column("record_type", Text, nullable=False),
    Column("record_value", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    _seal(),
)

certificates = Table(
    "certificates",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("urn", Text, nullable=False),
    Column("input_digest", Text, nullable=False),
    Column("claimed", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("current_version", Integer),
    Column("newest_version", Integer, nullable=False),
    Column("deleted_at", Instant),
    _seal(),
    Index(
        "one_unclaimed_certificate_per_urn",
        "account",
        "region",
        "urn",
        unique=True,
        sqlite_where=text("claimed = 0 AND deleted_at IS NULL"),
        postgresql_where=text("NOT claimed AND deleted_at IS NULL"),
    ),
    Index("live_certificates", "account", "region", "deleted_at", "created_at"),
)

certificate_versions = Table(
    "certificate_versions",
    metadata,
    Column("account", Text, primary_key=True),
    Column("certificate_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("spec", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("waiting_for", Words, nullable=False),
    Column("failure_reason", Text),
    Column("validated_at", Instant),
    Column("key_version", Integer),
    Column("key_algorithm", Text),
    Column("sealed_key", LargeBinary),
    Column("public_key", LargeBinary),
    Column("serial", Text),
    Column("authority_id", Text),
    Column("profile_hash", Text),
    Column("tbs", LargeBinary),
    Column("certificate", LargeBinary),
    Column("not_before", Instant),
    Column("not_after", Instant),
    Column("issued_at", Instant),
    Column("renewal_start", Instant),
    Column("renewal_end", Instant),
    Column("renewal_chosen", Instant),
    _seal(),
    ForeignKeyConstraint(["account", "certificate_id"], ["certificates.account", "certificates.id"]),
    Index("versions_by_state", "account", "state", "requested_at"),
    Index("versions_by_renewal", "account", "state", "renewal_chosen"),
)

serials = Table(
    "serials",
    metadata,
    Column("issuer_id", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reserved_at", Instant, nullable=False),
    Column("tbs", LargeBinary),
    Column("public_key", LargeBinary),
    _seal(),
)

authorities = Table(
    "authorities",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("key_algorithm", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("serial", Text, nullable=False),
    Column("issuer_id", Text, nullable=False),
    Column("tbs", LargeBinary, nullable=False),
    Column("certificate", LargeBinary),
    Column("not_before", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("permitted_domains", Text, nullable=False),
    _seal(),
    UniqueConstraint("account", "region", "role", "generation"),
)

leases = Table(
    "leases",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    _seal(),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("account", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    _seal(),
)

zone_record_holds = Table(
    "zone_record_holds",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("urn", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("claimed", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    _seal(),
    Index("holds_by_record", "zone", "name", "type"),
)

revocations = Table(
    "revocations",
    metadata,
    Column("issuer_id", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("arn", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revoked_at", Instant, nullable=False),
    _seal(),
)

revocation_logs = Table(
    "revocation_logs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("place", Words, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("lost_before", Instant),
    Column("accepted_at", Instant),
    _seal(),
    UniqueConstraint("id"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("counts", Text, nullable=False),
    _seal(),
)
"""How many rows each table has, spread over shards that are summed up, so that writers rarely meet in one."""
