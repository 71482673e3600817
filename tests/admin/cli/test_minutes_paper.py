"""The papers of sessions with paper ballots: a column of its own, or nothing but paper."""

import csv
from pathlib import Path

import pytest

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
    """No φ, no hash, no code; percentages of the ballots collected, the invalid one included."""
    office.change(min_ballots="5")
    sealed_on_paper(office).session("checkin")
    office.session("present", "--count", "8")
    assert office.run("paper", "issue", office.uuid, "1-6")[0] == 0
    assert office.session("open", "--yes")[0] == 0
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    entered(office)
    assert office.session("publish", "--yes")[0] == 0
    folder = office.folder / "out"
    assert office.run("minutes", office.uuid, "-o", str(folder))[0] == 0
    assert office.run("report", office.uuid, "-o", str(folder))[0] == 0

    text = texts(folder / "bien-ban-kiem-phieu.docx")
    for part in ("Có mặt: 8.", "Số phiếu phát ra: 6.", "Số phiếu không hợp lệ: 1.", "66,67"):
        assert part in text
    assert "SHA-256" not in text
    assert "KIỂM CHỨNG" not in text


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
    folder = office.folder / "out"
    entered(office, people=1)
    status, _, err = office.run("minutes", office.uuid, "-o", str(folder))
    assert (status, "alike by two people" in err) == (5, True)
    entered(office)
    assert office.run("minutes", office.uuid, "-o", str(folder))[0] == 0
    ours = texts(folder / "bien-ban-kiem-phieu.docx")
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    assert office.run("minutes", str(record), "-o", str(folder))[0] == 0
    theirs = texts(folder / "bien-ban-kiem-phieu.docx")

    assert "Có mặt: 12, trong đó 1 đến sau khi mở bỏ phiếu." in ours
    assert "Số phiếu phát ra\n6\n6\n12\n" in ours
    assert "Số phiếu không hợp lệ\n0\n1\n1\n" in ours
    assert "83,33" in ours  # ten of twelve
    assert "Phiếu giấy" not in theirs
    assert "Số phiếu phát ra: 6." in theirs
