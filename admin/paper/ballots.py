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
from admin.paper.sums import Entry, Form, Line, Pile
from admin.session.books import Books
from crypto.errors import Refused
from storage.registrar.paper import settled
from storage.rows import PAPER, PaperEntry, Person

SHOWN = 10  # differences in one error; the log keeps all


class NoPaperChannel(Refused):
    """The session was not sealed with paper as a way of voting."""

    code = "no_paper_channel"


class NotOnRoster(Refused):
    """Nobody on the roster has this number or name, or several have the name."""

    code = "not_on_roster"


class PaperDisagrees(Refused):
    """Two people's numbers differ; both are kept in the log."""

    code = "paper_disagrees"


class PaperNotEntered(Refused):
    """No two people have entered the same numbers yet."""

    code = "paper_not_entered"


@dataclass(frozen=True, slots=True)
class Column:
    """The paper ballots of a session.

    Attributes:
        issued: how many are out, latecomers' among them; handed back ones are not.
        late: how many went to people who came after the opening: they are present beside the
            head count, so that issued ≤ present + late is checked with tokens and paper alike.
        exchanged: spoiled ones for which others were given.
        unused: handed back before the close.
        piles: collected and invalid ones of each khối; None until two people agree.
        lines: for each official the marks of each level and the blank lines; as `piles`.
        by: the two people who agree.
    """

    form: Form
    issued: int
    late: int
    exchanged: int
    unused: int
    piles: tuple[Pile, ...] | None = None
    lines: tuple[Line, ...] | None = None
    by: tuple[str, str] | None = None

    @property
    def collected(self) -> int | None:
        """How many came back; of several khối the largest number, see `piles`."""
        return None if self.piles is None else max(pile.collected for pile in self.piles)

    @property
    def invalid(self) -> int | None:
        """How many are invalid as a whole; of several khối the largest number."""
        return None if self.piles is None else max(pile.invalid for pile in self.piles)


async def form(books: Books, uuid: str) -> Form:
    """What is printed on the paper ballots of a sealed session.

    Raises:
        WrongState: it has not been sealed.
        NoPaperChannel: it has no paper ballots.
    """
    session = await books.session(uuid)
    if PAPER not in session.policy.channels:
        raise NoPaperChannel("the session's channels do not have paper")
    return sums.form(session.officials, session.policy, session.session_file.blocks)


# ---- ballots


async def issue(books: Books, uuid: str, who: Sequence[str], *, late: bool = False) -> list[Person]:
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
    await form(books, uuid)
    found = _people(await books.registrar.roster(uuid), who)
    twice = next((one for i, one in enumerate(found) if one in found[:i]), None)
    if twice is not None:
        raise Refused(f"{twice.place}. {twice.name} is named twice")
    await books.registrar.paper.issue(uuid, [one.person for one in found], late=late)
    return found


async def withdraw(books: Books, uuid: str, who: str) -> Person:
    """Takes back a ballot that was not used. Raises as `issue`, and NoPaper."""
    (found,) = _people(await books.registrar.roster(uuid), [who])
    await books.registrar.paper.withdraw(uuid, found.person)
    return found


async def exchange(books: Books, uuid: str, who: str) -> Person:
    """Counts a spoiled ballot for which another is given. Raises as `issue`, and NoPaper."""
    (found,) = _people(await books.registrar.roster(uuid), [who])
    await books.registrar.paper.exchange(uuid, found.person)
    return found


def _people(roster: Sequence[Person], who: Sequence[str]) -> list[Person]:
    numbered = {str(person.place): person for person in roster}
    found = []
    for said in who:
        if said in numbered:
            found.append(numbered[said])
            continue
        called = [person for person in roster if _same(person.name) == _same(said)]
        if len(called) > 1:
            places = ", ".join(str(person.place) for person in called)
            raise NotOnRoster(f"{said}: the numbers {places} have this name, give one of them")
        if not called:
            raise NotOnRoster(f"{said}: no number and no name on the roster")
        found += called
    return found


def _same(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


# ---- what was counted


def author(name: str) -> str:
    """The spelling under which a person's entries are kept. Raises Refused if it is no name."""
    said = " ".join(unicodedata.normalize("NFC", name).split())
    if not said or not said.isprintable() or len(said) > 100:  # noqa: PLR2004  a line of the log
        raise Refused("the name of who enters is one line of letters")
    return said


async def enter(books: Books, uuid: str, by: str, moment: str, made: Entry) -> bool:
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
    said = await form(books, uuid)
    made.check(said, (await books.registrar.paper.counts(uuid)).issued)
    log = await books.registrar.paper.entries(uuid)
    by = _known(by, log)
    log = await books.registrar.paper.enter(uuid, by, moment, made.encode())
    if settled(log) is not None:
        return True
    others = [one for one in {entry.by: entry for entry in log}.values() if one.by != by]
    if not others:
        return False
    raise PaperDisagrees(_told(said, made, max(others, key=lambda one: one.number), by))


def _known(by: str, log: Sequence[PaperEntry]) -> str:
    """The spelling in which the person entered before: case and spaces make no other person."""
    said = author(by)
    return next((entry.by for entry in log if _same(entry.by) == _same(said)), said)


def _told(said: Form, made: Entry, other: PaperEntry, by: str) -> str:
    found = list(sums.differences(said, Entry.decode(other.body), made))
    lines = [f"{what}: {first} ({other.by}), {second} ({by})" for what, first, second in found]
    rest = len(lines) - SHOWN
    return "; ".join(lines[:SHOWN]) + (f"; and {rest} more" if rest > 0 else "")


async def column(books: Books, uuid: str) -> Column:
    """The paper ballots of a session; their sums are None until two people agree.

    Raises:
        WrongState: it has not been sealed.
        NoPaperChannel: it has no paper ballots.
    """
    said = await form(books, uuid)
    out = await books.registrar.paper.counts(uuid)
    agreed = settled(await books.registrar.paper.entries(uuid))
    numbers = (out.issued, out.late, out.exchanged, out.unused)
    if agreed is None:
        return Column(said, *numbers)
    entry = Entry.decode(agreed[0].body)
    by = (agreed[0].by, agreed[1].by)
    return Column(said, *numbers, piles=entry.piles, lines=entry.lines, by=by)


async def log(books: Books, uuid: str) -> list[PaperEntry]:
    """Every entry, in the order in which they were made."""
    await form(books, uuid)
    return await books.registrar.paper.entries(uuid)
