"""The workbooks that a draft begins with, to be filled in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import openpyxl  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from admin.rules.cells import keep_text


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
