"""What sessions of one data directory have to do with one another: their order, their people."""

from dataclasses import dataclass
from typing import Final

from admin.prepare.draft import Draft
from admin.record import venues
from admin.record.session_file import SessionFile
from admin.record.venues import Sighting
from admin.session.books import Books
from admin.session.session import Session
from crypto.errors import Refused, UnknownSession, WrongState
from crypto.lifecycle import State
from crypto.session import Official, Policy

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
    before = (await books.session(uuid)).session_file.after
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
    sessions = await Session.load_all(books.registrar)
    seen = [one for session in sessions if session.uuid != draft.uuid for one in _rated(session)]
    own = _sightings(draft.human, draft.officials, draft.policy)
    told = []
    for group in venues.at_too_many([*seen, *own]):
        here = next((one for one in group if one.session == draft.uuid), None)
        if here is not None:
            others = dict.fromkeys(one.venue for one in group if one is not here)
            told.append(f"{here.name}: rated already at {'; '.join(others)}")
    if told:
        raise Refused("at most two venues for one person\n  " + "\n  ".join(told))


def _rated(session: Session) -> list[Sighting]:
    """The officials of a sealed session that is no exercise."""
    if session.state in _NOT_HELD or session.definition is None or session.policy.rehearsal:
        return []
    return _sightings(session.session_file, session.officials, session.policy)


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
