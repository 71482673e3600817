"""Tables of a DOCX: results, and the invisible ones that put things side by side."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from math import lcm
from typing import Final

from docx.enum.table import (
    WD_CELL_VERTICAL_ALIGNMENT,
    WD_ROW_HEIGHT_RULE,
    WD_TABLE_ALIGNMENT,
)
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell, _Row

from admin.documents import qr
from admin.documents.docx_parts import Look, WordWriter
from admin.documents.elements import (
    Closing,
    GroupRow,
    Head,
    Masthead,
    SignaturePlace,
    Signatures,
    Table,
    Verification,
)

_FEW: Final = 5  # rows of signatures that stay together
_SHORT: Final = 2  # rows of a table that stay together
_FIRST: Final = 2  # rows that stay with the heads of a longer one
_ABOVE: Final = 10.0  # points between a name and the office under it
_HAND: Final = 42.0  # points: room for a signature
_STAMP: Final = 54.0  # and for a stamp beside it
_CODE: Final = 26.0  # millimetres
_LETTER: Final = 0.18  # millimetres of a bold letter for each point of its size
_LEADING: Final = 1.2  # from line to line, of the size
_INSET: Final = 0.8  # millimetres, left and right in a cell
_TALL: Final = 9.0  # points above and below the text of a row that people sign in
_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_FACE, _TYPED = "Courier New", 10.0  # for what is compared letter by letter
_CENTER = WD_ALIGN_PARAGRAPH.CENTER


def masthead(writer: WordWriter, element: Masthead) -> None:
    """Two columns: who issues the document, State or Party; the number and the date under them."""
    layout = writer.layout
    widths = (layout.left, layout.width - layout.left)
    (issued, nation), (number, dated) = _side_by_side(writer, widths, 2)
    room = layout.left - 2 * _INSET
    if element.parent:
        writer.centred(issued, element.parent, Look(layout.parent), room)
    writer.centred(issued, element.issuer, Look(layout.issuer, bold=True), room)
    if element.star:
        writer.text(issued, element.star, Look(layout.issuer, align=_CENTER))
    else:
        writer.rule(issued, widths[0], widths[0] * 0.4)
    writer.text(nation, element.nation, Look(layout.nation, bold=True, align=_CENTER))
    if element.motto:
        writer.text(nation, element.motto, Look(layout.motto, bold=True, align=_CENTER))
    writer.rule(nation, widths[1], layout.rule)
    writer.text(number, element.number, Look(layout.number, align=_CENTER, before=6))
    if element.subject:
        look = Look(layout.subject, italic=layout.slanted, before=2)
        writer.centred(number, element.subject, look, room)
    writer.text(dated, element.date, Look(layout.date, italic=True, align=_CENTER, before=6))


def table(writer: WordWriter, element: Table) -> None:
    """A table with lines; its heads stand again on each page, no row is torn apart."""
    widths = _widths(writer, element)
    grid = writer.page.add_table(len(element.heads) + len(element.rows), len(widths), "Table Grid")
    _fix(grid, widths)
    _heads(writer, grid, element.heads)
    size = writer.layout.table
    together = element.whole or len(element.rows) <= _SHORT
    last = len(element.rows) if together else _FIRST
    rows = zip(list(grid.rows)[len(element.heads) :], element.rows, strict=True)
    for number, (row, texts) in enumerate(rows, start=1):
        _whole(row)
        cells = row.cells
        if isinstance(texts, GroupRow):
            joined = cells[0].merge(cells[-1])
            look = Look(size, bold=True, before=2, after=2, sticky=True)
            writer.text(joined, texts.text, look)
            continue
        around = _TALL if element.tall else 2
        for cell, text, column in zip(cells, texts, element.columns, strict=True):
            look = Look(size, align=_ALIGN[column.align], before=around, after=around)
            writer.text(cell, text, replace(look, sticky=number < last))
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def verification(writer: WordWriter, element: Verification) -> None:
    """What is compared, and the code beside it, in a frame."""
    widths = (writer.layout.width - _CODE - 8, _CODE + 8)
    ((lines, code),) = _side_by_side(writer, widths, 1, frame=True)
    for label, value in element.lines:
        writer.text(lines, f"{label}:", Look(writer.layout.note, before=3))
        writer.text(lines, value, Look(_TYPED, face=_FACE, after=2))
    picture = code.paragraphs[0]
    picture.alignment = _CENTER
    picture.add_run().add_picture(BytesIO(qr.png(element.code)), width=Mm(_CODE))
    for cell in (lines, code):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def signatures(writer: WordWriter, element: Signatures) -> None:
    """Rows of signatures, each whole."""
    few = len(element.rows) <= _FEW
    width = writer.layout.width
    writer.text(writer.page, "", Look(4, sticky=True))
    across = lcm(*map(len, element.rows))
    grid = _side_by_side(writer, [width / across] * across, len(element.rows))
    for place, (cells, row) in enumerate(zip(grid, element.rows, strict=True)):
        sticky = few and (element.sticky or place < len(element.rows) - 1)
        span = across // len(row)
        for first, signature in zip(range(0, across, span), row, strict=True):
            cell = cells[first].merge(cells[first + span - 1]) if span > 1 else cells[first]
            _sign(writer, cell, signature, sticky=sticky)


def closing(writer: WordWriter, element: Closing) -> None:
    """Recipients at the left, the signature at the right."""
    layout = writer.layout
    writer.text(writer.page, "", Look(6, sticky=True))
    ((recipients, signed),) = _side_by_side(writer, [layout.width / 2] * 2, 1)
    slanted = not layout.underlined
    look = Look(layout.label, bold=slanted, italic=slanted, underline=layout.underlined)
    writer.text(recipients, element.label, look)
    for line in element.recipients:
        writer.text(recipients, line, Look(layout.recipients))
    _sign(writer, signed, element.signature, sticky=False, room=_STAMP)


def _sign(
    writer: WordWriter,
    cell: _Cell,
    signature: SignaturePlace | None,
    *,
    sticky: bool,
    room: float = _HAND,
) -> None:
    """Office, room for the hand, name; all but the name stay with what follows."""
    if signature is None:
        return
    size = writer.layout.signature
    for place, line in enumerate(signature.lines):
        bold = place < signature.strong
        above = _ABOVE if place == 0 else 0
        look = Look(size, bold=bold, align=_CENTER, before=above, sticky=True)
        writer.text(cell, line, look)
    if signature.hint:
        look = Look(writer.layout.note, italic=True, align=_CENTER, sticky=True)
        writer.text(cell, signature.hint, look)
    if not signature.name:
        return
    look = Look(size, bold=True, align=_CENTER, before=room, after=8, sticky=sticky)
    writer.text(cell, signature.name, look)


def _side_by_side(
    writer: WordWriter, widths: Sequence[float], rows: int, *, frame: bool = False
) -> list[tuple[_Cell, ...]]:
    """Cells without lines, or with one around all of them; no row is torn apart."""
    grid = writer.page.add_table(rows, len(widths))
    _fix(grid, widths)
    if frame:
        _frame(grid)
    for row in grid.rows:
        _whole(row)
    return [row.cells for row in grid.rows]


def _widths(writer: WordWriter, element: Table) -> list[float]:
    """In millimetres; columns without a width share what is left."""
    fixed = sum(column.width for column in element.columns)
    open_columns = sum(not column.width for column in element.columns) or 1
    share = (writer.layout.width - fixed) / open_columns
    return [column.width or share for column in element.columns]


def _fix(grid: WordTable, widths: Sequence[float]) -> None:
    """Widths that no text changes."""
    grid.autofit = False
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
    for row in grid.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(_INSET).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = grid._tbl.tblPr  # noqa: SLF001  the library has no margins of cells
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _heads(writer: WordWriter, grid: WordTable, heads: Sequence[Sequence[Head]]) -> None:
    taken: set[tuple[int, int]] = set()
    for line, row in enumerate(heads):
        _whole(grid.rows[line])
        _repeat(grid.rows[line])
        column = 0
        for head in row:
            while (line, column) in taken:
                column += 1
            reach = [(line + i, column + j) for i in range(head.down) for j in range(head.across)]
            taken.update(reach)
            cell = grid.cell(line, column)
            if len(reach) > 1:
                cell = cell.merge(grid.cell(*reach[-1]))
            if head.down > 1:
                width = sum(grid.columns[column + j].width.mm for j in range(head.across))
                tall = _lines(head.text, width, writer.layout.table) / head.down
                for i in range(head.down):
                    _at_least(grid.rows[line + i], tall * writer.layout.table * _LEADING)
            look = Look(writer.layout.table - 1, bold=True, align=_CENTER, sticky=True)
            writer.text(cell, head.text, look)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _lines(text: str, width: float, size: float) -> int:
    """How many lines words take in so many millimetres, by the usual width of bold letters."""
    most = max(1, int((width - 2 * _INSET) / (size * _LETTER)))
    return len(textwrap.wrap(text, most, break_long_words=False))


def _at_least(row: _Row, height: float) -> None:
    """So many points: LibreOffice cuts a joined cell where its row stands again on a page."""
    row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
    if row.height is None or row.height < Pt(height):
        row.height = Pt(height)


def _whole(row: _Row) -> None:
    """The row is not torn apart by the end of a page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001  as above


def _repeat(row: _Row) -> None:
    """The row stands again at the top of each page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  as above


def _frame(grid: WordTable) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right"):
        border = OxmlElement(f"w:{side}")
        values = {"val": "single", "sz": "4", "space": "0", "color": "auto"}
        for name, value in values.items():
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    layout = grid._tbl.tblPr.find(qn("w:tblLayout"))  # noqa: SLF001  as above
    if layout is not None:
        layout.addprevious(borders)
