"""The cells of a file as they stand in it, before anybody asks what they mean."""

from dataclasses import dataclass
from typing import NamedTuple

from admin.rules.cells import Fault

Cells = list[str | Fault]  # text, or why there is none


class CellRange(NamedTuple):
    """Cells that were merged; rows and columns count from 1 on."""

    left: int
    top: int
    right: int
    bottom: int

    def __str__(self) -> str:
        return f"{letter(self.left)}{self.top}:{letter(self.right)}{self.bottom}"


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row that has something in it, and its number."""

    number: int
    cells: Cells
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a sheet.

    Attributes:
        title: of the sheet; empty where a file has but one.
        hidden: the columns that are not shown, from 1 on.
    """

    rows: tuple[GridRow, ...]
    title: str = ""
    merged: tuple[CellRange, ...] = ()
    hidden: frozenset[int] = frozenset()


def letter(column: int) -> str:
    """The name that spreadsheet programs give a column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return name
