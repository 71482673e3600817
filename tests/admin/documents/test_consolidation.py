"""The report on many sessions: venues side by side, each with its own denominator."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx as word

from admin.documents import document, docx
from admin.documents.consolidation import Consolidation, Venue, report
from admin.documents.elements import (
    Closing,
    Element,
    GroupRow,
    Masthead,
    Paragraph,
    Table,
    Title,
)
from admin.documents.facts import MeetingFacts, Signatory
from admin.documents.forwarding import letter
from admin.record.consolidate import Record
from admin.record.session_file import SessionFile
from admin.rules import regime
from admin.rules.compute import OfficialCounts, OfficialResults, Results, Turnout, compute
from tests.admin.documents.reading import pdf_pages

RULES = regime.load("nq96-2023")
TWO = regime.load("two-level")


def line(name: str, *levels: int, rules: regime.Regime = RULES) -> OfficialResults:
    official = OfficialCounts(name, "Phó Chủ tịch", levels)
    return compute(rules, [official], Turnout(collected=47))["officials"][0]


def venue(body: str, *lines: OfficialResults, rules: regime.Regime = RULES) -> Venue:
    results: Results = {
        "schema": "phieukin.results/1",
        "regime": rules.id,
        "denominator": {"kind": rules.denominator.kind, "value": 47},
        "officials": list(lines),
    }
    session_file = SessionFile("1" * 14, body, rules.title.vi, "2026-12-04", "", 50)
    counts = (50, 48, 47)
    record = Record("x.zip", "0" * 64, session_file, results, *counts, "7KQ2-M9XA-41ZT-0DHE-RW8C")
    return Venue(record, tuple(enumerate(lines, start=1)))


A, B, C = line("Trần An", 30, 10, 7), line("Lê Bình", 19, 2, 25), line("Trần An", 20, 20, 7)
D = line("Lê Bình", 20, 27, rules=TWO)
MANY = Consolidation(
    facts=MeetingFacts(
        issuer="Ban Tổ chức Tỉnh ủy", signatory=Signatory(("TRƯỞNG BAN",), "Phạm Dung")
    ),
    today=date(2026, 12, 9),
    authority="Tỉnh ủy",
    venues=(
        venue("Hội đồng nhân dân tỉnh", A, B),
        venue("Ban Chấp hành Đảng bộ tỉnh", C),
        venue("Hội đồng nhân dân tỉnh", D, rules=TWO),
    ),
    twice=(((0, A), (1, C)),),
    owed=(("Hội đồng nhân dân xã Bình Sơn", "chưa có"),),
)


def text(elements: list[Element]) -> str:
    return "\n".join(line.lead + line.text for line in elements if isinstance(line, Paragraph))


def tables(elements: list[Element]) -> list[Table]:
    return [element for element in elements if isinstance(element, Table)]


def test_two_venues_stand_below_each_other_and_nothing_is_added():
    *_, twice, _ = tables(report(MANY))

    assert twice.rows[0] == GroupRow("Trần An")
    first, second = (row for row in twice.rows if not isinstance(row, GroupRow))
    assert first[:3] == ("1", "Hội đồng nhân dân tỉnh", "Phó Chủ tịch")
    assert second[:3] == ("2", "Ban Chấp hành Đảng bộ tỉnh", "Phó Chủ tịch")
    assert (first[3], second[3]) == ("30", "20")
    assert not any("50" in row for row in twice.rows if not isinstance(row, GroupRow))


def test_each_session_has_the_levels_of_its_own_vote():
    sessions, *results, _, _ = tables(report(MANY))

    assert len(sessions.rows) == 3
    assert [len(table.columns) for table in results] == [10, 10, 8]


def test_cases_are_told_with_their_rule_and_nothing_is_decided():
    sentences = text(report(MANY))

    assert "- Đồng chí Lê Bình, Phó Chủ tịch (Hội đồng nhân dân tỉnh): có quá nửa" in sentences
    assert "không tín nhiệm" not in sentences  # of a vote in two levels no consequence is stated
    assert "(Điều 12 Nghị quyết số 96/2023/QH15)" in sentences
    assert "Phần mềm" not in sentences  # an office signs this
    assert "- Hội đồng nhân dân xã Bình Sơn: chưa có." in sentences


def test_parts_with_nothing_to_say_are_left_out():
    alone = Consolidation(MeetingFacts(), MANY.today, None, (venue("Hội đồng nhân dân tỉnh", A),))
    elements = report(alone)

    assert "Không có trường hợp nào có tỷ lệ tín nhiệm thấp" in text(elements)
    assert len(tables(elements)) == 3


def test_the_letter_says_what_the_report_does():
    """Under its number what it is about, Kính gửi, as many cases and bodies as the report has."""
    elements = letter(replace(MANY, facts=replace(MANY.facts, recipients=("Lưu",))), "Tỉnh ủy")
    top, address, opening, *lines, ending = elements
    sentences = [line.text for line in lines if isinstance(line, Paragraph)]

    assert isinstance(top, Masthead)
    assert top.subject == "Về báo cáo tổng hợp kết quả lấy phiếu, bỏ phiếu tín nhiệm"
    assert address == Paragraph("Kính gửi: Tỉnh ủy.", kind="address")
    assert isinstance(opening, Paragraph)
    assert "Ban Tổ chức Tỉnh ủy" in opening.text
    assert sentences[0].startswith("- Đã nhận và kiểm tra kết quả của 03 cơ quan, đơn vị (03 nơi")
    assert "có 03 người thuộc diện quản lý" in sentences[0]
    assert "trong đó 01 người ở hai nơi" in sentences[0]
    assert sentences[1].startswith("- Có 01 trường hợp")  # of two levels no rule was read
    assert sentences[2] == (
        "- Các đơn vị chưa gửi hoặc gửi chậm báo cáo: Hội đồng nhân dân xã Bình Sơn."
    )
    assert isinstance(ending, Closing)
    assert ending.recipients == ("- Như trên;", "- Lưu.")
    assert not any(isinstance(element, Title) for element in elements)
    once = letter(replace(MANY, twice=()), "Tỉnh ủy")
    assert "phiếu, bỏ phiếu tín nhiệm.\n" in text(once)
    assert "hai nơi" not in text(once)


def test_votes_are_called_as_their_rules_are():
    """Rules of a body's own may rate at two levels."""
    called = TWO.title.model_copy(update={"vi": "Lấy phiếu tín nhiệm theo Quy chế số 5"})
    for rules, kind in ((TWO, "bỏ phiếu"), (TWO.model_copy(update={"title": called}), "lấy phiếu")):
        own = rules if rules is TWO else rules.model_copy(update={"id": "quy-che"})
        held = venue("Ban Chấp hành Hội", D, rules=TWO)
        file = replace(held.session_file, rules=None if own is TWO else own)
        results: Results = {**held.record.results, "regime": own.id}
        record = replace(held.record, session_file=file, results=results)
        alone = replace(MANY, venues=(replace(held, record=record),), twice=())
        assert f"tổng hợp kết quả {kind} tín nhiệm" in text(report(alone))


def test_it_is_drawn_in_both_forms():
    for style in ("state", "party"):
        elements = [*report(MANY), *letter(MANY, "Tỉnh ủy")]
        assert document.pdf(elements, style).startswith(b"%PDF")
        assert docx.write(elements, style).startswith(b"PK")


def test_where_a_rule_was_not_read_nobody_is_said_to_be_free_of_it():
    """Neither report nor letter says that there is no case; nor do they state one."""
    alone = replace(MANY, venues=(venue("Hội đồng nhân dân tỉnh", D, rules=TWO),), twice=())
    for elements in (report(alone), letter(alone, "Tỉnh ủy")):
        assert "trường hợp" not in text(elements)
    rated = replace(MANY, venues=(venue("Hội đồng nhân dân tỉnh", A),), twice=())
    assert "ở hai nơi" not in text(letter(rated, "Tỉnh ủy"))
    for elements in (report(rated), letter(rated, "Tỉnh ủy")):
        assert "Không có trường hợp nào có tỷ lệ tín nhiệm thấp" in text(elements)


def test_the_annex_stands_on_a_page_after_the_signature(tmp_path: Path):
    """Nothing follows a signature on its page; in the DOCX the break is one of the paragraph."""
    pages = pdf_pages(document.pdf(report(MANY), "state"), tmp_path)
    annex = next(page for page in pages if "Phụ lục." in page)
    file = word.Document(io.BytesIO(docx.write(report(MANY), "state")))

    assert "Phạm Dung" not in annex
    (heading,) = [p for p in file.paragraphs if p.text.startswith("Phụ lục.")]
    assert heading.paragraph_format.page_break_before
