"""Where the sessions of a data directory stand: states, counts, reports due. No results."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.office import plan as deadlines
from admin.record.session_file import SessionFile
from admin.rules import calendar
from admin.rules.calendar import Due
from admin.session.books import Books
from admin.session.session import Session
from crypto.errors import UnknownSession
from crypto.lifecycle import State
from crypto.session import Policy

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
    found = [await _progress(books, row, today) for row in await Session.load_all(books.registrar)]
    listed = [one for one in found if one is not None]
    return sorted(listed, key=lambda one: (one.date, one.body, one.uuid))


async def _progress(books: Books, row: Session, today: date) -> Progress | None:
    if row.state == State.CANCELLED:
        return None
    policy = None if row.definition is None else row.policy
    human = row.session_file
    report = _report(books, human, policy, today)
    if report is not None and report.state == "done":
        return None
    try:
        counts = await books.box.counts(row.uuid)
    except UnknownSession:
        counts = {"registered": 0, "cast": 0}
    return Progress(
        row.uuid,
        human.body,
        human.title,
        human.date,
        row.state,
        policy is not None and policy.rehearsal,
        len(await books.registrar.roster(row.uuid)),
        row.present,
        sum((await books.registrar.issued(row.uuid)).values()),
        counts["registered"],
        counts["cast"],
        report,
    )


def _report(books: Books, human: SessionFile, policy: Policy | None, today: date) -> Due | None:
    """By the session's own plan, else by the regime."""
    plan = deadlines.kept(books.datadir, human.uuid)
    if plan is not None:
        dues = plan.dues(today)
    elif policy is not None:
        vote = date.fromisoformat(human.date)
        rules = calendar.builtin(policy.regime)
        dues = calendar.plan(rules, {"vote": vote, "opening": vote}, today, calendar.holidays())
    else:
        return None
    return next((due for due in dues if due.deadline.key == REPORT), None)
