"""`phieukin minutes`, `report`, `record attach`: papers from the books, or from the record."""

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path

import docx
import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.cli.main import run
from admin.office import minutes
from admin.record.audit import AuditOptions, audit_file
from admin.words import words
from tests.worlds.office import Office, new, sealed

pytestmark = pytest.mark.slow

FACTS = """
town = "Cần Thơ"
venue = "Hội trường"
start = "09:05"
end = "10:30"
copies = 2
adopted = true
complaints = []
witnesses = []
[chair]
name = "Nguyễn Thị Lệ"
[[committee]]
name = "Vương Quốc Kiểm"
role = "Trưởng ban"
[[committee]]
name = "Trần Thị Bình"
role = "Thư ký"
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published session of twelve voters; its facts were in the draft."""
    capture = pytest.MonkeyPatch()
    capture.setenv("PHIEUKIN_LANG", "en")
    office = new(tmp_path_factory.mktemp("office"), _Silent())  # type: ignore[arg-type]
    (office.draft / "papers.toml").write_text(FACTS, "utf-8")
    sealed(office)
    letters = office.folder / "letters.csv"
    assert office.run("roster", "letters", office.uuid, "-o", str(letters))[0] == 0
    assert office.session("checkin")[0] == 0
    office.vote(letters, None)
    assert office.session("present", "--count", "12")[0] == 0
    assert office.session("open", "--yes")[0] == 0
    office.seal_box()
    office.vote(letters, (0, 1, 2, 2, 0))
    assert office.session("note", "Mất điện 2 phút")[0] == 0
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    office.sign_close()
    shutil.copytree(office.folder, office.folder.with_name("closed"))
    office.share(1, 2)
    assert office.session("publish", "--yes")[0] == 0
    capture.undo()
    return office.folder


class _Silent:
    """Stands for the capture of a test where there is no test yet."""

    def readouterr(self) -> "_Silent":
        self.out = self.err = ""
        return self


@pytest.fixture
def office(
    published: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    """The published session, for one test alone."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    shutil.copytree(published, tmp_path / "office")
    return Office(tmp_path / "office", capsys)


def texts(path: Path) -> str:
    """Everything in a DOCX, cells too."""
    paper = docx.Document(str(path))
    cells = [c.text for table in paper.tables for row in table.rows for c in row.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


def test_minutes_hold_what_the_books_know_and_what_people_entered(office: Office):
    """Counts, the journal, the hash of the record; the committee and the hours."""
    folder = office.folder / "out"
    status, stdout, err = office.run("minutes", office.uuid, "-o", str(folder), "--json")
    assert status == 0, err
    document = json.loads(stdout)
    text = texts(folder / "bien-ban-kiem-phieu.docx")
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    digest = hashlib.sha256(record.read_bytes()).hexdigest()
    for part in (
        "Vương Quốc Kiểm",
        "09 giờ 05 phút",
        "Mất điện 2 phút",
        "Số phiếu thu về: 12 phiếu.",
    ):
        assert part in text
    assert digest in "".join(text.split())
    assert document["results"]["officials"][0]["percent"]["high"] == "100"
    assert {Path(entry["file"]).name for entry in document["files"]} == {
        "bien-ban-kiem-phieu.pdf",
        "bien-ban-kiem-phieu.docx",
    }
    for entry in document["files"]:
        assert hashlib.sha256(Path(entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert "number of the paper" in err
    assert "Not read in the text of" in err


def test_a_report_comes_with_a_workbook_and_a_chart(office: Office):
    """The numbers of the workbook are numbers; findings are in the words of the rule."""
    kinds = ("--kind", "report", "--kind", "announcement", "--kind", "press")
    status, _, _ = office.run("report", office.uuid, *kinds, "-o", str(office.folder / "out"))
    assert status == 0
    names = {path.name for path in (office.folder / "out").iterdir()}
    assert {"ket-qua.xlsx", "bieu-do-1.png", "bieu-do.svg", "bao-cao-ket-qua.pdf"} <= names
    book = openpyxl.load_workbook(office.folder / "out" / "ket-qua.xlsx")
    first, third = list(book["Kết quả"].values)[1:4:2]
    assert first[3:9] == (12, 100, 0, 0, 0, 0)
    assert third[7] == 12
    assert "miễn nhiệm" in third[10]
    report, press = (texts(office.folder / "out" / f"{name}.docx") for name in (
        "bao-cao-ket-qua", "thong-tin-bao-chi",
    ))  # fmt: skip
    assert "miễn nhiệm" in report
    for inside in ("miễn nhiệm", "Vương Quốc Kiểm", "Mất điện"):
        assert inside not in press


def test_the_record_alone_makes_the_same_numbers(office: Office):
    """An auditor prints from the bundle; what only the books know is left out."""
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    folder = office.folder / "out"
    assert run(["minutes", str(record), "-o", str(folder)]) == 0
    theirs = texts(folder / "bien-ban-kiem-phieu.docx")
    assert office.run("minutes", office.uuid, "-o", str(folder))[0] == 0
    ours = texts(folder / "bien-ban-kiem-phieu.docx")
    for part in ("Số phiếu thu về: 12 phiếu.", "Số đại biểu có mặt: 12.", "100"):
        assert part in ours
        assert part in theirs
    assert "Mất điện" not in theirs
    facts = {check.id: check.facts for check in audit_file(record, AuditOptions()).report.checks}
    assert str(facts["definition_signed"]["code"]) in ours
    for name, check in (("mở", "opening_signed"), ("kết thúc", "closing_signed")):
        numbers, code = facts[check]["trustees"], facts[check]["code"]
        line = f"{name} bỏ phiếu, 3/3 thành viên ban kiểm phiếu giữ khóa đã ký: số {numbers}:"
        assert line in ours
        assert line in theirs
        assert str(code) in ours
        assert str(code) in theirs
    assert run(["minutes", str(record), "--kind", "attendance", "-o", str(folder)]) == 4


def test_the_resolution_is_made_of_the_record_as_of_the_books(office: Office):
    """An electronic vote has no parcel of ballots to hand over."""
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    folder = office.folder / "out"
    read = []
    for source in (str(record), office.uuid):
        assert office.run("document", "resolution", source, "-o", str(folder))[0] == 0
        read.append(texts(folder / "du-thao-nghi-quyet.docx"))
    assert all("12 phiếu (chiếm 100% tổng số phiếu thu về)" in text for text in read)
    status, _, err = office.run("document", "handover", office.uuid, "-o", str(folder))
    assert (status, "no paper ballots" in err) == (5, True)


def test_a_record_that_fails_its_audit_makes_no_papers(office: Office):
    """One byte of the results changed."""
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    data = record.read_bytes()
    broken = office.folder / "broken.phieukin.zip"
    broken.write_bytes(data.replace(b'"100"', b'"101"', 1))
    assert run(["minutes", str(broken), "-o", str(office.folder / "out")]) == 3
    assert not (office.folder / "out").exists()


def test_before_the_tally_there_is_nothing_to_print_but_the_list(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    shutil.copytree(published.with_name("closed"), tmp_path / "office")
    office = Office(tmp_path / "office", capsys)
    folder = tmp_path / "out"
    assert office.run("minutes", office.uuid, "-o", str(folder))[0] == 5
    assert office.run("report", office.uuid, "-o", str(folder))[0] == 5
    assert not folder.exists()
    assert office.run("minutes", office.uuid, "--kind", "attendance", "-o", str(folder))[0] == 0
    assert "Danh sách có 12 đại biểu" in texts(folder / "danh-sach-dai-bieu.docx")


def test_other_facts_take_the_place_of_the_first_ones(office: Office):
    """`--papers` replaces the file that was taken over at the seal."""
    later = office.folder / "later.toml"
    later.write_text('style = "party"\ntown = "Huế"\n', "utf-8")
    folder = office.folder / "out"
    assert office.run("minutes", office.uuid, "--papers", str(later), "-o", str(folder))[0] == 0
    text = texts(folder / "bien-ban-kiem-phieu.docx")
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text
    assert "Huế, ngày" not in text  # minutes say in their text when and where
    assert "Vương Quốc Kiểm" not in text


def test_everything_wrong_with_the_facts_is_told_with_its_line(office: Office):
    later = office.folder / "later.toml"
    later.write_text('copies = "hai"\n[[committee]]\nrole = "Trưởng ban"\n', "utf-8")
    status, _, err = office.run("minutes", office.uuid, "--papers", str(later))
    assert status == 5
    assert "later.toml: row 1, key copies: a whole number" in err
    assert "later.toml: row 2, key committee: the key name is missing" in err


def test_a_stranger_among_the_excused_is_refused(office: Office):
    later = office.folder / "later.toml"
    later.write_text('[[excused]]\nname = "Không Có Ai"\n', "utf-8")
    status, _, err = office.run("minutes", office.uuid, "--papers", str(later))
    assert (status, "Không Có Ai is not on the roster" in err) == (5, True)


def test_a_scan_is_hashed_signed_and_put_beside_the_untouched_record(office: Office):
    """Twice the same scan is one; every byte of the zip is vouched for."""
    scan = office.folder / "signed.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    before = record.read_bytes()
    assert office.run("minutes", office.uuid)[0] == 0
    for _ in range(2):
        assert office.run("record", "attach", office.uuid, str(scan))[0] == 0
    bundled = record.with_name(f"{office.uuid}.papers.zip")
    assert record.read_bytes() == before
    with zipfile.ZipFile(bundled) as opened:
        assert opened.namelist() == [
            "PAPERS",
            "bien-ban-kiem-phieu.docx",
            "bien-ban-kiem-phieu.pdf",
            "scan-01.pdf",
        ]
        assert opened.read("scan-01.pdf") == scan.read_bytes()
        assert hashlib.sha256(scan.read_bytes()).hexdigest() in opened.read("PAPERS").decode()
    assert run(["record", "check", str(bundled), str(record)]) == 0


@pytest.mark.parametrize("defect", ["scan", "note", "signature", "record"])
def test_changed_papers_are_found(office: Office, defect: str):
    """The scan, what was signed, the signature, or the record that they belong to."""
    scan = office.folder / "signed.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    assert office.run("record", "attach", office.uuid, str(scan))[0] == 0
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    papers_zip = record.with_name(f"{office.uuid}.papers.zip")
    with zipfile.ZipFile(papers_zip) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()}
    if defect == "scan":
        contents["scan-01.pdf"] = b"%PDF-1.7 other"
    elif defect == "note":
        old = hashlib.sha256(scan.read_bytes()).hexdigest()
        contents["scan-01.pdf"] = b"%PDF-1.7 other"
        new = hashlib.sha256(contents["scan-01.pdf"]).hexdigest()
        contents["PAPERS"] = contents["PAPERS"].replace(old.encode(), new.encode())
    elif defect == "signature":
        contents["PAPERS"] = contents["PAPERS"].replace(b"/chair ", b"/other ")
    else:
        contents["PAPERS"] = contents["PAPERS"].replace(minutes.digest(record).encode(), b"0" * 64)
    papers_zip.write_bytes(zipped(contents))
    assert run(["record", "check", str(papers_zip), str(record)]) == 3


def zipped(contents: dict[str, bytes]) -> bytes:
    from admin.record import stored  # noqa: PLC0415  what the program itself writes

    target = io.BytesIO()
    stored.write(target, [(name, io.BytesIO(data)) for name, data in sorted(contents.items())])
    return target.getvalue()


def test_what_is_no_scan_or_comes_too_early_is_refused(
    office: Office, published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    wrong = office.folder / "signed.exe"
    wrong.write_bytes(b"MZ")
    assert office.run("record", "attach", office.uuid, str(wrong))[0] == 5
    empty = office.folder / "empty.pdf"
    empty.write_bytes(b"")
    assert office.run("record", "attach", office.uuid, str(empty))[0] == 5
    shutil.copytree(published.with_name("closed"), tmp_path / "early")
    early = Office(tmp_path / "early", capsys)
    scan = office.folder / "signed.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    assert early.run("record", "attach", early.uuid, str(scan))[0] == 5


def test_a_demo_ends_with_papers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """They say that it was an exercise, and the record stays the only one in the folder."""
    folder = tmp_path / "out"
    small = ["--voters", "8", "--officials", "3", "--out", str(folder)]
    assert run(["demo", *small, "--json"]) == 0
    names = json.loads(capsys.readouterr().out)["papers"]
    assert {"bien-ban-kiem-phieu.pdf", "bao-cao-ket-qua.docx", "ket-qua.xlsx"} <= set(names)
    assert all((folder / name).stat().st_size for name in names)
    assert len(list(folder.glob("*.phieukin.zip"))) == 1
    assert words("cli.audit.rehearsal", "vi") in texts(folder / "bien-ban-kiem-phieu.docx")


def test_a_draft_with_wrong_facts_is_neither_fine_nor_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    office = new(tmp_path, capsys)
    assert office.run("session", "check", str(office.draft))[0] == 0
    (office.draft / "papers.toml").write_text('style = "royal"\n', "utf-8")
    for step in ("check", "seal"):
        status, _, err = office.run("session", step, str(office.draft))
        assert (status, "royal" in err) == (5, True)
