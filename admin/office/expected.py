"""Which reports an office expects, by a table of its own; what is missing or came late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from admin.prepare import people
from admin.record import venues
from admin.record.session_file import SessionFile
from admin.rules import sheet
from admin.rules.calendar import Calendar
from admin.rules.cells import Fault, Problem
from admin.rules.sheet_table import Column, Row, SheetTable

# Seven working days from the day of the vote: a district committee's plan of 2023; the general
# rule was not read.
WORKING_DAYS: Final = 7

State = Literal["missing", "late", "waiting", "received"]

# What a plan of the round says besides (`admin/office/round_plan.py`): one table serves for both.
PLANNED: Final = (
    Column("officials", "Người được lấy phiếu", ("nguoi duoc lay phieu", "doi tuong", "officials")),
    Column("raters", "Người ghi phiếu", ("nguoi ghi phieu", "thanh phan", "raters")),
    Column("presides", "Chủ trì", ("chu tri", "don vi chu tri", "presides")),
    Column("assists", "Phối hợp", ("phoi hop", "don vi phoi hop", "assists")),
    Column("managed", "Cơ quan quản lý", ("co quan quan ly", "dien quan ly", "managed")),
)
COLUMNS: Final = (
    Column("number", "STT", ("stt", "tt")),
    Column("body", "Đơn vị", ("don vi", "co quan", "body"), required=True),
    Column("uuid", "Số hiệu phiên", ("so hieu phien", "ma phien", "uuid")),
    Column("vote", "Ngày lấy phiếu", ("ngay lay phieu", "ngay", "date"), day=True),
    Column("due", "Hạn báo cáo", ("han bao cao", "han", "due"), day=True),
    Column("received", "Ngày nhận", ("ngay nhan", "ngay nhan bao cao", "received"), day=True),
    *PLANNED,
    people.SURE,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """A report that somebody owes; days are None where the table does not say them.

    Attributes:
        managed: the authorities that manage the officials rated there; () where nobody has said.
    """

    body: str
    uuid: str
    vote: date | None
    due: date | None
    received: date | None
    managed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportStanding:
    """What has become of an expected report.

    Attributes:
        due: the day by which it is owed; None where neither it nor the day of the vote is known.
        late: working days after that day, until it came or until today.
    """

    expected: Expected
    state: State
    due: date | None
    late: int


def read(path: Path, problems: list[Problem], warnings: list[Problem]) -> tuple[Expected, ...]:
    """The reports in a table; what is wrong with it or doubtful is added to the lists.

    Raises:
        OSError: the file cannot be read.
    """
    table = sheet.read(path, COLUMNS, problems, warnings)
    reports = []
    for row in table.rows:
        vote, due, received = (
            day(table, row, key, problems) for key in ("vote", "due", "received")
        )
        if not row.refused and not row.texts["body"] and not row.texts["uuid"]:
            problems.append(table.problem(row, "body", Fault("body_empty")))
        managed = tuple(filter(None, map(str.strip, row.texts["managed"].split(";"))))
        reports.append(Expected(row.texts["body"], row.texts["uuid"], vote, due, received, managed))
    return tuple(reports)


def standings(
    expected: Sequence[Expected], records: Iterable[SessionFile], today: date, days: Calendar
) -> list[ReportStanding]:
    """What has become of each report on a day, in the order of the table."""
    sessions = list(records)
    return [_standing(report, _session_of(report, sessions), today, days) for report in expected]


def _standing(
    report: Expected, session: SessionFile | None, today: date, days: Calendar
) -> ReportStanding:
    vote = report.vote if session is None else date.fromisoformat(session.date)
    due = report.due or (None if vote is None else days.after(vote, WORKING_DAYS))
    late = 0 if due is None else _working_days(due, report.received or today, days)
    if report.received is not None:
        return ReportStanding(report, "late" if late else "received", due, late)
    if session is not None:  # it is here, but nobody wrote down since when
        return ReportStanding(report, "received", due, 0)
    return ReportStanding(report, "missing" if late else "waiting", due, late)


def _session_of(report: Expected, sessions: Sequence[SessionFile]) -> SessionFile | None:
    """The session by its uuid, else by the body, and the day where the table says it."""
    for session in sessions:
        if report.uuid:
            if session.uuid == report.uuid:
                return session
        elif venues.key(session.body) == venues.key(report.body) and (
            report.vote is None or report.vote.isoformat() == session.date
        ):
            return session
    return None


def of_others(
    expected: Sequence[Expected], records: Iterable[SessionFile]
) -> list[tuple[Expected, SessionFile]]:
    """Reports with the number of a session whose body is called otherwise: somebody must look."""
    sessions = {session.uuid: session for session in records}
    pairs = [(report, sessions[report.uuid]) for report in expected if report.uuid in sessions]
    return [
        (report, session)
        for report, session in pairs
        if report.body and venues.key(report.body) != venues.key(session.body)
    ]


def _working_days(after: date, until: date, days: Calendar) -> int:
    """How many working days lie after one day up to another, which counts."""
    span = range(after.toordinal() + 1, until.toordinal() + 1)
    return sum(days.is_working(date.fromordinal(day)) for day in span)


def day(table: SheetTable, row: Row, key: str, problems: list[Problem]) -> date | None:
    """The day in a cell; None of an empty one, or of one that is no day, which is a problem."""
    if not (text := row.texts[key]):
        return None
    try:
        return people.day(text)
    except Fault as fault:
        problems.append(table.problem(row, key, fault))
        return None
