"""The first tables of the box's book."""

import sqlalchemy as sa
from alembic import op

revision = "box_0001"
down_revision = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates the first tables."""
    _sessions()
    _credentials()
    _ciphertexts()
    _notes()
    _ballots()


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("election", sa.LargeBinary(), nullable=False),
        sa.Column("closes", sa.BigInteger()),
        sa.PrimaryKeyConstraint("uuid", name="pk_sessions"),
        sqlite_with_rowid=False,
    )


def _credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(credential) = 32", name="ck_credentials_credential_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_credentials_uuid"),
        sa.PrimaryKeyConstraint("uuid", "credential", name="pk_credentials"),
        sqlite_with_rowid=False,
    )


def _ciphertexts() -> None:
    op.create_table(
        "ciphertexts",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_ciphertexts_digest_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_ciphertexts_uuid"),
        sa.PrimaryKeyConstraint("uuid", "digest", name="pk_ciphertexts"),
        sqlite_with_rowid=False,
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_notes_uuid"),
        sa.PrimaryKeyConstraint("uuid", "state", name="pk_notes"),
        sqlite_with_rowid=False,
    )


def _ballots() -> None:
    op.create_table(
        "ballots",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("tracker", PLAIN_TEXT, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(credential) = 32", name="ck_ballots_credential_size"),
        sa.ForeignKeyConstraint(
            ["uuid", "credential"],
            ["credentials.uuid", "credentials.credential"],
            name="fk_ballots_uuid_credential",
        ),
        sa.PrimaryKeyConstraint("uuid", "credential", name="pk_ballots"),
        sa.UniqueConstraint("uuid", "tracker", name="uq_ballots_uuid_tracker"),
        sqlite_with_rowid=False,
    )
