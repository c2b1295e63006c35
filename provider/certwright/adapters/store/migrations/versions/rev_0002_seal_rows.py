"""Seal every row and count the rows of every table."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "account_secrets",
    "audit_events",
    "authorities",
    "certificate_versions",
    "certificates",
    "handed_out_names",
    "installation",
    "key_encryption_keys",
    "leases",
    "serials",
    "zone_record_holds",
)


def upgrade() -> None:
    """Apply the change; whoever opens the store with its master key next seals what is there."""
    op.add_column("installation", sa.Column("seal_key", sa.LargeBinary(), nullable=True))
    for table in _TABLES:
        op.add_column(table, sa.Column("seal", sa.LargeBinary(), nullable=True))
    op.create_table(
        "tallies",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("shard"),
    )
