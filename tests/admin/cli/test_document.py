"""`phieukin document`: papers of a draft, of a sealed session, of a counted one."""

import json
from pathlib import Path

import docx
import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.cli.document import AFTER, BEFORE, CASE, INCIDENTS, NOTICE, OPINIONS, PLAN, SCRIPT
from admin.rules import dossiers
from admin.words import words
from tests.worlds.office import Office, new, sealed_on_paper
from tests.worlds.paper import enter, voted

FACTS = """
town = "Huế"
[chair]
name = "Nguyễn Thị Lệ"
position = "Chủ tịch Hội đồng nhân dân tỉnh"
[[committee]]
name = "Vương Quốc Kiểm"
role = "Trưởng ban"
"""
OTHERS = (CASE, INCIDENTS, NOTICE, OPINIONS, PLAN, SCRIPT)
PAPER = '["paper"]'


def texts(path: Path) -> str:
    """Everything in a DOCX, cells too."""
    paper = docx.Document(str(path))
    cells = [c.text for table in paper.tables for row in table.rows for c in row.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A draft of a People's Council that votes on paper, with a committee and a chair."""
    office = new(tmp_path, capsys)
    office.change(channels=PAPER)
    (office.draft / "papers.toml").write_text(FACTS, "utf-8")
    return office


def test_papers_before_the_vote_come_from_the_draft(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    office, out = desk(tmp_path, capsys), tmp_path / "out"
    for name, (kind, _) in BEFORE.items():
        status, stdout, err = office.run(
            "document", name, str(office.draft), "-o", str(out), "--json"
        )
        assert status == 0, (name, err)
        written = {Path(entry["file"]).name for entry in json.loads(stdout)["files"]}
        assert written == {f"{kind.stem}.pdf", f"{kind.stem}.docx"}
    assert "Vương Quốc Kiểm" in texts(out / "to-trinh-ban-kiem-phieu.docx")
    assert office.run("document", "script", str(office.draft), "-o", str(out))[0] == 0
    assert "Vương Quốc Kiểm, Trưởng ban" in texts(out / "kich-ban-dieu-hanh.docx")


def test_whatever_a_paper_wants_has_a_name_for_people():
    kinds = [*(kind for kind, _ in (BEFORE | AFTER).values()), *OTHERS]
    for name in {name for kind in kinds for name in kind.wanted}:
        assert words(f"papers.missing.{name}", "vi")


def test_what_a_paper_lacks_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Nobody entered a committee; nobody votes on paper; nothing has been counted."""
    office = desk(tmp_path, capsys)
    facts, folder = tmp_path / "facts.toml", str(office.draft)
    facts.write_text('town = "Huế"\n', "utf-8")
    status, _, err = office.run("document", "committee", folder, "--papers", str(facts))
    assert (status, "nobody is in the counting committee" in err) == (4, True)
    office.change(channels='["browser"]')
    status, _, err = office.run("document", "box", folder)
    assert (status, "minutes of the box: the session's channels" in err) == (5, True)


@pytest.mark.slow
def test_papers_of_the_result_come_after_the_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Before it they are refused with the state; the script then has dotted lines for numbers."""
    office, out = desk(tmp_path, capsys), tmp_path / "out"
    voted(sealed_on_paper(office))
    for name in AFTER:
        status, _, err = office.run("document", name, office.uuid, "-o", str(out))
        assert (status, f"{name}: made after the tally" in err) == (5, True)
    assert office.run("document", "script", office.uuid, "-o", str(out))[0] == 0
    assert "chiếm ………%" in texts(out / "kich-ban-dieu-hanh.docx")
    assert enter(office, "A")[0] == 0
    assert enter(office, "B")[0] == 0
    assert office.session("publish", "--yes")[0] == 0
    for name in (*AFTER, "script", "notices"):
        status, _, err = office.run("document", name, office.uuid, "-o", str(out))
        assert status == 0, (name, err)
    assert "tín nhiệm cao 06 phiếu" in texts(out / "kich-ban-dieu-hanh.docx")
    assert "Số phiếu tín nhiệm cao: 06 phiếu" in texts(out / "du-thao-nghi-quyet.docx")
    assert office.run("document", "incidents", office.uuid)[0] == 4
    assert office.session("note", "Mất điện 2 phút")[0] == 0
    assert office.run("document", "incidents", office.uuid, "-o", str(out))[0] == 0
    assert "Mất điện 2 phút" in texts(out / "bao-cao-vuong-mac.docx")
    assert office.run("document", "cases", office.uuid, "-o", str(out))[0] == 0
    assert [path.name[:2] for path in out.glob("*-to-trinh-truong-hop-*.docx")] == ["04"]
    notices = sorted(out.glob("*-thong-bao-ket-qua-*.docx"))
    assert [notice.name[:2] for notice in notices] == [f"{n:02}" for n in range(1, 6)]
    assert "6 phiếu" in texts(notices[0])
    assert "6 phiếu" not in texts(notices[1])


def test_the_plan_of_a_round_comes_from_the_table_that_was_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The empty table is written once; every fault of a filled one is told with its row."""
    office, table = new(tmp_path, capsys), tmp_path / "dot.xlsx"
    assert office.run("document", "plan", str(table), "--new")[0] == 0
    assert office.run("document", "plan", str(table), "--new")[0] == 5
    assert office.run("document", "plan", str(table))[0] == 3
    book = openpyxl.load_workbook(table)
    book.active.append(
        ["1", "HĐND phường", "Chủ tịch", "Đại biểu", "Thường trực", "", "05/12/2028"]
    )
    book.save(table)
    status, _, err = office.run("document", "plan", str(table), "-o", str(tmp_path / "out"))
    assert status == 0, err
    text = texts(tmp_path / "out" / "ke-hoach.docx")
    assert "Tổ chức lấy phiếu tín nhiệm năm 2028" in text
    assert "HĐND phường" in text
    assert "14/12/2028" in text


def test_the_front_gets_a_form_for_each_official(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Named so that it is known for what it is when it comes back filled in."""
    office, out = desk(tmp_path, capsys), tmp_path / "out"
    status, _, err = office.run("document", "opinions", str(office.draft), "-o", str(out))
    assert status == 0, err
    forms = sorted(out.glob("*.docx"))
    assert [form.name[:2] for form in forms] == [f"{n:02}" for n in range(1, 6)]
    assert {dossiers.kind_of(form.name) for form in forms} == {"voters_opinions"}
