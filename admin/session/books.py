"""A running system's two books together: only lifecycle steps hold both."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from admin.session.datadir import DataDir
from admin.session.session import Session
from storage.books import open_box, open_registrar
from storage.box.book import BoxBook
from storage.errors import BookLost
from storage.registrar.book import RegistrarBook

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Books:
    """The data directory and both books, opened."""

    datadir: DataDir
    registrar: RegistrarBook
    box: BoxBook

    async def session(self, uuid: str) -> Session:
        """The session as it is now. Raises UnknownSession."""
        return await Session.load(self.registrar, uuid)

    async def with_session(
        self, uuid: str, work: "Callable[[Books, Session], Awaitable[_T]]"
    ) -> _T:
        """Loads a session and works with it. Raises UnknownSession."""
        return await work(self, await self.session(uuid))


@asynccontextmanager
async def opened(datadir: DataDir) -> AsyncIterator[Books]:
    """Opens both books for the length of the block.

    Raises:
        Refused: the clock is wrong.
        StorageVersion: a book is of another version of the program.
    """
    datadir.check_clock(time.time())
    registrar = await open_registrar(datadir.registrar_url)
    try:
        box = await open_box(datadir.box_url)
        try:
            yield Books(datadir, registrar, box)
        finally:
            await box.close()
    finally:
        await registrar.close()


async def require_whole(
    datadir: DataDir, registrar: RegistrarBook | None, box: BoxBook | None
) -> None:
    """That no book was lost: one that is missing or emptied would silently begin anew.

    Keys are made of a draft that the registrar has, and the seal is in the box's book first.

    Raises:
        BookLost: a book lacks a session that the other one, or the keys, know.
    """
    lost: list[str] = []
    if registrar is not None:
        expected = {
            folder.name for folder in (datadir.folder / "keys").glob("*") if folder.is_dir()
        }
        if box is not None:
            lost += sorted(await registrar.uuids(sealed=True) - await box.uuids())
            expected |= await box.uuids()
        lost += sorted(expected - await registrar.uuids())
    if lost:
        raise BookLost(f"a database has lost the sessions {', '.join(dict.fromkeys(lost))}")


async def apart(datadir: DataDir, work: Callable[[Books], Awaitable[_T]]) -> _T:
    """Works in a thread with books of its own: what takes seconds does not keep a server waiting.

    Raises:
        as `opened`, and what the work raises.
    """

    async def with_books() -> _T:
        async with opened(datadir) as books:
            return await work(books)

    return await asyncio.to_thread(asyncio.run, with_books())
