"""Where the sessions of a data directory stand: states, counts, reports due. No results."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.office import plan as deadlines
from admin.rules import calendar
from admin.rules.calendar import Due
from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.errors import UnknownSession
from crypto.lifecycle import State

REPORT: Final = "result_report"  # the deadline of the regulations that is about reporting


@dataclass(frozen=True, slots=True)
class Progress:
    """One session.

    Attributes:
        present: the head count, None before it is entered.
        report: when the result is owed to the superior body, with its rule; None where no rule is
            known.
    """

    uuid: str
    body: str
    title: str
    date: str
    state: State
    rehearsal: bool
    roster: int
    present: int | None
    issued: int
    registered: int
    cast: int
    report: Due | None


async def sessions(books: Books, today: date) -> list[Progress]:
    """The sessions that are not cancelled and not reported yet, in the order of their days."""
    every = await Session.load_all(books.registrar)
    progress = [await _progress(books, session, today) for session in every]
    return sorted(
        (line for line in progress if line is not None),
        key=lambda line: (line.date, line.body, line.uuid),
    )


async def _progress(books: Books, session: Session, today: date) -> Progress | None:
    if session.state == State.CANCELLED:
        return None
    described, uuid = session.session_file, session.uuid
    report = _report(books.datadir, session, today)
    if report is not None and report.state == "done":
        return None
    try:
        counts = await books.box.counts(uuid)
    except UnknownSession:
        counts = {"registered": 0, "cast": 0}
    return Progress(
        uuid,
        described.body,
        described.title,
        described.date,
        session.state,
        session.definition is not None and session.policy.rehearsal,
        len(await books.registrar.roster(uuid)),
        session.present,
        sum((await books.registrar.issued(uuid)).values()),
        counts["registered"],
        counts["cast"],
        report,
    )


def _report(datadir: DataDir, session: Session, today: date) -> Due | None:
    """By the session's own plan, else by the regime."""
    plan = deadlines.kept(datadir, session.uuid)
    if plan is not None:
        dues = plan.dues(today)
    elif session.definition is not None:
        vote = date.fromisoformat(session.session_file.date)
        rules = calendar.builtin(session.policy.regime)
        dues = calendar.plan(rules, {"vote": vote, "opening": vote}, today, calendar.holidays())
    else:
        return None
    return next((due for due in dues if due.deadline.key == REPORT), None)
