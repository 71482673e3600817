"""From counts to the results document: exact integers, no opinion.

    percentage   two decimals, half up, decimal comma, trailing zeros dropped: 48/54 is 88,89
    finding      the strongest rule of the regime whose threshold the count reaches
    no ballots   no percentage and no finding: there is nothing to take a share of

The document is ``phieukin.results/1``; its texts are the Vietnamese of the rules whatever the
language of the screen, so that one vote has one document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypedDict

from admin.rules.regime import DenominatorKind, Regime
from admin.words import language, words
from crypto.errors import Incomplete, Refused

SCHEMA: Final = "phieukin.results/1"


def _named(number: str) -> str:
    """A number of the turnout, as the reader calls it."""
    return words(f"sums.numbers.{number}", language())


@dataclass(frozen=True, slots=True)
class OfficialCounts:
    """The counts of one official.

    Attributes:
        levels: one count per level of the regime, in its order; None where not known. These are
            marks: a blank line that counts as no is added later.
        blank: lines without a valid mark; None to take it from the ballots collected.
        where: the place in its source, such as ``counts.csv: row 3``, for messages.
    """

    name: str
    position: str
    levels: tuple[int | None, ...]
    blank: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Turnout:
    """Delegates and ballots of the meeting; None where not known."""

    delegates: int | None = None
    present: int | None = None
    issued: int | None = None
    collected: int | None = None

    def check(self) -> None:
        """Delegates ≥ present ≥ issued ≥ collected, over those that are known.

        Raises:
            Refused: names the two numbers.
        """
        names = ("delegates", "present", "issued", "collected")
        numbers = [(name, value) for name in names if (value := getattr(self, name)) is not None]
        for (more, upper), (fewer, lower) in pairwise(numbers):
            if lower > upper:
                facts = {"fewer": _named(fewer), "lower": lower, "more": _named(more)}
                raise Refused(words("sums.turnout", language(), upper=upper, **facts))

    def denominator(self, kind: DenominatorKind) -> int | None:
        """The number that a regime with this kind of denominator divides by."""
        return self.delegates if kind == "delegates" else self.collected

    def ballots(self) -> tuple[str, int] | None:
        """The tightest known limit on one official's marks, and its name."""
        for name in ("collected", "issued", "present", "delegates"):
            value = getattr(self, name)
            if value is not None:
                return name, value
        return None


class Finding(TypedDict):
    """A rule that speaks about an official's result."""

    code: str
    text: str
    rule: str


class OfficialResults(TypedDict):
    """One official's line of the results."""

    name: str
    position: str
    counts: dict[str, int | None]
    percent: dict[str, str | None]
    finding: Finding | None


class DenominatorValue(TypedDict):
    """The divisor of the percentages; the value is None where it is not known."""

    kind: str
    value: int | None


class Results(TypedDict):
    """The document ``phieukin.results/1``."""

    schema: str
    regime: str
    denominator: DenominatorValue
    officials: list[OfficialResults]


def compute(regime: Regime, officials: Sequence[OfficialCounts], turnout: Turnout) -> Results:
    """The results document.

    Raises:
        Incomplete: the number the regime divides by is not known.
        Refused: an official has more marks than ballots, or the turnout contradicts itself.
    """
    kind = regime.denominator.kind
    if turnout.denominator(kind) is None:
        raise Incomplete(
            f"{regime.id} takes percentages of the number of {kind}, which is not given"
        )
    return tabulate(regime, officials, turnout)


def tabulate(regime: Regime, officials: Sequence[OfficialCounts], turnout: Turnout) -> Results:
    """The results document, without percentages and findings where there is no denominator.

    Raises:
        Refused: an official has more marks than ballots, or the turnout contradicts itself.
    """
    turnout.check()
    kind = regime.denominator.kind
    value = turnout.denominator(kind)
    return {
        "schema": SCHEMA,
        "regime": regime.id,
        "denominator": {"kind": kind, "value": value},
        "officials": [_official(regime, official, turnout, value) for official in officials],
    }


def _official(
    regime: Regime, official: OfficialCounts, turnout: Turnout, value: int | None
) -> OfficialResults:
    _check(official, turnout)
    counts = _counts(regime, official, turnout)
    percent: dict[str, str | None] = {
        key: None if (count := counts[key]) is None or not value else percentage(count, value)
        for key in regime.level_keys
    }
    return {
        "name": official.name,
        "position": official.position,
        "counts": counts,
        "percent": percent,
        "finding": _finding(regime, counts, value) if value else None,
    }


def _counts(regime: Regime, official: OfficialCounts, turnout: Turnout) -> dict[str, int | None]:
    counts: dict[str, int | None] = dict(zip(regime.level_keys, official.levels, strict=True))
    blank = _blank(official, turnout)
    if regime.blank.policy == "counts_as_no":
        last = regime.level_keys[-1]
        marked = counts[last]
        counts[last] = None if marked is None or blank is None else marked + blank
        blank = None if blank is None else 0
    return {**counts, "blank": blank}


def _check(official: OfficialCounts, turnout: Turnout) -> None:
    marks = sum(count for count in (*official.levels, official.blank) if count is not None)
    limit = turnout.ballots()
    if limit is not None and marks > limit[1]:
        place = f"{official.where}: " if official.where else ""
        facts = {"place": place, "name": official.name, "marks": marks, "limit": _named(limit[0])}
        raise Refused(words("sums.marks", language(), number=limit[1], **facts))


def _blank(official: OfficialCounts, turnout: Turnout) -> int | None:
    """The column, else the ballots collected less those at a level, else unknown."""
    if official.blank is not None or turnout.collected is None:
        return official.blank
    marks = [count for count in official.levels if count is not None]
    return turnout.collected - sum(marks) if len(marks) == len(official.levels) else None


def _finding(regime: Regime, counts: dict[str, int | None], value: int) -> Finding | None:
    strongest: Finding | None = None
    for rule in regime.findings:  # from the lowest threshold to the highest
        count = counts[rule.level]
        if count is not None and rule.applies(count, value):
            strongest = {"code": rule.code, "text": rule.text.vi, "rule": rule.rule}
    return strongest


def hundredths(count: int, denominator: int) -> int:
    """``count`` of ``denominator`` in hundredths of a per cent, rounded half up."""
    return (20_000 * count + denominator) // (2 * denominator)


def percentage(count: int, denominator: int) -> str:
    """``count`` of ``denominator`` as published: ``88,89``, ``66,6``, ``98``.

    Raises:
        ZeroDivisionError: nothing to take a percentage of.
    """
    whole, decimals = divmod(hundredths(count, denominator), 100)
    return f"{whole},{decimals:02}".rstrip("0") if decimals else str(whole)
