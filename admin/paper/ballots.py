"""Paper ballots of a session: who gets one, what two people counted, the paper column.

Paper never enters the cryptographic record: it has a column of its own, which only the minutes
add to the electronic totals (docs/paper.md). Whoever prints, issues and counts them is trusted as
with any ballot of paper; what is checked here is that nobody has both kinds, that every number
adds up, and that two people who counted on their own agree.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from admin.paper import sums
from admin.paper.sums import BallotForm, PaperSums
from admin.session import lookup
from admin.session.session import Session
from crypto.errors import Refused
from storage.registrar.book import RegistrarBook
from storage.registrar.paper import settled
from storage.rows import PAPER, PaperEntry, Person

SHOWN = 10  # differences in one error; the log keeps all
MOST_LETTERS = 100  # of a name: a line of the log


class NoPaperChannel(Refused):
    """The session was not sealed with paper as a way of voting."""

    code = "no_paper_channel"


class PaperDisagrees(Refused):
    """Two people's numbers differ; both are kept in the log."""

    code = "paper_disagrees"


class PaperNotEntered(Refused):
    """No two people have entered the same numbers yet."""

    code = "paper_not_entered"


@dataclass(frozen=True, slots=True)
class PaperCount:
    """The paper ballots of a session.

    Attributes:
        issued: how many are out, latecomers' among them; handed back ones are not.
        late: how many went to people who came after the opening: they are present beside the
            head count, so that issued ≤ present + late is checked with tokens and paper alike.
        exchanged: spoiled ones for which others were given.
        unused: handed back before the close.
        sums: what two people counted alike; None until they agree.
        by: the two people who agree.
    """

    form: BallotForm
    issued: int
    late: int
    exchanged: int
    unused: int
    sums: PaperSums | None = None
    by: tuple[str, str] | None = None


def form(session: Session) -> BallotForm:
    """What is printed on the paper ballots of a sealed session.

    Raises:
        WrongState: it has not been sealed.
        NoPaperChannel: it has no paper ballots.
    """
    if PAPER not in session.policy.channels:
        raise NoPaperChannel("the session's channels do not have paper")
    blocks = session.session_file.blocks
    return sums.ballot_form(session.officials, session.regime, session.policy, blocks)


# ---- ballots


async def issue(
    book: RegistrarBook, session: Session, who: Sequence[str], *, late: bool = False
) -> list[Person]:
    """Gives out paper ballots: to all of these people, or to nobody.

    Args:
        who: numbers or names on the roster.
        late: they came after the opening and are not in its head count.

    Raises:
        NotOnRoster: names whom nobody knows.
        HasToken, PaperIssued: names the first who has a ballot already.
        NoPaperChannel: the session has no paper ballots.
        WrongState: before check-in or after the close.
        Refused: more ballots than people present.
    """
    form(session)
    people = lookup.people(await book.roster(session.uuid), who)
    twice = next((person for i, person in enumerate(people) if person in people[:i]), None)
    if twice is not None:
        raise Refused(f"{twice.place}. {twice.name} is named twice")
    await book.paper.issue(session.uuid, [person.person for person in people], late=late)
    return people


async def withdraw(book: RegistrarBook, session: Session, who: str) -> Person:
    """Takes back a ballot that was not used. Raises as `issue`, and NoPaper."""
    (person,) = lookup.people(await book.roster(session.uuid), [who])
    await book.paper.withdraw(session.uuid, person.person)
    return person


async def exchange(book: RegistrarBook, session: Session, who: str) -> Person:
    """Counts a spoiled ballot for which another is given. Raises as `issue`, and NoPaper."""
    (person,) = lookup.people(await book.roster(session.uuid), [who])
    await book.paper.exchange(session.uuid, person.person)
    return person


def _folded(name: str) -> str:
    """A name without regard to case and spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


# ---- what was counted


def author(name: str) -> str:
    """The spelling under which a person's entries are kept. Raises Refused if it is no name."""
    spelling = " ".join(unicodedata.normalize("NFC", name).split())
    if not spelling or not spelling.isprintable() or len(spelling) > MOST_LETTERS:
        raise Refused("the name of who enters is one line of letters")
    return spelling


async def enter(
    book: RegistrarBook, session: Session, by: str, moment: str, entry: PaperSums
) -> bool:
    """Keeps an entry; whether it agrees with another person's. Afterwards nothing more is taken.

    Args:
        by: the name of who counted.
        moment: when, YYYY-MM-DDTHH.

    Raises:
        BadPaper, TooFewPaper: nothing is kept.
        PaperDisagrees: it is kept, and differs from every other person's.
        PaperSettled: two people agreed before.
        WrongState: before the close.
    """
    ballot_form = form(session)
    entry.check(ballot_form, (await book.paper.counts(session.uuid)).issued)
    by = _spelling(by, await book.paper.entries(session.uuid))
    log = await book.paper.enter(session.uuid, by, moment, entry.encode())
    if settled(log) is not None:
        return True
    of_others = [row for row in log if row.by != by]
    if not of_others:
        return False
    latest = max(of_others, key=lambda row: row.number)
    raise PaperDisagrees(_disagreement(ballot_form, entry, latest, by))


def _spelling(by: str, log: Sequence[PaperEntry]) -> str:
    """The spelling in which the person entered before: case and spaces make no other person."""
    name = author(by)
    return next((row.by for row in log if _folded(row.by) == _folded(name)), name)


def _disagreement(ballot_form: BallotForm, entry: PaperSums, before: PaperEntry, by: str) -> str:
    """The first differences between an entry and that of the person before, and how many more."""
    differences = list(sums.differences(ballot_form, PaperSums.decode(before.body), entry))
    lines = [
        f"{what}: {first} ({before.by}), {second} ({by})" for what, first, second in differences
    ]
    more = len(lines) - SHOWN
    return "; ".join(lines[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


async def count(book: RegistrarBook, session: Session) -> PaperCount:
    """The paper ballots of a session; their sums are None until two people agree.

    Raises:
        WrongState: it has not been sealed.
        NoPaperChannel: it has no paper ballots.
    """
    ballot_form = form(session)
    ballots = await book.paper.counts(session.uuid)
    agreed = settled(await book.paper.entries(session.uuid))
    numbers = (ballots.issued, ballots.late, ballots.exchanged, ballots.unused)
    if agreed is None:
        return PaperCount(ballot_form, *numbers)
    first, second = agreed
    return PaperCount(ballot_form, *numbers, PaperSums.decode(first.body), (first.by, second.by))


async def log(book: RegistrarBook, session: Session) -> list[PaperEntry]:
    """Every entry, in the order in which they were made."""
    form(session)
    return await book.paper.entries(session.uuid)
