"""What a table of people is once it is read: its columns, its rows, where each stands."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from admin.rules.cells import Fault, Problem

NUMBER: Final = "number"
NAME: Final = "name"
CONFIRMED: Final = "confirmed"  # where a table has it, its rows are people and its texts words


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table may have.

    Attributes:
        key: its name in our code.
        heading: how it is headed in the workbooks we write.
        headings: every heading that means it, folded.
        required: whether a table without it is refused.
        day: whether its cells hold days.
    """

    key: str
    heading: str
    headings: tuple[str, ...]
    required: bool = False
    day: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of one row by the keys of their columns; all columns are there.

    Attributes:
        refused: the columns whose cell was refused; their text is empty.
        contents: what stands in the cells, as it is.
        width: how many cells it has.
    """

    number: int
    texts: Mapping[str, str]
    refused: frozenset[str]
    contents: Mapping[str, str] = field(default_factory=dict, compare=False)
    width: int = field(default=0, compare=False)

    @property
    def confirmed(self) -> bool:
        """Whether somebody wrote into the row that it is as it should be."""
        return bool(self.texts.get(CONFIRMED))


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The rows below the head of a spreadsheet.

    Attributes:
        heads: for each key, the column as people find it: ``B (Họ và tên)``.
        title: of the sheet in a workbook.
        width: how many cells the head has.
    """

    file: str
    rows: tuple[Row, ...]
    heads: Mapping[str, str]
    title: str = ""
    width: int = 0

    def problem(self, row: Row, key: str | None, fault: Fault) -> Problem:
        """A fault of a cell, or of a row."""
        content = "" if key is None else row.contents.get(key, "")
        return self.at(row.number, key, fault, content)

    def at(self, number: int | None, key: str | None, fault: Fault, content: str = "") -> Problem:
        """A fault of the row with a number."""
        column = None if key is None else self.heads.get(key, key)
        return Problem(self.file, number, column, fault, self.title, content)


def fold(text: str) -> str:
    """The letters and digits alone: no case, no marks, đ as d, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    signs = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]", " ", signs).split())
