"""Opening a book: made, migrated, or refused untouched."""

import re
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from crypto.errors import Malformed
from crypto.lifecycle import Step
from storage.books import open_box, open_database, open_registrar
from storage.box import tables as box_tables
from storage.database import engine_for
from storage.errors import StorageVersion
from storage.registrar import tables as registrar_tables
from tests.storage.sample import UUID, box_at

MIGRATIONS = Path(__file__).parents[2] / "storage" / "migrations"

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "box_later"
down_revision = "box_0001"


def upgrade():
    op.add_column("sessions", sa.Column("later", sa.Text(), server_default="new"))
    {more}
"""


def scripts(folder: Path, more: str = "pass") -> Path:
    """The migrations of a later version of the program."""
    later = folder / "later scripts, 100%"
    shutil.copytree(MIGRATIONS / "box", later, ignore=shutil.ignore_patterns("__pycache__"))
    (later / "versions" / "later.py").write_text(LATER.format(more=more), "utf-8")
    return later


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for databases only."""
    data = tmp_path / "data"
    data.mkdir()
    return data


@pytest.mark.parametrize("book", ["registrar", "box"])
async def test_migrations_make_the_tables_that_the_code_uses(urls, book):
    """The scripts and the definitions agree on both kinds of database."""
    tables = (registrar_tables if book == "registrar" else box_tables).TABLES
    opened = await (open_registrar(urls[0]) if book == "registrar" else open_box(urls[1]))
    engine = opened._database._engine

    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), tables)
        )
        checks = await connection.run_sync(
            lambda sync: {
                str(check["name"])
                for table in tables.tables
                for check in inspect(sync).get_check_constraints(table)
            }
        )
    await opened.close()

    named = [item.name for table in tables.tables.values() for item in table.constraints]
    assert differences == []
    assert checks == {str(name) for name in named if str(name).startswith("ck_")}


@pytest.mark.parametrize("book", ["registrar", "box"])
async def test_the_file_says_exactly_what_the_code_says(folder, book):
    """Down to the wording: no row numbers, every rule under its name."""
    tables = (registrar_tables if book == "registrar" else box_tables).TABLES
    opener = open_registrar if book == "registrar" else open_box
    await (await opener(f"sqlite:///{folder}/a.db")).close()
    plain = create_engine(f"sqlite:///{folder}/b.db")
    tables.create_all(plain)
    plain.dispose()

    def wording(name: str) -> dict[str, list[str]]:
        database = sqlite3.connect(folder / name)
        statements = dict(
            database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        )
        database.close()
        # An added column stands on the line of the one before it: commas divide, too, except in
        # the parentheses of a key.
        lines = {table: re.split(r"\n|,\s*(?![^()]*\))", sql) for table, sql in statements.items()}
        return {table: sorted(filter(None, map(str.strip, lines[table]))) for table in lines}

    migrated = wording("a.db")
    migrated.pop("alembic_version")
    assert migrated == wording("b.db")
    assert all("WITHOUT ROWID" in "".join(lines) for lines in migrated.values())


async def test_a_book_is_private_and_durable(folder):
    """The file is its owner's only; every commit waits for the disk; deleted means overwritten."""
    url = f"sqlite:///{folder}/box.db"
    opened = await open_box(url)
    async with opened._database.read() as tx:
        pragmas = {
            name: await tx.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    await opened.close()

    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
    }
    assert modes == {0o600}
    assert [path.name for path in folder.iterdir()] == ["box.db"]


async def test_opening_again_changes_nothing(folder):
    """A book of this version is opened as it is."""
    url = f"sqlite:///{folder}/box.db"
    await (await open_box(url)).close()
    before = contents(folder)

    await (await open_box(url)).close()

    assert contents(folder) == before


async def test_an_older_book_is_brought_up_to_date(urls, tmp_path):
    """What an older version stored is there after the migration."""
    book = await open_box(urls[1])
    await box_at(book, Step.CHECK_IN)
    before = await book.credentials(UUID)
    await book.close()

    database = await open_database(urls[1], scripts(tmp_path))

    async with database.read() as tx:
        assert await tx.scalar(text("SELECT later FROM sessions")) == "new"
        assert await tx.scalar(text("SELECT version_num FROM alembic_version")) == "box_later"
        assert await tx.scalar(text("SELECT count(*) FROM credentials")) == len(before)
    await database.close()


async def test_a_newer_book_is_refused(urls, tmp_path):
    """What a later version has made is not touched by this one."""
    database = await open_database(urls[1], scripts(tmp_path))
    await database.close()

    with pytest.raises(StorageVersion, match="box_later"):
        await open_box(urls[1])


async def test_a_failing_migration_leaves_the_older_version(urls, tmp_path):
    """A script that fails half-way has done nothing."""
    await (await open_box(urls[1])).close()

    with pytest.raises(OSError, match="database failed"):
        await open_database(urls[1], scripts(tmp_path, 'op.execute("SELECT * FROM nowhere")'))

    book = await open_box(urls[1])
    await box_at(book)
    await book.close()


async def test_a_refused_file_keeps_every_byte(folder, tmp_path):
    """Newer, foreign, of the other book, or no database at all: nothing is written."""
    await (await open_database(f"sqlite:///{folder}/newer.db", scripts(tmp_path))).close()
    await (await open_registrar(f"sqlite:///{folder}/other.db")).close()
    (folder / "text.db").write_text("what a person wrote " * 100, "utf-8")
    foreign = sqlite3.connect(folder / "foreign.db")
    foreign.execute("CREATE TABLE theirs (a)")
    foreign.close()
    before = contents(folder)

    for name in before:
        with pytest.raises(StorageVersion):
            await open_box(f"sqlite:///{folder}/{name}")

    assert contents(folder) == before


async def test_a_newer_book_in_use_keeps_every_byte(folder, tmp_path):
    """The version is read from the log too where a later program is running or has crashed."""
    url = f"sqlite:///{folder}/box.db"
    database = await open_database(url, scripts(tmp_path))
    async with database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = 'box_even_later'"))
    before = contents(folder)

    with pytest.raises(StorageVersion, match="box_even_later"):
        await open_box(url)

    now = contents(folder)
    assert (now["box.db"], now["box.db-wal"]) == (before["box.db"], before["box.db-wal"])
    await database.close()


async def test_a_foreign_server_database_is_refused(urls):
    """Somebody else's tables are left alone."""
    engine = engine_for((await _closed(urls[1])).url)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))
    await engine.dispose()

    with pytest.raises(StorageVersion, match="not one of this program"):
        await open_box(urls[1])


async def _closed(url: str):
    book = await open_box(url)
    engine = book._database._engine
    await book.close()
    return engine


@pytest.mark.parametrize(
    "url",
    ["", "box.db", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql://host"],
)
async def test_an_address_that_cannot_be_meant_is_refused(url):
    """Only a file, or a named database of a server, can be a book."""
    with pytest.raises(Malformed):
        await open_box(url)


@pytest.mark.parametrize("url", ["sqlite:///{}/nowhere/box.db", "postgresql://tests@/none?host={}"])
async def test_a_folder_or_server_that_is_not_there(tmp_path, url):
    """The path is at fault, not the book, nor the program."""
    with pytest.raises(FileNotFoundError):
        await open_box(url.format(tmp_path))
