"""What sessions of one data directory have to do with one another: their order, their people."""

from dataclasses import dataclass

from admin.prepare.draft import Draft
from admin.record import venues
from admin.record.session_file import SessionFile
from admin.record.venues import Sighting
from admin.session.session import Session
from crypto.errors import Refused, UnknownSession, WrongState
from crypto.lifecycle import VOTED, State
from crypto.session import Official, Policy
from storage.registrar.book import RegistrarBook


@dataclass(frozen=True, slots=True)
class Before:
    """The session that should come first, and which nobody here can wait for.

    Attributes:
        state: None where it is not known here; else it was cancelled.
    """

    uuid: str
    state: State | None


async def check_order(book: RegistrarBook, session: Session) -> Before | None:
    """The session that this one follows, if somebody must say that it is over.

    Raises:
        WrongState: it is known here and not closed yet.
    """
    before = session.session_file.after
    if not before:
        return None
    try:
        state = (await book.session(before)).state
    except UnknownSession:
        return Before(before, None)
    if state == State.CANCELLED:
        return Before(before, state)
    if state not in VOTED:
        raise WrongState(f"session {before} comes first and is {state}: close it before this one")
    return None


async def check_venues(book: RegistrarBook, draft: Draft) -> None:
    """Raises Refused naming each official of a draft who is rated at two other venues already."""
    if draft.form.rehearsal:
        return
    sessions = await Session.load_all(book)
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
    if session.state == State.CANCELLED or session.definition is None or session.policy.rehearsal:
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
