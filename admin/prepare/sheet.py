"""A table of people, from CSV or Excel: every fault with its file, row and column, all at once.

The first row names the columns, in any order; ``Họ và tên``, ``HO_VA_TEN`` and ``ho_ten`` are the
same column. Rows are numbered as a spreadsheet shows them, and keep their order.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from admin.prepare import workbook
from admin.prepare.workbook import Cells
from admin.rules import cells
from admin.rules.cells import Fault, Problem

SUFFIXES: Final = (".xlsx", ".csv")
MAX_CSV: Final = 1 << 26
MAX_CELL: Final = 200  # characters

_FORMULA = ("=", "+", "@")  # how a cell starts that a spreadsheet program would calculate
_SPACE = re.compile("[ \\t\\r\\n\u00a0\u3000]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table may have.

    Attributes:
        key: its name in our code.
        heading: how it is headed in the workbooks we write.
        headings: every heading that means it, folded.
        required: whether a table without it is refused.
    """

    key: str
    heading: str
    headings: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of one row by the keys of their columns; all columns are there.

    Attributes:
        refused: the columns whose cell was refused; their text is empty.
    """

    number: int
    texts: Mapping[str, str]
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The rows below the head of a spreadsheet.

    Attributes:
        heads: for each key, the column as people find it: ``B (Họ và tên)``.
    """

    file: str
    rows: tuple[Row, ...]
    heads: Mapping[str, str]

    def problem(self, row: Row, key: str | None, fault: Fault) -> Problem:
        column = None if key is None else self.heads.get(key, key)
        return Problem(self.file, row.number, column, fault)


def fold(text: str) -> str:
    """The letters and digits alone: no case, no marks, đ as d, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]", " ", letters).split())


def read(path: Path, columns: Sequence[Column], problems: list[Problem]) -> SheetTable:
    """The table in a file; what is wrong with it is added to ``problems``.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        rows = _cells(path)
    except Fault as fault:
        problems.append(Problem(path.name, None, None, fault))
        return SheetTable(path.name, (), {})
    if not rows:
        problems.append(Problem(path.name, None, None, Fault("file_empty")))
        return SheetTable(path.name, (), {})
    number, heads = rows[0]
    keys = _header(path.name, number, heads, columns, problems)
    if keys is None:
        return SheetTable(path.name, (), {})
    contents = (_row(path.name, line, keys, heads, problems) for line in rows[1:])
    return SheetTable(
        path.name,
        tuple(
            Row(number, {column.key: texts.get(column.key, "") for column in columns}, refused)
            for (number, _), (texts, refused) in zip(rows[1:], contents, strict=True)
        ),
        {key: _place(index, heads[index]) for index, key in keys.items()},
    )


def _cells(path: Path) -> list[tuple[int, Cells]]:
    """The rows that have something in them."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Fault("suffix", known=", ".join(SUFFIXES))
    limit = MAX_CSV if suffix == ".csv" else workbook.MAX_FILE
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if suffix == ".xlsx":
        return workbook.read(data)
    numbered = enumerate(cells.csv_rows(data, limit), start=1)
    return [(number, list(row)) for number, row in numbered if any(map(str.strip, row))]


def _header(
    file: str, number: int, heads: Cells, columns: Sequence[Column], problems: list[Problem]
) -> dict[int, str] | None:
    """The key of each column by its index; None if the first row does not head a table."""
    meaning = {heading: column.key for column in columns for heading in column.headings}
    keys: dict[int, str] = {}
    faults: list[Problem] = []
    for index, head in enumerate(heads):
        if not head:
            continue
        place = _place(index, head)
        key = meaning.get(fold(str(head))) if isinstance(head, str) else None
        if key is None:
            headings = ", ".join(column.heading for column in columns)
            faults.append(Problem(file, number, place, Fault("column_unknown", known=headings)))
        elif key in keys.values():
            faults.append(Problem(file, number, place, Fault("column_twice")))
        else:
            keys[index] = key
    for column in columns:
        if column.required and column.key not in keys.values():
            fault = Fault("column_missing", column=column.heading)
            faults.append(Problem(file, number, None, fault))
    if not keys:  # a title above the table, most likely: one fault says more than ten
        heading = next(column.heading for column in columns if column.required)
        faults = [Problem(file, number, None, Fault("no_header", column=heading))]
    problems += faults
    return keys if {c.key for c in columns if c.required} <= set(keys.values()) else None


def _row(
    file: str,
    line: tuple[int, Cells],
    keys: Mapping[int, str],
    heads: Cells,
    problems: list[Problem],
) -> tuple[dict[str, str], frozenset[str]]:
    number, contents = line
    texts: dict[str, str] = {}
    refused = set()
    for index, cell in enumerate(contents):
        head = heads[index] if index < len(heads) else ""
        key = keys.get(index)
        if key is None and (head or not cell):
            continue  # nothing there, or a column that was refused as a whole
        text = cell_text(cell) if key else Fault("outside")
        if isinstance(text, Fault):
            problems.append(Problem(file, number, _place(index, head), text))
            refused.add(key or "")
        elif key:
            texts[key] = text
    return texts, frozenset(refused)


def cell_text(cell: str | Fault) -> str | Fault:
    """The text of a cell as the import takes it, or why it does not."""
    if isinstance(cell, Fault):
        return cell
    try:
        text = cells.phrase(_SPACE.sub(" ", cell), MAX_CELL)
    except Fault as fault:
        return fault
    return Fault("formula") if text.startswith(_FORMULA) else text


def _place(index: int, head: str | Fault) -> str:
    letter = get_column_letter(index + 1)
    text = _SPACE.sub(" ", head).strip() if isinstance(head, str) else ""
    return f"{letter} ({text[:40]})" if text.isprintable() and text else letter
