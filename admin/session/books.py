"""A running system's two books together: only lifecycle steps hold both."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from admin.session.datadir import DataDir
from admin.session.paper_definition import KIND, OnPaper, PaperDefinition
from crypto.errors import UnknownSession, WrongState
from crypto.session import Election, Parameters
from crypto.trustees import Trustees
from storage.books import open_box, open_registrar
from storage.box.book import BoxBook
from storage.registrar.book import RegistrarBook


@dataclass(frozen=True, slots=True)
class Books:
    """The data directory and both books, opened."""

    datadir: DataDir
    registrar: RegistrarBook
    box: BoxBook


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


@dataclass(frozen=True, slots=True)
class Definition:
    """What was sealed."""

    election: Election
    parameters: Parameters
    trustees: Trustees


async def definition(books: Books, uuid: str) -> Definition:
    """The sealed definition of a session.

    Raises:
        UnknownSession: there is no such session.
        OnPaper: it votes on paper only.
        WrongState: it has not been sealed.
    """
    row = await books.registrar.session(uuid)
    if row.election is None:
        if await paper_definition(books.registrar, uuid) is not None:
            raise OnPaper(f"session {uuid} votes on paper only")
        raise WrongState(f"session {uuid} has not been sealed")
    election = Election.decode(row.election)
    if election.parameters is None:
        raise UnknownSession(f"session {uuid} is not one of this program")
    trustees = await sealed_trustees(books, uuid)
    return Definition(election, election.parameters, trustees)


async def sealed_trustees(books: Books, uuid: str) -> Trustees:
    """The trustees.json that belongs to the definition, proposed or sealed."""
    stored = await books.registrar.messages(uuid, "trustees")
    if 0 not in stored:
        raise WrongState(f"session {uuid} has no definition yet")
    return Trustees.decode(stored[0])


async def paper_definition(book: RegistrarBook, uuid: str) -> PaperDefinition | None:
    """What was sealed for a session that votes on paper only; None for every other."""
    stored = await book.messages(uuid, KIND)
    return PaperDefinition.decode(stored[0]) if 0 in stored else None
