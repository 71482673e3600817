"""A table from CSV or Excel: every fault with its sheet, row and column, all at once.

The one reader of every table that people fill in. The first row names the columns, in any order;
``Họ và tên``, ``HO_VA_TEN`` and ``ho_ten`` are the same column. Rows are numbered as a
spreadsheet shows them, and keep their order. What was cleaned or filled down is a warning; what a
reader would not see, or no list of people has as a row, is refused by its row.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from admin.rules import cells, csv_text, letters, people_rows
from admin.rules.cells import Fault, Problem
from admin.rules.grid import Cells, Grid, GridRow, letter
from admin.rules.sheet_table import CONFIRMED, NAME, NUMBER, Column, Row, SheetTable, fold

TEXTS: Final = (".csv", ".tsv", ".txt")  # the last is what Excel calls Unicode Text
SUFFIXES: Final = (".xlsx", *TEXTS)
MAX_CSV: Final = 1 << 26
MAX_CELL: Final = 200  # characters

_FORMULA = ("=", "+", "@")  # how a cell starts that a spreadsheet program would calculate
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_OTHERS: Final = (  # what else people take for a table, by its first bytes
    (b"%pdf", "PDF"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<table", "HTML"),
    (b"<?xml", "XML"),
)
_HEAD_WITHIN = 40  # rows in which the head is looked for, to say where it is
_MOST_PLACES = 12  # that a warning names
_DITTO = re.compile(r"-?\s*(nt|n/t|n\.t\.?|như trên)\s*-?|[\"”″〃'’]{1,2}|-?//-?", re.IGNORECASE)


def read(
    path: Path, columns: Sequence[Column], problems: list[Problem], warnings: list[Problem]
) -> SheetTable:
    """The table in a file; what is wrong with it or doubtful is added to the lists.

    Raises:
        OSError: the file cannot be read.
    """
    if path.suffix.lower() not in SUFFIXES:
        fault = Fault("other_kind", kind=path.suffix or path.name)
        problems.append(Problem(path.name, None, None, fault))
        return SheetTable(path.name, (), {})
    with path.open("rb") as file:
        data = file.read(MAX_CSV + 1)
    return decode(data, path.name, columns, problems, warnings)


def decode(
    data: bytes,
    file: str,
    columns: Sequence[Column],
    problems: list[Problem],
    warnings: list[Problem],
) -> SheetTable:
    """The table in the bytes of a file; otherwise as `read`."""
    nothing = SheetTable(file, (), {})
    meaning = {heading: column.key for column in columns for heading in column.headings}
    try:
        grid = _grid(data, file, meaning, warnings)
    except Fault as fault:
        problems.append(Problem(file, None, None, fault))
        return nothing
    if not grid.rows:
        problems.append(Problem(file, None, None, Fault("file_empty")))
        return nothing
    head, *lines = grid.rows
    keys = _header(file, grid, columns, meaning, problems)
    if keys is None:
        return nothing
    heads = {key: _place(index, head.cells[index]) for index, key in keys.items()}
    table = SheetTable(file, (), heads, grid.title, len(head.cells))
    subject = next(column.key for column in columns if column.required)
    refused = {line.number for line in lines if line.hidden}
    problems += _hidden(table, grid, keys, head.number, lines)
    filled = _fill(table, grid, keys, lines, problems, warnings, refused)
    cleaned: _Cleaned = defaultdict(list)
    rows = [
        row
        for line in lines
        if line.number not in refused
        and (row := _row(table, line, keys, head.cells, columns, cleaned, problems)) is not None
    ]
    warnings += _cleanings(table, cleaned)
    table = replace(table, rows=tuple(rows))
    return replace(table, rows=tuple(people_rows.people(table, subject, filled, problems)))


_Cleaned = defaultdict[letters.Cleaning, list[str]]


def _grid(data: bytes, file: str, meaning: Mapping[str, str], warnings: list[Problem]) -> Grid:
    """The cells, whatever kind of table they stand in."""
    if data.startswith((_ZIP, _OLE)):
        from admin.rules import excel  # noqa: PLC0415  a sixth of a second, which CSV need not pay

        return excel.read(data)
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    kind = next((kind for sign, kind in _OTHERS if start.startswith(sign)), None)
    if kind is not None:
        raise Fault("other_kind", kind=kind)
    if file.lower().endswith(".xlsx"):
        raise Fault("not_xlsx")
    text = csv_text.read(data, MAX_CSV, lambda row: len(_known(row, meaning)))
    if text.encoding == csv_text.VIETNAMESE:
        warnings.append(Problem(file, None, None, Fault("read_as", encoding="Windows-1258")))
    rows = enumerate(text.rows, start=1)
    used = ((number, row) for number, row in rows if any(map(str.strip, row)))
    return Grid(tuple(GridRow(number, list(row)) for number, row in used))


# ---- the head


def _known(row: Iterable[str | Fault], meaning: Mapping[str, str]) -> set[str]:
    """The columns that the cells of a row are headings of."""
    return {key for cell in row if isinstance(cell, str) and (key := meaning.get(fold(cell)))}


def _header(
    file: str,
    grid: Grid,
    columns: Sequence[Column],
    meaning: Mapping[str, str],
    problems: list[Problem],
) -> dict[int, str] | None:
    """The key of each column by its index; None if the first row does not head a table."""
    head = grid.rows[0]
    keys: dict[int, str] = {}
    faults: list[Problem] = []
    for index, cell in enumerate(head.cells):
        if not cell:
            continue
        key = meaning.get(fold(cell)) if isinstance(cell, str) else None
        if key is None or key in keys.values():
            fault = _head_fault(cell, columns) if key is None else Fault("column_twice")
            faults.append(Problem(file, head.number, _place(index, cell), fault, grid.title))
        else:
            keys[index] = key
    required = {column.key for column in columns if column.required}
    for column in columns:
        if column.required and column.key not in keys.values():
            fault = Fault("column_missing", column=column.heading)
            faults.append(Problem(file, head.number, None, fault, grid.title))
    if not required & set(keys.values()) and (later := _later_head(grid, meaning, required)):
        faults = [Problem(file, head.number, None, later, grid.title)]
    elif not keys and all(problem.fault.code == "column_unknown" for problem in faults[:1]):
        heading = next(column.heading for column in columns if column.required)
        fault = Fault("no_header", column=heading)  # one fault says more than ten
        faults = [Problem(file, head.number, None, fault, grid.title)]
    problems += faults
    return keys if required <= set(keys.values()) else None


def _head_fault(cell: str | Fault, columns: Sequence[Column]) -> Fault:
    """Why a heading is none: nobody knows it, or its letters are not what they look like."""
    if isinstance(cell, Fault):
        return cell
    try:
        letters.check(cell)
    except Fault as fault:
        return fault
    return Fault("column_unknown", known=", ".join(column.heading for column in columns))


def _later_head(grid: Grid, meaning: Mapping[str, str], required: set[str]) -> Fault | None:
    """The head that stands below titles."""
    for row in grid.rows[1:_HEAD_WITHIN]:
        if required <= _known(row.cells, meaning):
            return Fault("head_below", row=row.number, last=row.number - 1)
    return None


def _place(index: int, head: str | Fault) -> str:
    text = letters.clean(head)[0] if isinstance(head, str) else ""
    printable = text and text.isprintable()
    return f"{letter(index + 1)} ({text[:40]})" if printable else letter(index + 1)


# ---- what a reader of the sheet does not see


def _hidden(
    table: SheetTable, grid: Grid, keys: Mapping[int, str], head: int, lines: Sequence[GridRow]
) -> Iterator[Problem]:
    """Rows and columns with something in them that the spreadsheet does not show."""
    for index, key in keys.items():
        if index + 1 in grid.hidden and any(_content(line, index) for line in lines):
            yield table.at(head, key, Fault("hidden_column"))
    first: int | None = None
    for line, after in zip(lines, [*lines[1:], None][: len(lines)], strict=True):
        if not line.hidden:
            continue
        first = line.number if first is None else first
        if after is None or not after.hidden:
            yield table.at(first, None, Fault("hidden_rows", last=line.number))
            first = None


def _content(line: GridRow, index: int) -> str | Fault:
    cell = line.cells[index] if index < len(line.cells) else ""
    return cell if isinstance(cell, Fault) else cell.strip()


def _fill(
    table: SheetTable,
    grid: Grid,
    keys: Mapping[int, str],
    lines: Sequence[GridRow],
    problems: list[Problem],
    warnings: list[Problem],
    refused: set[int],
) -> set[tuple[int, str]]:
    """Puts the value of cells that were merged downwards into each row that is somebody's.

    Returns the cells that were filled. Rows merged across are refused: they are headings.
    """
    by_number = {line.number: line for line in lines}
    identities = [index for index, key in keys.items() if key in {NUMBER, NAME}]
    filled: set[tuple[int, str]] = set()
    for merged in sorted(grid.merged, key=lambda area: area.top):
        line, index = by_number.get(merged.top), merged.left - 1
        key = keys.get(index)
        if line is None or key is None or not (value := _content(line, index)):
            continue
        content = cells.quoted(value) if isinstance(value, str) else ""
        if merged.left != merged.right or key in {NUMBER, NAME}:
            across = merged.left != merged.right
            fault = Fault("merged_across" if across else "merged_people", cells=str(merged))
            problems.append(table.at(merged.top, key, fault, content))
            refused.update(range(merged.top, min(merged.bottom, lines[-1].number) + 1))
            continue
        last = min(merged.bottom, lines[-1].number)
        below = (by_number.get(number) for number in range(merged.top + 1, last + 1))
        people = [row for row in below if row and any(_content(row, i) for i in identities)]
        for row in people:
            row.cells.extend([""] * (index + 1 - len(row.cells)))
            row.cells[index] = value
            filled.add((row.number, key))
        if people:
            fault = Fault("merged_filled", cells=str(merged))
            warnings.append(table.at(merged.top, key, fault, content))
    return filled


# ---- rows


def _row(
    table: SheetTable,
    line: GridRow,
    keys: Mapping[int, str],
    heads: Cells,
    columns: Sequence[Column],
    cleaned: _Cleaned,
    problems: list[Problem],
) -> Row | None:
    """The texts of a row; None if something in it is struck out."""
    texts = {column.key: "" for column in columns}
    contents: dict[str, str] = {}
    refused = set()
    sure = any(key == CONFIRMED and _content(line, index) for index, key in keys.items())
    checked = CONFIRMED in texts and not sure
    days = {column.key for column in columns if column.day}
    for index, cell in enumerate(line.cells):
        head = heads[index] if index < len(heads) else ""
        key = keys.get(index)
        if key is None and (head or not cell):
            continue  # nothing there, or a column that was refused as a whole
        content = str(cell.facts.get("value", "")) if isinstance(cell, Fault) else cell
        if isinstance(cell, Fault) and cell.code == "struck":
            problems.append(_at_cell(table, line.number, _place(index, head), cell, content))
            return None
        text: str | Fault = Fault("outside")
        if key:
            contents[key] = content
            text = _cell(cell, key, (index, line.number), cleaned, days, checked=checked)
        if isinstance(text, Fault):
            problems.append(_at_cell(table, line.number, _place(index, head), text, content))
            refused.add(key or "")
        elif key:
            texts[key] = text
    return Row(line.number, texts, frozenset(refused), contents, len(line.cells))


def _at_cell(table: SheetTable, number: int, place: str, fault: Fault, content: str) -> Problem:
    return Problem(table.file, number, place, fault, table.title, content)


def _cell(
    cell: str | Fault,
    key: str,
    place: tuple[int, int],
    cleaned: _Cleaned,
    days: Collection[str],
    *,
    checked: bool,
) -> str | Fault:
    """The text of a cell, cleaned, or why there is none."""
    if isinstance(cell, Fault):
        value = str(cell.facts.get("value", ""))
        if cell.code == "day_here" and key in days:
            return value
        # The running number is nobody's word: what its formula or its format shows will do.
        counted = cell.code in {"formula", "shown_otherwise"} and key == NUMBER
        return value if counted and people_rows.number(value) is not None else cell
    text, kinds = letters.clean(cell)
    if not text:
        return ""
    for kind in kinds:
        cleaned[kind].append(f"{letter(place[0] + 1)}{place[1]}")
    try:
        if checked:
            letters.check(text)
            if key not in {NUMBER, NAME, CONFIRMED}:
                _check_word(text)
    except Fault as fault:
        return fault
    return _accepted(text)


def _check_word(text: str) -> None:
    """Raises Fault: a sign in the place of a text."""
    if _DITTO.fullmatch(text):
        raise Fault("ditto")
    if not any(sign.isalnum() for sign in text):
        raise Fault("no_letters")


def cell_text(cell: str) -> str | Fault:
    """The text of a cell as the import takes it, or why it does not."""
    return _accepted(letters.clean(cell)[0])


def _accepted(line: str) -> str | Fault:
    try:
        text = cells.phrase(line, MAX_CELL)
    except Fault as fault:
        return fault
    return Fault("formula") if text.startswith(_FORMULA) else text


def _cleanings(table: SheetTable, cleaned: _Cleaned) -> Iterator[Problem]:
    for kind, places in sorted(cleaned.items()):
        named = ", ".join(places[:_MOST_PLACES])
        more = len(places) - _MOST_PLACES
        fault = Fault(f"cleaned_{kind}", cells=named if more <= 0 else f"{named} … (+{more})")
        yield Problem(table.file, None, None, fault, table.title)
