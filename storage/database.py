"""How both books reach SQLite or PostgreSQL: transactions, durability, rewriting.

Nothing is kept that a crash could lose: SQLite syncs at every commit. Nothing deleted is left
in the file: pages are overwritten at once, and `rewrite` writes the file anew in the order of
its keys. Whatever is cut off or removed, of the file or of its log, is overwritten before.
Copies that a disk or PostgreSQL's own log keeps are the operator's to remove.
"""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Insert, Table, delete, event, select, text
from sqlalchemy import insert as insert_any
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import driver
from storage.erasing import erasing_log, overwrite
from storage.faults import named
from storage.grouping import Groups

BUSY_SECONDS = 15  # longer than a VACUUM of the largest session, shorter than a person's patience
PAGE_BYTES = 16384  # of a new file: VACUUM copies each page of every ballot four times
_CONNECTIONS = 8  # readers beside the writer; checking a ballot takes far longer than reading one

_SERVING = 0x7068_6B73  # any number of our own: PostgreSQL's lock of a server

_PRAGMAS = (
    f"busy_timeout = {BUSY_SECONDS * 1000}",
    "foreign_keys = ON",
    f"page_size = {PAGE_BYTES}",
    "journal_mode = WAL",
    "secure_delete = ON",
    "synchronous = FULL",
    "wal_autocheckpoint = 250",  # pages: 4 MB of log
    "temp_store = MEMORY",  # VACUUM would put a copy of everything into a temporary file
)
B = TypeVar("B", bound="Book")
P = ParamSpec("P")
T = TypeVar("T")

# It logs every value of every statement at DEBUG; no shell's choice of level may bring that back.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

_BEGIN = "phieukin_begin"  # our execution option: how a transaction of SQLite begins


def engine_for(url: URL) -> AsyncEngine:
    """An engine whose errors and logs never show a stored value."""
    # fixed pool: waiting in our queue is fair, waiting for SQLite's lock is not
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": _CONNECTIONS, "max_overflow": 0}
    if url.get_backend_name() != "sqlite":
        timeouts = {"lock_timeout": f"{BUSY_SECONDS}s"}
        return create_async_engine(url, connect_args={"server_settings": timeouts}, **common)
    arguments = {"isolation_level": None, "async_creator_fn": driver.connect}
    engine = create_async_engine(url, connect_args=arguments, **common)
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_pragmas(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could be refused half-way; a write
    # therefore takes SQLite's one lock at once.
    statement = connection.get_execution_options().get(_BEGIN, driver.DEFERRED)
    if statement:
        connection.exec_driver_sql(statement)


class Database:
    """An opened database; `write` and `read` are the only ways in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._file = Path(engine.url.database or "")
        self._log = Path(f"{self._file}-wal")
        self._writing = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        # SQLite has one writer; who waits here waits in order.
        self._writers = asyncio.Semaphore(1 if self._sqlite else _CONNECTIONS)
        self._unfinished: set[asyncio.Task[Any]] = set()
        self.groups = Groups(self.write)

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs the work to its end even if who waits for it goes away.

        A request that is cut off would otherwise leave a transaction begun, and SQLite locked.
        """
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._finished)
        await asyncio.wait({task})
        return task.result()

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._unfinished.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may be left to ask for it

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed and on disk when the block ends, undone when it raises."""
        async with self._writers:
            with named():
                async with self._writing.begin() as tx:
                    yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that changes nothing."""
        with named():
            async with self._engine.begin() as tx:
                yield tx

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """Whether no other process is in such a block on this database; true on SQLite.

        The lock goes with its connection, so that no crash leaves it behind.
        """
        if self._sqlite:
            yield True
            return
        with named():
            async with self._engine.execution_options(
                isolation_level="AUTOCOMMIT"
            ).connect() as raw:
                number = {"number": _SERVING}
                lock = text("SELECT pg_try_advisory_lock(:number)")
                free = bool(await raw.scalar(lock, number))
                yield free
                if free:
                    await raw.execute(text("SELECT pg_advisory_unlock(:number)"), number)

    async def rewrite(self, uuid: str, *tables: Table) -> None:
        """Writes the rows of a session anew, in the order of their keys, and nothing else.

        Args:
            uuid: the session; nobody writes to it any more.
            tables: those whose order of arrival must not be kept, the referring before the
                referred.
        """
        if self._sqlite:
            await self._rewrite_file()
        else:
            await self._rewrite_tables(uuid, *tables)

    async def _rewrite_file(self) -> None:
        # Readers come and go: whoever reads at the wrong moment keeps the log from beginning again.
        for pause in _PAUSES:
            try:
                await self._vacuum()
            except TimeoutError:
                await asyncio.sleep(pause)
            else:
                return
        await self._vacuum()

    async def _vacuum(self) -> None:
        # VACUUM copies every table in the order of its key into an empty file, then back. The
        # file gets shorter, and its end would go back to the disk with the pages of before: so
        # it is written once with as many blank pages behind it, and then without them.
        async with self._writers:
            with named():
                async with self._engine.execution_options(**{_BEGIN: ""}).connect() as raw:
                    await _checkpoint(raw, "RESTART")
                    await _add_blank_pages(raw)
                    await raw.exec_driver_sql("VACUUM")
                    await raw.exec_driver_sql(f"DROP TABLE IF EXISTS {_BLANK}")
                    await _checkpoint(raw, "RESTART")  # every page of before is overwritten
                    salts = _salts(self._log)
                    await raw.exec_driver_sql("VACUUM")  # written from the log's beginning
                    await raw.exec_driver_sql("BEGIN IMMEDIATE")  # nobody appends to the log
                    try:
                        if salts and _salts(self._log) == salts:
                            raise _log_stays_full()
                        if _salts(self._log):
                            await asyncio.to_thread(_overwrite_stale, self._log)
                    finally:
                        await raw.exec_driver_sql("ROLLBACK")
                    await _checkpoint(raw, "TRUNCATE")

    async def _rewrite_tables(self, uuid: str, *tables: Table) -> None:
        # New rows get one transaction number in place of one for each voter, and their long
        # values new numbers in the order of the keys; CLUSTER drops the old rows and files.
        async with self.write() as tx:
            for table in tables:
                moved = delete(table).where(table.c.uuid == uuid).returning(*table.c).cte("moved")
                order = [moved.c[column.name] for column in table.primary_key]
                rows = select(*moved.c).order_by(*order)
                await tx.execute(insert_any(table).from_select(list(table.c.keys()), rows))
        with named():
            async with self._engine.execution_options(
                isolation_level="AUTOCOMMIT"
            ).connect() as raw:
                for table in tables:
                    await raw.exec_driver_sql(
                        f"CLUSTER {table.name} USING {table.primary_key.name}"
                    )

    async def close(self) -> None:
        """Ends all connections after the last work; SQLite's last one removes its log."""
        while self._unfinished:
            await asyncio.wait(self._unfinished)
        with erasing_log(self._file) if self._sqlite else nullcontext():
            await self._engine.dispose()


_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds before the file is written anew once more
_BLANK = "blank"  # zeros; what a crash or another rewrite at the same time left or took is no fault


async def _add_blank_pages(raw: AsyncConnection) -> None:
    """Makes the database twice as long; the second half is zeros."""
    pages = (await raw.exec_driver_sql("PRAGMA page_count")).scalar_one()
    size = (await raw.exec_driver_sql("PRAGMA page_size")).scalar_one()
    await raw.exec_driver_sql("BEGIN IMMEDIATE")
    await raw.exec_driver_sql(f"DROP TABLE IF EXISTS {_BLANK}")
    await raw.exec_driver_sql(f"CREATE TABLE {_BLANK} (zeros BLOB)")
    await raw.exec_driver_sql(
        f"WITH RECURSIVE page (number) AS "  # noqa: S608  numbers of our own
        f"(VALUES (1) UNION ALL SELECT number + 1 FROM page WHERE number < {pages}) "
        f"INSERT INTO {_BLANK} SELECT zeroblob({size}) FROM page"
    )
    await raw.exec_driver_sql("COMMIT")


# ---- SQLite's write-ahead log: https://www.sqlite.org/fileformat2.html#walformat

_LOG_HEADER = 32  # bytes; page size at 8 (big-endian), salts at 16
_FRAME_HEADER = 24  # bytes before each page; the salts of the log's header at 8


async def _checkpoint(raw: AsyncConnection, mode: str) -> None:
    """Copies all of the log into the database; raises TimeoutError while somebody reads it."""
    checkpoint = await raw.exec_driver_sql(f"PRAGMA wal_checkpoint({mode})")
    if checkpoint.one()[0]:
        raise _log_stays_full()


def _log_stays_full() -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, "someone reads the database: its log stays full")


def _salts(log: Path) -> bytes:
    """The eight bytes that are new whenever the log begins again; none of an empty log."""
    # SQLite holds no lock on this file, so that closing it gives none up.
    if not log.exists():  # on a disk where SQLite cannot have one
        return b""
    with log.open("rb") as file:
        return file.read(_LOG_HEADER)[16:24]


def _overwrite_stale(log: Path) -> None:
    """Writes zeros over what an earlier, longer log has left behind the frames in use.

    Nobody reads these bytes any more: SQLite stops at the first frame with other salts. They
    would stand in free blocks of the disk once the file is truncated.
    """
    with log.open("r+b") as file:
        header = file.read(_LOG_HEADER)
        frame = _FRAME_HEADER + int.from_bytes(header[8:12], "big")
        end = _LOG_HEADER
        while file.read(_FRAME_HEADER)[8:16] == header[16:24]:
            end += frame
            file.seek(end)
        overwrite(file, end)


class Book(Protocol):
    """What is kept in a database of its own."""

    _database: Database


def uncancelled(
    call: Callable[Concatenate[B, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[B, P], Coroutine[Any, Any, T]]:
    """Makes a method of a book one that finishes even if its caller is cancelled."""

    @wraps(call)
    async def finished(book: B, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await book._database.finish(call(book, *args, **kwargs))  # noqa: SLF001

    return finished


def grouped(
    change: Callable[Concatenate[B, AsyncConnection, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[B, P], Coroutine[Any, Any, T]]:
    """Makes a change of a book one that shares its transaction with others; `uncancelled`, too."""

    @wraps(change)
    async def stored(book: B, /, *args: P.args, **kwargs: P.kwargs) -> T:
        database = book._database  # noqa: SLF001
        work = database.groups.store(lambda tx: change(book, tx, *args, **kwargs))
        return await database.finish(work)

    return stored


async def insert_once(tx: AsyncConnection, table: Table, **values: object) -> bool:
    """Stores a row unless a constraint says that it is there; False when it is.

    The database decides, so that two who come at once cannot both be first.
    """
    insert: sqlite.Insert | postgresql.Insert
    insert = sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)
    statement: Insert = insert.values(**values).on_conflict_do_nothing()
    result = await tx.execute(statement, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1
