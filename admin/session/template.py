"""A new draft: a form and two spreadsheets to be filled in, or those of an earlier session.

The workbooks stand in the folder itself, the same tables as CSV in ``csv/``: a draft has one
spreadsheet of each kind, so whoever prefers CSV moves it up and removes the workbook.
"""

import csv
import io
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from admin.record import files
from admin.rules import regime
from admin.session import draft, form, papers_form, people, workbook
from admin.session.draft import Draft
from admin.session.roster import RosterRow
from admin.session.sheet import Column
from admin.session.workbook import Heading
from crypto.errors import Refused

TEMPLATES: Final = ("people-council", "party-committee")
CSV_FOLDER: Final = "csv"

_WIDTHS: Final = {
    "number": 6,
    "name": 28,
    "position": 46,
    "block": 30,
    "managed": 30,
    "since": 14,
    "retirement": 14,
    "ill": 14,
    "excluded": 40,
    "unit": 26,
    "birth": 14,
    "note": 24,
}
_TITLES: Final = {draft.OFFICIALS: "Người được lấy phiếu", draft.ROSTER: "Người ghi phiếu"}
_COLUMNS: Final = {draft.OFFICIALS: people.OFFICIALS, draft.ROSTER: people.ROSTER}


def new(folder: Path, template: str, today: str, uuid: str) -> None:
    """Writes a draft with example people.

    Args:
        template: one of TEMPLATES.
        today: YYYY-MM-DD, to be changed to the day of the vote.

    Raises:
        Refused: the folder is not empty.
        OSError: it cannot be written.
    """
    _claim(folder)
    source = resources.files("admin.session") / "templates" / template.replace("-", "_")
    for stem in (draft.OFFICIALS, draft.ROSTER):
        text = (source / f"{stem}.csv").read_text(encoding="utf-8")
        _spreadsheets(folder, stem, list(csv.reader(io.StringIO(text)))[1:])
    filled = (source / form.FILE).read_text(encoding="utf-8")
    values = {"uuid": f'"{uuid}"', "date": today}
    files.write(folder / form.FILE, _fill(filled, values).encode())
    files.write(folder / papers_form.FILE, (source / papers_form.FILE).read_bytes())


def again(folder: Path, earlier: Draft, today: str, uuid: str) -> None:
    """Writes a draft with the rules and people of an earlier session; its times are left out.

    Raises:
        Refused: the folder is not empty.
        OSError: it cannot be written.
    """
    _claim(folder)
    _spreadsheets(folder, draft.OFFICIALS, _official_rows(earlier))
    _spreadsheets(folder, draft.ROSTER, _roster_rows(earlier.roster))
    party = earlier.regime.id.startswith("qd")
    name = TEMPLATES[party].replace("-", "_")
    templates = resources.files("admin.session") / "templates" / name
    source = templates / form.FILE
    values = form.spelled(earlier.form) | {"uuid": f'"{uuid}"', "date": today}
    values = {key: value for key, value in values.items() if key not in form.TIMES}
    files.write(folder / form.FILE, _fill(source.read_text(encoding="utf-8"), values).encode())
    if not regime.is_builtin(earlier.regime.id):
        text = regime.encode(earlier.regime)
        files.write(folder / f"{earlier.regime.id}.toml", text.encode())
    files.write(folder / papers_form.FILE, (templates / papers_form.FILE).read_bytes())


def is_example(made: Draft) -> bool:
    """Whether the roster is still the one of a template."""
    names = [row.name for row in made.roster]
    for template in TEMPLATES:
        folder = resources.files("admin.session") / "templates" / template.replace("-", "_")
        text = (folder / f"{draft.ROSTER}.csv").read_text(encoding="utf-8")
        if names == [row[1] for row in csv.reader(io.StringIO(text))][1:]:
            return True
    return False


def _claim(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: a draft needs a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)


def _fill(text: str, values: dict[str, str]) -> str:
    """The form with these values; a key that is commented out there comes into force."""
    for key, value in values.items():
        line = f"{key} = {value}"
        escaped = line.replace("\\", r"\\")
        text, found = re.subn(rf"(?m)^(?:# )?{key} = .*$", escaped, text, count=1)
        if not found:
            raise LookupError(key)
    return text


def _spreadsheets(folder: Path, stem: str, rows: Sequence[Sequence[str]]) -> None:
    columns = _COLUMNS[stem]
    rows = [[*row, *[""] * (len(columns) - len(row))] for row in rows]
    headings = [Heading(column.heading, _WIDTHS[column.key]) for column in columns]
    files.write(folder / f"{stem}.xlsx", workbook.write(_TITLES[stem], headings, rows))
    (folder / CSV_FOLDER).mkdir(exist_ok=True)
    files.write(folder / CSV_FOLDER / f"{stem}.csv", _csv(columns, rows))


def _csv(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> bytes:
    """With a byte order mark, without which Excel takes Vietnamese for something else."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(column.heading for column in columns)
    writer.writerows(rows)
    return target.getvalue().encode("utf-8-sig")


def _official_rows(earlier: Draft) -> list[list[str]]:
    """Those who were not rated come last, with the reason of that day, to be looked at again."""
    blank = [""] * len(earlier.officials)
    blocks = [block.heading for block in earlier.blocks for _ in range(block.officials)] or blank
    lists = zip(earlier.officials, blocks, earlier.managed or blank, strict=True)
    none = ("", "", "")  # the days of then say nothing of today
    rated = [(one.name, one.position, *said, *none, "") for one, *said in lists]
    out = [(one.name, one.position, "", "", *none, one.reason) for one in earlier.excluded]
    return [[str(i), *row] for i, row in enumerate([*rated, *out], start=1)]


def _roster_rows(rows: Sequence[RosterRow]) -> list[list[str]]:
    details = [column.key for column in people.ROSTER[2:]]
    return [
        [str(i), row.name, *(row.detail(key) for key in details)]
        for i, row in enumerate(rows, start=1)
    ]
