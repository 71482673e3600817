"""The draft that a sealed session had, from the registrar's book: to begin another like it."""

from typing import Any

from admin.prepare.draft import Draft
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.record.count import Cadre
from admin.session.session import Session
from admin.session.terms import Terms
from crypto.errors import WrongState
from storage.registrar.book import RegistrarBook


async def draft(book: RegistrarBook, session: Session, cadres: tuple[Cadre, ...] = ()) -> Draft:
    """What was sealed, with the roster as it was last amended.

    Args:
        cadres: birth and cadre code of the officials, which the book does not have.

    Raises:
        WrongState: it has not been sealed; its folder is all there is of it.
    """
    if session.definition is None or session.terms is None:
        raise WrongState(f"session {session.uuid} has not been sealed: copy its folder instead")
    people, described = await book.roster(session.uuid), session.session_file
    return Draft(
        _form(session, session.terms),
        session.officials,
        tuple(RosterRow(person.name, tuple(person.details.items())) for person in people),
        described.excluded,
        described.blocks,
        described.managed,
        cadres,
        honorifics=described.honorifics,
    )


def _form(session: Session, terms: Terms) -> Form:
    rules, quorum = session.regime, (terms.part, terms.of)
    described, policy = session.session_file, session.policy
    of_regime = rules.quorum is not None and rules.quorum.part == quorum
    own: dict[str, Any] = {} if of_regime else {"quorum": quorum}
    return Form(
        uuid=described.uuid,
        body=described.body,
        title=described.title,
        date=described.date,
        place=described.place,
        delegates=described.delegates,
        regime=rules,
        invalid=policy.invalid,
        min_ballots=policy.min_ballots,
        trustees=terms.trustees,
        threshold=terms.threshold,
        channels=policy.channels,
        publication=policy.publication,
        recovery=policy.recovery,
        rehearsal=policy.rehearsal,
        checkin=None,
        open=None,
        close=None,
        guidance=described.guidance,
        tier=described.tier,
        convocation=described.convocation,
        term=described.term,
        **own,
    )
