"""Ballots entered one by one: the sums grow, and of the ballots only the last is remembered.

What is kept after each ballot is enough to go on after a crash and to take the last ballot back.
The order of the ballots is kept nowhere: it is the order of the box, and could tell who cast them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from admin.paper.sums import Entry, Form, Line, Pile
from admin.session.books import Books
from crypto.encoding import array, boolean, canonical, fields, integer, parse, string
from crypto.errors import Refused

SCHEMA: Final = "phieukin.paper-pending/1"
BLANK: Final = 0  # on a key and in a mark; the levels are 1, 2, …
_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot of the pile: a mark for each official of its khối, or nothing but invalid."""

    marks: tuple[int, ...]
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """What was entered of one khối.

    Attributes:
        marks: for each official how often each key was pressed: blank, then the levels.
    """

    collected: int
    invalid: int
    marks: tuple[tuple[int, ...], ...]

    def with_(self, ballot: Ballot, step: int) -> "Sums":
        """With one ballot more (step 1) or less (−1)."""
        collected = self.collected + step
        if ballot.invalid:
            return Sums(collected, self.invalid + step, self.marks)
        marks = tuple(
            tuple(count + step * (key == mark) for key, count in enumerate(counts))
            for counts, mark in zip(self.marks, ballot.marks, strict=True)
        )
        return Sums(collected, self.invalid, marks)


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that is being made.

    Attributes:
        done: how many khối are finished; the next one is being entered.
        last: the last ballot, as long as it can be taken back.
    """

    sums: tuple[Sums, ...]
    done: int = 0
    last: Ballot | None = None

    @classmethod
    def begin(cls, said: Form) -> "Pending":
        """Nothing entered yet."""
        keys = len(said.levels) + 1
        return cls(
            tuple(
                Sums(0, 0, tuple((0,) * keys for _ in said.of(block)))
                for block in range(len(said.blocks))
            )
        )

    @property
    def number(self) -> int:
        """The running number of the next ballot of the khối."""
        return self.sums[self.done].collected + 1

    def record(self, ballot: Ballot) -> "Pending":
        """With one more ballot."""
        return replace(self, sums=self._changed(ballot, 1), last=ballot)

    def undo(self) -> "Pending":
        """Without the last ballot. Raises Refused if it cannot be taken back any more."""
        if self.last is None:
            raise Refused("only the last ballot can be taken back, once")
        return replace(self, sums=self._changed(self.last, -1), last=None)

    def finish(self) -> "Pending":
        """The khối is finished."""
        return replace(self, done=self.done + 1, last=None)

    def entry(self, issued: int) -> Entry:
        """The sums of all khối, when all are finished."""
        piles = tuple(Pile(one.collected, one.invalid) for one in self.sums)
        lines = tuple(Line(keys[1:], keys[BLANK]) for one in self.sums for keys in one.marks)
        return Entry(issued, piles, lines)

    def _changed(self, ballot: Ballot, step: int) -> tuple[Sums, ...]:
        changed = self.sums[self.done].with_(ballot, step)
        return (*self.sums[: self.done], changed, *self.sums[self.done + 1 :])

    def encode(self) -> bytes:
        last = self.last and {"marks": list(self.last.marks), "invalid": self.last.invalid}
        blocks = [
            {"collected": s.collected, "invalid": s.invalid, "marks": [list(m) for m in s.marks]}
            for s in self.sums
        ]
        return canonical({"schema": SCHEMA, "done": self.done, "last": last, "blocks": blocks})

    @classmethod
    def decode(cls, raw: bytes) -> "Pending":
        """Raises Malformed naming the field."""
        value = parse(raw, "pending", limit=_LIMIT)
        schema, done, last, blocks = fields(value, "pending", "schema", "done", "last", "blocks")
        string(schema, "pending.schema", SCHEMA.replace(".", "[.]"))
        sums = []
        for i, one in enumerate(array(blocks, "pending.blocks", low=1)):
            path = f"pending.blocks[{i}]"
            collected, invalid, marks = fields(one, path, "collected", "invalid", "marks")
            listed = array(marks, f"{path}.marks", low=1)
            counts = tuple(tuple(_numbers(keys, f"{path}.marks")) for keys in listed)
            whole = integer(collected, f"{path}.collected"), integer(invalid, f"{path}.invalid")
            sums.append(Sums(*whole, counts))
        return cls(tuple(sums), integer(done, "pending.done"), _last(last))


def _numbers(value: object, path: str) -> list[int]:
    return [integer(one, path) for one in array(value, path)]


def _last(value: object) -> Ballot | None:
    if value is None:
        return None
    marks, invalid = fields(value, "pending.last", "marks", "invalid")
    return Ballot(
        tuple(_numbers(marks, "pending.last.marks")), boolean(invalid, "pending.last.invalid")
    )


async def resume(books: Books, uuid: str, by: str, said: Form) -> Pending:
    """What this person has entered so far, or a beginning."""
    raw = await books.registrar.paper.pending(uuid, by)
    return Pending.begin(said) if raw is None else Pending.decode(raw)


async def keep(books: Books, uuid: str, by: str, made: Pending) -> None:
    """After each ballot; on disk before it returns. Raises WrongState before the close."""
    await books.registrar.paper.keep_pending(uuid, by, made.encode())


async def forget(books: Books, uuid: str, by: str) -> None:
    """Once the sums are an entry, or to begin anew: no trace of single ballots."""
    await books.registrar.paper.forget_pending(uuid, by)


@dataclass(slots=True)
class Keys:
    """The ballot under the hand of who enters: keys in, a ballot out.

    Attributes:
        size: how many officials stand on it.
        levels: how many keys beside BLANK.
        whole: whether a blank line makes the ballot invalid.
    """

    size: int
    levels: int
    whole: bool
    marks: Sequence[int] = ()

    @property
    def full(self) -> bool:
        return len(self.marks) == self.size

    def mark(self, key: str) -> bool:
        """Marks the next line; whether the key is one of a mark."""
        if self.full or len(key) != 1 or not "0" <= key <= str(self.levels):
            return False
        self.marks = (*self.marks, int(key))
        return True

    def back(self) -> None:
        """Takes the mark of the line before back."""
        self.marks = self.marks[:-1]

    def ballot(self) -> Ballot:
        """The ballot as it was marked."""
        if self.whole and BLANK in self.marks:
            return Ballot((), invalid=True)
        return Ballot(tuple(self.marks))
