"""Read a spreadsheet of plain counts (CSV).

    stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong          three levels
    stt,ho_ten,chuc_vu,tin_nhiem,khong_tin_nhiem,trong   two levels

The columns ``trung_binh`` and ``khong_hop_le_or_blank`` of older files and the published
percentages ``pct_cao, pct_tn, pct_thap`` are understood too. An empty cell is a count that is
not known. Rows are numbered as a spreadsheet shows them: the header is row 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from admin.rules import cells
from admin.rules.cells import Fault
from admin.rules.compute import OfficialCounts
from admin.rules.regime import LevelKey, Regime
from crypto.errors import Malformed

MAX_FILE = 4_194_304  # three thousand officials with the longest names
MAX_NAME = 200

_LEVEL: Mapping[LevelKey, tuple[str, ...]] = {
    "high": ("cao",),
    "medium": ("tin_nhiem", "trung_binh"),
    "low": ("thap",),
    "confidence": ("tin_nhiem",),
    "no_confidence": ("khong_tin_nhiem",),
}
_PUBLISHED: Mapping[LevelKey, str] = {
    "high": "pct_cao",
    "medium": "pct_tn",
    "low": "pct_thap",
    "confidence": "pct_tn",
    "no_confidence": "pct_khong_tn",
}
_BLANK = ("trong", "khong_hop_le_or_blank")
_COUNT = re.compile(r"0|[1-9][0-9]{0,6}", re.ASCII)
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CountsFile:
    """The officials of a file, and for each the percentages printed beside the counts.

    Attributes:
        published: per official, per level, in hundredths of a per cent; None where not printed.
    """

    officials: tuple[OfficialCounts, ...]
    published: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class _Row:
    file: str
    number: int
    cells: Mapping[str, str]

    def fail(self, column: str, problem: str) -> Malformed:
        return Malformed(f"{self.file}: row {self.number}, column {column}: {problem}")

    def count(self, column: str | None) -> int | None:
        text = self.cells[column] if column else ""
        if not column or not text:
            return None
        if not _COUNT.fullmatch(text):
            raise self.fail(column, f"{text!r} is not a whole number")
        return int(text)

    def percent(self, column: str) -> int | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        match = _PERCENT.fullmatch(text)
        if not match:
            raise self.fail(column, f"{text!r} is not a percentage with up to two decimals")
        return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))

    def words(self, column: str) -> str:
        try:
            return cells.phrase(self.cells[column], MAX_NAME)
        except Fault as fault:
            raise self.fail(column, str(fault)) from None


def decode(data: bytes, file: str, regime: Regime) -> CountsFile:
    """The counts in a CSV text; ``file`` names it in errors.

    Raises:
        Malformed: names the file, and the row and column where there is one.
    """
    lines = _lines(data, file)
    header = _header(lines[0], file, regime)
    officials: list[OfficialCounts] = []
    published: list[tuple[int | None, ...]] = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(line):
            continue  # a spreadsheet saves the empty rows below its table
        if len(line) != len(header):
            raise Malformed(
                f"{file}: row {number}: {len(line)} cells, but the header has {len(header)}"
            )
        row = _Row(file, number, dict(zip(header, line, strict=True)))
        officials.append(_official(row, regime))
        published.append(tuple(row.percent(_PUBLISHED[key]) for key in regime.level_keys))
    if not officials:
        raise Malformed(f"{file}: no officials below the header")
    return CountsFile(tuple(officials), tuple(published))


def _lines(data: bytes, file: str) -> list[list[str]]:
    try:
        return cells.csv_rows(data, MAX_FILE)
    except Fault as fault:
        raise Malformed(f"{file}: {fault}") from None


def _header(first: list[str], file: str, regime: Regime) -> list[str]:
    header = [cell.strip().lower() for cell in first]
    levels = [_LEVEL[key] for key in regime.level_keys]
    columns = {"stt", "ho_ten", "chuc_vu", *_BLANK, *_PUBLISHED.values()}.union(*levels)
    for column in header:
        if column not in columns:
            raise Malformed(f"{file}: row 1: column {column!r} is not one of {regime.id}")
    for names in (("ho_ten",), ("chuc_vu",), *levels, _BLANK):
        times = sum(header.count(name) for name in names)
        if times > 1 or (times == 0 and names is not _BLANK):
            raise Malformed(
                f"{file}: row 1: column {names[0]} is {'repeated' if times else 'missing'}"
            )
    if len(set(header)) != len(header):
        raise Malformed(f"{file}: row 1: a column is repeated")
    return header


def _official(row: _Row, regime: Regime) -> OfficialCounts:
    name = row.words("ho_ten")
    if not name:
        raise row.fail("ho_ten", "the name is empty")
    return OfficialCounts(
        name=name,
        position=row.words("chuc_vu"),
        levels=tuple(row.count(_present(row, _LEVEL[key])) for key in regime.level_keys),
        blank=row.count(_present(row, _BLANK)),
        where=f"{row.file}: row {row.number}",
    )


def _present(row: _Row, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in row.cells), None)
