"""The plan of a round, from the table that later says which reports are expected."""

from collections.abc import Sequence
from pathlib import Path

from admin.documents.around.round_plan import PlannedVote
from admin.office import expected
from admin.prepare import workbook
from admin.prepare.workbook import ColumnHead
from admin.rules import sheet
from admin.rules.calendar import Calendar
from admin.rules.cells import Fault, Problem
from admin.rules.sheet_table import Row, SheetTable

_HEADS = ("number", "body", "officials", "raters", "presides", "assists", "vote", "due", "managed")
_WIDTHS = {"number": 6, "vote": 16, "due": 16}  # characters; 34 for words


def empty() -> bytes:
    """A workbook to be filled in: the heads that a plan reads, one row a body."""
    heads = {column.key: column.heading for column in expected.COLUMNS}
    columns = [ColumnHead(heads[key], _WIDTHS.get(key, 34)) for key in _HEADS]
    return workbook.write("Kế hoạch", columns, [])


def read(
    path: Path, days: Calendar, problems: list[Problem], warnings: list[Problem]
) -> tuple[PlannedVote, ...]:
    """The votes of a table; what is wrong with it or doubtful is added to the lists.

    Args:
        days: by which a report is due where the table does not say it.

    Raises:
        OSError: the file cannot be read.
    """
    table = sheet.read(path, expected.COLUMNS, problems, warnings)
    votes: list[PlannedVote] = []
    for row in table.rows:
        vote = _vote(table, row, days, problems)
        if vote is not None:
            problems += _twice(table, row, vote, votes)
            votes.append(vote)
    if not votes and not problems:
        problems.append(table.at(None, None, Fault("no_votes")))
    return tuple(votes)


def _vote(
    table: SheetTable, row: Row, days: Calendar, problems: list[Problem]
) -> PlannedVote | None:
    """The vote of a row; None if the row has no body or no day."""
    before = len(problems)
    texts = row.texts
    if not texts["body"] and "body" not in row.refused:
        problems.append(table.problem(row, "body", Fault("no_body")))
    if not texts["vote"] and "vote" not in row.refused:
        problems.append(table.problem(row, "vote", Fault("no_vote_day")))
    day, due = (expected.day(table, row, key, problems) for key in ("vote", "due"))
    if day is not None and due is not None and due < day:
        problems.append(table.problem(row, "due", Fault("due_before_vote")))
    if day is None or len(problems) > before:
        return None
    return PlannedVote(
        texts["body"],
        texts["officials"],
        texts["raters"],
        texts["presides"],
        texts["assists"],
        day,
        due or days.after(day, expected.WORKING_DAYS),
    )


def _twice(
    table: SheetTable, row: Row, vote: PlannedVote, before: Sequence[PlannedVote]
) -> list[Problem]:
    """A body that is there already with the same people to rate."""
    same = (vote.body.casefold(), vote.officials.casefold())
    if any((other.body.casefold(), other.officials.casefold()) == same for other in before):
        return [table.problem(row, "body", Fault("body_twice"))]
    return []
