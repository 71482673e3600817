"""Excel workbooks: the cells of the one sheet that has any, and nothing that could surprise.

A workbook is a zip of XML from anybody. It is measured before a parser sees it: no more parts,
bytes or tags than the largest roster needs, no document type (hence no entities), no macros, no
links to other files. A formula is refused by its cell, since what it shows is not what it is.
"""

import io
import math
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import openpyxl  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from admin.rules.cells import Fault, keep_text

Cells = list[str | Fault]  # text, or why there is none

MAX_FILE: Final = 1 << 25  # 200 000 rows of six columns need about 15 MB
MAX_ROW: Final = 1 << 20  # the last row that a spreadsheet program can show

_MAX_UNPACKED = 1 << 28
_MAX_TAGS = 12_000_000  # a row of six cells has about forty
_MAX_PARTS = 1000
_MAX_CELLS = 20_000_000  # empty ones included: a far cell makes its row wide
_CHUNK = 1 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # .xls, or an .xlsx with a password


def read(data: bytes) -> list[tuple[int, Cells]]:
    """The rows of the workbook with their numbers; rows without a cell may be left out.

    Raises:
        Fault: not such a workbook, or one with parts that are not accepted.
    """
    _check_package(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which do not matter
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            sheets = {sheet.title: list(_rows(sheet)) for sheet in book.worksheets}
    except Fault:
        raise
    except Exception:  # noqa: BLE001  the parser fails on damaged parts in every possible way
        raise Fault("not_xlsx") from None
    used = {title: rows for title, rows in sheets.items() if rows}
    if len(used) > 1:
        raise Fault("many_sheets", sheets=", ".join(used))
    return next(iter(used.values()), [])


def _check_package(data: bytes) -> None:
    if len(data) > MAX_FILE:
        raise Fault("file_too_long", limit=MAX_FILE)
    if data.startswith(_OLE):
        raise Fault("old_excel")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            _check_parts(parts)
            tags = sum(_tags(package, part) for part in parts)
    except Fault:
        raise
    except Exception:  # noqa: BLE001  zipfile has no common root for what a damaged zip does
        raise Fault("not_xlsx") from None
    if tags > _MAX_TAGS:
        raise Fault("unpacked_too_large")


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower() for part in parts]
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise Fault("unpacked_too_large")
    if len(set(names)) != len(names) or any(part.flag_bits & 1 for part in parts):
        raise Fault("not_xlsx")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise Fault("macros")
    if any("externallinks/" in name for name in names):
        raise Fault("external_links")


def _tags(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The number of tags in a part. Zeros are skipped, so that UTF-16 cannot hide a word."""
    tags, before = 0, b""
    with package.open(part) as file:
        while chunk := file.read(_CHUNK):
            visible = chunk.replace(b"\0", b"")
            tags += visible.count(b"<")
            window = before + visible
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise Fault("document_type")
            if b"macroEnabled" in window:
                raise Fault("macros")
            before = window[-16:]
    return tags


def _rows(sheet: Any) -> Iterator[tuple[int, Cells]]:
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    width = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        width += len(row)
        if number > MAX_ROW or width > _MAX_CELLS:
            raise Fault("unpacked_too_large")
        cells = [_text(cell) for cell in row]
        if any(isinstance(cell, Fault) or cell.strip() for cell in cells):
            yield number, cells


def _text(cell: Any) -> str | Fault:
    value = cell.value
    if cell.data_type == "f":
        return Fault("formula")
    match value:
        case None:
            text: str | Fault = ""
        case bool() | float() if isinstance(value, bool) or not math.isfinite(value):
            text = Fault("not_text", value=value)
        case datetime() if value.time() == time():
            text = value.date().isoformat()
        case str() | int() | date() if cell.data_type != "e":
            text = str(value)
        case float():
            text = str(int(value)) if value.is_integer() else repr(value)
        case _:
            text = Fault("not_text", value=value)
    return text


# --- Writing --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The head of a column, and how wide it is, in characters."""

    text: str
    width: int


def write(title: str, headings: Sequence[ColumnHead], rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook to be filled in: one sheet, a head that stays in view, cells that hold text."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append([heading.text for heading in headings])
    for row in rows:
        sheet.append(list(row))
    thin = Side(style="thin", color="BFBFBF")
    for row_cells in sheet.iter_rows():
        for cell in row_cells:
            keep_text(cell)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.font = Font(name="Times New Roman", size=13, bold=cell.row == 1)
            if cell.row == 1:
                cell.fill = PatternFill("solid", fgColor="D9E2F3")
                cell.alignment = Alignment("center", "center", wrap_text=True)
    for index, heading in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = heading.width
    sheet.row_dimensions[1].height = 26
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
