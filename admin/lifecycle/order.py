"""What sessions of one data directory have to do with one another: their order, their people."""

from collections.abc import Sequence
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
    sightings = _sightings(draft.human, draft.officials, draft.policy)
    for session in sessions:
        if session.uuid != draft.uuid:
            sightings += _rated(session)
    lines = []
    for group in venues.at_too_many(sightings):
        official = next((sighting for sighting in group if sighting.session == draft.uuid), None)
        if official is not None:
            venues_before = dict.fromkeys(
                sighting.venue for sighting in group if sighting is not official
            )
            lines.append(f"{official.name}: rated already at {'; '.join(venues_before)}")
    if lines:
        raise Refused("at most two venues for one person\n  " + "\n  ".join(lines))


def _rated(session: Session) -> list[Sighting]:
    """The officials of a sealed session that is no exercise."""
    if session.state == State.CANCELLED or session.definition is None or session.policy.rehearsal:
        return []
    return _sightings(session.session_file, session.officials, session.policy)


def _sightings(
    session_file: SessionFile, officials: Sequence[Official], policy: Policy
) -> list[Sighting]:
    uuid, year = session_file.uuid, session_file.date[:4]
    round_of_votes = (year, *(level.key for level in policy.levels))
    managed = session_file.managed or ("",) * len(officials)
    venue = f"{session_file.body}, {session_file.date} ({uuid})"
    return [
        Sighting(official.name, official.position, authority, round_of_votes, uuid, venue)
        for official, authority in zip(officials, managed, strict=True)
    ]
