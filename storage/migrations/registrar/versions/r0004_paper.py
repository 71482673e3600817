"""Paper ballots: exchanged and unused ones, entries, entries that are being made."""

import sqlalchemy as sa
from alembic import op

revision = "registrar_0004"
down_revision = "registrar_0003"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds three tables."""
    op.create_table(
        "paper_counts",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("exchanged", sa.Integer(), nullable=False),
        sa.Column("unused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_paper_counts_uuid"),
        sa.PrimaryKeyConstraint("uuid", name="pk_paper_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_entries",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("moment", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_paper_entries_uuid"),
        sa.PrimaryKeyConstraint("uuid", "number", name="pk_paper_entries"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_pending",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_paper_pending_uuid"),
        sa.PrimaryKeyConstraint("uuid", "author", name="pk_paper_pending"),
        sqlite_with_rowid=False,
    )
