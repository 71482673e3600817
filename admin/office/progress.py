"""Where the sessions of a data directory stand: states, counts, reports due. No results."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.office import plan as deadlines
from admin.paper import ballots
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
        present: the head count and who came late, None before it is entered.
        issued: ballots of both kinds; ``paper`` of them on paper, None where there is no paper.
        registered, cast: of electronic ballots; None on paper only.
        entered: paper ballots collected, once two people have entered the same numbers.
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
    paper: int | None
    registered: int | None
    cast: int | None
    entered: int | None
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
    none = (None, None)
    registered, cast = none if session.on_paper else await _cast(books, uuid)
    out = await ballots.count(books.registrar, session) if session.takes_paper else None
    issued = sum((await books.registrar.issued(uuid)).values())
    paper = None if out is None else out.issued
    return Progress(
        uuid,
        described.body,
        described.title,
        described.date,
        session.state,
        session.definition is not None and session.policy.rehearsal,
        len(await books.registrar.roster(uuid)),
        None if session.present is None else session.present + (0 if out is None else out.late),
        issued + (paper or 0),
        paper,
        registered,
        cast,
        None if out is None or out.sums is None else max(p.collected for p in out.sums.piles),
        report,
    )


async def _cast(books: Books, uuid: str) -> tuple[int, int]:
    """Credentials and electronic ballots."""
    try:
        counts = await books.box.counts(uuid)
    except UnknownSession:  # before the seal
        return 0, 0
    return counts["registered"], counts["cast"]


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
