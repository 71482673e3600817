"""The results as a table with a bar per official, for a terminal or a plain file.

The levels in a bar differ by glyph as well as by colour, and none is green or red: the table
judges nobody. What the rules say about an official stands under the name and in a footnote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from textwrap import wrap
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from admin.rules.compute import Finding, OfficialResults, Results
from admin.rules.regime import Regime
from admin.words import language, words

WIDE: Final = 110  # from here on, name and position have columns of their own
BAR: Final = {False: 14, True: 20}  # cells of a bar, narrow and wide
_HEAD: Final = 10  # letters of a line over the counts
LONG_NAME: Final = 26  # a longer name is broken into lines

_GLYPH: Final[Mapping[str, tuple[str, str]]] = {
    "high": ("█", "blue"),
    "medium": ("▓", "cyan"),
    "low": ("░", "yellow"),
    "confidence": ("█", "blue"),
    "no_confidence": ("░", "yellow"),
    "blank": ("·", "bright_black"),
}
_OTHER = ("▒", "white")  # an answer of an election that is not ours
_UNKNOWN = "–"


def results_table(results: Results, rules: Regime | None) -> RenderableType:
    """Draw the document ``phieukin.results/1`` in the language of the reader.

    Args:
        rules: the regime, whose words stand over the columns; None for an election that is not
            ours, whose answers do.
    """
    return _Drawing(results, rules)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Chooses its columns when it learns how wide the terminal is."""

    results: Results
    rules: Regime | None

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        notes = _notes(self.results)
        yield Text(words("table.title"), style="bold")
        yield _heading(self.results, self.rules)
        yield _table(self.results, self.rules, notes, wide=options.max_width >= WIDE)
        yield _legend(self.results, self.rules)
        yield from (_footnote(number, note, self.rules) for note, number in notes.items())
        if notes:
            yield Text(words("table.no_decision"), style="italic")


_Note = tuple[str, str, str]


def _notes(results: Results) -> dict[_Note, int]:
    """The distinct findings, numbered in the order of the officials."""
    findings = (official["finding"] for official in results["officials"])
    keys = dict.fromkeys(_note(finding) for finding in findings if finding)
    return dict(zip(keys, count(1), strict=False))


def _note(finding: Finding) -> _Note:
    return finding["code"], finding["text"], finding["rule"]


def _heading(results: Results, rules: Regime | None) -> Text:
    kind, value = results["denominator"]["kind"], results["denominator"]["value"]
    over = words(f"denominators.{kind}")
    sentence = (
        words("table.denominator_unknown", kind=over)
        if value is None
        else words("table.denominator", kind=over, value=value)
    )
    title = getattr(rules.title, language()) if rules else results["regime"]
    return Text(f"{title}\n{sentence}")


def _label(rules: Regime | None, key: str) -> str:
    if rules is not None:
        return rules.label_of(key, language())
    return words("levels.blank") if key == "blank" else key


def _table(
    results: Results, rules: Regime | None, notes: Mapping[_Note, int], *, wide: bool
) -> Table:
    keys = _keys(results)
    columns = [*keys, "blank"] if _has_blank(results) else keys
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(words("table.number"), justify="right")
    if wide:
        longest = max((len(official["name"]) for official in results["officials"]), default=0)
        table.add_column(words("table.name"), no_wrap=longest <= LONG_NAME)
        table.add_column(words("table.position"))
    else:
        table.add_column(words("table.official"))
    for key in columns:
        label = words("levels.blank_short") if key == "blank" else _label(rules, key)
        table.add_column("\n".join(wrap(label, _HEAD)), justify="right", no_wrap=True)
    table.add_column(words("table.shares"), no_wrap=True)
    for number, official in enumerate(results["officials"], start=1):
        bar = _bar(results, official, BAR[wide])
        cells = [_cell(official, key, wide=wide) for key in columns]
        table.add_row(str(number), *_who(official, notes, wide=wide), *cells, bar)
    return table


def _keys(results: Results) -> list[str]:
    return list(results["officials"][0]["percent"]) if results["officials"] else []


def _has_blank(results: Results) -> bool:
    return any(official["counts"]["blank"] for official in results["officials"])


def _who(official: OfficialResults, notes: Mapping[_Note, int], *, wide: bool) -> list[Text]:
    name = Text(official["name"], style="bold")
    position = Text(official["position"])
    finding = official["finding"]
    mark = Text()
    if finding:
        label = words(f"findings.{finding['code']}")
        mark = Text(f"\n→ {label} [{notes[_note(finding)]}]", style="bold magenta")
    if wide:
        return [name, position.append_text(mark)]
    return [Text("\n").join([name, position] if position else [name]).append_text(mark)]


def _cell(official: OfficialResults, key: str, *, wide: bool) -> Text:
    """The count with its percentage beside it, or below it where there is little room."""
    number, percent = official["counts"][key], official["percent"].get(key)
    text = _UNKNOWN if number is None else str(number)
    if percent is None:
        return Text(text)
    return Text(f"{text}  {percent:>5}%" if wide else f"{text}\n{percent}%")


def _bar(results: Results, official: OfficialResults, width: int) -> Text:
    parts = {key: official["counts"][key] for key in (*_keys(results), "blank")}
    counts = {key: part for key, part in parts.items() if part is not None}
    whole = results["denominator"]["value"] or sum(counts.values())
    bar = Text()
    if whole == 0 or any(part is None for key, part in parts.items() if key != "blank"):
        return bar
    for key, cells in zip(counts, share_out(list(counts.values()), whole, width), strict=True):
        glyph, style = _GLYPH.get(key, _OTHER)
        bar.append(glyph * cells, style)
    return bar


def share_out(parts: Sequence[int], whole: int, width: int) -> list[int]:
    """Cells for each part of a bar in which ``whole`` would fill ``width``.

    The bar is as long as its sum demands to the nearest cell; a part that is not nothing gets
    at least one cell, at the cost of the part that is best served.
    """
    total = (2 * sum(parts) * width + whole) // (2 * whole)
    cells = [max(1, part * width // whole) if part else 0 for part in parts]
    surplus = [part * width - cell * whole for part, cell in zip(parts, cells, strict=True)]
    while sum(cells) < total:
        _move(cells, surplus, surplus.index(max(surplus)), 1, whole)
    while sum(cells) > total and max(cells) > 1:
        longer = (index for index, cell in enumerate(cells) if cell > 1)
        _move(cells, surplus, min(longer, key=surplus.__getitem__), -1, whole)
    return cells


def _move(cells: list[int], surplus: list[int], index: int, step: int, whole: int) -> None:
    cells[index] += step
    surplus[index] -= step * whole


def _legend(results: Results, rules: Regime | None) -> Padding:
    keys = [*_keys(results), *(["blank"] if _has_blank(results) else [])]
    legend = Text()
    for key in keys:
        glyph, style = _GLYPH.get(key, _OTHER)
        legend.append(f"{glyph * 2} ", style).append(f"{_label(rules, key)}   ")
    if _has_rest(results):
        legend.append(f"({words('table.rest')})")
    legend.rstrip()
    return Padding(legend, (1, 0))


def _has_rest(results: Results) -> bool:
    """Whether a bar ends early: delegates who were absent, or lines without a mark."""
    value = results["denominator"]["value"] or 0
    for official in results["officials"]:
        levels = [official["counts"][key] for key in official["percent"]]
        blank = official["counts"]["blank"] or 0
        if None not in levels and sum(part or 0 for part in levels) + blank < value:
            return True
    return False


def _footnote(number: int, note: _Note, rules: Regime | None) -> RenderableType:
    code, text, rule = note
    if language() == "en" and rules:
        text = next((finding.text.en for finding in rules.findings if finding.code == code), text)
    grid = Table.grid(padding=(0, 1))
    body = Group(Text(text), Text(words("table.rule", rule=rule)))
    grid.add_row(f"[{number}]", body)
    return grid
