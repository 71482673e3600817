"""The first tables of the registrar's book."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "registrar_0001"
down_revision = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates the first tables."""
    _sessions()
    _persons()
    _committee()
    _events()
    _admissions()
    _ballots()
    _chats()
    _paper()


def _create(name: str, *items: SchemaItem, key: tuple[str, ...], of: str = "sessions") -> None:
    """A table of rows of a session, or of a person on its roster, found by their key alone."""
    columns = ["uuid", "person"] if of == "persons" else ["uuid"]
    op.create_table(
        name,
        *items,
        sa.ForeignKeyConstraint(
            columns,
            [f"{of}.{column}" for column in columns],
            name=f"fk_{name}_{'_'.join(columns)}",
        ),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def _uuid() -> sa.Column[str]:
    return sa.Column("uuid", PLAIN_TEXT, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, nullable=False)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _size(table: str, column: str, size: int) -> SchemaItem:
    return sa.CheckConstraint(f"length({column}) = {size}", name=f"ck_{table}_{column}_size")


def _person_of(table: str) -> SchemaItem:
    return sa.ForeignKeyConstraint(
        ["uuid", "person"], ["persons.uuid", "persons.person"], name=f"fk_{table}_uuid_person"
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        _uuid(),
        _text("state"),
        _bytes("session_json"),
        _bytes("terms", nullable=True),
        sa.Column("present", sa.Integer()),
        sa.PrimaryKeyConstraint("uuid", name="pk_sessions"),
        sqlite_with_rowid=False,
    )
    _create(
        "definitions",
        _uuid(),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        *(_bytes(name, nullable=True) for name in ("election", "trustees", "transcript", "paper")),
        key=("uuid",),
    )


def _persons() -> None:
    _create(
        "persons",
        _uuid(),
        _bytes("person"),
        _number("place"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        _size("persons", "person", 16),
        key=("uuid", "person"),
    )
    _create(
        "amendments",
        _uuid(),
        _number("number"),
        _bytes("body"),
        _bytes("earlier"),
        key=("uuid", "number"),
    )


def _committee() -> None:
    _create(
        "messages",
        _uuid(),
        _text("kind"),
        _number("owner"),
        _bytes("body"),
        key=("uuid", "kind", "owner"),
    )
    _create("key_checks", _uuid(), _text("day"), _number("owner"), key=("uuid", "day", "owner"))


def _events() -> None:
    _create("notes", _uuid(), _text("state"), _bytes("note"), key=("uuid", "state"))
    _create(
        "journal",
        _uuid(),
        _number("number"),
        sa.Column("entry", sa.Text(), nullable=False),
        key=("uuid", "number"),
    )


def _admissions() -> None:
    for name, columns in (("codes", ()), ("logins", (_text("way"),))):
        _create(
            name,
            _bytes("hash"),
            _uuid(),
            _text("role"),
            _bytes("person", nullable=True),
            sa.Column("owner", sa.Integer()),
            sa.Column("expires", sa.BigInteger(), nullable=False),
            *columns,
            _size(name, "hash", 32),
            _size(name, "person", 16),
            _person_of(name),
            key=("hash",),
        )
    _create(
        "seen_init_data",
        _bytes("hash"),
        _uuid(),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        _size("seen_init_data", "hash", 32),
        key=("hash",),
    )
    _create(
        "evidence",
        _uuid(),
        _bytes("id"),
        _bytes("sealed"),
        _size("evidence", "id", 16),
        key=("uuid", "id"),
    )


def _ballots() -> None:
    _create(
        "issued",
        _uuid(),
        _bytes("person"),
        _bytes("request", nullable=True),
        _bytes("answer", nullable=True),
        _text("channel"),
        _size("issued", "person", 16),
        _size("issued", "request", 32),
        key=("uuid", "person"),
        of="persons",
    )
    _create(
        "recovery",
        _uuid(),
        _bytes("person"),
        _bytes("sealed"),
        _size("recovery", "person", 16),
        key=("uuid", "person"),
        of="persons",
    )


def _chats() -> None:
    _create(
        "chats",
        _uuid(),
        sa.Column("account", sa.BigInteger(), nullable=False),
        _text("role"),
        _bytes("person", nullable=True),
        _text("language"),
        _size("chats", "person", 16),
        _person_of("chats"),
        sa.UniqueConstraint("uuid", "person", name="uq_chats_uuid_person"),
        key=("uuid", "account", "role"),
    )
    _create(
        "notices",
        _uuid(),
        _text("notice"),
        sa.Column("account", sa.BigInteger(), nullable=False),
        key=("uuid", "notice", "account"),
    )
    _create(
        "questions",
        _uuid(),
        _bytes("id"),
        _number("official"),
        sa.Column("text", sa.Text(), nullable=False),
        _size("questions", "id", 16),
        key=("uuid", "id"),
    )


def _paper() -> None:
    _create(
        "paper_counts",
        _uuid(),
        _number("exchanged"),
        _number("unused"),
        key=("uuid",),
    )
    _create(
        "paper_entries",
        _uuid(),
        _number("number"),
        sa.Column("author", sa.Text(), nullable=False),
        _text("moment"),
        _text("state"),
        _bytes("body"),
        key=("uuid", "number"),
    )
    _create(
        "paper_pending",
        _uuid(),
        sa.Column("author", sa.Text(), nullable=False),
        _bytes("body"),
        key=("uuid", "author"),
    )
