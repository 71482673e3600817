"""The registrar's tables. A row is found by a random or hashed key, never by when it came."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

from storage.columns import PLAIN_TEXT, exact, table, tables_of_book, uuid

HASH_BYTES = 32  # SHA-256
PERSON_BYTES = 16  # random: no two of any roster are ever alike
EVIDENCE_BYTES = 16  # random
QUESTION_BYTES = 16  # random

TABLES = tables_of_book()


def _of_session() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["uuid"], ["sessions.uuid"])


def _of_person() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["uuid", "person"], ["persons.uuid", "persons.person"])


sessions = table(
    "sessions",
    TABLES,
    uuid(),
    Column("state", PLAIN_TEXT, nullable=False),
    Column("session_json", LargeBinary, nullable=False),
    Column("terms", LargeBinary),
    Column("present", Integer),
    PrimaryKeyConstraint("uuid"),
)

# What is sealed, or proposed to the trustees for their signatures. Election, trustees and
# transcript belong to an electronic vote, `paper` to one on paper only.
definitions = table(
    "definitions",
    TABLES,
    uuid(),
    Column("sealed", Boolean, nullable=False),
    Column("election", LargeBinary),
    Column("trustees", LargeBinary),
    Column("transcript", LargeBinary),
    Column("paper", LargeBinary),
    PrimaryKeyConstraint("uuid"),
    _of_session(),
)

persons = table(
    "persons",
    TABLES,
    uuid(),
    *exact("person", PERSON_BYTES),
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("details", Text, nullable=False),
    PrimaryKeyConstraint("uuid", "person"),
    _of_session(),
)

codes = table(
    "codes",
    TABLES,
    *exact("hash", HASH_BYTES),
    uuid(),
    Column("role", PLAIN_TEXT, nullable=False),
    *exact("person", PERSON_BYTES, nullable=True),
    Column("owner", Integer),
    Column("expires", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
    _of_session(),
    _of_person(),
)

logins = table(
    "logins",
    TABLES,
    *exact("hash", HASH_BYTES),
    uuid(),
    Column("role", PLAIN_TEXT, nullable=False),
    *exact("person", PERSON_BYTES, nullable=True),
    Column("owner", Integer),
    Column("expires", BigInteger, nullable=False),
    Column("way", PLAIN_TEXT, nullable=False),
    PrimaryKeyConstraint("hash"),
    _of_session(),
    _of_person(),
)

# The key is "one token per voter". After the close only who got one and where is left.
issued = table(
    "issued",
    TABLES,
    uuid(),
    *exact("person", PERSON_BYTES),
    *exact("request", HASH_BYTES, nullable=True),
    Column("answer", LargeBinary),
    Column("channel", PLAIN_TEXT, nullable=False),
    PrimaryKeyConstraint("uuid", "person"),
    _of_person(),
)

recovery = table(
    "recovery",
    TABLES,
    uuid(),
    *exact("person", PERSON_BYTES),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "person"),
    _of_person(),
)

# What trustees send: the steps of the ceremony, signatures of the seal, shares.
messages = table(
    "messages",
    TABLES,
    uuid(),
    Column("kind", PLAIN_TEXT, nullable=False),
    Column("owner", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "kind", "owner"),
    _of_session(),
)

# The days (UTC, YYYY-MM-DD) on which a trustee's key made a trial share.
key_checks = table(
    "key_checks",
    TABLES,
    uuid(),
    Column("day", PLAIN_TEXT, nullable=False),
    Column("owner", Integer, nullable=False),
    PrimaryKeyConstraint("uuid", "day", "owner"),
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

# What the chair did, in words, in order: it names no voter.
journal = table(
    "journal",
    TABLES,
    uuid(),
    Column("number", Integer, nullable=False),
    Column("entry", Text, nullable=False),
    PrimaryKeyConstraint("uuid", "number"),
    _of_session(),
)

# `earlier` is the roster before the amendment, for the auditors.
amendments = table(
    "amendments",
    TABLES,
    uuid(),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("earlier", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "number"),
    _of_session(),
)

# A messenger's account that has shown a code. One account for each voter of a session, one for
# each numbered holder of a role (`owner`, as of the code).
chats = table(
    "chats",
    TABLES,
    uuid(),
    Column("account", BigInteger, nullable=False),
    Column("role", PLAIN_TEXT, nullable=False),
    *exact("person", PERSON_BYTES, nullable=True),
    Column("language", PLAIN_TEXT, nullable=False),
    Column("owner", Integer),
    PrimaryKeyConstraint("uuid", "account", "role"),
    UniqueConstraint("uuid", "person"),
    _of_session(),
    _of_person(),
)

# Which notices an account has got, so that a restart does not send them again.
notices = table(
    "notices",
    TABLES,
    uuid(),
    Column("notice", PLAIN_TEXT, nullable=False),
    Column("account", BigInteger, nullable=False),
    PrimaryKeyConstraint("uuid", "notice", "account"),
    _of_session(),
)

# The initData that a Mini App has logged in with: the hash of Telegram's own hash, nobody's name.
seen_init_data = table(
    "seen_init_data",
    TABLES,
    *exact("hash", HASH_BYTES),
    uuid(),
    Column("expires", BigInteger, nullable=False),
    PrimaryKeyConstraint("hash"),
    _of_session(),
)

# Telegram's signed word on who came: only the auditors can read it. In no order, by no name.
evidence = table(
    "evidence",
    TABLES,
    uuid(),
    *exact("id", EVIDENCE_BYTES),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "id"),
    _of_session(),
)

paper_counts = table(
    "paper_counts",
    TABLES,
    uuid(),
    Column("exchanged", Integer, nullable=False),
    Column("unused", Integer, nullable=False),
    PrimaryKeyConstraint("uuid"),
    _of_session(),
)

# What was entered from the paper ballots: by whom, to the hour, only sums over all ballots.
paper_entries = table(
    "paper_entries",
    TABLES,
    uuid(),
    Column("number", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("moment", PLAIN_TEXT, nullable=False),
    Column("state", PLAIN_TEXT, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "number"),
    _of_session(),
)

# An entry that is being made: sums so far and the last ballot; nothing of it stays.
paper_pending = table(
    "paper_pending",
    TABLES,
    uuid(),
    Column("author", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("uuid", "author"),
    _of_session(),
)

# What voters ask the officials: deliberately without who asked, when, or after whom.
questions = table(
    "questions",
    TABLES,
    uuid(),
    *exact("id", QUESTION_BYTES),
    Column("official", Integer, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("uuid", "id"),
    _of_session(),
)
