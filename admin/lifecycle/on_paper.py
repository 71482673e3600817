"""The life of a session that votes on paper only: sealed by nobody's keys, counted by two people.

The steps are those of every session; what belongs to keys, box and record is absent. Every step
may be repeated after a crash.
"""

from pathlib import Path

from admin.lifecycle import order
from admin.lifecycle.seal import keep_roster
from admin.paper import ballots
from admin.paper.ballots import PaperCount, PaperNotEntered
from admin.paper.sums import PaperSums
from admin.prepare.draft import Draft
from admin.record import files, results
from admin.rules import compute
from admin.rules.compute import OfficialCounts, Results, Turnout
from admin.session.books import Books
from admin.session.paper_definition import PaperDefinition
from admin.session.session import Session
from crypto.errors import Refused, WrongState
from crypto.lifecycle import State, Step, after


async def seal(books: Books, draft: Draft) -> None:
    """Fixes roster, officials and rules; the same draft again is fine after a crash.

    Raises:
        WrongState: the session is sealed already.
        Refused: another draft was being sealed.
    """
    uuid, book = draft.uuid, books.registrar
    after((await book.session(uuid)).state, Step.SEAL)
    made = PaperDefinition(len(draft.roster), tuple(draft.officials), draft.policy)
    await book.propose_on_paper(uuid, made.encode())
    await keep_roster(book, draft)
    await book.move(uuid, Step.SEAL)


async def open_voting(books: Books, uuid: str) -> None:
    """Begins the vote.

    Raises:
        WrongState: not in check-in, or the session that comes first is not closed.
        Refused, NoQuorum: no head count, or one that is too small.
    """
    await order.check_order(books, uuid)
    session = await books.session(uuid)
    if session.present is None:
        raise Refused("the committee's head count is missing: enter it with: session present")
    roster = len(await books.registrar.roster(uuid))
    session.registered.check_quorum(session.present, roster)
    await books.registrar.move(uuid, Step.OPEN)


async def close(books: Books, uuid: str) -> None:
    """Ends the vote: from now on ballots are counted and entered. Raises WrongState if not open."""
    if (await books.registrar.session(uuid)).state != State.CLOSED:
        await books.registrar.move(uuid, Step.CLOSE)
    await books.registrar.forget(uuid)


async def publish(books: Books, uuid: str) -> Path:
    """Writes the results, once two people have entered the same numbers; where they are.

    Raises:
        PaperNotEntered: they have not.
        WrongState: not closed.
    """
    state = (await books.registrar.session(uuid)).state
    if state not in {State.CLOSED, State.TALLIED, State.PUBLISHED}:
        raise WrongState(f"results are published after the close; the session is {state}")
    path = books.datadir.results(uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, results.encode(await counted(books, uuid)))
    for before, step in ((State.CLOSED, Step.TALLY), (State.TALLIED, Step.PUBLISH)):
        if (await books.registrar.session(uuid)).state == before:
            await books.registrar.move(uuid, step)
    return path


async def counted(books: Books, uuid: str) -> Results:
    """The `phieukin.results/1` document of the paper ballots.

    Where khối have unlike numbers of collected ballots, each is taken of its own number, and the
    document's denominator has no one value.

    Raises:
        PaperNotEntered: no two people have entered the same numbers.
        NoPaperChannel, WrongState: as `paper.form`.
    """
    session = await books.session(uuid)
    found = await ballots.count(books.registrar, session)
    if found.sums is None:
        raise PaperNotEntered("the paper ballots have not been entered alike by two people")
    made = [_of_block(found, found.sums, session, block) for block in range(len(found.sums.piles))]
    denominators = {one["denominator"]["value"] for one in made}
    whole = made[0]
    if len(denominators) > 1:
        whole["denominator"]["value"] = None
    whole["officials"] = [official for one in made for official in one["officials"]]
    return whole


def _of_block(found: PaperCount, agreed: PaperSums, session: Session, block: int) -> Results:
    rules = session.regime
    pile = agreed.piles[block]
    present = None if session.present is None else session.present + found.late
    turnout = Turnout(session.session_file.delegates, present, found.issued, pile.collected)
    officials = []
    for i in found.form.of(block):
        official, marks = found.form.officials[i], agreed.officials[i]
        # A blank line may count as no; an invalid ballot never does.
        invalid = 0 if rules.blank.policy == "counts_as_no" else pile.invalid
        counts = OfficialCounts(
            official.name, official.position, marks.levels, marks.blank + invalid
        )
        officials.append(counts)
    return compute.tabulate(rules, officials, turnout)
