"""What an official's office gets: a self-report to be filled in, and the voters' questions.

Measures are those of reference/domain.md §2.5, read at second hand: Nghị định 30/2020/NĐ-CP for
State bodies, Hướng dẫn 05-HD/VPTW for Party bodies.
"""

import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from admin.prepare.draft import Draft
from admin.record import files
from admin.rules import dossiers as rules
from admin.rules.dossiers import Section
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
_LINES: Final = 6  # to write on, under each heading


def write(draft: Draft, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Writes the outlines; returns the names of those written, and of those left as they were.

    Raises:
        Refused: no outline of the regulation is known.
    """
    sections = rules.of_regime(draft.regime.id).outline
    if not sections:
        raise Refused(f"no outline of a self-report is known for {draft.regime.id}")
    folder.mkdir(parents=True, exist_ok=True)
    written, existing = [], []
    for number, official in enumerate(draft.officials, start=1):
        name = f"{number:02d}-{NAME}-{slug(official.name)}.docx"
        if (folder / name).exists():
            existing.append(name)
            continue
        files.write(folder / name, encode(draft, official, sections))
        written.append(name)
    return tuple(written), tuple(existing)


def encode(draft: Draft, official: Official, sections: tuple[Section, ...]) -> bytes:
    """One official's outline, as DOCX."""
    from docx import Document as new  # noqa: N813, PLC0415  a third of a second, for this alone

    document = new()
    _style(document)
    kind = draft.regime.kind
    for key in ("nation",) if kind == "party" else ("nation", "motto"):
        _line(document, words(f"dossiers.outline.{kind}.{key}", "vi"), bold=True, centred=True)
    _line(document, words("dossiers.outline.day", "vi"), slanted=True, centred=True)
    _line(document, words("dossiers.outline.title", "vi"), bold=True, centred=True, above=18)
    _line(document, f"{draft.form.title} – {draft.form.body}", bold=True, centred=True)
    for number, section in enumerate(sections, start=1):
        _section(document, number, section, official)
    _line(document, words("dossiers.outline.signature", "vi"), bold=True, centred=True, above=24)
    _line(document, words("dossiers.outline.sign", "vi"), slanted=True, centred=True)
    _line(document, official.name, bold=True, centred=True, above=60)
    document.core_properties.author = ""
    document.core_properties.title = f"{words('dossiers.kinds.self_report', 'vi')}: {official.name}"
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def questions(official: Official, texts: Sequence[str]) -> bytes:
    """The voters' questions to one official, numbered, as DOCX."""
    from docx import Document as new  # noqa: N813, PLC0415  see `encode`

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


def _section(document: "Document", number: int, section: Section, official: Official) -> None:
    _line(document, f"{number}. {section.title.vi}", bold=True, above=12)
    rule = words("dossiers.outline.rule", "vi", rule=section.rule)
    _line(document, rule, slanted=True, size=_SMALL)
    if section.fill == "person":
        _line(document, words("dossiers.outline.name", "vi", name=official.name))
        _line(document, words("dossiers.outline.position", "vi", position=official.position))
        return
    if section.hint is not None:
        _line(document, section.hint.vi, slanted=True, size=_SMALL)
    for _ in range(_LINES):
        _line(document, "")


def _style(document: "Document") -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415  see `encode`
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
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415  see `encode`
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
