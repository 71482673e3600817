"""The results as a picture: a stacked bar per official, for a Telegram photo or a press release.

The levels in a bar differ by hatching and by grey as well as by colour, and none is green or
red: like the table, the picture judges nobody. It says what the totals are, not what the rules
make of them. It proves nothing: who doubts it compares φ and checks the record.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from admin.documents import typeset
from admin.rules.compute import OfficialResults, Results
from admin.rules.regime import Regime
from admin.words import Language, words
from crypto.encoding import Json

# Telegram shrinks a photo to 1280 pixels along its longer side: twelve officials, or this many
# lines of names and positions, still make a page whose letters a telephone can show.
OFFICIALS_PER_PAGE: Final = 12
LINES_PER_PAGE: Final = 42

_LETTERS_OF_NAME = 20  # that a line of the template holds, or a few more
_LETTERS_OF_POSITION = 26
_PPI = 216  # 1440 pixels across, so that shrinking loses nothing


@dataclass(frozen=True, slots=True)
class ChartHeading:
    """What stands above the bars and under them.

    Attributes:
        rules: whose levels the results have.
        code: the session code, if the session has one.
        rehearsal: whether the vote was only an exercise.
    """

    body: str
    title: str
    day: date
    rules: Regime
    code: str | None = None
    rehearsal: bool = False


def charts(results: Results, heading: ChartHeading, language: Language) -> list[bytes]:
    """PNG pictures of at most OFFICIALS_PER_PAGE officials each, in the officials' order.

    With texts of up to 200 letters each picture is one that Telegram takes as a photo.

    Raises:
        ValueError: the results have other levels than the rules, or are about nobody.
    """
    return typeset.png("chart", _data(results, heading, language, _pages(results)), ppi=_PPI)


def chart(results: Results, heading: ChartHeading, language: Language) -> bytes:
    """One SVG drawing of all officials.

    Raises:
        ValueError: as for `charts`.
    """
    everyone = range(len(results["officials"]))
    return typeset.svg("chart", _data(results, heading, language, [everyone]))


def _pages(results: Results) -> list[range]:
    """Which officials stand on which picture; where texts are short, all are equally full."""
    lines = [_lines(official) for official in results["officials"]]
    pictures = -(-len(lines) // OFFICIALS_PER_PAGE) or 1
    most = -(-len(lines) // pictures)
    starts, used = [0], 0
    for index, more in enumerate(lines):
        standing = index - starts[-1]
        if standing and (standing == most or used + more > LINES_PER_PAGE):
            starts.append(index)
            used = 0
        used += more
    return [range(*ends) for ends in pairwise([*starts, len(lines)])]


def _lines(official: OfficialResults) -> int:
    """How many lines the name and the position take at most."""
    name, position = len(official["name"]), len(official["position"])
    return -(-name // _LETTERS_OF_NAME) + -(-position // _LETTERS_OF_POSITION)


def _data(
    results: Results, heading: ChartHeading, language: Language, pages: list[range]
) -> dict[str, Json]:
    """What the template reads: every text in the reader's language, every count."""
    columns, day, code = _columns(results, heading.rules), heading.day, heading.code
    return {
        "lang": language,
        "banner": words("cli.audit.rehearsal", language) if heading.rehearsal else None,
        "body": heading.body,
        "title": heading.title,
        "date": words("chart.date", language, day=day.day, month=day.month, year=day.year),
        "legend": _legend(results, heading.rules, columns, language),
        "unknown": words("chart.unknown", language),
        "denominator": _denominator(results, language),
        "code": code and {"label": words("chart.code", language), "code": code},
        "pages": [
            {
                "note": _note(number, pages, language) if len(pages) > 1 else None,
                "officials": [_official(results, index, columns) for index in page],
            }
            for number, page in enumerate(pages, start=1)
        ],
    }


def _columns(results: Results, rules: Regime) -> list[str]:
    """The levels in legal order, then blank lines if there are any."""
    officials = results["officials"]
    if not officials:
        raise ValueError("no officials to draw")
    if set(officials[0]["percent"]) != set(rules.level_keys):
        raise ValueError(f"not the levels of {rules.id}")
    has_blank = any(official["counts"]["blank"] for official in officials)
    return [*rules.level_keys, *(["blank"] if has_blank else [])]


def _legend(results: Results, rules: Regime, columns: list[str], language: Language) -> list[Json]:
    legend: list[Json] = [{"key": key, "label": rules.label_of(key, language)} for key in columns]
    if any(_has_gap(results, official) for official in results["officials"]):
        gap = f"chart.gap.{results['denominator']['kind']}"
        legend.append({"key": "gap", "label": words(gap, language)})
    return legend


def _has_gap(results: Results, official: OfficialResults) -> bool:
    counts = _complete(official)
    return counts is not None and sum(counts.values()) < _whole(results, official)


def _denominator(results: Results, language: Language) -> str:
    kind, value = results["denominator"]["kind"], results["denominator"]["value"]
    over = words(f"denominators.{kind}", language)
    if value is None:
        return words("table.denominator_unknown", language, kind=over)
    return words("table.denominator", language, kind=over, value=value)


def _note(number: int, pages: list[range], language: Language) -> str:
    page = pages[number - 1]
    params = {"page": number, "pages": len(pages), "total": pages[-1].stop}
    return words("chart.page", language, first=page.start + 1, last=page.stop, **params)


def _official(results: Results, index: int, columns: list[str]) -> Json:
    official = results["officials"][index]
    counts = _complete(official)
    return {
        "number": f"{index + 1}.",
        "name": official["name"],
        "position": official["position"],
        "whole": _whole(results, official),
        "bar": counts and [{"key": key, "count": counts.get(key, 0)} for key in columns],
        "labels": [_label(official, key) for key in columns],
    }


def _complete(official: OfficialResults) -> dict[str, int] | None:
    """The counts that make a bar; None if the count of a level is missing."""
    counts = {key: count for key, count in official["counts"].items() if count is not None}
    return counts if official["percent"].keys() <= counts.keys() else None


def _whole(results: Results, official: OfficialResults) -> int:
    """How many marks the full length of a bar stands for; at least 1, to divide by."""
    marks = sum(count or 0 for count in official["counts"].values())
    return max(results["denominator"]["value"] or 0, marks, 1)


def _label(official: OfficialResults, key: str) -> Json:
    count = official["counts"][key]
    return {
        "key": key,
        "count": "–" if count is None else str(count),
        "percent": official["percent"].get(key),
    }
