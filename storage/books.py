"""Opens the two books, makes or migrates their tables, refuses those of another version.

A database is looked at without being written before anything else is done to it.
"""

import os
import sqlite3
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from crypto.errors import Malformed
from storage.box.book import BoxBook
from storage.database import Database, engine_for
from storage.errors import StorageVersion
from storage.registrar.book import RegistrarBook

_MIGRATIONS = Path(__file__).parent / "migrations"
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_MIGRATING = 0x7068_6B6E  # any number of our own: PostgreSQL's lock against two at once

Names = AbstractSet[str]


async def open_registrar(url: str) -> RegistrarBook:
    """Opens the registrar's book; see `open_database`."""
    return RegistrarBook(await open_database(url, _MIGRATIONS / "registrar"))


async def open_box(url: str) -> BoxBook:
    """Opens the box's book; see `open_database`."""
    return BoxBook(await open_database(url, _MIGRATIONS / "box"))


async def open_database(url: str, migrations: Path) -> Database:
    """Opens a database, making its tables or bringing them up to date.

    Args:
        url: `sqlite:///FILE` or `postgresql://…`, with or without the driver's name.
        migrations: the folder of the book's Alembic scripts.

    Raises:
        StorageVersion: made by a newer version, or not this book; nothing was changed.
        OSError: cannot be reached, read or written.
    """
    revisions, head = _revisions(migrations)
    place = _place(url)
    if place.get_backend_name() == "sqlite":
        _look(Path(place.database or ""), revisions)
    database = Database(engine_for(place))
    try:
        await database.finish(_migrate(database, migrations, revisions, head))
    except BaseException:
        await database.close()
        raise
    return database


async def _migrate(
    database: Database, migrations: Path, revisions: Names, head: str | None
) -> None:
    async with database.write() as tx:
        await tx.run_sync(_bring_up, migrations, revisions, head)


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError:
        raise Malformed("the database's address is not a URL") from None
    driver = _DRIVERS.get(place.get_backend_name())
    if driver is None or place.database in (None, "", ":memory:"):
        raise Malformed("a database is sqlite:///FILE or postgresql://HOST/NAME")
    return place.set(drivername=driver)


def _look(file: Path, revisions: Names) -> None:
    """Checks the version of a file without writing to it; makes an empty, private one."""
    if not file.exists() or file.stat().st_size == 0:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        return
    # Without a log nobody is writing, and SQLite need not make one to read.
    alone = "" if Path(f"{file}-wal").exists() else "&immutable=1"
    try:
        reader = sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro{alone}", uri=True)
        try:
            names = {row[0] for row in reader.execute("SELECT name FROM sqlite_schema")}
            versions: set[str] = set()
            if "alembic_version" in names:
                versions = {row[0] for row in reader.execute("SELECT * FROM alembic_version")}
        finally:
            reader.close()
    except sqlite3.OperationalError as error:
        raise OSError(f"{file.name}: {error}") from None
    except sqlite3.DatabaseError:
        raise StorageVersion(f"{file.name} is not a database") from None
    _require_known(names, versions, revisions)


def _require_known(tables: Names, versions: Names, revisions: Names) -> None:
    if tables and not versions:
        raise StorageVersion("the database is not one of this program")
    if foreign := versions - revisions:
        raise StorageVersion(f"the database has version {', '.join(sorted(foreign))}, unknown here")


def _bring_up(connection: Connection, migrations: Path, revisions: Names, head: str | None) -> None:
    """Migrates inside the caller's transaction, alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})
    tables = set(inspect(connection).get_table_names())
    versions: set[str] = set()
    if "alembic_version" in tables:
        versions = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    _require_known(tables, versions, revisions)
    if versions != {head}:
        settings = _settings(migrations)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def _settings(migrations: Path) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(migrations).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


@cache
def _revisions(migrations: Path) -> tuple[frozenset[str], str | None]:
    """All revisions that this program knows, and the newest; read once, for it is compiled anew."""
    script = ScriptDirectory.from_config(_settings(migrations))
    revisions = frozenset(revision.revision for revision in script.walk_revisions())
    return revisions, script.get_current_head()
