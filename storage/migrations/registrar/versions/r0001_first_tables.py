"""The first tables of the registrar's book."""

import sqlalchemy as sa
from alembic import op

revision = "registrar_0001"
down_revision = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From nothing."""
    _sessions()
    _persons()
    _amendments()
    _committee()
    _journal()
    _notes()
    _codes()
    _issued()
    _logins()
    _recovery()


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("human", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.LargeBinary()),
        sa.Column("present", sa.Integer()),
        sa.Column("draft", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("uuid", name="pk_sessions"),
        sqlite_with_rowid=False,
    )


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("length(person) = 16", name="ck_persons_person_size"),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_persons_uuid"),
        sa.PrimaryKeyConstraint("uuid", "person", name="pk_persons"),
        sqlite_with_rowid=False,
    )


def _amendments() -> None:
    op.create_table(
        "amendments",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_amendments_uuid"),
        sa.PrimaryKeyConstraint("uuid", "number", name="pk_amendments"),
        sqlite_with_rowid=False,
    )


def _committee() -> None:
    op.create_table(
        "committee",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_committee_uuid"),
        sa.PrimaryKeyConstraint("uuid", "kind", "owner", name="pk_committee"),
        sqlite_with_rowid=False,
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_journal_uuid"),
        sa.PrimaryKeyConstraint("uuid", "number", name="pk_journal"),
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


def _codes() -> None:
    op.create_table(
        "codes",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("role", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary()),
        sa.Column("owner", sa.Integer()),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="ck_codes_hash_size"),
        sa.CheckConstraint("length(person) = 16", name="ck_codes_person_size"),
        sa.ForeignKeyConstraint(
            ["uuid", "person"], ["persons.uuid", "persons.person"], name="fk_codes_uuid_person"
        ),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_codes_uuid"),
        sa.PrimaryKeyConstraint("hash", name="pk_codes"),
        sqlite_with_rowid=False,
    )


def _issued() -> None:
    op.create_table(
        "issued",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary()),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("channel", PLAIN_TEXT, nullable=False),
        sa.CheckConstraint("length(person) = 16", name="ck_issued_person_size"),
        sa.CheckConstraint("length(request) = 32", name="ck_issued_request_size"),
        sa.ForeignKeyConstraint(
            ["uuid", "person"], ["persons.uuid", "persons.person"], name="fk_issued_uuid_person"
        ),
        sa.PrimaryKeyConstraint("uuid", "person", name="pk_issued"),
        sqlite_with_rowid=False,
    )


def _logins() -> None:
    op.create_table(
        "logins",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("role", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary()),
        sa.Column("owner", sa.Integer()),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name="ck_logins_hash_size"),
        sa.CheckConstraint("length(person) = 16", name="ck_logins_person_size"),
        sa.ForeignKeyConstraint(
            ["uuid", "person"], ["persons.uuid", "persons.person"], name="fk_logins_uuid_person"
        ),
        sa.ForeignKeyConstraint(["uuid"], ["sessions.uuid"], name="fk_logins_uuid"),
        sa.PrimaryKeyConstraint("hash", name="pk_logins"),
        sqlite_with_rowid=False,
    )


def _recovery() -> None:
    op.create_table(
        "recovery",
        sa.Column("uuid", PLAIN_TEXT, nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(person) = 16", name="ck_recovery_person_size"),
        sa.ForeignKeyConstraint(
            ["uuid", "person"], ["persons.uuid", "persons.person"], name="fk_recovery_uuid_person"
        ),
        sa.PrimaryKeyConstraint("uuid", "person", name="pk_recovery"),
        sqlite_with_rowid=False,
    )
