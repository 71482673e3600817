"""At most two venues for one person: what the sessions of one data directory have in common."""

from collections.abc import Sequence

from admin.prepare.draft import Draft
from admin.record.count import UNKNOWN, Cadre
from admin.record.session_file import SessionFile
from admin.record.venues import Sighting, at_too_many
from admin.session import cadres
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.errors import Refused
from crypto.lifecycle import State
from crypto.session import Official, Policy
from storage.registrar.book import RegistrarBook


async def check(book: RegistrarBook, datadir: DataDir, draft: Draft) -> None:
    """Raises Refused naming each official of a draft who is rated at two other venues already."""
    if draft.form.rehearsal:
        return
    sessions = await Session.load_all(book)
    sightings = _sightings(draft.human, draft.officials, draft.policy, draft.cadres)
    for session in sessions:
        if session.uuid != draft.uuid:
            sightings += _rated(session, cadres.kept(datadir, session.uuid))
    lines = []
    for group in at_too_many(sightings):
        official = next((sighting for sighting in group if sighting.session == draft.uuid), None)
        if official is not None:
            venues_before = dict.fromkeys(
                sighting.venue for sighting in group if sighting is not official
            )
            lines.append(f"{official.name}: rated already at {'; '.join(venues_before)}")
    if lines:
        raise Refused("at most two venues for one person\n  " + "\n  ".join(lines))


def _rated(session: Session, known: Sequence[Cadre]) -> list[Sighting]:
    """The officials of a sealed session that is no exercise."""
    if session.state == State.CANCELLED or session.definition is None or session.policy.rehearsal:
        return []
    return _sightings(session.session_file, session.officials, session.policy, known)


def _sightings(
    session_file: SessionFile,
    officials: Sequence[Official],
    policy: Policy,
    known: Sequence[Cadre],
) -> list[Sighting]:
    uuid, year = session_file.uuid, session_file.date[:4]
    round_of_votes = (year, *(level.key for level in policy.levels))
    managed = session_file.managed or ("",) * len(officials)
    venue = f"{session_file.body}, {session_file.date} ({uuid})"
    everybody = known or (UNKNOWN,) * len(officials)
    return [
        Sighting(official.name, official.position, authority, round_of_votes, uuid, venue, cadre)
        for official, authority, cadre in zip(officials, managed, everybody, strict=True)
    ]
