"""Paper ballots, one kind for each khối: all copies of a kind are alike to the last point.

Nothing tells two ballots apart: no number, no code, no time. What makes one genuine is the stamp
of the organisation, for which the upper left is kept free (đóng dấu treo).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.documents import typeset
from admin.words import Language, words
from crypto.encoding import Json

MOST_COPIES: Final = 5_000  # the largest congress; more are printed again from the same file
# Paper of one colour for each khối is usual; where there is only white, it is tinted. Light
# enough for black print, and apart from each other without colour vision by their order alone.
TINTS: Final = ("#ffffff", "#fde9ef", "#e6f1fb", "#e9f5e4", "#fdf6d8", "#f0e8f8", "#fbe9d9")
_PADDED: Final = 3  # in Vietnamese documents months before this one are zero-padded
_TWO_DIGITS: Final = 10
_TWO: Final = 2  # levels


@dataclass(frozen=True, slots=True)
class BallotHead:
    """What stands on every ballot.

    Attributes:
        labels: the words of the levels in the language of the ballot, in legal order.
        rehearsal: whether the vote is only an exercise.
    """

    body: str
    title: str
    day: date
    labels: tuple[str, ...]
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class BlockBallot:
    """A khối.

    Attributes:
        heading: empty where there is only one khối.
        officials: name and position of each.
        whole: whether a line without a valid mark makes the whole ballot invalid.
    """

    heading: str
    officials: tuple[tuple[str, str], ...]
    whole: bool = False


def pdf(
    head: BallotHead,
    blocks: Sequence[BlockBallot],
    language: Language,
    *,
    copies: int = 1,
    tinted: bool = False,
) -> bytes:
    """The ballots as one document: all copies of the first khối, then those of the next.

    Args:
        copies: of each khối, 1 to MOST_COPIES.
        tinted: each khối on a colour of its own.
    """
    return typeset.pdf("ballots", _data(head, blocks, language, copies, tinted=tinted))


def png(
    head: BallotHead,
    blocks: Sequence[BlockBallot],
    language: Language,
    *,
    ppi: float,
    tinted: bool = False,
) -> list[bytes]:
    """The pages of one copy of each as pictures."""
    return typeset.png("ballots", _data(head, blocks, language, 1, tinted=tinted), ppi=ppi)


def _data(
    head: BallotHead,
    blocks: Sequence[BlockBallot],
    language: Language,
    copies: int,
    *,
    tinted: bool,
) -> dict[str, Json]:
    """What the template reads: every text in the reader's language."""

    def phrase(key: str, **params: object) -> str:
        return words(f"paper.ballot.{key}", language, **params)

    size = len(head.labels)
    return {
        "lang": language,
        "banner": words("cli.audit.rehearsal", language) if head.rehearsal else None,
        "body": head.body,
        "stamp": phrase("stamp"),
        "heading": phrase("heading"),
        "title": head.title,
        "date": _day(head.day, language),
        "instruction": phrase(f"instruction_{'two' if size == _TWO else 'three'}"),
        "columns": [phrase("number"), phrase("name"), phrase("position")],
        "levels": list(head.labels),
        "copies": copies,
        "kinds": [
            {
                "heading": block.heading,
                "rules": phrase(f"rules_{_reach(block)}"),
                "tint": TINTS[place % len(TINTS)] if tinted else TINTS[0],
                "officials": [
                    {"number": str(number), "name": name, "position": position}
                    for number, (name, position) in enumerate(block.officials, start=1)
                ],
            }
            for place, block in enumerate(blocks)
        ],
        "page": phrase("page"),
    }


def _reach(block: BlockBallot) -> str:
    """How far a line without a valid mark reaches."""
    if block.whole:
        return "one_name" if len(block.officials) == 1 else "whole"
    return "line"


def _day(day: date, language: Language) -> str:
    month = f"{day.month:02}" if day.month < _PADDED else str(day.month)
    number = f"{day.day:02}" if day.day < _TWO_DIGITS else str(day.day)
    return words("paper.ballot.date", language, day=number, month=month, year=day.year)
