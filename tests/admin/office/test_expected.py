"""Which reports are missing or came late, by working days."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from admin.office import expected
from admin.office.expected import Expected
from admin.record.session_file import SessionFile
from admin.rules import calendar
from tests.admin.session.books import saved

if TYPE_CHECKING:
    from admin.rules.cells import Problem

UUID = "Phieu1Kin2Test3A"
HERE = SessionFile(UUID, "Hội đồng nhân dân", "x", "2026-11-02", "", 15)  # a Monday


def state(report: Expected, today: date, *records: SessionFile) -> tuple[str, date | None, int]:
    (standing,) = expected.standings([report], records, today, calendar.holidays())
    return standing.state, standing.due, standing.late


def owed(**changes: object) -> Expected:
    return Expected(**{"body": "Huyện A", "uuid": "", "vote": date(2026, 11, 2), "due": None,
                       "received": None} | changes)  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        (date(2026, 11, 11), ("waiting", date(2026, 11, 11), 0)),  # seven working days
        (date(2026, 11, 12), ("missing", date(2026, 11, 11), 1)),
        (date(2026, 11, 15), ("missing", date(2026, 11, 11), 2)),  # a Sunday adds nothing
    ],
)
def test_a_report_is_missing_after_its_day(today: date, standing: tuple[str, date, int]):
    assert state(owed(), today) == standing


def test_a_day_of_its_own_goes_before_the_seven():
    assert state(owed(due=date(2026, 12, 1)), date(2026, 12, 1)) == (
        "waiting",
        date(2026, 12, 1),
        0,
    )


def test_without_any_day_nothing_is_late():
    assert state(owed(vote=None), date(2026, 12, 1)) == ("waiting", None, 0)


@pytest.mark.parametrize(
    ("received", "standing"),
    [(date(2026, 11, 11), ("received", 0)), (date(2026, 11, 16), ("late", 3))],
)
def test_a_report_that_came_may_have_come_late(received: date, standing: tuple[str, int]):
    state_, _, late = state(owed(received=received), date(2026, 12, 1))

    assert (state_, late) == standing


@pytest.mark.parametrize(
    "report",
    [
        owed(uuid=UUID, body="khác", vote=None),
        owed(body=" HỘI ĐỒNG  nhân dân"),
        owed(body="Hội đồng nhân dân", vote=None),
    ],
)
def test_a_record_that_is_here_is_found(report: Expected):
    """By its uuid, or by the body and the day where the table says it."""
    assert state(report, date(2026, 12, 1), HERE)[0] == "received"


@pytest.mark.parametrize(
    "report",
    [
        owed(uuid="Phieu1Kin2Test3B", body="Hội đồng nhân dân"),
        owed(body="Hội đồng nhân dân", vote=date(2026, 11, 3)),
    ],
)
def test_another_record_is_not_taken_for_it(report: Expected):
    assert state(report, date(2026, 12, 1), HERE)[0] == "missing"


def test_a_table_is_read(tmp_path: Path):
    problems: list[Problem] = []
    text = f"Đơn vị,Mã phiên,Hạn báo cáo,Ngày nhận\nHuyện A,{UUID},1/12/2026,30/11/2026\n"
    reports = expected.read(saved(tmp_path, "e.csv", text), problems)

    assert reports == (Expected("Huyện A", UUID, None, date(2026, 12, 1), date(2026, 11, 30)),)
    assert problems == []
