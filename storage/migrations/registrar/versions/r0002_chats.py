"""Who has shown a code in a chat, and what was told there."""

import sqlalchemy as sa
from alembic import op

revision = "registrar_0002"
down_revision = "registrar_0001"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds two tables."""
    op.create_table(
        "chats",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("role", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary()),
        sa.Column("language", PLAIN_TEXT, nullable=False),
        sa.CheckConstraint("length(person) = 16", name="ck_chats_person_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_chats_uuid"),
        sa.ForeignKeyConstraint(
            ["uuid", "person"], ["persons.uuid", "persons.person"], name="fk_chats_uuid_person"
        ),
        sa.PrimaryKeyConstraint("uuid", "account", "role", name="pk_chats"),
        sa.UniqueConstraint("uuid", "person", name="uq_chats_uuid_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "told",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("notice", PLAIN_TEXT, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_told_uuid"),
        sa.PrimaryKeyConstraint("uuid", "notice", "account", name="pk_told"),
        sqlite_with_rowid=False,
    )
