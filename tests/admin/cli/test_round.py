"""A round of twelve bodies, from what they send up to one report and one letter for each authority.

Nine voted on paper, one by phone, one both ways; one has not reported. One official stands at two
venues under two titles; another shares her name with somebody of another place.
"""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from docx import Document

from admin.cli import main
from admin.record import result_file
from admin.record.count import Cadre, Count
from admin.record.session_file import SessionFile
from admin.rules.channel import ChannelCount, Marks, Pile, electronic
from admin.rules.regime import load
from crypto.audit.evidence import PaperBallots
from crypto.encoding import BASE58
from crypto.session import Official
from crypto.tally import decode_result
from tests import testkit
from tests.worlds.paper import Body

PROVINCE, WARD = "Ban Thường vụ Tỉnh ủy", "Ban Thường vụ Đảng ủy phường"
HAI = Cadre("1971-03-02", "CB-0417")
SIX = ((0, 0, 1),) * 4 + ((1, 2, 2),) * 2  # what six people marked on three officials


def human(i: int, body: str, *managed: str) -> SessionFile:
    return SessionFile(
        f"Phieu1Kin2Test5{BASE58[i]}", body, "Lấy phiếu tín nhiệm", f"2026-12-{i + 1:02}", "", 15,
        managed=managed if any(managed) else (),
    )  # fmt: skip


def on_paper(folder: Path, i: int, body: str, *people: tuple[Official, str, Cadre]) -> Path:
    """A body that voted on paper, with its scan."""
    rated = Body(
        human(i, body, *(managed for _, managed, _ in people)),
        [official for official, *_ in people],
        ((6, 3, 1), (1, 2, 6), (7, 3, 0))[: len(people)],
        cadres=tuple(cadre for *_, cadre in people),
    )
    return rated.send(folder, **{"scan-01.pdf": b"%PDF-1.7 " + body.encode()})


def by_phone(folder: Path, i: int, body: str) -> Path:
    """A body all of whose members voted electronically: its record."""
    session = testkit.seal(human=human(i, body, *[PROVINCE] * 3), registered=6, rehearsal=False)
    session = replace(session, issued=6)
    parts = session.sign(session.archived(session.vote(n, v) for n, v in enumerate(SIX)))
    path = folder / f"{session.human.uuid}.phieukin.zip"
    path.write_bytes(session.bundle(parts))
    return path


def both_ways(folder: Path, i: int, body: str) -> tuple[Path, Path]:
    """A body whose members voted both ways: its record alone, and its result file."""
    session = testkit.seal(
        human=human(i, body, *[PROVINCE] * 3),
        channels=("cli", "paper"),
        registered=6,
        rehearsal=False,
    )
    session = replace(session, issued=6, paper=PaperBallots(5, 5, 1))
    parts = session.sign(session.archived(session.vote(n, v) for n, v in enumerate(SIX)))
    record = folder / f"{session.human.uuid}.phieukin.zip"
    record.write_bytes(session.bundle(parts))
    totals = decode_result(parts.result, session.election)
    count = Count(
        session.human.uuid,
        session.phi,
        roster=testkit.ROSTER,
        present=testkit.PRESENT,
        late=1,
        electronic=electronic(load(testkit.REGIME), 6, 6, totals, (3,)),
        paper=ChannelCount(6, (Pile(6),), (Marks((1, 2, 3), 0),) * 3, 0, 0),
        entered=("An", "Bình"),
    )
    path = folder / f"{session.human.uuid}.result.zip"
    contents = {
        record.name: record.read_bytes(),
        "count.json": count.encode(),
        "session.json": session.human.encode(),
    }
    with path.open("w+b") as target:
        inside = {name: io.BytesIO(raw) for name, raw in contents.items()}
        result_file.write(target, session.human.uuid, inside, session.chair)
    return record, path


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What eleven of the twelve bodies sent; the last is the record of the mixed session alone."""
    folder = tmp_path_factory.mktemp("round")
    hai, ba = "Nguyễn Văn Hải", "Trần Thị Ba"
    files = [
        on_paper(
            folder, 0, "Hội đồng nhân dân phường 1",
            (Official(hai, "Chủ tịch Ủy ban nhân dân phường 1"), WARD, HAI),
            (Official(ba, "Chủ tịch Hội đồng nhân dân phường 1"), WARD, Cadre("1980-01-01")),
        ),
        on_paper(
            folder, 1, "Đảng bộ phường 1",
            (Official(hai, "Phó Bí thư Đảng ủy phường 1"), "", HAI),
        ),
        on_paper(
            folder, 2, "Hội đồng nhân dân phường 2",
            (Official(ba, "Chủ tịch Hội đồng nhân dân phường 2"), WARD, Cadre("1975-05-05")),
        ),
    ]  # fmt: skip
    for i in range(3, 9):
        person = Official(f"Lê Thị {BASE58[i]}", "Giám đốc Sở")
        files.append(on_paper(folder, i, f"Sở {i}", (person, PROVINCE, Cadre())))
    files.append(by_phone(folder, 9, "Hội đồng nhân dân tỉnh"))
    alone, whole = both_ways(folder, 10, "Đảng bộ tỉnh")
    return [*files, whole, alone]


def gather(sent: list[Path], *more: str | Path) -> int:
    return main.run(["consolidate", *map(str, sent), "--workers", "1", *map(str, more)])


def test_one_report_and_one_letter_for_each_authority(
    sent: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    """By one run; the body that has not reported is named in each."""
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    expected = tmp_path / "han.csv"
    bodies = ["Hội đồng nhân dân phường 1", "Đảng bộ phường 1", "Hội đồng nhân dân phường 2"]
    bodies += [*(f"Sở {i}" for i in range(3, 9)), "Hội đồng nhân dân tỉnh", "Đảng bộ tỉnh"]
    with expected.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("Đơn vị", "Ngày lấy phiếu", "Cơ quan quản lý"), *((body, "", "") for body in bodies),
             ("Đảng bộ phường 2", "01/12/2026", f"{WARD}; {PROVINCE}"),
             ("Đảng bộ phường 3", "01/12/2026", "Ban Thường vụ Đảng ủy phường 3"),
             ("Đảng bộ sở 12", "01/12/2026", PROVINCE.upper())],
        )  # fmt: skip
    papers = tmp_path / "papers.toml"
    papers.write_text(
        'issuer = "Ban Tổ chức Tỉnh ủy"\ntown = "Hà Nam"\nrecipients = ["Thường trực (b/c)"]\n'
        '[signatory]\nlines = ["TRƯỞNG BAN"]\nname = "Phạm Dung"\n'
        f'[[authorities]]\nname = "{WARD}"\nreport = "45-BC/BTC"\nletter = "46-CV/BTC"\n'
        f'[[authorities]]\nname = "{PROVINCE}"\nreport = "47-BC/BTC"\n'
        '[[authorities]]\nname = "Tỉnh ủy"\nletter = "49-CV/BTC"\n',
        "utf-8",
    )
    folder, book = tmp_path / "out", tmp_path / "all.xlsx"
    more = ("--expected", expected, "--today", "2026-12-20", "--papers", papers)
    status = gather(sent[:-1], *more, "--authorities", folder, "-o", book)
    err = capsys.readouterr().err
    assert status == 0, err

    assert "Đảng bộ phường 2" in err
    assert f"papers.toml: số công văn gửi {PROVINCE}" in err
    assert "được tính riêng: Trần Thị Ba. Xem" in err
    assert "cho cơ quan không có báo cáo nào: Tỉnh ủy; các tệp ghi: " in err
    ward, province = "ban-thuong-vu-dang-uy-phuong", "ban-thuong-vu-tinh-uy"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{number}-{kind}-{whose}{end}"
        for number, whose in (("01", ward), ("02", province))
        for kind in ("bao-cao", "cong-van")
        for end in (".pdf", ".docx")
    )
    report, letter = (said(folder / f"01-{kind}-{ward}.docx") for kind in ("bao-cao", "cong-van"))
    assert [number in text for text in (report, letter) for number in ("45-BC", "46-CV")] == [
        *(True, False),
        *(False, True),
    ]
    for text in (report, letter):
        assert "Kính gửi: Ban Thường vụ Đảng ủy phường." in text
        assert "Đảng bộ phường 2" in text
        assert "Đảng bộ phường 3" not in text
        assert "Đảng bộ sở 12" not in text
        assert "Sở 3" not in text
    assert "kết quả của 03 cơ quan, đơn vị (03 nơi phiếu giấy)" in letter
    assert "có 03 người" in letter
    assert "trong đó 01 người ở hai nơi" in letter
    assert "Phó Bí thư Đảng ủy phường 1" in report
    whole, twice = (said(folder / f"02-{k}-{province}.docx") for k in ("bao-cao", "cong-van"))
    assert ("Đảng bộ sở 12" in twice, "Đảng bộ phường 3" in twice) == (True, False)
    assert ("47-BC/BTC" in whole, "-CV/BTC" in twice) == (True, False)
    assert "(01 nơi điện tử, 01 nơi phiếu giấy và điện tử, 06 nơi phiếu giấy)" in twice
    pages = openpyxl.load_workbook(book)
    rows = pages.worksheets[1].iter_rows(min_row=2, values_only=True)
    assert [(row[3], row[-1]) for row in rows][:4] == [
        *[("Nguyễn Văn Hải", "Trùng mã cán bộ")] * 2,
        *[("Trần Thị Ba", "Chỉ trùng họ tên: đề nghị đối chiếu")] * 2,
    ]


def said(path: Path) -> str:
    """All the words of a DOCX."""
    page = Document(str(path))
    cells = [cell for table in page.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in page.paragraphs), *(cell.text for cell in cells)])


def test_a_mixed_session_has_the_sum_of_both_ways(
    sent: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Its record alone, which has only the phones' half, is refused by name."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    assert gather([sent[-1]], "--json") == 5
    assert f"{sent[-1].name}: 6 ballots went out on paper" in capsys.readouterr().err
    assert gather([sent[-2]], "--json") == 0
    (session,) = json.loads(capsys.readouterr().out)["sessions"]
    assert (session["counts"], session["paper"]) == (
        {"roster": 13, "present": 13, "cast": 12},
        6,
    )
    assert session["results"]["officials"][0]["counts"] == {
        "high": 5, "medium": 4, "low": 3, "blank": 0,
    }  # fmt: skip


def test_a_result_file_is_known_by_what_is_in_it(
    sent: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Browsers and mails rename what they save; of an altered one no name makes a good one."""
    renamed = tmp_path / "Sở 3.result (1).zip"
    renamed.write_bytes(sent[3].read_bytes())
    assert gather([renamed], "--json") == 0
    assert main.run(["audit", str(renamed), "--json"]) == 0
    assert main.run(["audit", str(sent[-2]), "--workers", "1", "--json"]) == 0
    *_, audited = capsys.readouterr().out.partition('"phieukin.result-audit/1"')
    assert '"schema": "phieukin.audit/1"' in audited
    renamed.write_bytes(sent[3].read_bytes().replace(b'"blank":0', b'"blank":1'))
    assert gather([renamed], "--json") == 3


def test_an_official_at_three_venues_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Three titles, two spellings, one cadre code: all venues are told, nothing is written."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    rated = [("Hội đồng", "Nguyễn Văn Hải"), ("Đảng bộ", "Nguyễn Hải"), ("Sở", "Nguyễn Văn Hải")]
    files = [
        on_paper(tmp_path, i, body, (Official(name, f"Chức vụ {i}"), PROVINCE, HAI))
        for i, (body, name) in enumerate(rated)
    ]
    book = tmp_path / "all.xlsx"
    assert gather(files[:2], "-o", book) == 0
    book.unlink()
    capsys.readouterr()
    assert gather(files, "-o", book) == 5
    err = capsys.readouterr().err
    assert "Nguyễn Văn Hải: rated at 3 venues (Hội đồng, " in err
    assert all(f"{body}, {path.name}" in err for (body, _), path in zip(rated, files, strict=True))
    assert not book.exists()


def test_letters_need_to_know_whose_the_officials_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Where nobody's is known nothing is written; where only somebody's is not, he is named."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    unknown = on_paper(tmp_path, 0, "Sở 1", (Official("Lê Một", "Giám đốc"), "", Cadre()))
    with_cadre = on_paper(tmp_path, 1, "Sở 2", (Official("Lê Hai", "Giám đốc"), PROVINCE, Cadre()))
    folder = tmp_path / "out"
    assert gather([unknown], "--authorities", folder) == 4
    assert "no file says a managing authority" in capsys.readouterr().err
    assert not folder.exists()
    assert gather([unknown, with_cadre], "--authorities", folder, "--managed-by", "Tỉnh ủy") == 2
    capsys.readouterr()
    assert gather([unknown, with_cadre], "--authorities", folder) == 0
    err = capsys.readouterr().err
    assert "without a managing authority, and so in no report: Lê Một" in err
    assert "by hand or into papers.toml: who sends it (issuer)" in err
    assert len(list(folder.iterdir())) == 4
