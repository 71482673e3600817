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
from admin.rules import channel, counts
from admin.rules.cells import Problem
from admin.rules.channel import Marks, Pile
from admin.rules.regime import Regime
from admin.session import lookup
from admin.words import language, words
from crypto.encoding import Fields, array, canonical, integer, parse, sha256, string
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
class BallotForm:
    """What is printed on the paper ballots of a session.

    Attributes:
        blocks: at least one; together they have all officials, in the order of the ballot.
    """

    officials: tuple[Official, ...]
    rules: Regime
    policy: Policy
    blocks: tuple[Block, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """The keys of the levels, in legal order."""
        return tuple(level.key for level in self.policy.levels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The words of the levels, as the ballots have them."""
        return tuple(level.label for level in self.policy.levels)

    def of(self, block: int) -> range:
        """Which officials stand on the ballot of a khối."""
        start = sum(before.officials for before in self.blocks[:block])
        return range(start, start + self.blocks[block].officials)

    def whole(self, block: int) -> bool:
        """Whether a line without a valid mark makes the whole ballot of this khối invalid."""
        alone = len(self.of(block)) == 1 and self.rules.spoiled_alone
        return alone or self.policy.invalid == "ballot"

    def name(self, official: int) -> str:
        """How an error names an official."""
        return f"{official + 1}. {self.officials[official].name}"

    def title(self, block: int) -> str:
        """How an error names a khối; nothing where there is only one."""
        return f"{self.blocks[block].heading}: " if len(self.blocks) > 1 else ""


def ballot_form(
    officials: tuple[Official, ...], rules: Regime, policy: Policy, blocks: tuple[Block, ...]
) -> BallotForm:
    """The form; without blocks all officials stand on one ballot."""
    return BallotForm(officials, rules, policy, blocks or (Block("", len(officials)),))


@dataclass(frozen=True, slots=True)
class PaperSums:
    """One person's numbers."""

    issued: int
    piles: tuple[Pile, ...]
    officials: tuple[Marks, ...]

    def encode(self) -> bytes:
        return canonical(
            {
                "schema": SCHEMA,
                "issued": self.issued,
                "blocks": [{"collected": p.collected, "invalid": p.invalid} for p in self.piles],
                "officials": [
                    {"marks": list(marks.levels), "blank": marks.blank} for marks in self.officials
                ],
            }
        )

    @classmethod
    def decode(cls, raw: bytes) -> "PaperSums":
        """Raises Malformed naming the field."""
        path = "paper"
        names = ("schema", "issued", "blocks", "officials")
        fields = Fields(parse(raw, path, limit=_LIMIT), path, *names)
        fields.read("schema", string, SCHEMA.replace(".", "[.]"))
        piles = fields.each("blocks", _pile, low=1)
        officials = fields.each("officials", _marks, low=1)
        return cls(fields.read("issued", integer), piles, officials)

    @property
    def digest(self) -> str:
        """SHA-256 of the encoding, hex: what the log shows of it."""
        return sha256(self.encode())

    def check(self, form: BallotForm, issued: int) -> None:
        """Raises BadPaper or TooFewPaper, naming the khối or official, unless all adds up.

        Args:
            issued: how many paper ballots the registrar's book has.
        """
        if self.issued != issued:
            raise _bad("issued", entered=self.issued, issued=issued)
        for block, pile in enumerate(self.piles):
            title = form.title(block)
            if pile.collected > self.issued:
                raise _bad("collected", title=title, collected=pile.collected, issued=self.issued)
            if pile.invalid > pile.collected:
                raise _bad("invalid", title=title, invalid=pile.invalid, collected=pile.collected)
            if pile.collected < (least := form.policy.min_ballots):
                facts = {"title": title, "collected": pile.collected, "least": least}
                raise TooFewPaper(words("sums.too_few", language(), **facts))
            for official in form.of(block):
                _check_line(form, official, self.officials[official], pile)
                if form.whole(block) and (blank := self.officials[official].blank):
                    raise _bad("blank", name=form.name(official), blank=blank)


def _pile(value: object, path: str) -> Pile:
    pile = Fields(value, path, "collected", "invalid")
    return Pile(integer(pile["collected"], path), integer(pile["invalid"], path))


def _marks(value: object, path: str) -> Marks:
    line = Fields(value, path, "marks", "blank")
    levels = [integer(n, line.at("marks")) for n in line.read("marks", array, low=2)]
    return Marks(tuple(levels), line.read("blank", integer))


def _bad(key: str, **facts: object) -> BadPaper:
    """What does not add up, in the reader's language."""
    return BadPaper(words(f"sums.{key}", language(), **facts))


def _check_line(form: BallotForm, official: int, marks: Marks, pile: Pile) -> None:
    total, name = sum(marks.levels) + marks.blank, form.name(official)
    if total != pile.valid:
        comparison = ">" if total > pile.valid else "<"
        facts = {"total": total, "comparison": comparison, "valid": pile.valid}
        facts |= {"collected": pile.collected, "invalid": pile.invalid}
        raise _bad("line", name=name, **facts)


def differences(
    form: BallotForm, first: PaperSums, second: PaperSums
) -> Iterator[tuple[str, int, int]]:
    """Each number that differs: what it is, and both."""
    for block, (pile_a, pile_b) in enumerate(zip(first.piles, second.piles, strict=True)):
        title = form.title(block)
        yield from _unlike(f"{title}collected", pile_a.collected, pile_b.collected)
        yield from _unlike(f"{title}invalid", pile_a.invalid, pile_b.invalid)
    for official, (a, b) in enumerate(zip(first.officials, second.officials, strict=True)):
        name = form.name(official)
        for level, count_a, count_b in zip(form.levels, a.levels, b.levels, strict=True):
            yield from _unlike(f"{name}, {level}", count_a, count_b)
        yield from _unlike(f"{name}, blank", a.blank, b.blank)


def _unlike(what: str, first: int, second: int) -> Iterator[tuple[str, int, int]]:
    if first != second:
        yield what, first, second


def from_table(
    form: BallotForm,
    data: bytes,
    file: str,
    piles: Sequence[Pile],
    issued: int,
    warnings: list[Problem],
) -> PaperSums:
    """The sums in a table of counts, as `results compute` takes it.

    Blank lines are those of the column, else the valid ballots less the marks; on a ballot with
    one name they are invalid ballots.

    Args:
        warnings: gets what was cleaned in the table.

    Raises:
        BadTable: the table cannot be read; names rows and columns.
        BadPaper: it has other officials than the session, or a count is missing.
    """
    counted = counts.decode(data, file, form.rules)
    warnings += counted.warnings
    table = counted.officials
    if len(table) != len(form.officials):
        raise _bad("officials", file=file, rows=len(table), officials=len(form.officials))
    valid = {i: pile.valid for b, pile in enumerate(piles) for i in form.of(b)}
    namesakes = Counter(lookup.spelled(official.name) for official in form.officials)
    lines: list[Marks] = []
    problems: list[str] = []
    for i, (row, official) in enumerate(zip(table, form.officials, strict=True)):
        # Tones may stand elsewhere, and positions are often shortened; where a name alone does
        # not tell, both must be those of the ballot.
        same = lookup.spelled(row.name) == lookup.spelled(official.name)
        exact = (row.name, row.position) == (official.name, official.position)
        if not (exact or (same and namesakes[lookup.spelled(official.name)] == 1)):
            named = f"{row.name}, {row.position}".rstrip(", ")
            facts = {"name": named, "number": i + 1, "official": official.question}
            problems.append(words("sums.another", language(), where=row.where, **facts))
            continue
        levels = tuple(count for count in row.levels if count is not None)
        if len(levels) != len(row.levels):
            facts = {"where": row.where, "name": form.name(i)}
            problems.append(words("sums.missing", language(), **facts))
            continue
        blank = max(valid[i] - sum(levels), 0) if row.blank is None else row.blank
        lines.append(Marks(levels, blank))
    if problems:
        raise BadPaper("\n  ".join(problems))
    blocks = [
        channel.of_ballot(form.rules, pile, [lines[i] for i in form.of(block)])
        for block, pile in enumerate(piles)
    ]
    counted_piles = tuple(pile for pile, _ in blocks)
    return PaperSums(issued, counted_piles, tuple(marks for _, part in blocks for marks in part))


def piles(
    form: BallotForm, collected: Mapping[int | None, int], invalid: Mapping[int | None, int]
) -> tuple[Pile, ...]:
    """The pile of each khối, from numbers given for it or (None) for all.

    Raises:
        BadPaper: a khối has no number, or a number has no khối.
    """
    size = len(form.blocks)
    strange = [n for n in (*collected, *invalid) if n is not None and not 1 <= n <= size]
    if strange:
        raise _bad("no_block", block=strange[0], size=size)
    by_block = []
    for number in range(1, size + 1):
        ballots = collected.get(number, collected.get(None))
        if ballots is None:
            raise _bad("not_given", title=form.title(number - 1))
        by_block.append(Pile(ballots, invalid.get(number, invalid.get(None, 0))))
    return tuple(by_block)
