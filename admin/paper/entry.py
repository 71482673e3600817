"""Ballots entered one by one: the sums grow, and of the ballots only the last is remembered.

What is kept after each ballot is enough to go on after a crash and to take the last ballot back.
The order of the ballots is kept nowhere: it is the order of the box, and could tell who cast them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from admin.paper.sums import BallotForm, PaperSums
from admin.rules.channel import Marks, Pile
from crypto.encoding import Fields, array, boolean, canonical, integer, parse, string
from crypto.errors import Refused
from storage.registrar.book import RegistrarBook

SCHEMA: Final = "phieukin.paper-pending/1"
BLANK: Final = 0  # on a key and in a mark; the levels are 1, 2, …
_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class MarkedBallot:
    """One ballot of the pile: a mark for each official of its khối, or nothing but invalid."""

    marks: tuple[int, ...]
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class BlockSums:
    """What was entered of one khối.

    Attributes:
        marks: for each official how often each key was pressed: blank, then the levels.
    """

    collected: int
    invalid: int
    marks: tuple[tuple[int, ...], ...]

    def with_(self, ballot: MarkedBallot, step: int) -> "BlockSums":
        """With one ballot more (step 1) or less (−1)."""
        collected = self.collected + step
        if ballot.invalid:
            return BlockSums(collected, self.invalid + step, self.marks)
        marks = tuple(
            tuple(count + step * (key == mark) for key, count in enumerate(counts))
            for counts, mark in zip(self.marks, ballot.marks, strict=True)
        )
        return BlockSums(collected, self.invalid, marks)


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that is being made.

    Attributes:
        finished: how many khối are; the next one is being entered.
        last: the last ballot, as long as it can be taken back.
    """

    sums: tuple[BlockSums, ...]
    finished: int = 0
    last: MarkedBallot | None = None

    @classmethod
    def begin(cls, form: BallotForm) -> "Pending":
        """Nothing entered yet."""
        keys = len(form.levels) + 1
        return cls(
            tuple(
                BlockSums(0, 0, tuple((0,) * keys for _ in form.of(block)))
                for block in range(len(form.blocks))
            )
        )

    @property
    def number(self) -> int:
        """The running number of the next ballot of the khối."""
        return self.sums[self.finished].collected + 1

    def record(self, ballot: MarkedBallot) -> "Pending":
        """With one more ballot."""
        return replace(self, sums=self._changed(ballot, 1), last=ballot)

    def undo(self) -> "Pending":
        """Without the last ballot. Raises Refused if it cannot be taken back any more."""
        if self.last is None:
            raise Refused("only the last ballot can be taken back, once")
        return replace(self, sums=self._changed(self.last, -1), last=None)

    def finish(self) -> "Pending":
        """The khối is finished."""
        return replace(self, finished=self.finished + 1, last=None)

    def entry(self, issued: int) -> PaperSums:
        """The sums of all khối, when all are finished."""
        piles = tuple(Pile(block.collected, block.invalid) for block in self.sums)
        marks = tuple(Marks(keys[1:], keys[BLANK]) for block in self.sums for keys in block.marks)
        return PaperSums(issued, piles, marks)

    def _changed(self, ballot: MarkedBallot, step: int) -> tuple[BlockSums, ...]:
        changed = self.sums[self.finished].with_(ballot, step)
        return (*self.sums[: self.finished], changed, *self.sums[self.finished + 1 :])

    def encode(self) -> bytes:
        last = self.last and {"marks": list(self.last.marks), "invalid": self.last.invalid}
        blocks = [
            {"collected": s.collected, "invalid": s.invalid, "marks": [list(m) for m in s.marks]}
            for s in self.sums
        ]
        return canonical({"schema": SCHEMA, "done": self.finished, "last": last, "blocks": blocks})

    @classmethod
    def decode(cls, raw: bytes) -> "Pending":
        """Raises Malformed naming the field."""
        value = parse(raw, "pending", limit=_LIMIT)
        fields = Fields(value, "pending", "schema", "done", "last", "blocks")
        fields.read("schema", string, SCHEMA.replace(".", "[.]"))
        sums = fields.each("blocks", _block_sums, low=1)
        return cls(sums, fields.read("done", integer), _last(fields["last"]))


def _block_sums(value: object, path: str) -> BlockSums:
    block = Fields(value, path, "collected", "invalid", "marks")
    lines = block.read("marks", array, low=1)
    counts = tuple(tuple(_numbers(line, block.at("marks"))) for line in lines)
    return BlockSums(block.read("collected", integer), block.read("invalid", integer), counts)


def _numbers(value: object, path: str) -> list[int]:
    return [integer(number, path) for number in array(value, path)]


def _last(value: object) -> MarkedBallot | None:
    if value is None:
        return None
    fields = Fields(value, "pending.last", "marks", "invalid")
    return MarkedBallot(tuple(fields.read("marks", _numbers)), fields.read("invalid", boolean))


async def resume(book: RegistrarBook, uuid: str, by: str, form: BallotForm) -> Pending:
    """What this person has entered so far, or a beginning."""
    raw = await book.paper.pending(uuid, by)
    return Pending.begin(form) if raw is None else Pending.decode(raw)


async def keep(book: RegistrarBook, uuid: str, by: str, pending: Pending) -> None:
    """After each ballot; on disk before it returns. Raises WrongState before the close."""
    await book.paper.keep_pending(uuid, by, pending.encode())


async def forget(book: RegistrarBook, uuid: str, by: str) -> None:
    """Once the sums are an entry, or to begin anew: no trace of single ballots."""
    await book.paper.forget_pending(uuid, by)


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

    def ballot(self) -> MarkedBallot:
        """The ballot as it was marked."""
        if self.whole and BLANK in self.marks:
            return MarkedBallot((), invalid=True)
        return MarkedBallot(tuple(self.marks))
