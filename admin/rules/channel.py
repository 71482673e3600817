"""The ballots of one way of voting as numbers: what came back, and what each official received.

Both the electronic totals and two people's equal entries of the paper ballots end in this form;
the minutes put them side by side. Nothing is known of a single ballot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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
        blank: lines without a valid mark.
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


def electronic(
    issued: int, cast: int, totals: Iterable[Sequence[int]], blocks: int = 1
) -> ChannelCount:
    """The count of an electronic record: every ballot in it is valid, a line may be blank.

    Args:
        issued: tokens that were signed.
        cast: ballots in the tally.
        totals: for each official the count of each level.
        blocks: how many khối there are; each ballot has a part for every one of them.
    """
    marks = tuple(Marks(tuple(levels), cast - sum(levels)) for levels in totals)
    return ChannelCount(issued, (Pile(cast),) * blocks, marks)
