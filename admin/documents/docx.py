"""A document as a DOCX that an office can change and sign: the same elements as the PDF.

The typeface is named, not enclosed: Times New Roman, or what stands for it on the reader's
machine. The same elements make the same bytes: the file holds no time and no author.
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

from admin.documents.docx_parts import Look, WordWriter
from admin.documents.docx_tables import closing, masthead, signatures, table, verification
from admin.documents.elements import (
    Banner,
    Closing,
    Element,
    Heading,
    Masthead,
    Paragraph,
    Signatures,
    Table,
    Title,
    Verification,
)
from admin.documents.layout import LAYOUTS, PAGE, Layout, Style

FONT: Final = "Times New Roman"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold
_APART: Final = 6  # points of the empty line between two tables
_CENTER, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


def write(elements: Sequence[Element], style: Style) -> bytes:
    """The document as one DOCX."""
    layout, file = LAYOUTS[style], docx.Document()
    titles = [element.name for element in elements if isinstance(element, Title)]
    _prepare(file, layout, titles[0] if titles else "")
    writer = WordWriter(file, layout)
    before: Element | None = None
    for element in elements:
        if isinstance(before, Table) and isinstance(element, Table):
            writer.text(writer.page, "", Look(_APART))  # or Word takes both for one table
        _DRAWN[type(element)](writer, element)
        before = element
    written = io.BytesIO()
    file.save(written)
    return _timeless(written.getvalue())


def _prepare(file: Document, layout: Layout, title: str) -> None:
    """Page, typeface and page numbers; no time, no author."""
    normal = file.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.name, normal.font.size = FONT, Pt(layout.body)
        faces = normal.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:cs", "w:eastAsia"):
            faces.set(qn(script), FONT)
        normal.paragraph_format.space_after = Pt(0)
    section = file.sections[0]
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    top, bottom, left, right = (Mm(margin) for margin in layout.margins)
    section.top_margin, section.bottom_margin = top, bottom
    section.left_margin, section.right_margin = left, right
    section.header_distance = Mm(layout.page_top)
    section.different_first_page_header_footer = True
    _number(section.header.paragraphs[0], layout.page)
    properties = file.core_properties
    properties.title, properties.author, properties.comments = title, "", ""
    properties.created = properties.modified = datetime(*_EPOCH)  # noqa: DTZ001  the file knows no zone


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


def _banner(writer: WordWriter, element: Banner) -> None:
    look = Look(11, bold=True, align=_CENTER, after=6, ink="FFFFFF", ground="000000")
    writer.text(writer.page, element.text, look)


def _title(writer: WordWriter, element: Title) -> None:
    layout = writer.layout
    name = Look(layout.title, bold=True, align=_CENTER, before=14, after=4, sticky=True)
    about = Look(layout.about, bold=True, after=3, sticky=True)
    writer.text(writer.page, element.name, name)
    for line in element.about:
        writer.centred(writer.page, line, about, layout.width)
    if element.dashes:
        dashes = Look(layout.about, align=_CENTER, after=10, sticky=True)
        writer.text(writer.page, element.dashes, dashes)
    else:
        writer.rule(writer.page, layout.width, 30, after=10)


def _heading(writer: WordWriter, element: Heading) -> None:
    look = Look(writer.layout.body, bold=True, before=10, after=4, sticky=True)
    heading = writer.text(writer.page, element.text, writer.pitched(look))
    heading.paragraph_format.page_break_before = element.apart or None
    if element.hint:
        comment = writer.page.add_comment(heading.runs, element.hint, author="", initials="")
        comment._comment_elm.attrib.pop(qn("w:date"), None)  # noqa: SLF001  the file holds no time


def _paragraph(writer: WordWriter, element: Paragraph) -> None:
    layout, gap = writer.layout, writer.layout.gap
    if element.kind == "note":
        look = Look(layout.note, italic=True, align=_JUSTIFY, before=gap, after=4)
    elif element.kind in ("formula", "address"):
        bold = element.kind == "formula"
        look = writer.pitched(Look(layout.body, bold=bold, before=gap, after=gap))
        look = replace(look, sticky=element.sticky)
        writer.centred(writer.page, element.text, look, layout.width)
        return
    else:
        italic = element.kind == "basis"
        body = Look(layout.body, italic=italic, align=_JUSTIFY, indent=layout.indent, before=gap)
        look = writer.pitched(body)
    look = replace(look, sticky=element.sticky)
    writer.text(writer.page, element.text, look, lead=element.lead)


_DRAWN: Final[Mapping[type[Element], Callable[..., None]]] = {
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
