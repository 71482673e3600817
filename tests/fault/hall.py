"""A sealed session on disk, whose books nobody has open, and what an outsider finds there."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest

from admin.record.opening import audit_closed
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.lifecycle import State
from crypto.tally import decrypt
from tests import testkit
from tests.worlds import hall
from tests.worlds.hall import Sealed

T = TypeVar("T")
OWNERS = (1, 3)
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Meeting:
    """A session and its data directory."""

    sealed: Sealed
    data: Path

    @property
    def uuid(self) -> str:
        return self.sealed.uuid

    @property
    def datadir(self) -> DataDir:
        return DataDir.open(self.data)

    def with_books(self, work: Callable[[Books], Awaitable[T]]) -> T:
        """Opens both books for one piece of work, as a command does."""

        async def whole() -> T:
            async with opened(self.datadir) as books:
                return await work(books)

        return asyncio.run(whole())

    def states(self) -> tuple[State, State]:
        """The registrar's and the box's, read beside whoever is writing."""
        states = []
        for book in ("registrar", "box"):
            rows = _rows(self.data / f"{book}.db", "sessions", "state")
            states.append(State(rows[0][0]))
        return states[0], states[1]

    def shares(self) -> dict[int, bytes]:
        """Two trustees' shares of the closed archive."""
        with self.datadir.archive(self.uuid).open("rb") as file:
            whole = file.read()
        closed = audit_closed(lambda: BytesIO(whole), Report(), check_here)
        election = self.sealed.insider.election
        return {
            i: decrypt(
                election, closed.cast.tally, i, self.sealed.insider.state(i).secret
            ).encode_file(election.phi)
            for i in OWNERS
        }  # fmt: skip

    def books(self) -> Rows:
        """Every row of both books but the times of logins and of the announced close."""
        rows: Rows = {}
        for book in ("registrar", "box"):
            file = self.data / f"{book}.db"
            names = [row[0] for row in _rows(file, "sqlite_schema", "name", "type = 'table'")]
            for name in sorted(names):
                columns = "uuid, state, election" if (book, name) == ("box", "sessions") else "*"
                rows[f"{book}.{name}"] = sorted(_rows(file, name, columns), key=repr)
        return rows

    def files(self) -> dict[str, bytes]:
        """What stands under a real name in the archives."""
        folder = self.datadir.archive(self.uuid).parent
        names = sorted(folder.iterdir()) if folder.exists() else []
        return {path.name: path.read_bytes() for path in names if not path.name.startswith(".")}


def meeting(folder: Path, patch: pytest.MonkeyPatch, **policy: Any) -> Meeting:
    """A sealed session with as many on the roster as its definition says."""
    patch.setattr(hall, "VOTERS", testkit.ROSTER)
    where = hall.datadir(folder)
    with hall.outside(where):
        return Meeting(hall.sealed(where, **policy), folder)


def _rows(file: Path, table: str, columns: str, where: str = "1") -> list[tuple[Any, ...]]:
    book = sqlite3.connect(file, timeout=30)
    try:
        return book.execute(f"SELECT {columns} FROM {table} WHERE {where}").fetchall()  # noqa: S608
    finally:
        book.close()
