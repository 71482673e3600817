"""The table of a round: every fault with its row; the same table is the one of expected reports."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.documents.around.round_plan import PlannedVote
from admin.office import expected, round_plan
from admin.rules import calendar

if TYPE_CHECKING:
    from admin.rules.cells import Problem

HEADS = (
    "STT,Đơn vị,Người được lấy phiếu,Người ghi phiếu,Chủ trì,Phối hợp,Ngày lấy phiếu,Hạn báo cáo"
)
COUNCIL = "1,Hội đồng nhân dân phường,Chủ tịch,Đại biểu,Thường trực,,05/12/2028,14/12/2028"
PARTY = "2,Ban Chấp hành Đảng bộ phường,Ủy viên,Ủy viên,,,06/12/2028,"


def read(folder: Path, *rows: str) -> tuple[tuple[PlannedVote, ...], list[str]]:
    path, problems = folder / "dot.csv", list["Problem"]()
    path.write_text("\n".join([HEADS, *rows]), "utf-8")
    votes = round_plan.read(path, calendar.holidays(), problems, [])
    return votes, [problem.told("en") for problem in problems]


def test_a_table_is_the_votes_of_the_round(tmp_path: Path):
    """A report is due on the day of the table, else seven working days after the vote."""
    votes, problems = read(tmp_path, COUNCIL, PARTY)

    assert problems == []
    assert votes[0].body == "Hội đồng nhân dân phường"
    assert (votes[0].day, votes[0].due) == (date(2028, 12, 5), date(2028, 12, 14))
    assert (votes[1].presides, votes[1].due) == ("", date(2028, 12, 15))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (PARTY.replace("06/12/2028", ""), "row 3, column G (Ngày lấy phiếu): no day of the vote"),
        (PARTY.replace("06/12/2028", "31/02/2028"), "row 3, column G"),
        (PARTY + "05/12/2028", "the report would be due before the vote"),
        (COUNCIL.replace("1,", "2,", 1), "row 3, column B (Đơn vị)"),
        (PARTY.replace("Ban Chấp hành Đảng bộ phường", ""), "no body"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(tmp_path: Path, row: str, fault: str):
    votes, problems = read(tmp_path, COUNCIL, row)

    assert len(problems) == 1
    assert fault in problems[0]
    assert votes[0].body == "Hội đồng nhân dân phường"


def test_an_empty_table_is_no_round(tmp_path: Path):
    assert "no row below the head" in read(tmp_path)[1][0]


def test_the_empty_workbook_is_filled_in_and_serves_for_the_expected_reports(tmp_path: Path):
    path, problems = tmp_path / "dot.xlsx", list["Problem"]()
    path.write_bytes(round_plan.empty())
    book = openpyxl.load_workbook(path)
    for row in (COUNCIL, PARTY):
        book.active.append(row.split(","))
    book.save(path)
    votes = round_plan.read(path, calendar.holidays(), problems, [])
    reports = expected.read(path, problems, [])

    assert problems == []
    assert [vote.body for vote in votes] == [report.body for report in reports]
    assert [report.due for report in reports] == [date(2028, 12, 14), None]
