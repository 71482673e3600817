"""From a draft or a sealed session to the meeting that its papers are about."""

from admin.documents.around.meeting import Meeting, Rater
from admin.documents.facts import MeetingFacts
from admin.office.minutes import located
from admin.prepare.draft import Draft
from admin.session.session import Session
from crypto.errors import WrongState
from crypto.lifecycle import VALID
from storage.registrar.book import RegistrarBook


def of_draft(draft: Draft, facts: MeetingFacts) -> Meeting:
    """The meeting as its draft has it."""
    return Meeting(
        facts=located(facts, draft.human),
        session_file=draft.human,
        regime=draft.regime,
        policy=draft.policy,
        officials=draft.officials,
        raters=tuple(_rater(row.name, dict(row.details)) for row in draft.roster),
    )


async def of_session(book: RegistrarBook, session: Session, facts: MeetingFacts) -> Meeting:
    """The meeting as it was sealed, with the roster of today.

    Raises:
        WrongState: the session has not been sealed; its draft says what is known.
    """
    if session.state not in VALID:
        raise WrongState(f"the session is {session.state}: give the folder of its draft")
    return Meeting(
        facts=located(facts, session.session_file),
        session_file=session.session_file,
        regime=session.regime,
        policy=session.policy,
        officials=session.officials,
        raters=tuple(
            _rater(person.name, person.details) for person in await book.roster(session.uuid)
        ),
    )


def _rater(name: str, details: dict[str, str]) -> Rater:
    return Rater(
        name,
        details.get("position", ""),
        details.get("unit", ""),
        details.get("honorific", ""),
    )
