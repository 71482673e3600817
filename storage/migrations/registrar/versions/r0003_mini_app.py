"""Who logged in by what; what a Mini App has shown; what is kept of it for the auditors."""

import sqlalchemy as sa
from alembic import op

revision = "registrar_0003"
down_revision = "registrar_0002"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the logins anew, all of them by code, and adds two tables."""
    connection = op.get_bind()
    before = connection.execute(sa.text("SELECT * FROM logins")).mappings().all()
    op.drop_table("logins")
    made = _logins()
    for row in before:
        connection.execute(made.insert().values(**row, way="code"))
    op.create_table(
        "shown",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="ck_shown_hash_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_shown_uuid"),
        sa.PrimaryKeyConstraint("hash", name="pk_shown"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(id) = 16", name="ck_evidence_id_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_evidence_uuid"),
        sa.PrimaryKeyConstraint("uuid", "id", name="pk_evidence"),
        sqlite_with_rowid=False,
    )


def _logins() -> sa.Table:
    return op.create_table(
        "logins",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("role", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary()),
        sa.Column("owner", sa.Integer()),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("way", PLAIN_TEXT, nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="ck_logins_hash_size"),
        sa.CheckConstraint("length(person) = 16", name="ck_logins_person_size"),
        sa.ForeignKeyConstraint(
            ["uuid", "person"], ["persons.uuid", "persons.person"], name="fk_logins_uuid_person"
        ),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_logins_uuid"),
        sa.PrimaryKeyConstraint("hash", name="pk_logins"),
        sqlite_with_rowid=False,
    )
