"""The draft that a sealed session had, from the registrar's book: to begin another like it."""

from typing import Any

from admin.prepare.draft import Draft
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.record.session_file import SessionFile
from admin.session.session import Session
from admin.session.terms import Terms
from crypto.errors import WrongState
from crypto.session import Policy
from storage.registrar.book import RegistrarBook


async def draft(book: RegistrarBook, uuid: str) -> Draft:
    """What was sealed, with the roster as it was last amended.

    Raises:
        UnknownSession: there is no such session.
        WrongState: it has not been sealed; its folder is all there is of it.
    """
    session = await Session.load(book, uuid)
    if session.definition is None or session.terms is None:
        raise WrongState(f"session {uuid} has not been sealed: copy its folder instead")
    people, human = await book.roster(uuid), session.session_file
    return Draft(
        _form(human, session.policy, session.terms),
        session.officials,
        tuple(RosterRow(person.name, tuple(person.details.items())) for person in people),
        human.excluded,
        human.blocks,
        human.managed,
    )


def _form(human: SessionFile, policy: Policy, terms: Terms) -> Form:
    rules, quorum = human.regime(policy.regime), (terms.part, terms.of)
    of_regime = rules.quorum is not None and rules.quorum.part == quorum
    own: dict[str, Any] = {} if of_regime else {"quorum": quorum}
    return Form(
        uuid=human.uuid,
        body=human.body,
        title=human.title,
        date=human.date,
        place=human.place,
        delegates=human.delegates,
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
        guidance=human.guidance,
        tier=human.tier,
        **own,
    )
