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
_PADDED: Final = 3  # in Vietnamese papers months before this one take a nought
_NOUGHT: Final = 10
_TWO: Final = 2  # levels


@dataclass(frozen=True, slots=True)
class Occasion:
    """What stands on every ballot.

    Attributes:
        levels: the keys of the levels, in legal order.
        whole: whether a blank line makes the whole ballot invalid.
        rehearsal: whether the vote is only an exercise.
    """

    body: str
    title: str
    day: date
    levels: tuple[str, ...]
    whole: bool
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A khối: its heading, empty where there is only one, and (name, position) of its officials."""

    heading: str
    officials: tuple[tuple[str, str], ...]


def pdf(
    occasion: Occasion,
    kinds: Sequence[Kind],
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
    return typeset.pdf("ballots", _data(occasion, kinds, language, copies, tinted=tinted))


def png(
    occasion: Occasion,
    kinds: Sequence[Kind],
    language: Language,
    *,
    ppi: float,
    tinted: bool = False,
) -> list[bytes]:
    """The pages of one copy of each as pictures."""
    return typeset.png("ballots", _data(occasion, kinds, language, 1, tinted=tinted), ppi=ppi)


def _data(
    occasion: Occasion, kinds: Sequence[Kind], language: Language, copies: int, *, tinted: bool
) -> dict[str, Json]:
    """What the template reads: every text in the reader's language."""

    def say(key: str, **params: object) -> str:
        return words(f"paper.ballot.{key}", language, **params)

    size = len(occasion.levels)
    return {
        "lang": language,
        "banner": words("cli.audit.rehearsal", language) if occasion.rehearsal else None,
        "body": occasion.body,
        "stamp": say("stamp"),
        "heading": say("heading"),
        "title": occasion.title,
        "date": _day(occasion.day, language),
        "instruction": say(f"instruction_{'two' if size == _TWO else 'three'}"),
        "rules": say("rules_whole" if occasion.whole else "rules_line"),
        "columns": [say("number"), say("name"), say("position")],
        "levels": [words(f"levels.{key}", language) for key in occasion.levels],
        "copies": copies,
        "kinds": [
            {
                "heading": kind.heading,
                "tint": TINTS[place % len(TINTS)] if tinted else TINTS[0],
                "officials": [
                    {"number": str(number), "name": name, "position": position}
                    for number, (name, position) in enumerate(kind.officials, start=1)
                ],
            }
            for place, kind in enumerate(kinds)
        ],
        "page": say("page"),
    }


def _day(day: date, language: Language) -> str:
    month = f"{day.month:02}" if day.month < _PADDED else str(day.month)
    number = f"{day.day:02}" if day.day < _NOUGHT else str(day.day)
    return words("paper.ballot.date", language, day=number, month=month, year=day.year)
