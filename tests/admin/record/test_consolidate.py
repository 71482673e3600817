"""Records of several sessions side by side; one that is wrong stops everything."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from docx import Document

from admin.cli import gathered as sheets
from admin.cli import main
from admin.demo import one_process, scenario
from admin.record import consolidate
from admin.record.audit import AuditOptions
from admin.record.consolidate import Record
from admin.record.pool import workers
from admin.rules import regime
from admin.words import words
from crypto.errors import Incomplete, Refused, Rejected

pytestmark = pytest.mark.slow

NAMES = [("Nguyễn Thị A", "Chủ tịch"), ("=Trần Văn B", "")]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three sessions; the first official is rated in each."""
    rules = regime.load("nq96-2023")
    paths = []
    with workers(1) as pool:
        for i, names in enumerate([NAMES, NAMES[:1], NAMES[:1]]):
            folder = tmp_path_factory.mktemp(f"record{i}")
            played = scenario.random(5, names, rules, f"Hội đồng {i}")
            paths.append(one_process.play(played, folder, pool, _quiet))
    return paths


@contextmanager
def _quiet(_name: str, _size: int):
    yield lambda _: None


def gathered(paths: list[Path]) -> list[consolidate.Record]:
    return consolidate.gather(paths, AuditOptions(), rehearsals=True)


def test_two_venues_stand_side_by_side(records: list[Path], tmp_path: Path):
    """Nothing is added up; texts stay texts, days and percentages can be sorted."""
    workbook = tmp_path / "all.xlsx"
    args = [*map(str, records[:2]), "-o", str(workbook), "--rehearsals", "--workers", "1"]
    assert main.run(["consolidate", *args]) == 0
    book = openpyxl.load_workbook(workbook)
    everybody, twice, *_, sessions = book.worksheets

    names = [row[3] for row in everybody.iter_rows(min_row=2, values_only=True)]
    assert sorted(names) == sorted([NAMES[0][0], NAMES[1][0], NAMES[0][0]])
    assert [row[3] for row in twice.iter_rows(min_row=2, values_only=True)] == [NAMES[0][0]] * 2
    assert sessions.max_row == 3
    kinds = {cell.data_type for row in everybody.iter_rows(min_row=2) for cell in row}
    assert "f" not in kinds
    counts = [row[5:12:2] for row in everybody.iter_rows(min_row=2, values_only=True)]
    assert all(isinstance(count[0], int) for count in counts)
    rows = list(everybody.iter_rows(min_row=2, values_only=True))
    assert {type(row[1]) for row in rows} == {datetime}
    assert {type(share) for row in rows for share in row[6:11:2]} <= {int, float}


def test_the_report_for_the_managing_office(records: list[Path], tmp_path: Path):
    """As PDF and DOCX; the office's papers.toml says who signs."""
    office = tmp_path / "papers.toml"
    office.write_text('issuer = "Ban Tổ chức Tỉnh ủy"\n', encoding="utf-8")
    args = [*map(str, records[:2]), "--rehearsals", "--workers", "1", "--papers", str(office)]
    assert main.run(["consolidate", *args, "-o", str(tmp_path / "all.xlsx")]) == 2
    assert main.run(["consolidate", *args, "--report", str(tmp_path / "report")]) == 0
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    report = Document(str(tmp_path / "report.docx"))
    cells = {cell.text for table in report.tables for row in table.rows for cell in row.cells}
    assert {"Hội đồng 0", "Hội đồng 1", NAMES[0][0]} <= cells
    assert not (tmp_path / "all.xlsx").exists()


def test_bodies_of_a_tier(
    records: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Others are left out; one that does not say its tier is named."""
    audited = gathered(records[:2])
    first = replace(audited[0], session_file=replace(audited[0].session_file, tier="commune"))
    monkeypatch.setattr(consolidate, "gather", lambda *_, **__: [first, audited[1]])
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    args = ["consolidate", *map(str, records[:2]), "--json", "--tier"]
    assert main.run([*args, "commune"]) == 0
    printed, err = capsys.readouterr()
    assert [row["uuid"] for row in json.loads(printed)["sessions"]] == [first.session_file.uuid]
    assert f"{audited[1].file}: the file does not say its tier" in err
    assert main.run([*args, "xã"]) == 2


def test_a_third_venue_is_refused_by_name(records: list[Path]):
    """At most two, however the names are spelled."""
    with pytest.raises(Refused, match=r"Nguyễn Thị A: rated at 3 venues"):
        gathered(records)


def test_one_session_twice_is_refused(records: list[Path], tmp_path: Path):
    """Under whatever file name."""
    copy = tmp_path / "copy.phieukin.zip"
    copy.write_bytes(records[0].read_bytes())
    with pytest.raises(Refused, match=r"copy\.phieukin\.zip: the same session as"):
        gathered([records[0], copy])


def test_a_rehearsal_is_refused(records: list[Path]):
    """Unless it is asked for."""
    with pytest.raises(Refused, match="rehearsal"):
        consolidate.gather(records[:1], AuditOptions())


def test_a_record_that_fails_its_audit_stops_all(records: list[Path], tmp_path: Path):
    """The file is named, and nothing is written."""
    data = bytearray(records[1].read_bytes())
    data[data.index(b'"present":5') + len('"present":')] ^= 1
    bad, workbook = tmp_path / "bad.phieukin.zip", tmp_path / "all.xlsx"
    bad.write_bytes(data)
    with pytest.raises(Rejected, match=r"^bad\.phieukin\.zip: "):
        gathered([records[0], bad])
    args = [str(records[0]), str(bad), "-o", str(workbook), "--rehearsals", "--workers", "1"]
    assert main.run(["consolidate", *args]) == 3
    assert not workbook.exists()


def test_an_archive_alone_is_not_enough(records: list[Path]):
    """It says nothing of the day or the body."""
    archive = next(records[0].parent.glob("*.bel"))
    with pytest.raises((Incomplete, Refused)):
        gathered([archive])


# --- Authorities and venues ---------------------------------------------------------------


@pytest.fixture(scope="module")
def two(records: list[Path]) -> list[Record]:
    """Two sessions; of the first both officials' authorities are known."""
    first, second = consolidate.gather(records[:2], AuditOptions(), rehearsals=True)
    managed = tuple(f"Ban Thường vụ {i}" for i in range(len(first.results["officials"])))
    return [replace(first, session_file=replace(first.session_file, managed=managed)), second]


def renamed(record: Record, position: str, **human: object) -> Record:
    """The same, whose first official has this position."""
    first, *following = record.results["officials"]
    moved = {**first, "position": position}
    return replace(
        record,
        results={**record.results, "officials": [moved, *following]},  # type: ignore[list-item]
        session_file=replace(record.session_file, **human),  # type: ignore[arg-type]
    )


def test_officials_of_one_authority(two: list[Record]):
    """However it is written; a venue that does not say it has it of the person's other venue."""
    lines = consolidate.of_authority(consolidate.lines(two), "  thường VỤ 0")
    document = consolidate.to_json(two, "thường vụ 0")

    assert [line.managed for line in lines] == ["Ban Thường vụ 0", ""]
    assert [len(row["results"]["officials"]) for row in document["sessions"]] == [1, 1]
    assert document["sessions"][0]["managed"] == ["Ban Thường vụ 0"]
    assert document["managed_by"] == "thường vụ 0"


def test_a_shared_name_alone_is_pointed_out_and_not_taken_for_one_person(two: list[Record]):
    first, second = two
    same = consolidate.doubles(consolidate.lines([first, second]))
    elsewhere = consolidate.doubles(consolidate.lines([first, renamed(second, "Trưởng thôn")]))

    assert [(double.line.official["name"], double.sure) for double in same] == [
        (NAMES[0][0], True),
        (NAMES[0][0], True),
    ]
    assert [double.sure for double in elsewhere] == [False, False]


def test_an_earlier_year_is_another_round(two: list[Record]):
    first, second = two

    assert (
        consolidate.doubles(
            consolidate.lines([first, renamed(second, "Chủ tịch", date="2018-12-05")])
        )
        == []
    )


def test_the_report_counts_people_and_never_votes(two: list[Record]):
    """By authority: how many people and ratings, how many at two venues, whom a rule speaks of."""
    tables = {name: rows for name, _, rows in sheets.sheets(two, None, None)}
    rows = tables[words("gathered.sheets.report")]

    assert [row[:4] for row in rows] == [
        ["Ban Thường vụ 0", 1, 2, 1],
        ["Ban Thường vụ 1", 1, 1, 0],
    ]
    everybody = tables[words("consolidated.sheets.all")]
    by_authority = tables[words("gathered.sheets.authorities")]
    assert sorted(map(str, (row[1:] for row in by_authority))) == sorted(map(str, everybody))


def test_reports_that_are_missing_are_listed(records: list[Path], tmp_path: Path, capsys):
    """Of the table's bodies one is here; the other is overdue by the working days since."""
    table, workbook = tmp_path / "expected.csv", tmp_path / "all.xlsx"
    day = gathered_day(records[0])
    table.write_text(f"Đơn vị,Ngày lấy phiếu\nHội đồng 0,{day}\nHội đồng 9,2026-11-02\n", "utf-8")
    args = [str(records[0]), "-o", str(workbook), "--rehearsals", "--workers", "1", "--json"]
    more = ["--expected", str(table), "--today", "2026-11-13"]
    assert main.run(["consolidate", *args, *more]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)

    assert [row["state"] for row in document["expected"]] == ["received", "missing"]
    assert document["expected"][1]["due"] == "2026-11-11"
    assert document["expected"][1]["working_days_late"] == 2
    assert "Hội đồng 9" in printed.err
    *_, owed = openpyxl.load_workbook(workbook).worksheets
    assert [row[0] for row in owed.iter_rows(min_row=2, values_only=True)] == ["Hội đồng 9"]


def gathered_day(path: Path) -> str:
    (record,) = consolidate.gather([path], AuditOptions(), rehearsals=True)
    return record.session_file.date


@pytest.mark.parametrize("args", [[], ["--status", "x.csv"], ["--expected", "x.csv"]])
def test_what_cannot_be_asked_together_is_wrong_usage(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("Đơn vị\nA\n", "utf-8")

    assert main.run(["consolidate", *args]) == 2


def test_a_table_with_problems_is_refused_whole(records: list[Path], tmp_path: Path, capsys):
    table, workbook = tmp_path / "expected.csv", tmp_path / "all.xlsx"
    table.write_text("Đơn vị,Hạn báo cáo\n,1/7/2026\nHội đồng 9,31/02/2026\n", "utf-8")
    args = [str(records[0]), "-o", str(workbook), "--rehearsals", "--workers", "1"]

    assert main.run(["consolidate", *args, "--expected", str(table)]) == 3
    err = capsys.readouterr().err
    assert not workbook.exists()
    assert "row 2" in err or "dòng 2" in err
    assert "row 3" in err or "dòng 3" in err
