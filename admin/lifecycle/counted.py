"""What a session counted, out of the books: the numbers of its minutes and of its result file."""

from admin.paper import ballots
from admin.paper.ballots import PaperCount, PaperNotEntered
from admin.record import opening
from admin.record.count import Count
from admin.record.paper_definition import PaperDefinition
from admin.rules.channel import ChannelCount, electronic
from admin.session import cadres
from admin.session.books import Books
from admin.session.session import Session


async def of_books(books: Books, session: Session) -> Count:
    """The counts of a session whose totals were opened, or whose paper ballots were entered.

    Raises:
        PaperNotEntered: paper ballots are out, and no two people have entered the same numbers.
        WrongState: the session has not been sealed.
    """
    uuid, book = session.uuid, books.registrar
    definition = session.definition
    if isinstance(definition, PaperDefinition):
        sealed, channel = definition.digest, None
    else:
        sealed = session.electronic.election.phi
        channel = await _electronic(books, session)
    out = await ballots.count(book, session) if session.takes_paper else None
    paper, uncounted = _paper(out, session)
    return Count(
        uuid=uuid,
        definition=sealed,
        roster=len(await book.roster(uuid)),
        present=session.present or 0,
        late=0 if out is None else out.late,
        electronic=channel,
        paper=paper,
        uncounted=uncounted,
        entered=() if paper is None or out is None else out.by or (),
        cadres=cadres.kept(books.datadir, uuid),
    )


async def _electronic(books: Books, session: Session) -> ChannelCount:
    uuid, election = session.uuid, session.electronic.election
    totals = opening.read_result(books.datadir.archive(uuid), election) or ()
    cast = (await books.box.counts(uuid))["cast"]
    issued = sum((await books.registrar.issued(uuid)).values())
    sizes = session.session_file.sizes(len(session.officials))
    return electronic(session.regime, issued, cast, totals, sizes)


def _paper(out: PaperCount | None, session: Session) -> tuple[ChannelCount | None, int]:
    """The paper ballots, and how many were too few to be counted."""
    if out is None or (not out.issued and not session.on_paper):
        return None, 0
    if out.sums is None:
        if out.issued < session.policy.min_ballots and not session.on_paper:
            return None, out.issued
        raise PaperNotEntered("the paper ballots have not been entered alike by two people")
    piles, officials = out.sums.piles, out.sums.officials
    return ChannelCount(out.issued, piles, officials, out.exchanged, out.unused), 0
