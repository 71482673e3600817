"""A paper as a DOCX that an office can change and sign: the same blocks as the PDF.

The typeface is named, not enclosed: Times New Roman, or what stands for it on the reader's
machine. The same blocks make the same bytes: the file holds no time and no author.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as WordParagraph

from admin.documents.blocks import (
    Banner,
    Block,
    Closing,
    Heading,
    Masthead,
    Paragraph,
    Signatures,
    Table,
    Title,
    Verification,
)
from admin.documents.docx_parts import Look, Sheet
from admin.documents.docx_tables import closing, masthead, signatures, table, verification
from admin.documents.layout import LAYOUTS, PAGE, Layout, Style

FONT: Final = "Times New Roman"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold
_CENTER, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


def write(blocks: Sequence[Block], style: Style) -> bytes:
    """The paper as one DOCX."""
    layout, made = LAYOUTS[style], docx.Document()
    _prepare(made, layout, next((one.name for one in blocks if isinstance(one, Title)), ""))
    sheet = Sheet(made, layout)
    for block in blocks:
        _DRAWN[type(block)](sheet, block)
    written = io.BytesIO()
    made.save(written)
    return _timeless(written.getvalue())


def _prepare(made: Document, layout: Layout, title: str) -> None:
    """Page, typeface and page numbers; no time, no author."""
    normal = made.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.name, normal.font.size = FONT, Pt(layout.body)
        faces = normal.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:cs", "w:eastAsia"):
            faces.set(qn(script), FONT)
        normal.paragraph_format.space_after = Pt(0)
    section = made.sections[0]
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    top, bottom, left, right = (Mm(margin) for margin in layout.margins)
    section.top_margin, section.bottom_margin = top, bottom
    section.left_margin, section.right_margin = left, right
    section.header_distance = Mm(layout.page_top)
    section.different_first_page_header_footer = True
    _number(section.header.paragraphs[0], layout.page)
    said = made.core_properties
    said.title, said.author, said.comments = title, "", ""
    said.created = said.modified = datetime(*_EPOCH)  # noqa: DTZ001  the file knows no zone


def _number(paragraph: WordParagraph, size: float) -> None:
    """The field that Word fills with the number of the page."""
    paragraph.alignment = _CENTER
    run = paragraph.add_run()
    run.font.size = Pt(size)
    for kind in ("begin", "", "end"):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = "PAGE"
        run._r.append(mark)  # noqa: SLF001  the library has no fields


def _timeless(data: bytes) -> bytes:
    """The same zip with the times of its entries set back."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return written.getvalue()


def _banner(sheet: Sheet, block: Banner) -> None:
    look = Look(11, bold=True, align=_CENTER, after=6, ink="FFFFFF", ground="000000")
    sheet.text(sheet.page, block.text, look)


def _title(sheet: Sheet, block: Title) -> None:
    layout = sheet.layout
    name = Look(layout.title, bold=True, align=_CENTER, before=14, after=4, held=True)
    about = Look(layout.about, bold=True, align=_CENTER, after=3, held=True)
    sheet.text(sheet.page, block.name, name)
    for line in block.about:
        sheet.text(sheet.page, line, about)
    if block.dashes:
        dashes = Look(layout.about, align=_CENTER, after=10, held=True)
        sheet.text(sheet.page, block.dashes, dashes)
    else:
        sheet.rule(sheet.page, layout.width, 30, after=10)


def _heading(sheet: Sheet, block: Heading) -> None:
    look = Look(sheet.layout.body, bold=True, before=10, held=True)
    sheet.text(sheet.page, block.text, sheet.pitched(look))


def _paragraph(sheet: Sheet, block: Paragraph) -> None:
    layout, gap = sheet.layout, sheet.layout.gap
    if block.kind == "note":
        look = Look(layout.note, italic=True, align=_JUSTIFY, before=gap, after=4)
    else:
        look = sheet.pitched(Look(layout.body, align=_JUSTIFY, indent=layout.indent, before=gap))
    look = replace(look, held=block.held)
    sheet.text(sheet.page, block.text, look, lead=block.lead)


_DRAWN: Final[Mapping[type[Block], Callable[..., None]]] = {
    Banner: _banner,
    Masthead: masthead,
    Title: _title,
    Heading: _heading,
    Paragraph: _paragraph,
    Table: table,
    Verification: verification,
    Signatures: signatures,
    Closing: closing,
}
