"""Paper ballots, one kind for each khối: all copies of a kind are alike to the last point.

Nothing tells two ballots apart: no number, no code, no time. What makes one genuine is the stamp
of the organisation, for which the upper left is kept free (đóng dấu treo); a sample says so there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.documents import typeset
from admin.documents.layout import Style
from admin.documents.wording import issuer
from admin.words import Language, words
from crypto.encoding import Json

MOST_COPIES: Final = 5_000  # the largest congress; more are printed again from the same file
# Paper of one colour for each khối is usual; where there is only white, it is tinted. Light
# enough for black print, and apart from each other without colour vision by their order alone.
TINTS: Final = ("#ffffff", "#fde9ef", "#e6f1fb", "#e9f5e4", "#fdf6d8", "#f0e8f8", "#fbe9d9")
_PADDED: Final = 3  # in Vietnamese documents months before this one are zero-padded
_TWO_DIGITS: Final = 10
_TWO: Final = 2  # levels
_RATED: Final = " đối với "  # in the title of a vote: whom it is about


@dataclass(frozen=True, slots=True)
class BallotHead:
    """What stands on every ballot.

    Attributes:
        style: by whose rules it is laid out: Quốc hiệu over a ballot of the State, the Party's name
            over one of the Party.
        of_body: khóa and nhiệm kỳ, as far as they are known: under whose officials these are.
        labels: the words of the levels in the language of the ballot, in legal order.
        may_sign: whether voters may sign their ballots.
        rehearsal: whether the vote is only an exercise.
        sample: whether these are no ballots but show what they look like.
    """

    body: str
    title: str
    day: date
    labels: tuple[str, ...]
    style: Style = "state"
    of_body: str = ""
    may_sign: bool = False
    rehearsal: bool = False
    sample: bool = False


@dataclass(frozen=True, slots=True)
class BlockBallot:
    """A khối.

    Attributes:
        heading: empty where there is only one khối.
        officials: name and position of each.
        first: the number of the first of them; numbers go on through all khối.
        whole: whether a line without a valid mark makes the whole ballot invalid.
    """

    heading: str
    officials: tuple[tuple[str, str], ...]
    whole: bool = False
    first: int = 1


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

    state = head.style == "state"
    return {
        "lang": language,
        "banner": _banner(head, language),
        "body": issuer(head.body, head.style),
        "nation": words(f"letter.nation.{head.style}", language),
        "motto": words("letter.nation.motto", language) if state else None,
        "stamp": phrase("stamp") if head.sample else None,
        "heading": phrase("heading"),
        "date": _day(head.day, language),
        "columns": [phrase("number"), phrase("name"), phrase("position")],
        "levels": list(head.labels),
        "copies": copies,
        "kinds": [
            {
                "about": _about(head, block, phrase),
                "instruction": phrase(_instruction(head, block)),
                "rules": " ".join(_rules(head, block, phrase)),
                "tint": TINTS[place % len(TINTS)] if tinted else TINTS[0],
                "officials": [
                    {"number": str(number), "name": name, "position": position}
                    for number, (name, position) in enumerate(block.officials, start=block.first)
                ],
            }
            for place, block in enumerate(blocks)
        ],
        "page": phrase("page"),
    }


def _banner(head: BallotHead, language: Language) -> str | None:
    """What says of a ballot that it is none."""
    if head.rehearsal:
        return words("cli.audit.rehearsal", language)
    return words("paper.ballot.sample", language) if head.sample else None


def _about(head: BallotHead, block: BlockBallot, phrase: Callable[..., str]) -> list[Json]:
    """Whom the ballot is about; the title of the vote where neither it nor the khối says so."""
    _, _, rated = head.title.rstrip(".").partition(_RATED)
    whom = block.heading or rated
    lines = [phrase("about", whom=_inside(whom)) if whom else head.title]
    return [*lines, *([head.of_body] if head.of_body else [])]


def _inside(heading: str) -> str:
    """A heading inside a sentence: the word khối is no name."""
    return heading[:1].lower() + heading[1:] if heading.startswith("Khối ") else heading


def _instruction(head: BallotHead, block: BlockBallot) -> str:
    number = "two" if len(head.labels) == _TWO else "three"
    return f"instruction_{number}{'_alone' if len(block.officials) == 1 else ''}"


def _rules(head: BallotHead, block: BlockBallot, phrase: Callable[..., str]) -> list[str]:
    rules = [phrase(f"rules_{_reach(block)}"), phrase("names")]
    return [*rules, phrase("may_sign")] if head.may_sign else rules


def _reach(block: BlockBallot) -> str:
    """How far a line without a valid mark reaches."""
    if block.whole:
        return "one_name" if len(block.officials) == 1 else "whole"
    return "line"


def _day(day: date, language: Language) -> str:
    month = f"{day.month:02}" if day.month < _PADDED else str(day.month)
    number = f"{day.day:02}" if day.day < _TWO_DIGITS else str(day.day)
    return words("paper.ballot.date", language, day=number, month=month, year=day.year)
