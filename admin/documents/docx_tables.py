"""Tables of a DOCX: results, and the invisible ones that put things side by side."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Final

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm
from docx.table import Table as WordTable
from docx.table import _Cell, _Row

from admin.documents import qr
from admin.documents.blocks import (
    Closing,
    Group,
    Head,
    Masthead,
    Signature,
    Signatures,
    Table,
    Verification,
)
from admin.documents.docx_parts import Look, Sheet

_FEW: Final = 4  # rows of signatures that stay together
_SHORT: Final = 8  # rows of a table that stay together
_FIRST: Final = 2  # rows that stay with the heads of a longer one
_HAND: Final = 54.0  # points: room for a signature
_CODE: Final = 26.0  # millimetres
_INSET: Final = 0.8  # millimetres, left and right in a cell
_TALL: Final = 9.0  # points above and below the text of a row that people sign in
_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_FACE, _TYPED = "Courier New", 10.0  # for what is compared letter by letter
_CENTER = WD_ALIGN_PARAGRAPH.CENTER


def masthead(sheet: Sheet, block: Masthead) -> None:
    """Two columns: who issues the paper, State or Party; the number and the date under them."""
    layout = sheet.layout
    widths = (layout.left, layout.width - layout.left)
    (issued, nation), (number, dated) = _side_by_side(sheet, widths, 2)
    if block.parent:
        sheet.text(issued, block.parent, Look(layout.parent, align=_CENTER))
    sheet.text(issued, block.issuer, Look(layout.issuer, bold=True, align=_CENTER))
    if block.star:
        sheet.text(issued, block.star, Look(layout.issuer, align=_CENTER))
    else:
        sheet.rule(issued, widths[0], widths[0] * 0.4)
    sheet.text(nation, block.nation, Look(layout.nation, bold=True, align=_CENTER))
    if block.motto:
        sheet.text(nation, block.motto, Look(layout.motto, bold=True, align=_CENTER))
    sheet.rule(nation, widths[1], layout.rule)
    sheet.text(number, block.number, Look(layout.number, align=_CENTER, before=6))
    sheet.text(dated, block.date, Look(layout.date, italic=True, align=_CENTER, before=6))


def table(sheet: Sheet, block: Table) -> None:
    """A table with lines; its heads stand again on each page, no row is torn apart."""
    widths = _widths(sheet, block)
    made = sheet.page.add_table(len(block.heads) + len(block.rows), len(widths), "Table Grid")
    _fix(made, widths)
    _heads(sheet, made, block.heads)
    size = sheet.layout.table
    last = len(block.rows) if len(block.rows) <= _SHORT else _FIRST
    rows = zip(list(made.rows)[len(block.heads) :], block.rows, strict=True)
    for number, (row, texts) in enumerate(rows, start=1):
        _whole(row)
        cells = row.cells
        if isinstance(texts, Group):
            joined = cells[0].merge(cells[-1])
            look = Look(size, bold=True, before=2, after=2, held=True)
            sheet.text(joined, texts.text, look)
            continue
        around = _TALL if block.tall else 2
        for cell, text, column in zip(cells, texts, block.columns, strict=True):
            look = Look(size, align=_ALIGN[column.align], before=around, after=around)
            sheet.text(cell, text, replace(look, held=number < last))
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def verification(sheet: Sheet, block: Verification) -> None:
    """What is compared, and the code beside it, in a frame."""
    widths = (sheet.layout.width - _CODE - 8, _CODE + 8)
    ((lines, code),) = _side_by_side(sheet, widths, 1, frame=True)
    for label, value in block.lines:
        sheet.text(lines, f"{label}:", Look(sheet.layout.note, before=3))
        sheet.text(lines, value, Look(_TYPED, face=_FACE, after=2))
    picture = code.paragraphs[0]
    picture.alignment = _CENTER
    picture.add_run().add_picture(BytesIO(qr.png(block.code)), width=Mm(_CODE))
    for cell in (lines, code):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def signatures(sheet: Sheet, block: Signatures) -> None:
    """Rows of signatures, each whole."""
    few = len(block.rows) <= _FEW
    width = sheet.layout.width
    sheet.text(sheet.page, "", Look(4, held=True))
    made = _side_by_side(sheet, [width / len(block.rows[0])] * len(block.rows[0]), len(block.rows))
    for place, (cells, row) in enumerate(zip(made, block.rows, strict=True)):
        held = few and place < len(block.rows) - 1
        for cell, signature in zip(cells, row, strict=False):
            _sign(sheet, cell, signature, held=held)


def closing(sheet: Sheet, block: Closing) -> None:
    """Recipients at the left, the signature at the right."""
    layout = sheet.layout
    sheet.text(sheet.page, "", Look(6, held=True))
    ((listed, signed),) = _side_by_side(sheet, [layout.width / 2] * 2, 1)
    slanted = not layout.underlined
    look = Look(layout.label, bold=slanted, italic=slanted, underline=layout.underlined)
    sheet.text(listed, block.label, look)
    for line in block.recipients:
        sheet.text(listed, line, Look(layout.recipients))
    _sign(sheet, signed, block.signature, held=False)


def _sign(sheet: Sheet, cell: _Cell, signature: Signature | None, *, held: bool) -> None:
    """Office, room for the hand, name; all but the name stay with what follows."""
    if signature is None:
        return
    size = sheet.layout.signature
    for place, line in enumerate(signature.lines):
        bold = place < signature.strong
        sheet.text(cell, line, Look(size, bold=bold, align=_CENTER, held=True))
    look = Look(size, bold=True, align=_CENTER, before=_HAND, after=8, held=held)
    sheet.text(cell, signature.name, look)


def _side_by_side(
    sheet: Sheet, widths: Sequence[float], rows: int, *, frame: bool = False
) -> list[tuple[_Cell, ...]]:
    """Cells without lines, or with one around all of them; no row is torn apart."""
    made = sheet.page.add_table(rows, len(widths))
    _fix(made, widths)
    if frame:
        _frame(made)
    for row in made.rows:
        _whole(row)
    return [row.cells for row in made.rows]


def _widths(sheet: Sheet, block: Table) -> list[float]:
    """In millimetres; columns without a width share what is left."""
    fixed = sum(column.width for column in block.columns)
    open_columns = sum(not column.width for column in block.columns) or 1
    share = (sheet.layout.width - fixed) / open_columns
    return [column.width or share for column in block.columns]


def _fix(made: WordTable, widths: Sequence[float]) -> None:
    """Widths that no text changes."""
    made.autofit = False
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    for row in made.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(_INSET).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = made._tbl.tblPr  # noqa: SLF001  the library has no margins of cells
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _heads(sheet: Sheet, made: WordTable, heads: Sequence[Sequence[Head]]) -> None:
    taken: set[tuple[int, int]] = set()
    for line, row in enumerate(heads):
        _whole(made.rows[line])
        _repeat(made.rows[line])
        column = 0
        for head in row:
            while (line, column) in taken:
                column += 1
            reach = [(line + i, column + j) for i in range(head.down) for j in range(head.across)]
            taken.update(reach)
            cell = made.cell(line, column)
            if len(reach) > 1:
                cell = cell.merge(made.cell(*reach[-1]))
            look = Look(sheet.layout.table - 1, bold=True, align=_CENTER, held=True)
            sheet.text(cell, head.text, look)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _whole(row: _Row) -> None:
    """The row is not torn apart by the end of a page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001  as above


def _repeat(row: _Row) -> None:
    """The row stands again at the top of each page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  as above


def _frame(made: WordTable) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right"):
        border = OxmlElement(f"w:{side}")
        values = {"val": "single", "sz": "4", "space": "0", "color": "auto"}
        for name, value in values.items():
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    layout = made._tbl.tblPr.find(qn("w:tblLayout"))  # noqa: SLF001  as above
    if layout is not None:
        layout.addprevious(borders)
