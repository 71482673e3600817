"""SQLite through aiosqlite, with one hop to the connection's thread for each statement.

aiosqlite makes four of them (a cursor, the statement, its rows, the end of the cursor), and a hop
costs more than most of our statements. Nothing here reads rows one by one. A deferred BEGIN, which
takes no lock, goes with the statement after it; a rollback after the commit has nothing to do.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any, Final, Self

import aiosqlite

_ROWS_AT_ONCE: Final = 64  # for aiosqlite's own cursors, which nobody here uses
DEFERRED: Final = "BEGIN"  # https://www.sqlite.org/lang_transaction.html

_Work = Callable[[sqlite3.Connection], None]


class _Cursor:
    """What SQLAlchemy asks of a cursor; the statement's whole outcome is here when it ends."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """One statement."""
        if statement == DEFERRED:
            self._connection.begin()
        else:
            await self._connection.work(partial(self._execute, statement, parameters))

    async def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """The same statement for each row of parameters."""
        await self._connection.work(partial(self._execute_many, statement, rows))

    async def fetchall(self) -> list[Any]:
        """The rows."""
        return self._rows

    async def close(self) -> None:
        """Nothing is held since the statement ended."""

    def _execute(
        self, statement: str, parameters: Sequence[Any], connection: sqlite3.Connection
    ) -> None:
        self._take(connection.execute(statement, parameters))

    def _execute_many(
        self, statement: str, rows: Sequence[Sequence[Any]], connection: sqlite3.Connection
    ) -> None:
        self._take(connection.executemany(statement, rows))

    def _take(self, cursor: sqlite3.Cursor) -> None:
        with closing(cursor):
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid


class _Connection(aiosqlite.Connection):
    """A connection with a thread of its own, which ends with the process."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _ROWS_AT_ONCE)
        self._thread.daemon = True
        self._begins = False  # with the next statement

    def cursor(self) -> _Cursor:  # type: ignore[override]
        return _Cursor(self)

    def begin(self) -> None:
        """A transaction begins, with the next statement."""
        self._begins = True

    async def work(self, work: _Work) -> None:
        """Something in the connection's thread."""
        begins, self._begins = self._begins, False
        await self._execute(self._work, work, begins)  # type: ignore[no-untyped-call]

    def _work(self, work: _Work, begins: bool) -> None:
        if begins:
            self._conn.execute(DEFERRED)
        work(self._conn)

    async def commit(self) -> None:
        """Ends the transaction, if one has begun."""
        await self._end(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Undoes the transaction, if one has begun; SQLAlchemy asks for it after each commit."""
        await self._end(sqlite3.Connection.rollback)

    async def _end(self, end: _Work) -> None:
        # SQLAlchemy gives up a connection whose statement was cut off: none is under way here.
        self._begins = False
        if self.in_transaction:
            await self.work(end)


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """A connection that SQLAlchemy's dialect for aiosqlite can use; begun when awaited."""
    return _Connection(partial(sqlite3.connect, database, **options))
