"""The box's tables. Nothing here comes from a person, and no row says when it came."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from storage.columns import PLAIN_TEXT, exact, table, tables_of_book, uuid

CREDENTIAL_BYTES = 32  # a compressed element of the group
DIGEST_BYTES = 32  # SHA-256 of a ciphertext

TABLES = tables_of_book()


def _of_session() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["uuid"], ["sessions.uuid"])


sessions = table(
    "sessions",
    TABLES,
    uuid(),
    Column("state", PLAIN_TEXT, nullable=False),
    Column("election", LargeBinary, nullable=False),
    Column("closes", BigInteger),
    PrimaryKeyConstraint("uuid"),
)

credentials = table(
    "credentials",
    TABLES,
    uuid(),
    *exact("credential", CREDENTIAL_BYTES),
    Column("token", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "credential"),
    _of_session(),
)

# The key is "one ballot per credential"; the reference, "only of a registered credential".
ballots = table(
    "ballots",
    TABLES,
    uuid(),
    *exact("credential", CREDENTIAL_BYTES),
    Column("tracker", PLAIN_TEXT, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "credential"),
    UniqueConstraint("uuid", "tracker"),
    ForeignKeyConstraint(["uuid", "credential"], ["credentials.uuid", "credentials.credential"]),
)

# The key is "no ciphertext twice", within one ballot or between two.
ciphertexts = table(
    "ciphertexts",
    TABLES,
    uuid(),
    *exact("digest", DIGEST_BYTES),
    PrimaryKeyConstraint("uuid", "digest"),
    _of_session(),
)

notes = table(
    "notes",
    TABLES,
    uuid(),
    Column("state", PLAIN_TEXT, nullable=False),
    Column("note", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "state"),
    _of_session(),
)
