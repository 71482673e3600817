"""The life of a session that votes on paper only: sealed by nobody's keys, counted by two people.

The steps are those of every session; what belongs to keys, box and record is absent. Every step
may be repeated after a crash.
"""

from pathlib import Path

from admin.lifecycle.seal import keep_roster
from admin.paper import ballots
from admin.paper.ballots import PaperCount, PaperNotEntered
from admin.paper.sums import PaperSums
from admin.prepare.draft import Draft
from admin.record import files, results
from admin.rules import compute
from admin.rules.channel import at_no_level
from admin.rules.compute import OfficialCounts, Results, Turnout
from admin.session.books import Books
from admin.session.paper_definition import PaperDefinition
from admin.session.session import Session
from crypto.lifecycle import State, Step, after
from storage.registrar.book import RegistrarBook


async def seal(book: RegistrarBook, draft: Draft) -> None:
    """Fixes roster, officials and rules. Idempotent until it is sealed.

    Raises:
        WrongState: the session is sealed already.
        Refused: another draft was being sealed.
    """
    uuid = draft.uuid
    after((await book.session(uuid)).state, Step.SEAL)
    definition = PaperDefinition(len(draft.roster), tuple(draft.officials), draft.policy)
    await book.propose_on_paper(uuid, definition.encode())
    await keep_roster(book, draft)
    await book.move(uuid, Step.SEAL)


async def close(book: RegistrarBook, session: Session) -> None:
    """Ends the vote: from now on ballots are counted and entered."""
    if session.state != State.CLOSED:
        await book.move(session.uuid, Step.CLOSE)
    await book.forget(session.uuid)


async def publish(books: Books, session: Session) -> Path:
    """Writes the results, once two people have entered the same numbers; where they are.

    Raises:
        PaperNotEntered: they have not.
    """
    uuid, book = session.uuid, books.registrar
    path = books.datadir.results(uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, results.encode(await _counted(book, session)))
    for before, step in ((State.CLOSED, Step.TALLY), (State.TALLIED, Step.PUBLISH)):
        if (await book.session(uuid)).state == before:
            await book.move(uuid, step)
    return path


async def _counted(book: RegistrarBook, session: Session) -> Results:
    """The `phieukin.results/1` document of the paper ballots.

    Where khối have unlike numbers of collected ballots, each is taken of its own number, and the
    document's denominator has no one value.

    Raises:
        PaperNotEntered: no two people have entered the same numbers.
    """
    paper = await ballots.count(book, session)
    if paper.sums is None:
        raise PaperNotEntered("the paper ballots have not been entered alike by two people")
    blocks = range(len(paper.sums.piles))
    documents = [_of_block(paper, paper.sums, session, block) for block in blocks]
    denominators = {document["denominator"]["value"] for document in documents}
    joined = documents[0]
    if len(denominators) > 1:
        joined["denominator"]["value"] = None
    joined["officials"] = [line for document in documents for line in document["officials"]]
    return joined


def _of_block(paper: PaperCount, agreed: PaperSums, session: Session, block: int) -> Results:
    rules = session.regime
    pile = agreed.piles[block]
    present = None if session.present is None else session.present + paper.late
    turnout = Turnout(session.session_file.delegates, present, paper.issued, pile.collected)
    officials = []
    for i in paper.form.of(block):
        official, marks = paper.form.officials[i], agreed.officials[i]
        blank = at_no_level(rules, pile, marks)
        officials.append(OfficialCounts(official.name, official.position, marks.levels, blank))
    return compute.tabulate(rules, officials, turnout)
