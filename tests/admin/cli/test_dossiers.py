"""`session outlines|papers|plan`, `questions`: papers and questions from the draft to the vote."""

import json
from pathlib import Path

import pytest
from docx import Document

from tests.worlds.office import Office, checked_in, new, sealed

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A fresh data directory and the draft of a template, with a paper of two people."""
    office = new(tmp_path, capsys)
    paper(office, "01-bao-cao.pdf")
    paper(office, "01-ke-khai.pdf")
    paper(office, "02-bao-cao.pdf")
    return office


def paper(office: Office, name: str, body: bytes = b"x") -> None:
    (office.draft / "dossiers").mkdir(exist_ok=True)
    (office.draft / "dossiers" / name).write_bytes(body)


def test_check_says_whose_papers_are_missing(office: Office):
    """And shows each paper beside the name it would be shown with."""
    paper(office, "99-bao-cao.pdf")
    status, stdout, err = office.run("session", "check", str(office.draft))
    assert status == 0
    assert "1. Nguyễn Văn An: Self-report (01-bao-cao.pdf); Asset declaration" in stdout
    assert "missing: Self-report: 3. " in err
    assert "missing: Asset declaration: 2. Trần Thị Bình; 3. " in err
    assert "belong to nobody: 99-bao-cao.pdf" in err
    status, stdout, _ = office.run("session", "check", str(office.draft), "--json")
    assert (status, json.loads(stdout)["ok"]) == (0, True)


def test_outlines_are_written_once(office: Office):
    status, stdout, _ = office.run("session", "outlines", str(office.draft), "--json")
    document = json.loads(stdout)
    assert (status, document["there"], len(document["written"])) == (0, [], 5)
    first = Path(document["folder"]) / document["written"][0]
    first.write_bytes(b"filled in")
    status, stdout, err = office.run("session", "outlines", str(office.draft))
    assert (status, stdout, "left alone" in err) == (0, "", True)
    assert first.read_bytes() == b"filled in"


def test_a_sealed_session_has_its_plan_and_takes_papers_until_the_opening(office: Office):
    """Seal, plan by uuid, done; papers added and told in the journal; refused after the opening."""
    checked_in(office)
    status, stdout, _ = office.run(
        "session", "plan", office.uuid, "--today", "2020-01-01", "--json"
    )
    document = json.loads(stdout)
    lacking = {
        kind["kind"]: [who["number"] for who in kind["officials"]] for kind in document["lacking"]
    }
    assert status == 0
    assert lacking == {"self_report": [3, 4, 5], "asset_declaration": [2, 3, 4, 5]}

    status, _, err = office.run("session", "plan", office.uuid, "--done", "nothing")
    assert (status, "no deadline nothing" in err) == (5, True)
    status, stdout, _ = office.run(
        "session", "plan", office.uuid, "--done", "council_file", "--json"
    )
    states = {deadline["key"]: deadline["state"] for deadline in json.loads(stdout)["deadlines"]}
    assert (status, states["council_file"]) == (0, "done")

    paper(office, "02-giai-trinh.pdf")
    status, stdout, err = office.session("papers", str(office.draft))
    assert (status, "added: 02-giai-trinh.pdf" in err) == (0, True)
    assert (
        "2. Trần Thị Bình: Self-report (02-bao-cao.pdf); Explanation (02-giai-trinh.pdf)" in stdout
    )
    assert "nothing has changed" in office.session("papers", str(office.draft))[2]
    entries = office.with_books(lambda books: books.registrar.entries(office.uuid))
    assert entries == ["Bổ sung hồ sơ người được lấy phiếu: 02-giai-trinh.pdf"]

    assert office.session("open", "--yes")[0] == 0
    paper(office, "03-giai-trinh.pdf")
    assert office.session("papers", str(office.draft))[0] == 5
    assert office.run("session", "seal", str(office.draft))[0] == 5
    names = {path.name for path in (office.data / "dossiers" / office.uuid).iterdir()}
    assert "03-giai-trinh.pdf" not in names


def test_papers_of_another_draft_are_refused(office: Office, tmp_path: Path):
    """Nothing is changed; nor by a folder that has none."""
    sealed(office)
    assert office.run("session", "new", str(tmp_path / "other"))[0] == 0
    status, _, err = office.session("papers", str(tmp_path / "other"))
    assert (status, "has no folder dossiers" in err) == (5, True)
    (tmp_path / "other" / "dossiers").mkdir()
    status, _, err = office.session("papers", str(tmp_path / "other"))
    assert (status, "another session" in err) == (5, True)
    assert len(list((office.data / "dossiers" / office.uuid).iterdir())) == 3


def test_questions_are_listed_and_passed_on_by_official(office: Office, tmp_path: Path):
    """In an order that is not that of their coming; each office gets its own."""
    sealed(office)
    texts = [f"Câu hỏi {letter}" for letter in "abcdefgh"]

    async def ask(books):
        for text in texts:
            await books.registrar.questions.ask(office.uuid, 2, text)
        await books.registrar.questions.ask(office.uuid, 1, "Một\nhai")

    office.with_books(ask)
    status, stdout, _ = office.run("questions", "list", office.uuid, "--json")
    questions = json.loads(stdout)["questions"]
    assert status == 0
    assert questions[0] == {"official": 1, "mark": questions[0]["mark"], "text": "Một\nhai"}
    assert sorted(question["text"] for question in questions[1:]) == texts
    assert [question["text"] for question in questions[1:]] != texts
    assert office.run("questions", "list", office.uuid, "--json")[1] == stdout

    target = tmp_path / "out"
    status, stdout, _ = office.run("questions", "export", office.uuid, "-o", str(target))
    assert (status, len(stdout.splitlines())) == (0, 2)
    assert sorted(path.name for path in target.iterdir()) == ["01-cau-hoi.docx", "02-cau-hoi.docx"]
    lines = [line.text for line in Document(str(target / "02-cau-hoi.docx")).paragraphs]
    assert all(any(text in line for line in lines) for text in texts)
    assert not any("Một" in line for line in lines)

    marks = {question["text"]: question["mark"] for question in questions}
    assert f"[{marks['Câu hỏi c']}] Câu hỏi c" in office.run("questions", "list", office.uuid)[1]
    again = ["questions", "export", office.uuid, "-o", str(target), "--leave-out"]
    unwanted = [marks["Câu hỏi c"], "--leave-out", marks["Một\nhai"].upper()]
    assert office.run(*again, *unwanted)[0] == 0
    lines = [line.text for line in Document(str(target / "02-cau-hoi.docx")).paragraphs]
    passed_on = [text for text in texts if any(text in line for line in lines)]
    assert passed_on == [text for text in texts if text != "Câu hỏi c"]
    assert not (target / "01-cau-hoi.docx").exists()
    status, _, err = office.run(*again, "00000000")
    assert (status, "no question has the mark 00000000" in err) == (5, True)
