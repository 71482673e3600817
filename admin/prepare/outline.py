"""What an official's office gets: a self-report to be filled in, and the voters' questions.

The self-report is laid out as every paper (`admin/documents/layout.py`).
"""

import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from admin.documents.around import forms
from admin.documents.around.meeting import Meeting
from admin.record import files
from admin.rules import dossiers as rules
from admin.words import words
from crypto.errors import Refused
from crypto.session import Official

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

NAME: Final = "bao-cao-tu-danh-gia"  # by which the filled in file is known for what it is
_FONT: Final = "Times New Roman"
_MARGINS: Final = {"top": 20, "bottom": 20, "left": 30, "right": 15}  # mm
_BODY, _SMALL = 14, 11  # points


def write(meeting: Meeting, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Writes the outlines; returns the names of those written, and of those left as they were.

    Raises:
        Refused: no outline of the regulation is known.
    """
    from admin.documents import docx  # noqa: PLC0415  a third of a second, for this alone

    sections = rules.of_regime(meeting.regime.id).outline
    if not sections:
        raise Refused(f"no outline of a self-report is known for {meeting.regime.id}")
    folder.mkdir(parents=True, exist_ok=True)
    written, existing = [], []
    for i, official in enumerate(meeting.officials):
        name = f"{i + 1:02d}-{NAME}-{slug(official.name)}.docx"
        if (folder / name).exists():
            existing.append(name)
            continue
        form = forms.self_report(meeting, i, sections)
        files.write(folder / name, docx.write(form, meeting.style))
        written.append(name)
    return tuple(written), tuple(existing)


def questions(official: Official, texts: Sequence[str]) -> bytes:
    """The voters' questions to one official, numbered, as DOCX."""
    from docx import Document as new  # noqa: N813, PLC0415  a third of a second, for this alone

    document = new()
    _style(document)
    _line(document, words("dossiers.questions.title", "vi"), bold=True, centred=True)
    _line(
        document, words("dossiers.questions.to", "vi", name=official.name), bold=True, centred=True
    )
    _line(document, official.position, centred=True)
    for number, text in enumerate(texts, start=1):
        first, *lines = text.split("\n")
        _line(document, f"{number}. {first}", above=12)
        for line in lines:
            _line(document, line)
    _line(document, words("dossiers.questions.answer", "vi"), slanted=True, size=_SMALL, above=18)
    document.core_properties.author = ""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _style(document: "Document") -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415  see `questions`
    from docx.shared import Mm, Pt  # noqa: PLC0415

    normal: ParagraphStyle = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(_BODY)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    normal.paragraph_format.space_before = Pt(6)
    normal.paragraph_format.space_after = Pt(0)
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    for side, size in _MARGINS.items():
        setattr(page, f"{side}_margin", Mm(size))


def _line(
    document: "Document",
    text: str,
    *,
    bold: bool = False,
    slanted: bool = False,
    centred: bool = False,
    size: int = _BODY,
    above: int | None = None,
) -> "Paragraph":
    """A paragraph; `above` is the space over it, in points."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415  see `questions`
    from docx.shared import Pt  # noqa: PLC0415

    line = document.add_paragraph()
    run = line.add_run(text)
    run.bold, run.italic, run.font.size = bold, slanted, Pt(size)
    aligned = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
    line.alignment = aligned
    if above is not None:
        line.paragraph_format.space_before = Pt(above)
    return line


def slug(name: str) -> str:
    """A name in plain letters, for the name of a file."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in folded if c.isascii())).strip("-")
