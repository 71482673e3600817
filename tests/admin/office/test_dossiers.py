"""Kinds of papers, who lacks which, and the outlines of self-reports."""

import io
from pathlib import Path

import pytest
from docx import Document

from admin.documents.around.meeting import Meeting
from admin.documents.facts import MeetingFacts
from admin.office import dossiers
from admin.office import meeting as meetings
from admin.prepare import draft, outline, template
from admin.rules import calendar
from admin.rules import dossiers as rules
from crypto.errors import Refused
from crypto.session import Official, new_uuid

REGIMES = ("nq35-2012", "nq85-2014", "nq96-2023", "qd262-2014", "qd96-2023")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("03-bao-cao", "self_report"),
        ("3 - Báo cáo tự đánh giá", "self_report"),
        ("03-BẢN TỰ KIỂM ĐIỂM", "self_report"),
        ("03-Báo cáo tự đánh giá và giải trình ý kiến cử tri", "self_report"),
        ("03-giai-trinh", "explanation"),
        ("03 Báo cáo giải trình", "explanation"),
        ("03-y-kien-cu-tri", "voters_opinions"),
        ("03 Tổng hợp ý kiến, kiến nghị của cử tri", "voters_opinions"),
        ("03-ke-khai-tai-san", "asset_declaration"),
        ("03-Bản kê khai", "asset_declaration"),
        ("03", "other"),
        ("03-anh", "other"),
        ("03-y-kien", "other"),
        ("03-cau-hoi", "other"),
    ],
)
def test_a_name_tells_what_a_paper_is(name: str, kind: str):
    """With or without tone marks, whichever way these are composed."""
    assert rules.kind_of(name) == kind


def test_each_regime_asks_for_what_was_read():
    """The declaration of assets is the State's; the family's conduct came with QĐ 96."""
    for name in REGIMES:
        asked_for = rules.of_regime(name)
        required = {paper.kind for paper in asked_for.pieces if paper.required}
        state = name.startswith("nq")
        assert required == {"self_report"} | ({"asset_declaration"} if state else set())
        assert (len(asked_for.outline) == 5) is (name == "qd96-2023")
        assert asked_for.outline[0].fill == "person"
    assert rules.of_regime("two-level-nq96").pieces == ()
    assert all(section.verified for section in rules.of_regime("nq35-2012").outline)
    sections = rules.of_regime("qd96-2023").outline
    read = [section.title.en for section in sections if section.verified]
    assert read[0].startswith("Exemplary conduct")


def test_papers_speak_of_deadlines_that_there_are():
    for name in REGIMES:
        keys = {deadline.key for deadline in calendar.builtin(name)}
        elsewhere = {"assembly_file"}  # of the National Assembly: not in every regime
        for paper in rules.of_regime(name).pieces:
            assert set(paper.due) - keys <= elsewhere
            assert set(paper.ends) <= keys


def files(folder: Path, *names: str) -> None:
    (folder / "dossiers" / "mau").mkdir(parents=True)
    for name in names:
        (folder / "dossiers" / name).write_bytes(b"x")


def test_who_lacks_what_is_told_by_name(tmp_path):
    """A form in the folder of forms is no report."""
    files(tmp_path, "1-bao-cao.pdf", "1-ke-khai.pdf", "2-giai-trinh.pdf", "mau/2-bao-cao.docx")
    pieces = dossiers.in_draft(tmp_path)
    lacks = dossiers.lacking("nq96-2023", ["An", "Bình"], pieces)
    assert [(lack.piece.kind, lack.officials) for lack in lacks] == [
        ("self_report", ((2, "Bình"),)),
        ("asset_declaration", ((2, "Bình"),)),
    ]
    assert rules.met("nq96-2023", ["asset_declaration"]) == set()
    assert rules.met("nq96-2023", []) == {"council_report"}
    assert dossiers.lacking("two-level-nq96", ["An"], {}) == ()


def test_papers_come_in_the_order_of_their_kinds(tmp_path):
    names = (
        "1-ke-khai.pdf",
        "1-anh.jpg",
        "1-y-kien-cu-tri.pdf",
        "1-giai-trinh.pdf",
        "1-bao-cao.pdf",
    )
    files(tmp_path, *names)
    kinds = [dossiers.kind_of(path) for path in dossiers.in_draft(tmp_path)[1]]
    assert kinds == list(rules.KINDS)


def prepared_in(folder: Path) -> Meeting:
    return meetings.of_draft(draft.read(folder), MeetingFacts())


@pytest.mark.parametrize("name", ["people-council", "party-committee"])
def test_an_outline_has_the_regulations_headings_and_the_persons_name(tmp_path, name):
    folder = tmp_path / "d"
    template.new(folder, name, "2026-12-07", new_uuid())
    prepared, target = prepared_in(folder), folder / "dossiers" / "mau"
    written, left_alone = outline.write(prepared, target)
    assert (len(written), left_alone) == (len(prepared.officials), ())
    document = Document(str(target / written[1]))
    cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
    lines = [line.text for line in document.paragraphs]
    sections = rules.of_regime(prepared.regime.id).outline
    for number, section in enumerate(sections, start=1):
        assert f"{number}. {section.title.vi}" in lines
        assert not any(section.rule in line for line in lines)
    hints = [comment.text for comment in document.comments]
    assert hints == [section.hint.vi for section in sections if section.hint]
    assert not any(hint in line for hint in hints for line in lines)
    assert any(line.startswith("Kính gửi: ") for line in lines)
    assert f"Họ và tên: {prepared.officials[1].name}" in lines
    assert f"Chức vụ, chức danh: {prepared.officials[1].position}" in lines
    party = "ĐẢNG CỘNG SẢN VIỆT NAM" in "\n".join(cells)
    assert party is (prepared.regime.kind == "party")
    assert dossiers.kind_of(target / written[1]) == "self_report"
    assert outline.write(prepared, target) == ((), written)


def test_there_is_no_outline_where_none_was_read(tmp_path):
    folder = tmp_path / "d"
    template.new(folder, "people-council", "2026-12-07", new_uuid())
    text = (folder / "session.toml").read_text("utf-8")
    (folder / "session.toml").write_text(text.replace('"nq96-2023"', '"two-level"'), "utf-8")
    with pytest.raises(Refused, match="no outline"):
        outline.write(prepared_in(folder), folder / "mau")
    assert not (folder / "mau").exists()


def test_questions_are_passed_on_with_nothing_but_their_text():
    raw = outline.questions(Official("Lê An", "Giám đốc Sở"), ["Vì sao?", "Một\nHai"])
    lines = [line.text for line in Document(io.BytesIO(raw)).paragraphs]
    assert "Gửi: Lê An" in lines
    assert [line for line in lines if line[:2] in {"1.", "2.", "Ha"}] == [
        "1. Vì sao?",
        "2. Một",
        "Hai",
    ]
