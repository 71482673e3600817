"""Everything that the papers of a count say, in one value that cannot contradict itself.

Counts come in columns, one for each way of voting; the paper column never enters the record. All
percentages and findings are those of ``admin/rules/compute.py``. The reconciliations are those of
the forms read for reference/domain.md §2.3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.papers.facts import Facts
from admin.papers.layout import Style
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
class Column:
    """The ballots of one way of voting.

    Attributes:
        exchanged: spoiled ballots that were given back for another; they are among the issued.
        unused: ballots that were printed and never issued; None where nothing is printed.
        officials: in the order of the ballot; () where only the ballots are to be told.
    """

    issued: int
    collected: int
    valid: int
    invalid: int = 0
    exchanged: int = 0
    unused: int | None = None
    officials: tuple[Marks, ...] = ()

    def check(self, name: str, officials: Sequence[str]) -> None:
        """Raises Refused naming the column, the person and the numbers that do not fit."""
        _at_most(f"{name} collected", self.collected, f"{name} issued", self.issued)
        if self.valid + self.invalid != self.collected:
            raise Refused(
                f"{name}: valid {self.valid} + invalid {self.invalid} is not"
                f" collected {self.collected}"
            )
        if len(self.officials) != len(officials):
            raise Refused(
                f"{name}: {len(self.officials)} officials are counted, {len(officials)} are rated"
            )
        for official, marks in zip(officials, self.officials, strict=True):
            total = sum(marks.levels) + marks.blank
            if total != self.valid:
                raise Refused(
                    f"{name}: {official}: levels and invalid lines make {total},"
                    f" but {self.valid} ballots are valid"
                )


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
class Minutes:
    """The count of a session, for all of its papers.

    Attributes:
        place: where the meeting was; may be empty.
        delegates: members of the body; ``summoned`` those on the roster; ``present`` the head
            count of the committee.
        least: a paper column of fewer ballots would show how single people voted.
        blocks: heading and number of officials of each ballot paper (khối), in order; () if
            there is one ballot for all.
        journal: what was noted during the session.
        phi: the fingerprint in the form that people compare.
        record_hash: SHA-256 of the published record, hex; None while there is none.
        address: what the QR code leads to.
        rehearsal: whether the vote was only an exercise.
    """

    facts: Facts
    body: str
    title: str
    day: date
    place: str
    regime: Regime
    officials: tuple[Official, ...]
    delegates: int
    summoned: int
    present: int
    electronic: Column
    phi: str
    address: str
    paper: Column | None = None
    least: int = 0
    blocks: tuple[tuple[str, int], ...] = ()
    excluded: tuple[Excluded, ...] = ()
    journal: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    record_hash: str | None = None
    rehearsal: bool = False

    def __post_init__(self) -> None:
        """Raises Refused, naming the two numbers that contradict each other."""
        names = [official.name for official in self.officials]
        self.electronic.check("electronic", names)
        if self.paper is not None:
            self.paper.check("paper", names)
            if 0 < self.paper.collected < self.least:
                raise Refused(
                    f"paper collected {self.paper.collected}: a column of fewer than"
                    f" {self.least} ballots is not shown"
                )
        total = self.total
        _at_most("summoned", self.summoned, "delegates", self.delegates)
        _at_most("present", self.present, "summoned", self.summoned)
        _at_most("collected", total.collected, "present", self.present)
        limit = self.present + total.exchanged
        _at_most("issued", total.issued, "present and exchanged", limit)
        if (listed := sum(number for _, number in self.blocks)) not in {0, len(names)}:
            raise Refused(f"the blocks hold {listed} officials, but {len(names)} are rated")
        excused = len(self.facts.excused or ())
        _at_most("excused", excused, "absent", self.absent)

    @property
    def absent(self) -> int:
        """Of those summoned."""
        return self.summoned - self.present

    @property
    def style(self) -> Style:
        """As entered, else as the regime's instrument is one of the State or of the Party."""
        party = self.regime.id.startswith(_PARTY_REGIMES)
        return self.facts.style or ("party" if party else "state")

    @property
    def dated(self) -> date:
        """Of the papers."""
        return self.facts.dated or self.day

    @property
    def columns(self) -> tuple[Column, ...]:
        """The ways of voting that there were."""
        return (self.electronic,) if self.paper is None else (self.electronic, self.paper)

    @property
    def total(self) -> Column:
        """All ways of voting together."""
        one, *more = self.columns
        for other in more:
            one = Column(
                one.issued + other.issued,
                one.collected + other.collected,
                one.valid + other.valid,
                one.invalid + other.invalid,
                one.exchanged + other.exchanged,
                other.unused,
                tuple(map(_added, one.officials, other.officials)),
            )
        return one

    @property
    def results(self) -> Results:
        """What `results compute` makes of the totals."""
        total = self.total
        lines = [
            OfficialCounts(official.name, official.position, marks.levels, marks.blank)
            for official, marks in zip(self.officials, total.officials, strict=True)
        ]
        turnout = Turnout(delegates=self.delegates, collected=total.collected)
        return tabulate(self.regime, lines, turnout)


def electronic(issued: int, cast: int, totals: Iterable[Sequence[int]]) -> Column:
    """The column of a record: every ballot in it is valid, a line may be blank."""
    lines = tuple(Marks(tuple(line), cast - sum(line)) for line in totals)
    return Column(issued, cast, cast, officials=lines)


def _added(one: Marks, other: Marks) -> Marks:
    levels = tuple(a + b for a, b in zip(one.levels, other.levels, strict=True))
    return Marks(levels, one.blank + other.blank)


def _at_most(fewer: str, lower: int, more: str, upper: int) -> None:
    if lower > upper:
        raise Refused(f"{fewer} {lower} is more than {more} {upper}")
