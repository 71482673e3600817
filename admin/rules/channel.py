"""The ballots of one way of voting as numbers: what came back, and what each official received.

Both the electronic totals and two people's equal entries of the paper ballots end in this form;
the minutes put them side by side. Nothing is known of a single ballot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from admin.rules.regime import Regime


@dataclass(frozen=True, slots=True)
class Pile:
    """The ballots of one khối that came back.

    Attributes:
        collected: all of them, in ballots.
        invalid: how many of these are invalid as a whole.
    """

    collected: int
    invalid: int = 0

    @property
    def valid(self) -> int:
        """The ballots whose lines are counted."""
        return self.collected - self.invalid


@dataclass(frozen=True, slots=True)
class Marks:
    """What one official received on the valid ballots of a pile.

    Attributes:
        levels: one count for each level of the regime, in legal order.
        blank: lines without a valid mark; none on ballots with one name, where `of_ballot` has
            counted these ballots as invalid.
    """

    levels: tuple[int, ...]
    blank: int


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """All ballots of one way of voting.

    Attributes:
        issued: ballots given out, without those that were given back.
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


def of_ballot(rules: Regime, pile: Pile, lines: Sequence[Marks]) -> tuple[Pile, tuple[Marks, ...]]:
    """The ballots of one khối as the regulation counts them, in whatever way people voted.

    On a ballot with several names a line without a valid mark is only that line; on one with one
    name it is the ballot (QĐ 96-QĐ/TW, Article 6 paragraph 3).

    Args:
        pile: the ballots, and those that are invalid for other reasons.
        lines: of each official of the khối, a blank line on every ballot without a valid mark.
    """
    if len(lines) != 1 or not rules.spoiled_alone:
        return pile, tuple(lines)
    (line,) = lines
    return Pile(pile.collected, pile.invalid + line.blank), (Marks(line.levels, 0),)


def at_no_level(rules: Regime, pile: Pile, line: Marks) -> int:
    """On how many collected ballots an official has no level: blank lines and invalid ballots.

    That is what `compute` takes from the ballots collected. Where a blank line counts as no, an
    invalid ballot still does not.
    """
    return line.blank + (0 if rules.blank.policy == "counts_as_no" else pile.invalid)


def electronic(
    rules: Regime, issued: int, cast: int, totals: Iterable[Sequence[int]], sizes: Sequence[int]
) -> ChannelCount:
    """The count of an electronic record.

    Args:
        rules: the regime of the session.
        issued: tokens that were signed.
        cast: ballots in the tally.
        totals: for each official the count of each level.
        sizes: how many officials each khối has; each ballot has a part for every khối.
    """
    lines = [Marks(tuple(levels), cast - sum(levels)) for levels in totals]
    ends = list(accumulate(sizes))
    blocks = [
        of_ballot(rules, Pile(cast), lines[end - size : end])
        for size, end in zip(sizes, ends, strict=True)
    ]
    piles = tuple(pile for pile, _ in blocks)
    return ChannelCount(issued, piles, tuple(marks for _, part in blocks for marks in part))
