"""Paragraphs of a DOCX: how a line looks, where it breaks, what stays with what follows."""

import re
from dataclasses import dataclass, replace

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from admin.documents.layout import Layout
from admin.documents.line_breaks import balanced

_RULE = 6  # eighths of a point
_TERM, _UNBROKEN = re.compile(r"(\d{4}) - (\d{4})"), "\\1\u00a0-\u00a0\\2"  # 2026 - 2031
_HAIR = 2.0  # points: the size of the empty line that a rule hangs on


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph is set; sizes in points, the indent of the first line in millimetres.

    Attributes:
        pitch: from base line to base line in points; 0 for that of the typeface.
        exact: whether the pitch holds whatever stands on the line.
        sticky: whether it stays on the page of what follows.
        ink, ground: colours as RRGGBB; empty for black on nothing.
        face: another typeface than that of the document.
    """

    size: float
    bold: bool = False
    italic: bool = False
    underline: bool = False
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    before: float = 0
    after: float = 0
    indent: float = 0
    pitch: float = 0
    exact: bool = False
    sticky: bool = False
    ink: str = ""
    ground: str = ""
    face: str = ""


@dataclass(frozen=True, slots=True)
class WordWriter:
    """The document that is being written, and its measures."""

    page: Document
    layout: Layout

    def pitched(self, look: Look) -> Look:
        """With the line pitch of running text."""
        return replace(look, pitch=self.layout.pitch, exact=self.layout.exact)

    def text(self, where: Document | _Cell, text: str, look: Look, *, lead: str = "") -> Paragraph:
        """One more paragraph; in a cell the first one is there already."""
        paragraph = _next(where)
        if lead:
            paragraph.add_run(f"{lead} ").bold = True
        run = paragraph.add_run(_TERM.sub(_UNBROKEN, text))
        for part in paragraph.runs:
            part.font.size = Pt(look.size)
            if look.face:
                part.font.name = look.face
            if look.ink:
                part.font.color.rgb = RGBColor.from_string(look.ink)
        run.bold, run.italic, run.underline = look.bold, look.italic, look.underline
        self._set(paragraph, look)
        return paragraph

    def centred(self, where: Document | _Cell, text: str, look: Look, room: float) -> Paragraph:
        """A paragraph in the middle of so many millimetres, its lines about the same length."""
        lines = balanced(text, room, look.size, bold=look.bold, italic=look.italic)
        return self.text(where, "\n".join(lines), replace(look, align=WD_ALIGN_PARAGRAPH.CENTER))

    def rule(
        self, where: Document | _Cell, across: float, length: float, *, after: float = 0
    ) -> None:
        """A line in the middle, so many millimetres long in a space so many across."""
        paragraph = _next(where)
        size = Pt(_HAIR)
        paragraph.add_run(" ").font.size = size
        form = paragraph.paragraph_format
        form.left_indent = form.right_indent = Mm(max(across - length, 0) / 2)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, size
        form.space_before, form.space_after = Pt(0), Pt(after)
        borders = OxmlElement("w:pBdr")
        border = OxmlElement("w:bottom")
        values = {"val": "single", "sz": str(_RULE), "space": "1", "color": "auto"}
        for name, value in values.items():
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
        _place(paragraph, borders)

    def _set(self, paragraph: Paragraph, look: Look) -> None:
        paragraph.alignment = look.align
        form = paragraph.paragraph_format
        form.space_before, form.space_after = Pt(look.before), Pt(look.after)
        if look.indent:
            form.first_line_indent = Mm(look.indent)
        if look.exact and look.pitch:
            form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch)
        elif look.pitch:
            form.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
            form.line_spacing = Pt(look.pitch)
        form.keep_with_next = look.sticky or None
        form.widow_control = True
        if look.ground:
            shade = OxmlElement("w:shd")
            for name, value in {"val": "clear", "color": "auto", "fill": look.ground}.items():
                shade.set(qn(f"w:{name}"), value)
            _place(paragraph, shade)


def _next(where: Document | _Cell) -> Paragraph:
    first: Paragraph | None = where.paragraphs[0] if isinstance(where, _Cell) else None
    return where.add_paragraph() if first is None or first.runs else first


# What must come after a border or a shade, by the schema (ECMA-376, CT_PPrBase).
_LATER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _place(paragraph: Paragraph, element: BaseOxmlElement) -> None:
    """Puts a property where the schema wants it: Word refuses others."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  the library has no such property
    before = [child for child in properties if child.tag in {qn(name) for name in _LATER}]
    if before:
        before[0].addprevious(element)
    else:
        properties.append(element)
