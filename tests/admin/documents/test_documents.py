"""PDF and DOCX say the same, in letters that everybody can read, laid out as the rules want."""

import hashlib
import io
import re
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import docx as word
import pytest
from docx.shared import Pt

from admin.documents import compose, consolidation, document, docx, forwarding, parts
from admin.documents.around import (
    box_papers,
    follow_up,
    forms,
    notices,
    resolution,
    round_plan,
    script,
    submissions,
)
from admin.documents.elements import Element, Heading, Masthead, Paragraph, Table, Title
from admin.documents.facts import MeetingFacts
from admin.documents.layout import LAYOUTS, Style
from admin.rules import dossiers
from tests.admin.documents import samples
from tests.admin.documents.pictures import VIETNAMESE, looks_as_it_did
from tests.admin.documents.reading import docx_texts, pdf_pages, tool
from tests.admin.documents.test_consolidation import MANY

GOLDEN = Path(__file__).parent / "golden"
LETTERS = "".join(VIETNAMESE) + "bcdghklmnpqrstvxBCDGHKLMNPQRSTVX"


@cache
def papers() -> dict[str, tuple[list[Element], Style]]:
    """Every kind in both layouts, and what strains a page."""
    state, party, many = samples.state(), samples.party(), samples.state(44)
    drafts = {
        f"{count.style}-{kind}": (make(count), count.style)
        for count in (state, party)
        for kind, make in compose.COMPOSERS.items()
    }
    two = samples.state(3, "two-level-nq96", rehearsal=True)
    blocks = samples.many_blocks()
    blank = samples.state(1, facts=MeetingFacts(), seal=None)
    roster = samples.listed()
    return (
        drafts
        | around()
        | {
            "many": (compose.minutes(many), many.style),
            "two": (compose.minutes(two), two.style),
            "blocks": (compose.minutes(blocks), blocks.style),
            "paper-only": (compose.report(samples.on_paper()), "state"),
            "blank": (compose.minutes(blank), blank.style),
            "list": (compose.attendance(roster), roster.style),
        }
    )


def around() -> dict[str, tuple[list[Element], Style]]:
    """The papers around the vote, of a State and of a Party body."""
    drafts: dict[str, tuple[list[Element], Style]] = {}
    for counted in (samples.state(4, electronic=None, paper=samples.paper(4)), samples.party()):
        count = samples.entered(counted)
        meeting = samples.before(count, channels=("miniapp", "paper"))
        outline = dossiers.of_regime(meeting.regime.id).outline
        elements = {
            "officials": submissions.officials(meeting),
            "committee": submissions.committee(meeting),
            "script": script.script(meeting),
            "script-counted": script.script(meeting, count),
            "receipts": box_papers.receipts(meeting),
            "guidance": notices.guidance(meeting),
            "information": notices.information(meeting),
            "case": follow_up.case(count, 0),
            "incidents": follow_up.incidents(meeting, ["9 giờ mất điện"]),
            "box": box_papers.box(meeting),
            "labels": box_papers.labels(meeting),
            "tally-sheet": box_papers.tally_sheet(meeting),
            "handover": box_papers.handover(count),
            "notice": resolution.notice(count, 1),
            "self-report": forms.self_report(meeting, 1, outline),
        }
        if count.style == "state":
            elements["resolution"] = resolution.resolution(count)
            elements["opinions"] = forms.opinions(meeting, 1)
        drafts |= {f"{count.style}-{kind}": (made, count.style) for kind, made in elements.items()}
    return drafts | upwards() | {"plan": (round_plan.plan(samples.A_ROUND), samples.A_ROUND.style)}


def upwards() -> dict[str, tuple[list[Element], Style]]:
    """What the office above sends on: its report and its letter, in both layouts."""
    styles: tuple[Style, ...] = ("state", "party")
    many = {s: replace(MANY, facts=replace(MANY.facts, style=s)) for s in styles}
    reports = {f"{s}-consolidated": (consolidation.report(many[s]), s) for s in styles}
    return reports | {f"{s}-letter": (forwarding.letter(many[s], "Tỉnh ủy"), s) for s in styles}


def words_of_heads(elements: list[Element]) -> set[str]:
    tables = [element for element in elements if isinstance(element, Table)]
    cells = [head.text for table in tables for row in table.heads for head in row]
    return {word for cell in cells for word in cell.split()}


def without_numbers(pages: list[str]) -> str:
    """The pages, without the numbers at their tops."""
    texts = [re.sub(rf"\A{number}\s", "", page) for number, page in enumerate(pages, start=1)]
    return "\n".join(texts)


def test_docx_and_pdf_have_the_same_words_in_the_same_order(tmp_path: Path):
    """Letter by letter but for spaces; heads of tables stand again on each page of the PDF.

    The comparison is not of empty texts: a changed title is found.
    """
    tool("pdftotext")
    drafts, (blank, style) = papers(), papers()["blank"]
    changed = [Heading("Khác") if isinstance(element, Title) else element for element in blank]
    files = {name: docx.write(*paper) for name, paper in drafts.items()}
    texts = docx_texts({**files, "changed": docx.write(changed, style)}, tmp_path)
    assert texts["blank"] != texts["changed"]
    assert "BIÊN BẢN KIỂM PHIẾU" in texts["blank"]
    for name, (elements, style) in drafts.items():
        heads = words_of_heads(elements)
        ours = without_numbers(pdf_pages(document.pdf(elements, style), tmp_path)).split()
        theirs = texts[name].split()
        body = ["".join(word for word in side if word not in heads) for side in (ours, theirs)]
        assert body[0] == body[1], name
        counted = Counter(word for word in theirs if word in heads)
        again = Counter(word for word in ours if word in heads)
        assert counted.keys() == again.keys(), name
        assert all(again[word] >= counted[word] for word in counted), name


def test_every_vietnamese_letter_has_a_glyph(tmp_path: Path):
    """No letter is a box, in any of the faces: regular, bold, slanted."""
    text = " ".join(LETTERS)
    for element in (Heading(text), Paragraph(text), Paragraph(text, kind="note")):
        (page,) = pdf_pages(document.pdf([element], "state"), tmp_path)
        assert "".join(page.split()) == LETTERS
    pictures = {
        hashlib.sha256(document.png([Paragraph(letter)], "state", ppi=36)[0]).digest()
        for letter in LETTERS
    }
    box = document.png([Paragraph("\u0e51")], "state", ppi=36)[0]  # a Thai digit, which it lacks
    assert len(pictures) > len(LETTERS) * 0.97  # O and Ở may meet at this size, boxes would all
    assert hashlib.sha256(box).digest() not in pictures


def test_the_same_paper_is_the_same_bytes():
    elements, style = papers()["state-minutes"]
    assert document.pdf(elements, style) == document.pdf(elements, style)
    raw = docx.write(elements, style)
    assert raw == docx.write(elements, style)
    times = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(raw)).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(("name", "number"), [("state-minutes", 13), ("party-minutes", 14)])
def test_the_page_is_laid_out_as_the_rules_want(name: str, number: int):
    """A4, margins, Times New Roman, page numbers in the top margin but not on page 1."""
    file = word.Document(io.BytesIO(docx.write(*papers()[name])))
    (section,) = file.sections
    sizes = (section.page_width, section.page_height)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(size.mm) for size in (*sizes, *margins) if size] == [210, 297, 20, 20, 30, 15]
    assert file.styles["Normal"].font.name == "Times New Roman"
    assert section.different_first_page_header_footer
    (run,) = section.header.paragraphs[0].runs
    assert (run.font.size, "PAGE" in run._r.xml) == (Pt(number), True)
    assert section.first_page_header.paragraphs[0].text == ""


def test_page_one_has_no_number_and_the_others_have(tmp_path: Path):
    pages = pdf_pages(document.pdf(*papers()["many"]), tmp_path)
    assert len(pages) > 3
    assert not pages[0].startswith("1\n")
    assert [page.split("\n")[0] for page in pages[1:]] == [str(n) for n in range(2, len(pages) + 1)]


def test_heads_of_the_table_stand_on_each_of_its_pages(tmp_path: Path):
    """In the PDF and, as a property of the rows, in the DOCX; no row of it is torn apart."""
    elements, style = papers()["many"]
    pages = pdf_pages(document.pdf(elements, style), tmp_path)
    with_rows = [page for page in pages if re.search(r"^\d+\n?.*\d+,\d", page, re.MULTILINE)]
    assert len(with_rows) > 2
    assert all("Họ và tên" in page for page in with_rows)
    file = word.Document(io.BytesIO(docx.write(elements, style)))
    table = next(candidate for candidate in file.tables if len(candidate.rows) > 40)
    assert ["w:tblHeader" in row._tr.xml for row in table.rows][:3] == [True, True, False]
    assert all("w:cantSplit" in row._tr.xml for row in table.rows)


def test_signatures_are_never_alone_on_a_page(tmp_path: Path):
    """Whatever the length of the table, the page of the signatures begins with the last words."""
    for officials in range(1, 30, 6):
        count = samples.state(officials)
        pages = pdf_pages(document.pdf(compose.minutes(count), count.style), tmp_path)
        signed = next(page for page in pages if "CHỦ TỌA KỲ HỌP" in page)
        assert "Biên bản kết thúc" in signed
        assert "THƯ KÝ" in signed


def test_centred_lines_break_in_the_docx_where_they_do_in_the_pdf(tmp_path: Path):
    """No last word stands alone under a long line, and no "Phó Chủ / tịch" is torn."""
    about = (
        "Lấy phiếu tín nhiệm đối với Chủ tịch, Phó Chủ tịch Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh"
    )
    whom = (
        "Kính gửi: Bà Trần Thị Bình, Phó Chủ tịch Thường trực Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh"
    )
    parent = "ĐẢNG ỦY ỦY BAN NHÂN DÂN TỈNH BÌNH SƠN"
    masthead = Masthead(parent, "ĐẢNG ỦY SỞ TÀI CHÍNH", "*", "", "VIỆT NAM", "", "")
    title, address = Title("TỜ TRÌNH", (about,)), Paragraph(whom, kind="address")
    elements: list[Element] = [masthead, title, address]
    for style in LAYOUTS:
        (page,) = pdf_pages(document.pdf(elements, style), tmp_path)
        file = word.Document(io.BytesIO(docx.write(elements, style)))
        texts = [cell.text for table in file.tables for cell in table._cells]
        texts += [paragraph.text for paragraph in file.paragraphs]
        lines = {line for text in texts for line in text.splitlines() if line.strip()}
        assert lines <= {line.strip() for line in page.splitlines()}
        assert "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh" in lines
        assert {about, whom, parent}.isdisjoint(lines)


def test_words_that_stay_together_are_not_pressed_together(tmp_path: Path):
    """A space is a quarter of the size, also in a line as long as the longest of such words."""
    masthead = Masthead("", "HỘI ĐỒNG NHÂN DÂN TỈNH BÌNH SƠN", "", "", "VIỆT NAM", "", "")
    (path := tmp_path / "masthead.pdf").write_bytes(document.pdf([masthead], "state"))
    run = subprocess.run(
        [tool("pdftotext"), "-bbox", str(path), "-"], check=True, capture_output=True
    )
    edges = re.findall(
        r'xMin="(\S+)" .*xMax="(\S+)" .*>(?:HỘI|ĐỒNG|NHÂN|DÂN)<', run.stdout.decode()
    )
    gaps = [float(after[0]) - float(before[1]) for before, after in pairwise(edges)]
    assert len(gaps) == 3
    assert min(gaps) > 0.24 * LAYOUTS["state"].issuer


def test_a_term_and_the_number_of_a_document_stand_on_one_line(tmp_path: Path):
    """Wherever on the line they come."""
    sentences = [
        f"{'x ' * n}nhiệm kỳ 2026 - 2031 theo Quy định số 96-QĐ/TW, Nghị quyết số 96/2023/QH15"
        for n in range(45, 75)
    ]
    pages = pdf_pages(document.pdf([*map(Paragraph, sentences)], "state"), tmp_path)
    lines = [line for page in pages for line in page.splitlines()]
    for whole in ("2026 - 2031", "96-QĐ/TW", "96/2023/QH15"):
        assert sum(whole in line for line in lines) == len(sentences)


def test_a_short_table_leaves_no_half_page_empty(tmp_path: Path):
    """Its first rows stand under their heading; only one or two rows are kept together."""
    count = samples.state(4)
    table = next(
        e
        for e in parts.results(count, parts.phrases("state", count.regime, ""))
        if isinstance(e, Table)
    )
    pages = pdf_pages(
        document.pdf([*[Paragraph("x")] * 27, Heading("KẾT QUẢ"), table], "state"), tmp_path
    )
    assert [("KẾT QUẢ" in page, "Họ và tên" in page) for page in pages] == [
        (True, True),
        (False, True),
    ]


def test_tables_that_follow_each_other_stay_tables_of_their_own():
    """Word joins two that touch, and then repeats the heads of the first over the rows of both."""
    file = word.Document(io.BytesIO(docx.write(*papers()["state-tally-sheet"])))
    kinds = [element.tag.rsplit("}", 1)[1] for element in file.element.body]
    assert kinds.count("tbl") > 4
    assert ("tbl", "tbl") not in pairwise(kinds)


def test_nobodys_strokes_are_torn_apart(tmp_path: Path):
    """On the tally sheet the heads of an official and all levels are on one page."""
    pages = pdf_pages(document.pdf(*papers()["party-tally-sheet"]), tmp_path)
    assert len(pages) > 2
    for page in pages:
        rows = ("Mức", "Tín nhiệm cao", "Tín nhiệm thấp", "Không ghi")
        counts = [len(re.findall(f"^{row}", page, re.MULTILINE)) for row in rows]
        assert len(set(counts)) == 1


def test_state_and_party_have_their_own_mastheads():
    state, party = (
        next(element for element in papers()[name][0] if isinstance(element, Masthead))
        for name in ("state-minutes", "party-minutes")
    )
    assert (state.nation, state.motto) == (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    )
    assert (state.star, state.number) == ("", "Số: 15/BB-BKP")
    assert (party.nation, party.motto) == ("ĐẢNG CỘNG SẢN VIỆT NAM", "")
    assert (party.star, party.number) == ("*", "Số 15-BB/BKP")


@pytest.mark.parametrize(
    ("name", "page"), [("state-minutes", 1), ("party-minutes", 2), ("state-report", 3), ("list", 1)]
)
def test_the_page_looks_as_it_did(name: str, page: int, tmp_path: Path):
    picture = document.png(*papers()[name], ppi=54)[page - 1]
    looks_as_it_did(picture, GOLDEN / f"{name}-{page}.png", tmp_path)


def test_no_paper_has_a_stamp_of_secrecy():
    """Marking as secret what is on no list is forbidden: Law 117/2025, Article 5."""
    for elements, _ in papers().values():
        assert not re.search(r"\bMẬT\b", repr(elements))
