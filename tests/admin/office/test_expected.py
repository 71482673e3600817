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


SEVENTH = date(2026, 11, 11)  # working day
OWN_DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("report", "today", "standing"),
    [
        (owed(), SEVENTH, ("waiting", SEVENTH, 0)),
        (owed(), date(2026, 11, 12), ("missing", SEVENTH, 1)),
        (owed(), date(2026, 11, 15), ("missing", SEVENTH, 2)),  # a Sunday adds nothing
        (owed(due=OWN_DAY), OWN_DAY, ("waiting", OWN_DAY, 0)),  # it goes before the seven
        (owed(vote=None), OWN_DAY, ("waiting", None, 0)),  # without any day nothing is late
    ],
)
def test_a_report_is_missing_after_its_day(
    report: Expected, today: date, standing: tuple[str, date | None, int]
):
    assert state(report, today) == standing


@pytest.mark.parametrize(
    ("received", "standing"),
    [(date(2026, 11, 11), ("received", 0)), (date(2026, 11, 16), ("late", 3))],
)
def test_a_report_that_came_may_have_come_late(received: date, standing: tuple[str, int]):
    state_, _, late = state(owed(received=received), date(2026, 12, 1))

    assert (state_, late) == standing


@pytest.mark.parametrize(
    ("report", "standing"),
    [
        (owed(uuid=UUID, body="khác", vote=None), "received"),
        (owed(body=" HỘI ĐỒNG  nhân dân"), "received"),
        (owed(body="Hội đồng nhân dân", vote=None), "received"),
        (owed(uuid="Phieu1Kin2Test3B", body="Hội đồng nhân dân"), "missing"),
        (owed(body="Hội đồng nhân dân", vote=date(2026, 11, 3)), "missing"),
    ],
)
def test_a_record_that_is_here_is_found(report: Expected, standing: str):
    """By its uuid, or by body and day where the table says it; another is not taken for it."""
    assert state(report, date(2026, 12, 1), HERE)[0] == standing


def test_a_table_is_read(tmp_path: Path):
    problems: list[Problem] = []
    text = f"Đơn vị,Mã phiên,Hạn báo cáo,Ngày nhận\nHuyện A,{UUID},1/12/2026,30/11/2026\n"
    reports = expected.read(saved(tmp_path, "e.csv", text), problems, problems)

    assert reports == (Expected("Huyện A", UUID, None, date(2026, 12, 1), date(2026, 11, 30)),)
    assert problems == []


def test_a_session_of_another_body_is_told():
    """The table has its number, and another name beside it; a number alone says nothing."""
    other, none = owed(uuid=UUID), owed(uuid=UUID, body="")
    assert expected.of_others([other, none, owed()], [HERE]) == [(other, HERE)]
