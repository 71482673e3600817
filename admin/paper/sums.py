"""What one person counted from the paper ballots: sums, checked against each other.

    {"schema":"phieukin.paper-entry/1","issued":…,"blocks":[{"collected":…,"invalid":…},…],
     "officials":[{"marks":[…],"blank":…},…]}

A khối is a ballot of its own: each has its own collected and invalid ones. Within a khối every
official has as many marks and blank lines as there are valid ballots. Nothing is known of a
single ballot.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from admin.record.session_file import Block
from admin.rules import counts
from admin.rules.regime import Regime
from crypto.encoding import array, canonical, fields, integer, parse, sha256, string
from crypto.errors import Refused
from crypto.session import Official, Policy

SCHEMA: Final = "phieukin.paper-entry/1"
_LIMIT = 1 << 20  # bytes; 200 officials need about 20 kB


class BadPaper(Refused):
    """Numbers of paper ballots that contradict each other; the detail names whose they are."""

    code = "bad_paper"


class TooFewPaper(Refused):
    """Fewer paper ballots than the session allows to be counted on their own."""

    code = "too_few_paper"


@dataclass(frozen=True, slots=True)
class Form:
    """What is printed on the paper ballots of a session.

    Attributes:
        blocks: at least one; together they have all officials, in the order of the ballot.
    """

    officials: tuple[Official, ...]
    policy: Policy
    blocks: tuple[Block, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """The keys of the levels, in legal order."""
        return tuple(level.key for level in self.policy.levels)

    def of(self, block: int) -> range:
        """Which officials stand on the ballot of a khối."""
        start = sum(one.officials for one in self.blocks[:block])
        return range(start, start + self.blocks[block].officials)

    def name(self, official: int) -> str:
        """How an error names an official."""
        return f"{official + 1}. {self.officials[official].name}"

    def title(self, block: int) -> str:
        """How an error names a khối; nothing where there is only one."""
        return f"{self.blocks[block].heading}: " if len(self.blocks) > 1 else ""


def form(officials: tuple[Official, ...], policy: Policy, blocks: tuple[Block, ...]) -> Form:
    """The form; without blocks all officials stand on one ballot."""
    return Form(officials, policy, blocks or (Block("", len(officials)),))


@dataclass(frozen=True, slots=True)
class Line:
    """What one official received on paper.

    Attributes:
        marks: one count for each level, in legal order.
        blank: lines without a valid mark, on ballots that are valid.
    """

    marks: tuple[int, ...]
    blank: int


@dataclass(frozen=True, slots=True)
class Pile:
    """The ballots of one khối that came back, and how many of them are invalid as a whole."""

    collected: int
    invalid: int

    @property
    def valid(self) -> int:
        return self.collected - self.invalid


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's numbers."""

    issued: int
    piles: tuple[Pile, ...]
    lines: tuple[Line, ...]

    def encode(self) -> bytes:
        return canonical(
            {
                "schema": SCHEMA,
                "issued": self.issued,
                "blocks": [{"collected": p.collected, "invalid": p.invalid} for p in self.piles],
                "officials": [
                    {"marks": list(line.marks), "blank": line.blank} for line in self.lines
                ],
            }
        )

    @classmethod
    def decode(cls, raw: bytes) -> "Entry":
        """Raises Malformed naming the field."""
        path = "paper"
        names = ("schema", "issued", "blocks", "officials")
        schema, issued, blocks, officials = fields(parse(raw, path, limit=_LIMIT), path, *names)
        string(schema, f"{path}.schema", SCHEMA.replace(".", "[.]"))
        piles = []
        for i, one in enumerate(array(blocks, f"{path}.blocks", low=1)):
            pair = fields(one, f"{path}.blocks[{i}]", "collected", "invalid")
            piles.append(Pile(*(integer(n, f"{path}.blocks[{i}]") for n in pair)))
        lines = []
        for i, one in enumerate(array(officials, f"{path}.officials", low=1)):
            marks, blank = fields(one, f"{path}.officials[{i}]", "marks", "blank")
            said = array(marks, f"{path}.officials[{i}].marks", low=2)
            known = tuple(integer(n, f"{path}.officials[{i}].marks") for n in said)
            lines.append(Line(known, integer(blank, f"{path}.officials[{i}].blank")))
        return cls(integer(issued, f"{path}.issued"), tuple(piles), tuple(lines))

    @property
    def digest(self) -> str:
        """SHA-256 of the entry, hex: what the log shows of it."""
        return sha256(self.encode())

    def check(self, said: Form, issued: int) -> None:
        """Raises BadPaper or TooFewPaper, naming the khối or official, unless all adds up.

        Args:
            issued: how many paper ballots the registrar's book has.
        """
        if self.issued != issued:
            raise BadPaper(f"issued is {self.issued}, but {issued} are in the registrar's book")
        for block, pile in enumerate(self.piles):
            title = said.title(block)
            if pile.collected > self.issued:
                raise BadPaper(f"{title}collected {pile.collected} > issued {self.issued}")
            if pile.invalid > pile.collected:
                raise BadPaper(f"{title}invalid {pile.invalid} > collected {pile.collected}")
            if pile.collected < (least := said.policy.min_ballots):
                raise TooFewPaper(f"{title}{pile.collected} paper ballots, at least {least}")
            for official in said.of(block):
                _check_line(said, official, self.lines[official], pile)


def _check_line(said: Form, official: int, line: Line, pile: Pile) -> None:
    total, name = sum(line.marks) + line.blank, said.name(official)
    if total != pile.valid:
        comparison = ">" if total > pile.valid else "<"
        raise BadPaper(
            f"{name}: marks and blank lines {total} {comparison} {pile.valid} valid ballots "
            f"({pile.collected} collected − {pile.invalid} invalid)"
        )
    if line.blank and said.policy.invalid == "ballot":
        raise BadPaper(f"{name}: {line.blank} blank lines, but such a ballot is invalid as a whole")


def differences(said: Form, first: Entry, second: Entry) -> Iterator[tuple[str, int, int]]:
    """Each number that differs: what it is, and both."""
    for block, (one, other) in enumerate(zip(first.piles, second.piles, strict=True)):
        title = said.title(block)
        yield from _unlike(f"{title}collected", one.collected, other.collected)
        yield from _unlike(f"{title}invalid", one.invalid, other.invalid)
    for official, (line, also) in enumerate(zip(first.lines, second.lines, strict=True)):
        name = said.name(official)
        for level, a, b in zip(said.levels, line.marks, also.marks, strict=True):
            yield from _unlike(f"{name}, {level}", a, b)
        yield from _unlike(f"{name}, blank", line.blank, also.blank)


def _unlike(what: str, first: int, second: int) -> Iterator[tuple[str, int, int]]:
    if first != second:
        yield what, first, second


def from_table(
    said: Form, rules: Regime, data: bytes, file: str, piles: Sequence[Pile], issued: int
) -> Entry:
    """The entry in a CSV of counts, as `results compute` takes it.

    Blank lines are those of the column, else the valid ballots less the marks.

    Raises:
        Malformed: the table cannot be read; names row and column.
        BadPaper: it has other officials than the session, or a count is missing.
    """
    table = counts.decode(data, file, rules).officials
    if len(table) != len(said.officials):
        raise BadPaper(f"{file}: {len(table)} officials, the session has {len(said.officials)}")
    valid = {i: pile.valid for b, pile in enumerate(piles) for i in said.of(b)}
    namesakes = Counter(official.name for official in said.officials)
    lines = []
    for i, (row, official) in enumerate(zip(table, said.officials, strict=True)):
        # Positions are often shortened; they matter where a name alone does not tell.
        exact = namesakes[official.name] == 1 or row.position == official.position
        if row.name != official.name or not exact:
            there = f"{row.name}, {row.position}".rstrip(", ")
            raise BadPaper(f"{row.where}: {there} is not {i + 1}. {official.question}")
        marks = tuple(mark for mark in row.levels if mark is not None)
        if len(marks) != len(row.levels):
            raise BadPaper(f"{row.where}: {said.name(i)}: a count is missing")
        blank = max(valid[i] - sum(marks), 0) if row.blank is None else row.blank
        lines.append(Line(marks, blank))
    return Entry(issued, tuple(piles), tuple(lines))


def piles(
    said: Form, collected: Mapping[int | None, int], invalid: Mapping[int | None, int]
) -> tuple[Pile, ...]:
    """The pile of each khối, from numbers given for it or (None) for all.

    Raises:
        BadPaper: a khối has no number, or a number has no khối.
    """
    size = len(said.blocks)
    strange = [n for n in (*collected, *invalid) if n is not None and not 1 <= n <= size]
    if strange:
        raise BadPaper(f"there is no khối {strange[0]}: the session has {size}")
    found = []
    for number in range(1, size + 1):
        there = collected.get(number, collected.get(None))
        if there is None:
            raise BadPaper(f"{said.title(number - 1)}how many were collected is not given")
        found.append(Pile(there, invalid.get(number, invalid.get(None, 0))))
    return tuple(found)
