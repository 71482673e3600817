"""Read a table of plain counts (CSV or Excel).

    stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong          three levels
    stt,ho_ten,chuc_vu,tin_nhiem,khong_tin_nhiem,trong   two levels

The headings people use, such as ``Họ và tên`` and the names of the levels, will do; so will the
columns ``trung_binh`` and ``khong_hop_le_or_blank`` of older files and the published percentages
``pct_cao, pct_tn, pct_thap``. An empty cell is a count that is not known.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from admin.rules import sheet
from admin.rules.cells import BadTable, Fault, Problem
from admin.rules.compute import OfficialCounts
from admin.rules.regime import LevelKey, Regime
from admin.rules.sheet_table import Column, Row, SheetTable, fold
from admin.words import LANGUAGES, language, words

MAX_FILE: Final = 4_194_304  # three thousand officials with the longest names

_LEVEL: Mapping[LevelKey, tuple[str, ...]] = {
    "high": ("cao", "tin nhiem cao"),
    "medium": ("tin nhiem", "trung binh"),
    "low": ("thap", "tin nhiem thap"),
    "confidence": ("tin nhiem",),
    "no_confidence": ("khong tin nhiem",),
}
_PUBLISHED: Mapping[LevelKey, str] = {
    "high": "pct_cao",
    "medium": "pct_tn",
    "low": "pct_thap",
    "confidence": "pct_tn",
    "no_confidence": "pct_khong_tn",
}
_OFFICIALS: Final = (
    Column("number", "STT", ("stt", "tt", "so tt", "so thu tu")),
    Column("name", "Họ và tên", ("ho va ten", "ho ten", "name"), required=True),
    Column(
        "position",
        "Chức vụ",
        ("chuc vu", "chuc danh", "chuc vu chuc danh", "position"),
        required=True,
    ),
)
_BLANK: Final = Column(
    "blank", "Phiếu trắng", ("trong", "khong hop le or blank", "phieu trang", "bo trong", "blank")
)
_COUNT = re.compile(
    r"(0|[1-9][0-9]{0,6})(?:[.,]0{1,2})?", re.ASCII
)  # 30, and what Excel makes of it
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?%?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CountsFile:
    """The officials of a file, and for each the percentages printed beside the counts.

    Attributes:
        published: per official, per level, in hundredths of a per cent; None where not printed.
        warnings: what was cleaned in the file, for whoever looks.
    """

    officials: tuple[OfficialCounts, ...]
    published: tuple[tuple[int | None, ...], ...]
    warnings: tuple[Problem, ...] = ()


def decode(data: bytes, file: str, regime: Regime) -> CountsFile:
    """The counts in a table; ``file`` names it in errors.

    Raises:
        BadTable: everything that is wrong, by sheet, row and column.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    if len(data) > MAX_FILE:
        problems.append(Problem(file, None, None, Fault("file_too_long", limit=MAX_FILE)))
        raise BadTable(problems, language())
    table = sheet.decode(data, file, _columns(regime), problems, warnings)
    officials = tuple(_official(table, row, regime, problems) for row in table.rows)
    published = tuple(tuple(_published(table, row, regime, problems)) for row in table.rows)
    if not officials and not problems:
        problems.append(table.at(None, None, Fault("no_officials")))
    if problems:
        raise BadTable(problems, language())
    return CountsFile(officials, published, tuple(warnings))


def _columns(regime: Regime) -> tuple[Column, ...]:
    """The columns of a table of this regime; a level is also headed by its own words."""
    levels = [
        Column(
            level.key,
            level.label.vi,
            (*_LEVEL[level.key], *(fold(regime.label_of(level.key, lang)) for lang in LANGUAGES)),
            required=True,
        )
        for level in regime.levels
    ]
    published = [
        Column(_PUBLISHED[key], _PUBLISHED[key], (fold(_PUBLISHED[key]),))
        for key in regime.level_keys
    ]
    return (*_OFFICIALS, *levels, _BLANK, *published)


def _official(
    table: SheetTable, row: Row, regime: Regime, problems: list[Problem]
) -> OfficialCounts:
    name = row.texts["name"]
    if not name and not {"name", "number"} & row.refused:
        problems.append(table.problem(row, "name", Fault("name_empty")))
    if row.width < table.width and not table.title:  # a file that was cut off ends so
        fault = Fault("row_short", width=row.width, head=table.width)
        problems.append(table.problem(row, None, fault))
    levels = tuple(_count(table, row, key, problems) for key in regime.level_keys)
    blank = _count(table, row, _BLANK.key, problems)
    where = words("sheet.place", file=table.file, row=row.number)
    return OfficialCounts(name, row.texts["position"], levels, blank, where)


def _count(table: SheetTable, row: Row, key: str, problems: list[Problem]) -> int | None:
    if not (text := row.texts[key]):
        return None
    match = _COUNT.fullmatch(text)
    if match is None:
        problems.append(table.problem(row, key, Fault("count")))
        return None
    return int(match[1])


def _published(
    table: SheetTable, row: Row, regime: Regime, problems: list[Problem]
) -> Iterator[int | None]:
    """The percentages of a row, in hundredths."""
    for key in (_PUBLISHED[level] for level in regime.level_keys):
        text = row.texts[key]
        match = _PERCENT.fullmatch(text)
        if text and match is None:
            problems.append(table.problem(row, key, Fault("percent")))
        if match is None:
            yield None
        else:
            yield int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
