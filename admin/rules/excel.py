"""Excel workbooks: the cells of the one sheet that has any, and nothing that could surprise.

A workbook is a zip of XML from anybody. It is measured before a parser sees it: no more parts,
bytes or tags than the largest roster needs, no document type (hence no entities), no macros, no
links to other files. A formula is told by its cell, since what it shows is not what it is; so are
rows and columns that are hidden, text that is struck out, and cells that were merged.
"""

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

import openpyxl  # type: ignore[import-untyped]
from openpyxl.cell.rich_text import CellRichText, TextBlock  # type: ignore[import-untyped]
from openpyxl.styles.numbers import BUILTIN_FORMATS  # type: ignore[import-untyped]
from openpyxl.utils import column_index_from_string  # type: ignore[import-untyped]
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser  # type: ignore[import-untyped]

from admin.rules.cells import Fault
from admin.rules.grid import CellRange, Cells, Grid, GridRow

MAX_FILE: Final = 1 << 25  # 200 000 rows of six columns need about 15 MB
MAX_ROW: Final = 1 << 20  # the last row that a spreadsheet program can show

_MAX_UNPACKED = 1 << 28
_MAX_TAGS = 12_000_000  # a row of six cells has about forty
_MAX_PARTS = 1000
_MAX_CELLS = 20_000_000  # empty ones included: a far cell makes its row wide
_CHUNK = 1 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # .xls, or an .xlsx with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_YES = {"1", "true"}
# A number format that writes words beside the value, or nothing at all.
_SHOWN_OTHERWISE = re.compile(r'"[^"]*[^\W\d_][^"]*"|^;;;?$')
_CUSTOM_FORMATS = 164  # numbers of formats from here on are the workbook's own (ECMA-376, 18.8.30)

# ISO/IEC 29500 Strict has namespaces of its own for the same elements.
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_NAMESPACES: Final = (
    (b"spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
# How other files that people take for a workbook show what they are.
_KINDS: Final = (
    (b"application/vnd.oasis.opendocument.spreadsheet", "OpenDocument (.ods)"),
    (b"xl/workbook.bin", "Excel Binary (.xlsb)"),
    (b"word/document.xml", "Word (.docx)"),
    (b"Index/Document.iwa", "Apple Numbers"),
)


def read(data: bytes) -> Grid:
    """The sheet that has something in it.

    Raises:
        Fault: not such a workbook, or one with parts that are not accepted.
    """
    _check_package(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which do not matter
            book = openpyxl.load_workbook(
                io.BytesIO(_transitional(data)),
                read_only=True,
                keep_links=False,
                data_only=True,
                rich_text=True,
            )
            grids = [_grid(book, sheet) for sheet in book.worksheets]
    except Fault:
        raise
    except Exception:  # noqa: BLE001  the parser fails on damaged parts in every possible way
        raise Fault("not_xlsx") from None
    used = [grid for grid in grids if grid.rows]
    if len(used) > 1:
        raise Fault("many_sheets", sheets=", ".join(grid.title for grid in used))
    return used[0] if used else Grid(())


def _check_package(data: bytes) -> None:
    if len(data) > MAX_FILE:
        raise Fault("file_too_long", limit=MAX_FILE)
    if data.startswith(_OLE):
        raise Fault("password") if _ENCRYPTED in data else Fault("other_kind", kind="Excel (.xls)")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            _check_parts(parts)
            tags = sum(_tags(package, part) for part in parts)
            _check_kind(package)
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


def _check_kind(package: zipfile.ZipFile) -> None:
    names = package.namelist()
    first = package.read("mimetype") if "mimetype" in names else b""
    signs = b"\n".join([first, *(name.encode() for name in names)])
    kind = next((kind for sign, kind in _KINDS if sign in signs), None)
    if kind is not None:
        raise Fault("other_kind", kind=kind)


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


def _transitional(data: bytes) -> bytes:
    """The workbook with the namespaces that the parser knows."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as strict:
        names = strict.namelist()
        if "xl/workbook.xml" not in names or _STRICT not in strict.read("xl/workbook.xml"):
            return data
        with zipfile.ZipFile(target, "w") as plain:
            for name in names:
                contents = strict.read(name)
                for old, new in _NAMESPACES:
                    contents = contents.replace(_STRICT + old, new)
                plain.writestr(name, contents)
    return target.getvalue()


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """The parser of openpyxl, which keeps no note of the formula where it gives its value."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        return cell | {"formula": element.find(FORMULA_TAG) is not None}


def _grid(book: Any, sheet: Any) -> Grid:
    with sheet._get_source() as source:  # noqa: SLF001  what a read-only sheet does itself
        parser = _Parser(
            source,
            sheet._shared_strings,  # noqa: SLF001
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
            rich_text=True,
        )
        rows = tuple(_rows(book, parser))
    merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
    ranges = tuple(CellRange(*cells.bounds) for cells in merged)
    if sum(cells.bottom - cells.top for cells in ranges) > _MAX_CELLS:
        raise Fault("unpacked_too_large")
    return Grid(rows, sheet.title, ranges, frozenset(_hidden_columns(parser)))


def _rows(book: Any, parser: Any) -> Iterator[GridRow]:
    width, before = 0, 0
    for number, row in parser.parse():
        width += max((cell["column"] for cell in row), default=0)
        if number > MAX_ROW or width > _MAX_CELLS:
            raise Fault("unpacked_too_large")
        if number <= before:
            raise Fault("not_xlsx")
        before = number
        cells: Cells = [""] * max((cell["column"] for cell in row), default=0)
        for cell in row:
            cells[cell["column"] - 1] = _cell(book, cell)
        if any(isinstance(cell, Fault) or cell.strip() for cell in cells):
            yield GridRow(number, cells, _is_hidden(parser.row_dimensions.get(str(number), {})))


def _hidden_columns(parser: Any) -> Iterator[int]:
    for letter, attributes in parser.column_dimensions.items():
        if _is_hidden(attributes):
            first = column_index_from_string(letter)
            yield from range(first, int(attributes.get("max", first)) + 1)


def _is_hidden(attributes: dict[str, str]) -> bool:
    sizes = [float(attributes[key]) for key in ("ht", "width") if key in attributes]
    return attributes.get("hidden", "") in _YES or 0 in sizes


def _cell(book: Any, cell: dict[str, Any]) -> str | Fault:
    text = _text(book, cell)
    if cell["formula"]:
        return Fault("formula", value="" if isinstance(text, Fault) else text)
    if isinstance(text, str) and text.strip():
        if _is_struck(book, cell):
            return Fault("struck", value=text)
        if _SHOWN_OTHERWISE.search(_form(book, cell)):
            return Fault("shown_otherwise", value=text)
    return text


def _is_struck(book: Any, cell: dict[str, Any]) -> bool:
    style = book._cell_styles[cell["style_id"]]  # noqa: SLF001  what a read-only cell does itself
    value = cell["value"]
    runs = value if isinstance(value, CellRichText) else ()
    struck = (run for run in runs if isinstance(run, TextBlock) and run.font.strike)
    return bool(book._fonts[style.fontId].strike) or any(run.text.strip() for run in struck)  # noqa: SLF001


def _text(book: Any, cell: dict[str, Any]) -> str | Fault:
    value = cell["value"]
    match value:
        case None:
            text: str | Fault = ""
        case bool() | float() if isinstance(value, bool) or not math.isfinite(value):
            text = Fault("not_text", value=value)
        case datetime() if value.time() == time():
            years = set(_form(book, cell).lower()) == {"y"}  # of the date they alone are seen
            day = str(value.year) if years else value.date().isoformat()
            text = Fault("day_here", value=day)
        case CellRichText() | str() | int() | date() if cell["data_type"] != "e":
            text = str(value)
        case float():
            text = str(int(value)) if value.is_integer() else repr(value)
        case _:
            text = Fault("not_text", value=value)
    return text


def _form(book: Any, cell: dict[str, Any]) -> str:
    """The number format of a cell."""
    number = book._cell_styles[cell["style_id"]].numFmtId  # noqa: SLF001
    own = number - _CUSTOM_FORMATS
    form = BUILTIN_FORMATS.get(number, "") if own < 0 else book._number_formats[own]  # noqa: SLF001
    return str(form)
