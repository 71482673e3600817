"""A workbook of many sessions: all officials, those at two venues, those whom a rule speaks of."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Final

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet._write_only import WriteOnlyWorksheet  # type: ignore[import-untyped]

from admin.rules.cells import keep_text

Cell = str | int | Decimal | date | None

_DAY: Final = "dd/mm/yyyy"
_WIDTHS: Final = (12, 60)  # letters of the narrowest and the widest column


def workbook(sheets: Iterable[tuple[str, Sequence[str], Sequence[Sequence[Cell]]]]) -> bytes:
    """An XLSX: for each sheet its name, the heads of its columns, its rows.

    Texts stay texts, whatever they begin with: no name becomes a formula. Numbers and days are
    numbers and days, which can be sorted and summed up.
    """
    book = Workbook(write_only=True)
    for name, heads, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for i in range(len(heads)):
            longest = max(len(str(row[i] or "")) for row in [heads, *rows])
            width = min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1])
            sheet.column_dimensions[get_column_letter(i + 1)].width = width
        sheet.append([_cell(sheet, head, bold=True) for head in heads])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: Cell, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        keep_text(cell)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif isinstance(value, date):
        cell.number_format = _DAY
    cell.font = Font(bold=bold)
    return cell
