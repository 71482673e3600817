"""A whole session of an association, under rules that stand beside its form."""

import json
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.documents import compose
from admin.documents.elements import Masthead, Table
from admin.documents.facts import MeetingFacts
from admin.office import minutes
from admin.prepare import draft
from admin.record.session_file import Block
from tests.admin.rules.test_labels import WORDS
from tests.worlds.office import Office, new, sealed

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A data directory and the draft of an association, of whom one is retiring."""
    office = new(tmp_path, capsys, template="association")
    path = office.draft / "officials.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for row, block in zip(
        sheet.iter_rows(min_row=2), ("Thường trực",) * 2 + ("Khác",) * 2, strict=True
    ):
        row[3].value = block
        row[4].value = "Ban Thường vụ Hội"
    sheet.cell(row=3, column=9).value = "Đã có thông báo nghỉ hưu"
    book.save(path)
    return office


@pytest.mark.parametrize(
    ("kind", "nation"), [("party", "ĐẢNG CỘNG SẢN VIỆT NAM"), ("state", "CỘNG HÒA XÃ HỘI")]
)
def test_letters_are_of_the_party_or_the_state_as_the_rules_say(
    office: Office, kind: str, nation: str
):
    """Not by what the rules are called: these are the organisation's own."""
    rules = office.draft / "quy-che.toml"
    text = rules.read_text("utf-8").replace('id = "quy-che-mau"', 'id = "own-qd22"')
    rules.write_text(text.replace('kind = "state"', f'kind = "{kind}"'), "utf-8")
    sealed(office)
    head = office.letter_head()
    summoned = office.with_session(
        lambda books, session: minutes.attendance(books.registrar, session, MeetingFacts())
    )
    masthead = next(e for e in compose.attendance(summoned) if isinstance(e, Masthead))

    assert (head.kind, summoned.style) == (kind, kind)
    assert masthead.nation.startswith(nation)


def test_rules_that_do_not_say_whose_they_are_are_refused(office: Office):
    """The check of the draft names the file and the key."""
    rules = office.draft / "quy-che.toml"
    assert office.run("session", "check", str(office.draft))[0] == 0
    rules.write_text(rules.read_text("utf-8").replace('kind = "state"\n', ""), "utf-8")
    status, _, err = office.run("session", "check", str(office.draft))

    assert status == 5
    assert "quy-che.toml" in err
    assert "kind: " in err


def own_words_everywhere(office: Office, record: Path) -> None:
    """What voters marked stands over what was counted, on the terminal and in every paper."""
    _, shown, _ = office.run("audit", str(record))
    book = office.folder / "all.xlsx"
    assert office.run("consolidate", str(record), "-o", str(book))[0] == 0
    rows = [cell.value for cell in openpyxl.load_workbook(book).worksheets[0][1]]
    count = office.with_session(
        lambda books, session: minutes.of_books(books, session, MeetingFacts())
    )
    tables = [element for element in compose.report(count) if isinstance(element, Table)]
    heads = [head.text for table in tables for row in table.heads for head in row]
    for word in WORDS.values():
        assert word in " ".join(shown.split())
        assert any(str(head).endswith(f" / {word}") for head in rows)
        assert word in heads
    assert "Tín nhiệm thấp" not in shown
    assert "Tín nhiệm thấp" not in heads


def test_from_the_draft_to_the_report(office: Office, monkeypatch: pytest.MonkeyPatch):
    """The record, audited without the draft, has the rules, the khối and who was not rated."""
    rules = office.draft / "quy-che.toml"
    text = rules.read_text("utf-8")
    for label, word in zip(("cao", "", "thấp"), WORDS.values(), strict=True):
        text = text.replace(f'vi = "{f"Tín nhiệm {label}".strip()}"', f'vi = "{word}"')
    rules.write_text(text, "utf-8")
    assert draft.read(office.draft).blocks == (Block("Thường trực", 1), Block("Khác", 2))
    sealed(office)
    letters = office.folder / "letters.csv"
    office.run("roster", "letters", office.uuid, "-o", str(letters))
    office.session("checkin")
    office.vote(letters, None)
    office.session("present", "--count", "13")
    assert office.session("open", "--yes")[0] == 0
    office.seal_box()
    office.vote(letters, (2, 0, None))
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    office.sign_close()
    office.share(1, 3)
    assert office.session("publish", "--yes")[0] == 0
    (office.draft / "quy-che.toml").unlink()
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    status, stdout, err = office.run("audit", str(record), "--json")
    results = json.loads(stdout)["results"]

    assert status == 0, err
    assert [result["name"] for result in results] == [
        "Nguyễn Văn An",
        "Lê Hoàng Cường",
        "Phạm Minh Đức",
    ]
    assert results[0]["finding"]["rule"] == "Quy chế của tổ chức"
    status, stdout, err = office.run(
        "consolidate", str(record), "--managed-by", "thường vụ hội", "--json"
    )
    assert status == 0, err
    assert json.loads(stdout)["sessions"][0]["results"]["regime"] == "quy-che-mau"
    with monkeypatch.context() as vietnamese:
        vietnamese.setenv("PHIEUKIN_LANG", "vi")
        own_words_everywhere(office, record)
    again = office.folder / "again"
    assert office.run("session", "new", str(again), "--from", office.uuid)[0] == 0
    assert draft.read(again).regime.id == "quy-che-mau"
    assert draft.read(again).excluded[0].reason == "Đã có thông báo nghỉ hưu"
