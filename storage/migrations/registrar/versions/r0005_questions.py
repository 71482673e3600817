"""Voters' questions to the officials, without who asked."""

import sqlalchemy as sa
from alembic import op

revision = "registrar_0005"
down_revision = "registrar_0004"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "questions",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("official", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("length(id) = 16", name="ck_questions_id_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_questions_uuid"),
        sa.PrimaryKeyConstraint("uuid", "id", name="pk_questions"),
        sqlite_with_rowid=False,
    )
