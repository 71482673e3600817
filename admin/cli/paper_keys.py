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


def ask(uuid: str, by: str, form: BallotForm, issued: int, *, again: bool) -> PaperSums | None:
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
        pending = with_books(lambda books: entry.resume(books.registrar, uuid, by, form))
        desk = _Desk(uuid, by, form, pending, press)
        desk.keep(pending)  # refused before the first ballot, not after it
        console.say(words("cli.paper.keys.help", levels=_legend(form)))
        while desk.pending.finished < len(form.blocks):
            heading = form.blocks[desk.pending.finished].heading
            if heading:
                console.say(words("cli.paper.keys.block", heading=heading))
            if not desk.block():
                return None
            desk.keep(desk.pending.finish())
    return desk.pending.entry(issued)


def _legend(form: BallotForm) -> str:
    keys = [f"{key} = {_level(form, key)}" for key in range(1, len(form.levels) + 1)]
    return ", ".join([*keys, f"{BLANK} = {words('levels.blank')}"])


def _level(form: BallotForm, key: int) -> str:
    return words("levels.blank") if key == BLANK else form.labels[key - 1]


@dataclass
class _Desk:
    """Whose entry it is, and how far it has got."""

    uuid: str
    by: str
    form: BallotForm
    pending: Pending
    press: Callable[[str], str]

    def keep(self, pending: Pending) -> None:
        """On disk first, then here."""
        with_books(lambda books: entry.keep(books.registrar, self.uuid, self.by, pending))
        self.pending = pending

    def block(self) -> bool:
        """Enters the ballots of a khối; whether it was finished."""
        while True:
            console.say(words("cli.paper.keys.ballot", number=self.pending.number))
            answer = self._ballot()
            console.say("")
            if isinstance(answer, MarkedBallot):
                self.keep(self.pending.record(answer))
            elif answer == _UNDO:
                self._undo()
            elif answer == _STOP:
                return False
            elif self._finished():
                return True

    def _undo(self) -> None:
        try:
            self.keep(self.pending.undo())
        except Refused:
            console.say(words("cli.paper.keys.no_undo"))

    def _finished(self) -> bool:
        """Whether the number of ballots, typed again, is the number entered."""
        number = self.pending.number - 1
        typed = terminal.line(self.press, words("cli.paper.keys.how_many")).strip()
        if typed == str(number):
            return True
        console.say(words("cli.paper.keys.not_that_many", typed=typed, number=number))
        return False

    def _ballot(self) -> MarkedBallot | str:
        """A ballot, or what is to be done instead of one."""
        block = self.pending.finished
        people = self.form.of(block)
        keys = Keys(len(people), len(self.form.levels), self.form.whole(block))
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
            return _level(self.form, keys.marks[-1])
        return "" if key == _INVALID else words("cli.paper.keys.unknown")

    def _question(self, keys: Keys, people: range) -> str:
        if keys.full:
            return f"  {words('cli.paper.keys.record')}"
        return f"  {self.form.name(people[len(keys.marks)])}: "
