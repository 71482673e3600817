"""The papers of sessions with paper ballots: a column of its own, or nothing but paper."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from admin.lifecycle import counted
from admin.record import result_file
from admin.record import scan as scans
from admin.session import keys
from admin.session.datadir import DataDir
from tests.admin.cli.test_minutes import texts
from tests.worlds.office import Office, new, sealed, sealed_on_paper

pytestmark = pytest.mark.slow

LINES = ((4, 1, 0), (5, 0, 0), (3, 2, 0), (0, 1, 4), (2, 2, 1))  # of five valid ballots


@pytest.fixture
def office(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Office:
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    return new(tmp_path, capsys)


def entered(office: Office, *, people: int = 2) -> None:
    """So many people enter six ballots, one of them invalid as a whole."""
    with (office.draft / "csv" / "officials.csv").open(encoding="utf-8-sig") as file:
        names = [row["Họ và tên"] for row in csv.DictReader(file)]
    rows = ["stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong"]
    for number, (name, line) in enumerate(zip(names, LINES, strict=True), start=1):
        rows.append(f"{number},{name},,{','.join(map(str, line))},")
    path = office.folder / "counts.csv"
    path.write_text("\n".join(rows), "utf-8")
    for name in ("Nguyễn An", "Trần Bình")[:people]:
        numbers = ("--collected", "6", "--invalid", "1")
        say = ("paper", "enter", office.uuid, str(path), "--by", name, *numbers)
        assert office.run(*say)[0] == 0


def test_a_vote_on_paper_has_minutes_without_a_record(office: Office):
    """No φ and no code, but the hash of its count; percentages include the invalid ballot."""
    office.change(min_ballots="5")
    sealed_on_paper(office).session("checkin")
    office.session("present", "--count", "8")
    assert office.run("paper", "issue", office.uuid, "1-6")[0] == 0
    assert office.session("open", "--yes")[0] == 0
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    entered(office)
    assert office.session("publish", "--yes")[0] == 0
    folder = office.folder / "out"
    status, _, err = office.run("minutes", office.uuid, "-o", str(folder))
    assert (status, "(printed)" in err) == (0, True)
    assert office.run("report", office.uuid, "-o", str(folder))[0] == 0

    text = texts(folder / "bien-ban-kiem-phieu.docx")
    for part in ("Số đại biểu có mặt: 08.", "phát ra: 06 phiếu", "không hợp lệ: 01 phiếu", "66,67"):
        assert part in text
    count = office.with_session(counted.of_books)
    assert f"{count.digest[:8]} {count.digest[8:16]}" in text
    assert "HỒ SƠ ĐIỆN TỬ" not in text
    _, shown, _ = office.session("show")
    assert not any(word in shown for word in ("Session code", "Registered", "φ")), shown
    its_scan_and_its_result_travel(office, count.digest)
    its_result_is_audited(office, count.digest)
    another_scan_takes_the_place(office)


def its_scan_and_its_result_travel(office: Office, digest: str) -> None:
    """Attached to its own minutes only; the result file has both, and so `consolidate` has."""
    papers = office.data / "papers" / office.uuid
    scan, other = office.folder / "quet.pdf", papers.with_name("Phieu1Kin2Test4B")
    other.mkdir()
    printed = (papers / "bien-ban-kiem-phieu.pdf").read_bytes()
    (other / "bien-ban-kiem-phieu.pdf").write_bytes(b"%PDF-1.7 of others")
    foreign = {
        printed: "quet.pdf: this is bien-ban-kiem-phieu.pdf as it was printed, not signed",
        (papers / "bao-cao-ket-qua.pdf").read_bytes() + b"signed": "not the minutes",
        printed + b"of others": "quet.pdf: this is a paper of this program as it was printed",
        b"%PDF-1.7 of others signed": "this is bien-ban-kiem-phieu.pdf of session Phieu1Kin2Te",
        b"MZ": "its bytes are not those of a file that ends so",
    }
    attach = ("record", "attach", office.uuid, str(scan))
    for raw, reason in foreign.items():
        scan.write_bytes(raw)
        for more in ((), ("--check",)):
            status, _, err = office.run(*attach, *more)
            assert (status, reason in err) == (5, True), err
    scan.write_bytes(printed + b"/ByteRange [0 1 2 3]")
    assert office.run(*attach, "--check")[0] == 0
    bundled = office.data / "archives" / f"{office.uuid}.papers.zip"
    assert not bundled.exists()
    export = ("record", "export", office.uuid, "-o")
    status, _, err = office.run(*export, str(office.folder / "xa.zip"))
    assert (status, "xa.zip: the name of a result file ends in .result.zip" in err) == (5, True)
    result = office.folder / "xa.result.zip"
    status, _, err = office.run(*export, str(result))
    assert (status, "no scan of the signed minutes is in" in err) == (0, True)
    assert office.run(*attach)[0] == 0
    status, _, err = office.run("record", "check", str(bundled), str(result))
    assert status == 0
    status, _, err = office.run(*export, str(result))
    assert (status, "no scan" in err) == (0, False)
    assert office.run("record", "check", str(bundled), str(result))[0] == 0
    chair = keys.signer(DataDir.open(office.data), office.uuid, "chair")
    for definition, reason in (
        (sealed_as(office), "scan-01.pdf is not the one in xa.result.zip"),
        ("0" * 64, "differs from the papers and the record"),
    ):
        with (office.folder / "false.papers.zip").open("w+b") as target:
            belonging = scans.Belonging(office.uuid, definition, digest)
            scans.write(target, belonging, {"scan-01.pdf": b"%PDF-1.7 other"}, chair)
        status, _, err = office.run("record", "check", target.name, str(result))
        assert (status, reason in err) == (3, True), err
    status, stdout, _ = office.run("consolidate", str(result), "--json")
    (session,) = json.loads(stdout)["sessions"]
    assert (status, session["fingerprint"], session["paper"]) == (0, sealed_as(office), 6)
    assert session["counts_sha256"] == digest


def its_result_is_audited(office: Office, digest: str) -> None:
    """Whose hash of the counts is told; what only a record has cannot be asked for."""
    result = str(office.folder / "xa.result.zip")
    status, stdout, _ = office.run("audit", result)
    assert (status, f"SHA-256 of the counts: {digest}" in stdout) == (0, True), stdout
    _, stdout, _ = office.run("audit", result, "--json")
    assert json.loads(stdout)["scans"] == ["scan-01.pdf"]
    status, _, err = office.run("audit", result, "--fingerprint", "0000-0000-0000-0000-0000")
    assert (status, "a session on paper has no record" in err) == (4, True), err


def another_scan_takes_the_place(office: Office) -> None:
    """Of one that was attached by mistake."""
    scan = office.folder / "second.pdf"
    scan.write_bytes(b"%PDF-1.7 a picture of the right paper")
    assert office.run("record", "attach", office.uuid, str(scan), "--replace")[0] == 0
    (kept,) = (office.data / "papers" / office.uuid).glob("scan-*")
    assert kept.read_bytes() == scan.read_bytes()


def sealed_as(office: Office) -> str:
    """What identifies the session on paper."""
    count = office.with_session(counted.of_books)
    return count.definition


def mixed(office: Office) -> None:
    """Six vote by phone, six on paper; one of these came late. The phones' votes are open."""
    office.change(min_ballots="5")
    sealed(office).session("checkin")
    letters = office.folder / "letters.csv"
    only = [part for number in range(1, 7) for part in ("--only", str(number))]
    assert office.run("roster", "letters", office.uuid, *only, "-o", str(letters))[0] == 0
    office.vote(letters, None)
    assert office.run("paper", "issue", office.uuid, "7-11")[0] == 0
    assert office.session("present", "--count", "11")[0] == 0
    assert office.session("open", "--yes")[0] == 0
    office.seal_box()
    assert office.run("paper", "issue", office.uuid, "12", "--late")[0] == 0
    office.vote(letters, (0, 0, 0, 0, 0))
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    office.sign_close()
    office.share(1, 2)
    assert office.session("publish", "--yes")[0] == 0


def test_both_columns_and_their_sum_stand_in_the_minutes(office: Office):
    """They wait for two people's entries; the record itself is not touched by paper."""
    mixed(office)
    _, stdout, _ = office.run("consolidate", "--status", "--json")
    (standing,) = json.loads(stdout)["sessions"]
    assert (standing["counts"]["present"], standing["counts"]["issued"]) == (12, 12)
    folder = office.folder / "out"
    entered(office, people=1)
    status, _, err = office.run("minutes", office.uuid, "-o", str(folder))
    assert (status, "alike by two people" in err) == (5, True)
    entered(office)
    assert office.run("minutes", office.uuid, "-o", str(folder))[0] == 0
    ours = texts(folder / "bien-ban-kiem-phieu.docx")
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    status, _, err = office.run("minutes", str(record), "-o", str(folder))
    assert (status, "6 ballots went out on paper" in err) == (5, True)
    status, _, err = office.run("report", str(record), "-o", str(folder))
    assert (status, "6 ballots went out on paper" in err) == (5, True)

    assert "Số đại biểu có mặt: 12, trong đó 01 đến sau khi mở bỏ phiếu." in ours
    assert "Số phiếu phát ra\n6\n6\n12\n" in ours
    assert "Số phiếu không hợp lệ\n0\n1\n1\n" in ours
    assert "83,33" in ours  # ten of twelve
    the_office_above_gets_both(office, record)


def the_office_above_gets_both(office: Office, record: Path) -> None:
    """The record alone is refused by name; the result file has the sum, and no other numbers."""
    result = office.folder / "xa.result.zip"
    export = ("record", "export", office.uuid)
    status, _, err = office.run(*export, "-o", str(office.folder / "out.zip"))
    assert (status, "only the electronic ballots" in err) == (0, True)
    assert office.run(*export, "--result", "--auditor", "-o", str(result))[0] == 2
    assert office.run(*export, "--result", "-o", str(result))[0] == 0
    again = office.folder / "again"
    assert office.run("minutes", str(result), "-o", str(again))[0] == 0
    ours = office.folder / "out" / "bien-ban-kiem-phieu.docx"
    left_out = set(texts(ours).splitlines()) - set(texts(again / ours.name).splitlines())
    assert [line for line in left_out if "/s/" not in line] == ["Trang công khai của phiên:"]
    status, _, err = office.run("consolidate", str(record), "--json")
    assert (status, f"{record.name}: 6 ballots went out on paper" in err) == (5, True)
    status, stdout, _ = office.run("consolidate", str(result), "--json")
    (session,) = json.loads(stdout)["sessions"]
    first = session["results"]["officials"][0]
    assert (status, session["counts"]["cast"], session["paper"]) == (0, 12, 6)
    assert first["counts"] == {"high": 10, "medium": 1, "low": 0, "blank": 1}
    assert first["percent"]["high"] == "83,33"
    count = office.with_session(counted.of_books)
    assert count.paper is not None
    assert count.electronic is not None
    changes: list[tuple[dict[str, Any], str]] = [
        ({"electronic": replace(count.electronic, issued=7)}, "electronic counts are not those"),
        ({"electronic": None}, "electronic counts are not those of the record"),
        ({"present": 10}, "roster or head count are not those"),
        ({"paper": None, "entered": ()}, "0 paper ballots, but the record says that 6 went out"),
    ]
    for change, reason in changes:
        with zipfile.ZipFile(result) as opened:
            files = {n: opened.read(n) for n in opened.namelist() if n != "MANIFEST"}
        files["count.json"] = replace(count, **change).encode()
        false = office.folder / "false.result.zip"
        with false.open("w+b") as target:
            chair = keys.signer(DataDir.open(office.data), office.uuid, "chair")
            contents = {name: io.BytesIO(raw) for name, raw in files.items()}
            result_file.write(target, office.uuid, contents, chair)
        status, _, err = office.run("consolidate", str(false), "--json")
        assert (status, reason in err) == (3, True), err
