"""Everything that the papers of a count say, in one value that cannot contradict itself.

Counts come in columns, one for each way of voting; the paper column never enters the record. All
percentages and findings are those of ``admin/rules/compute.py``. The reconciliations are those of
the forms read for reference/domain.md §2.3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final

from admin.documents.facts import Facts
from admin.documents.layout import Style
from admin.rules.compute import OfficialCounts, Results, Turnout, tabulate
from admin.rules.regime import Regime
from crypto.errors import Refused

_PARTY_REGIMES: Final = "qd"  # how the names of Party regulations begin


@dataclass(frozen=True, slots=True)
class Marks:
    """What one official received in one way of voting.

    Attributes:
        levels: one count per level of the regime.
        blank: valid ballots without a valid mark on this line.
    """

    levels: tuple[int, ...]
    blank: int


@dataclass(frozen=True, slots=True)
class Pile:
    """The ballots of one khối that came back."""

    collected: int
    valid: int
    invalid: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """The ballots of one way of voting.

    Attributes:
        issued: without those that were given back.
        piles: one for each khối; one if there is one ballot for all.
        officials: in the order of the ballot.
        exchanged: spoiled ballots for which others were given.
        unused: ballots that were given back; None where there is nothing to give back.
    """

    issued: int
    piles: tuple[Pile, ...]
    officials: tuple[Marks, ...]
    exchanged: int = 0
    unused: int | None = None

    @property
    def collected(self) -> int:
        """How many people's ballots came back: of several khối the largest number."""
        return max(pile.collected for pile in self.piles)


@dataclass(frozen=True, slots=True)
class Official:
    """Who was rated."""

    name: str
    position: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """Who of the list was not rated, and why."""

    name: str
    position: str
    reason: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of the roster after it was sealed."""

    number: int
    added: int
    removed: int
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """A ballot paper of its own (khối): its heading, and how many officials stand on it."""

    heading: str
    officials: int


@dataclass(frozen=True, slots=True)
class Seal:
    """What ties the papers to the electronic record.

    Attributes:
        phi: the fingerprint in the form that people compare.
        address: the public page of the session, which the QR code leads to; may be empty.
        record: SHA-256 of the published record, hex; None while there is none.
    """

    phi: str
    address: str
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """The count of a session, for all of its papers.

    Attributes:
        delegates: members of the body; ``summoned`` those on the roster.
        present: the head count of the committee; ``late`` came after it.
        electronic, paper: the ways of voting that there were, at least one.
        uncounted: paper ballots that were too few to be counted without showing single votes.
        blocks: the khối in their order; () if there is one ballot for all.
        journal: what was noted during the session.
        seal: None where all voted on paper.
        rehearsal: whether the vote was only an exercise.
    """

    facts: Facts
    body: str
    title: str
    day: date
    regime: Regime
    officials: tuple[Official, ...]
    delegates: int
    summoned: int
    present: int
    electronic: Column | None
    paper: Column | None = None
    late: int = 0
    uncounted: int = 0
    blocks: tuple[Block, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    journal: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    seal: Seal | None = None
    rehearsal: bool = False

    def __post_init__(self) -> None:
        """Raises Refused, naming the two numbers that contradict each other."""
        named = {"electronic": self.electronic, "paper": self.paper}
        for name, column in named.items():
            if column is not None:
                _check_column(name, column, self)
        if not self.columns:
            raise Refused("neither electronic nor paper ballots were counted")
        listed = sum(block.officials for block in self.blocks)
        if self.blocks and listed != len(self.officials):
            raise Refused(f"the blocks hold {listed} officials, {len(self.officials)} are rated")
        _at_most("summoned", self.summoned, "delegates", self.delegates)
        _at_most("present", self.attending, "summoned", self.summoned)
        _at_most("issued", self.issued, "present", self.attending)
        _at_most("collected", max(p.collected for p in self.piles), "issued", self.issued)
        _at_most("excused", len(self.facts.excused or ()), "absent", self.absent)

    @property
    def attending(self) -> int:
        """Who was there, latecomers included."""
        return self.present + self.late

    @property
    def absent(self) -> int:
        """Of those summoned."""
        return self.summoned - self.attending

    @property
    def style(self) -> Style:
        """By whose rules the papers are laid out."""
        return style_of(self.facts, self.regime)

    @property
    def dated(self) -> date:
        """The day of the papers."""
        return self.facts.dated or self.day

    @property
    def columns(self) -> tuple[Column, ...]:
        """The ways of voting that there were."""
        return tuple(one for one in (self.electronic, self.paper) if one is not None)

    @property
    def issued(self) -> int:
        """All ballots that went out."""
        return sum(column.issued for column in self.columns) + self.uncounted

    @property
    def piles(self) -> tuple[Pile, ...]:
        """The ballots of each khối, all ways of voting together."""
        parted = zip(*(column.piles for column in self.columns), strict=True)
        return tuple(
            Pile(
                sum(pile.collected for pile in piles),
                sum(pile.valid for pile in piles),
                sum(pile.invalid for pile in piles),
            )
            for piles in parted
        )

    @property
    def spans(self) -> tuple[range, ...]:
        """Which officials, counted from 0, stand on the ballot of each pile."""
        return _spans(self.blocks, len(self.officials))

    @property
    def results(self) -> Results:
        """What `results compute` makes of the totals, each khối of its own ballots.

        The denominator has no value where it is not the same for all.
        """
        marks = [_sum(lines) for lines in zip(*(c.officials for c in self.columns), strict=True)]
        made = [
            tabulate(
                self.regime,
                [
                    OfficialCounts(self.officials[i].name, self.officials[i].position, *marks[i])
                    for i in span
                ],
                Turnout(delegates=self.delegates, collected=pile.collected),
            )
            for pile, span in zip(self.piles, self.spans, strict=True)
        ]
        whole = made[0]
        if len({one["denominator"]["value"] for one in made}) > 1:
            whole["denominator"]["value"] = None
        whole["officials"] = [line for one in made for line in one["officials"]]
        return whole


def style_of(facts: Facts, regime: Regime) -> Style:
    """As entered, else as the regime's instrument is one of the State or of the Party."""
    party = regime.id.startswith(_PARTY_REGIMES)
    return facts.style or ("party" if party else "state")


def electronic(
    issued: int, cast: int, totals: Iterable[Sequence[int]], blocks: Sequence[Block] = ()
) -> Column:
    """The column of a record: every ballot in it is valid, a line may be blank."""
    lines = tuple(Marks(tuple(line), cast - sum(line)) for line in totals)
    return Column(issued, (Pile(cast, cast),) * max(len(blocks), 1), lines)


def _spans(blocks: Sequence[Block], officials: int) -> tuple[range, ...]:
    sizes = [block.officials for block in blocks] or [officials]
    ends = list(accumulate(sizes))
    return tuple(range(end - size, end) for size, end in zip(sizes, ends, strict=True))


def _check_column(name: str, column: Column, said: Minutes) -> None:
    """Raises Refused naming the column, the person and the numbers that do not fit."""
    if len(column.officials) != len(said.officials):
        counted, rated = len(column.officials), len(said.officials)
        raise Refused(f"{name}: {counted} officials are counted, {rated} are rated")
    if len(column.piles) != max(len(said.blocks), 1):
        raise Refused(
            f"{name}: {len(column.piles)} piles of ballots, but {len(said.blocks)} blocks"
        )
    for pile, span in zip(column.piles, said.spans, strict=True):
        _at_most(f"{name} collected", pile.collected, f"{name} issued", column.issued)
        if pile.valid + pile.invalid != pile.collected:
            raise Refused(
                f"{name}: valid {pile.valid} + invalid {pile.invalid} is not"
                f" collected {pile.collected}"
            )
        for i in span:
            marks = column.officials[i]
            if (total := sum(marks.levels) + marks.blank) != pile.valid:
                raise Refused(
                    f"{name}: {said.officials[i].name}: levels and invalid lines make {total},"
                    f" but {pile.valid} ballots are valid"
                )


def _sum(lines: Sequence[Marks]) -> tuple[tuple[int, ...], int]:
    levels = zip(*(line.levels for line in lines), strict=True)
    return tuple(sum(level) for level in levels), sum(line.blank for line in lines)


def _at_most(fewer: str, lower: int, more: str, upper: int) -> None:
    if lower > upper:
        raise Refused(f"{fewer} {lower} is more than {more} {upper}")
