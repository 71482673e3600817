"""What sessions of one data directory have to do with one another: their order, their people."""

from dataclasses import dataclass
from typing import Final

from admin.prepare.draft import Draft
from admin.record import venues
from admin.record.session_file import SessionFile
from admin.record.venues import Sighting
from admin.session.books import Books, paper_definition
from crypto.errors import Refused, UnknownSession, WrongState
from crypto.lifecycle import State
from crypto.session import Election, Official, Policy
from storage.rows import SessionRow

_OVER: Final = (State.CLOSED, State.TALLIED, State.PUBLISHED, State.FAILED)
_NOT_HELD: Final = (State.DRAFT, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Before:
    """The session that should come first, and which nobody here can wait for.

    Attributes:
        state: None where it is not known here; else it was cancelled.
    """

    uuid: str
    state: State | None


async def check_order(books: Books, uuid: str) -> Before | None:
    """The session that this one follows, if somebody must say that it is over.

    Raises:
        WrongState: it is known here and not closed yet.
    """
    before = (await human_of(books, await books.registrar.session(uuid))).after
    if not before:
        return None
    try:
        state = (await books.registrar.session(before)).state
    except UnknownSession:
        return Before(before, None)
    if state == State.CANCELLED:
        return Before(before, state)
    if state not in _OVER:
        raise WrongState(f"session {before} comes first and is {state}: close it before this one")
    return None


async def check_venues(books: Books, draft: Draft) -> None:
    """Raises Refused naming each official of a draft who is rated at two other venues already."""
    if draft.form.rehearsal:
        return
    seen = [one for row in await books.registrar.sessions() for one in await _rated(books, row)]
    seen = [one for one in seen if one.session != draft.uuid]
    own = _sightings(draft.human, draft.officials, draft.policy)
    told = []
    for group in venues.at_too_many([*seen, *own]):
        here = next((one for one in group if one.session == draft.uuid), None)
        if here is not None:
            others = dict.fromkeys(one.venue for one in group if one is not here)
            told.append(f"{here.name}: rated already at {'; '.join(others)}")
    if told:
        raise Refused("at most two venues for one person\n  " + "\n  ".join(told))


async def _rated(books: Books, row: SessionRow) -> list[Sighting]:
    """The officials of a sealed session that is no exercise."""
    if row.state in _NOT_HELD:
        return []
    human = await human_of(books, row)
    if row.election is not None:
        parameters = Election.decode(row.election).parameters
        if parameters is None or parameters.policy.rehearsal:
            return []
        return _sightings(human, parameters.officials, parameters.policy)
    paper = await paper_definition(books.registrar, row.uuid)
    if paper is None or paper.policy.rehearsal:
        return []
    return _sightings(human, paper.officials, paper.policy)


def _sightings(
    human: SessionFile, officials: tuple[Official, ...], policy: Policy
) -> list[Sighting]:
    held = (human.date[:4], *(level.key for level in policy.levels))
    managed = human.managed or ("",) * len(officials)
    venue = f"{human.body}, {human.date} ({human.uuid})"
    return [
        Sighting(one.name, one.position, authority, held, human.uuid, venue)
        for one, authority in zip(officials, managed, strict=True)
    ]


async def human_of(books: Books, row: SessionRow) -> SessionFile:
    """session.json as it was sealed."""
    sealed = await books.registrar.messages(row.uuid, "session")
    return SessionFile.decode(sealed.get(0, row.human))
