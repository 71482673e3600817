"""The columns and rules that tables of both books are made of."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, LargeBinary, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem

# Compared byte by byte, whatever language the PostgreSQL cluster was made for.
PLAIN_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

_NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def tables_of_book() -> MetaData:
    """A set of tables whose constraints all have names, which migrations need."""
    return MetaData(naming_convention=_NAMES)


def table(name: str, book: MetaData, *items: SchemaItem) -> Table:
    """A table ordered by its key alone: SQLite keeps no number of arrival for its rows."""
    return Table(name, book, *items, sqlite_with_rowid=False)


def uuid(**options: Any) -> Column[str]:
    """The session that a row belongs to."""
    return Column("uuid", PLAIN_TEXT, nullable=False, **options)


def exact(name: str, size: int, *, nullable: bool = False) -> tuple[Column[bytes], SchemaItem]:
    """Bytes of one size."""
    return (
        Column(name, LargeBinary, nullable=nullable),
        CheckConstraint(f"length({name}) = {size}", name=f"{name}_size"),
    )
