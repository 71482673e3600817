"""Entering paper ballots one by one at the terminal: fast keys, and no sum before the end."""

from collections.abc import Callable
from dataclasses import dataclass

from admin.cli import console, terminal
from admin.cli.books import with_books
from admin.cli.terminal import BACK, ENTER
from admin.paper import entry
from admin.paper.entry import BLANK, Keys, MarkedBallot, Pending
from admin.paper.sums import BallotForm, PaperSums
from admin.words import words
from crypto.errors import Refused

_STOP, _FINISH, _UNDO, _INVALID = "q", "f", "u", "x"


def ask(uuid: str, by: str, said: BallotForm, issued: int, *, again: bool) -> PaperSums | None:
    """One person's count of the ballots; None if it is to be gone on with later.

    What was entered stays until `forget`: a refused entry is not lost.

    Args:
        again: forget what the person has entered so far.

    Raises:
        click.UsageError: there is no terminal.
    """
    with terminal.keys() as press:
        if again:
            with_books(lambda books: entry.forget(books.registrar, uuid, by))
        made = with_books(lambda books: entry.resume(books.registrar, uuid, by, said))
        desk = _Desk(uuid, by, said, made, press)
        desk.keep(made)  # refused before the first ballot, not after it
        console.say(words("cli.paper.keys.help", levels=_legend(said)))
        while desk.made.finished < len(said.blocks):
            heading = said.blocks[desk.made.finished].heading
            if heading:
                console.say(words("cli.paper.keys.block", heading=heading))
            if not desk.block():
                return None
            desk.keep(desk.made.finish())
    return desk.made.entry(issued)


def _legend(said: BallotForm) -> str:
    keys = [f"{key} = {_level(said, key)}" for key in range(1, len(said.levels) + 1)]
    return ", ".join([*keys, f"{BLANK} = {words('levels.blank')}"])


def _level(said: BallotForm, key: int) -> str:
    return words("levels.blank" if key == BLANK else f"levels.{said.levels[key - 1]}")


@dataclass
class _Desk:
    """Whose entry it is, and how far it has got."""

    uuid: str
    by: str
    said: BallotForm
    made: Pending
    press: Callable[[str], str]

    def keep(self, made: Pending) -> None:
        """On disk first, then here."""
        with_books(lambda books: entry.keep(books.registrar, self.uuid, self.by, made))
        self.made = made

    def block(self) -> bool:
        """Enters the ballots of a khối; whether it was finished."""
        while True:
            console.say(words("cli.paper.keys.ballot", number=self.made.number))
            found = self._ballot()
            console.say("")
            if isinstance(found, MarkedBallot):
                self.keep(self.made.record(found))
            elif found == _UNDO:
                self._undo()
            elif found == _STOP:
                return False
            elif self._finished():
                return True

    def _undo(self) -> None:
        try:
            self.keep(self.made.undo())
        except Refused:
            console.say(words("cli.paper.keys.no_undo"))

    def _finished(self) -> bool:
        """Whether the number of ballots, typed again, is the number entered."""
        number = self.made.number - 1
        typed = terminal.line(self.press, words("cli.paper.keys.how_many")).strip()
        if typed == str(number):
            return True
        console.say(words("cli.paper.keys.not_that_many", typed=typed, number=number))
        return False

    def _ballot(self) -> MarkedBallot | str:
        """A ballot, or what is to be done instead of one."""
        people = self.said.of(self.made.finished)
        whole = self.said.policy.invalid == "ballot"
        keys = Keys(len(people), len(self.said.levels), whole)
        while True:
            key = self.press(self._question(keys, people))
            if key in ENTER and keys.full:
                return keys.ballot()
            if not keys.marks and key in {_STOP, _FINISH, _UNDO}:
                return key
            if key == _INVALID and self._sure():
                return MarkedBallot((), invalid=True)
            console.say(self._answer(keys, key))

    def _sure(self) -> bool:
        console.say("")
        return self.press(f"  {words('cli.paper.keys.sure_invalid')}") == _INVALID

    def _answer(self, keys: Keys, key: str) -> str:
        """What a key did, behind the question."""
        if key in BACK:
            keys.back()
            return "←"
        if keys.mark(key):
            return _level(self.said, keys.marks[-1])
        return "" if key == _INVALID else words("cli.paper.keys.unknown")

    def _question(self, keys: Keys, people: range) -> str:
        if keys.full:
            return f"  {words('cli.paper.keys.record')}"
        return f"  {self.said.name(people[len(keys.marks)])}: "
