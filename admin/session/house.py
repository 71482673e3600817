"""A running system's two books together: only lifecycle steps hold both."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from admin.session.on_paper import KIND, OnPaper, PaperDefinition
from admin.session.place import Place
from crypto.errors import UnknownSession, WrongState
from crypto.session import Election, Parameters
from crypto.trustees import Trustees
from storage.books import open_box, open_registrar
from storage.box import BoxBook
from storage.registrar import RegistrarBook


@dataclass(frozen=True, slots=True)
class House:
    """The data directory and both books, opened."""

    place: Place
    registrar: RegistrarBook
    box: BoxBook


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[House]:
    """Opens both books for the length of the block.

    Raises:
        Refused: the clock is wrong.
        StorageVersion: a book is of another version of the program.
    """
    place.check_clock(time.time())
    registrar = await open_registrar(place.registrar_url)
    try:
        box = await open_box(place.box_url)
        try:
            yield House(place, registrar, box)
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


async def definition(house: House, uuid: str) -> Definition:
    """The sealed definition of a session.

    Raises:
        UnknownSession: there is no such session.
        OnPaper: it votes on paper only.
        WrongState: it has not been sealed.
    """
    row = await house.registrar.session(uuid)
    if row.election is None:
        if await paper_definition(house.registrar, uuid) is not None:
            raise OnPaper(f"session {uuid} votes on paper only")
        raise WrongState(f"session {uuid} has not been sealed")
    election = Election.decode(row.election)
    if election.parameters is None:
        raise UnknownSession(f"session {uuid} is not one of this program")
    trustees = await sealed_trustees(house, uuid)
    return Definition(election, election.parameters, trustees)


async def sealed_trustees(house: House, uuid: str) -> Trustees:
    """The trustees.json that belongs to the definition, proposed or sealed."""
    stored = await house.registrar.messages(uuid, "trustees")
    if 0 not in stored:
        raise WrongState(f"session {uuid} has no definition yet")
    return Trustees.decode(stored[0])


async def paper_definition(book: RegistrarBook, uuid: str) -> PaperDefinition | None:
    """What was sealed for a session that votes on paper only; None for every other."""
    stored = await book.messages(uuid, KIND)
    return PaperDefinition.decode(stored[0]) if 0 in stored else None
