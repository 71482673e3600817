"""A new draft: a form and two spreadsheets to be filled in, or those of an earlier session.

The workbooks stand in the folder itself, the same tables as CSV in ``csv/``: a draft has one
spreadsheet of each kind, so whoever prefers CSV moves it up and removes the workbook.
"""

import csv
import io
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from admin.prepare import draft, papers_form, people, session_form, workbook
from admin.prepare.draft import Draft
from admin.prepare.papers_form import PapersForm
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.prepare.workbook import ColumnHead
from admin.record import files
from admin.record.count import UNKNOWN
from admin.rules import cells, regime
from admin.rules.cells import Fault, Problem
from admin.rules.toml_form import TomlTable
from crypto.errors import Refused

TEMPLATES: Final = (
    "people-council",
    "party-committee",
    "national-assembly",
    "commune-council",
    "party-executive",
    "peoples-committee",
    "fatherland-front",
    "association",
    "confidence-vote",
)
_LIKE: Final = {"state": "people-council", "party": "party-committee"}  # whose form is the base
OWN_REGIME: Final = "quy-che.toml"
# Where the body's own rules allow electronic ballots: three of five open the totals.
ELECTRONIC: Final = {
    "channels": '["miniapp", "browser", "cli", "paper"]',
    "trustees": "5",
    "threshold": "3",
}
_TURN_ON: Final = re.compile(r"(?m)^# Khi đó bỏ dấu # .*\n# channels = .*\n")  # to be electronic
KIND: Final = "kind.toml"  # what a template has of its own
CSV_FOLDER: Final = "csv"

_FORMS: Final = resources.files("admin.prepare") / "templates"
_GAP: Final = re.compile(r"…|[.]{3}")  # what a template leaves to be filled in
_OF_ONE_MEETING: Final = (*session_form.TIMES, "sitting")  # the next one has its own
_NAMED: Final = 3  # people in a message
_KEY: Final = re.compile(r"(?:# )?(?:\[+([a-z]+)\]+$|([a-z_]+) = )")
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
    "code": 14,
    "unit": 26,
    "birth": 14,
    "note": 24,
    "honorific": 12,
}
_TITLES: Final = {draft.OFFICIALS: "Người được lấy phiếu", draft.ROSTER: "Người ghi phiếu"}
_COLUMNS: Final = {
    stem: [column for column in columns if column is not people.SURE]
    for stem, columns in ((draft.OFFICIALS, people.OFFICIALS), (draft.ROSTER, people.ROSTER))
}


def new(folder: Path, template: str, today: str, uuid: str, *, electronic: bool = False) -> None:
    """Writes a draft with example people.

    Args:
        template: one of TEMPLATES.
        today: YYYY-MM-DD, to be changed to the day of the vote.
        electronic: all ways of voting but the chat's; else those of the template, which is paper
            for bodies of State and Party.

    Raises:
        Refused: the folder is not empty.
        OSError: it cannot be written.
    """
    _claim(folder)
    source = _source(template)
    for stem in (draft.OFFICIALS, draft.ROSTER):
        text = (source / f"{stem}.csv").read_text(encoding="utf-8")
        _spreadsheets(folder, stem, list(csv.reader(io.StringIO(text)))[1:])
    values = {"uuid": f'"{uuid}"', "date": today}
    if electronic or _kind(template).get("electronic"):
        values |= ELECTRONIC
    files.write(folder / session_form.FILE, _filled(template, values).encode())
    files.write(folder / papers_form.FILE, papers(template))
    if (source / OWN_REGIME).is_file():
        files.write(folder / OWN_REGIME, (source / OWN_REGIME).read_bytes())


def again(folder: Path, earlier: Draft, today: str, uuid: str) -> None:
    """Writes a draft with the rules and people of an earlier session; its times are left out.

    Raises:
        Refused: the folder is not empty.
        OSError: it cannot be written.
    """
    _claim(folder)
    _spreadsheets(folder, draft.OFFICIALS, _official_rows(earlier))
    _spreadsheets(folder, draft.ROSTER, _roster_rows(earlier.roster))
    template = _LIKE[earlier.regime.kind]
    values = session_form.spelled(earlier.form) | {"uuid": f'"{uuid}"', "date": today}
    values = {key: value for key, value in values.items() if key not in _OF_ONE_MEETING}
    files.write(folder / session_form.FILE, _filled(template, values).encode())
    if not regime.is_builtin(earlier.regime.id):
        text = regime.encode(earlier.regime)
        files.write(folder / f"{earlier.regime.id}.toml", text.encode())
    files.write(folder / papers_form.FILE, papers(template))


def samples(drafted: Draft) -> list[Problem]:
    """What of a draft is still the template's: its people, or a text with a gap in it."""
    problems = [
        Problem(session_form.FILE, None, None, Fault("gap", key=key), content=text)
        for key in ("body", "title", "place")
        if _GAP.search(text := getattr(drafted.form, key))
    ]
    rows = {
        draft.OFFICIALS: [
            (row.name, row.position, row.career.since.isoformat() if row.career.since else "")
            for row in drafted.rows
        ],
        draft.ROSTER: [
            (row.name, row.detail("position"), row.detail("birth")) for row in drafted.roster
        ],
    }
    for stem, people_there in rows.items():
        left = [person for person in people_there if person in _samples(stem)]
        # With its day a row is nobody else's; without, one alone may be a coincidence.
        if any(day for *_, day in left) or len(left) > 1:
            names = ", ".join(name for name, *_ in left[:_NAMED])
            problems.append(
                Problem(stem, None, None, Fault("sample", number=len(left), names=names))
            )
    return problems


@cache
def _samples(stem: str) -> frozenset[tuple[str, str, str]]:
    """The people of all templates: name, position, day of birth or of election."""
    key = "ngay_bau_bo_nhiem" if stem == draft.OFFICIALS else "ngay_sinh"
    people_there = set()
    for template in TEMPLATES:
        text = (_source(template) / f"{stem}.csv").read_text(encoding="utf-8")
        for row in csv.DictReader(io.StringIO(text)):
            day = row.get(key) or ""
            iso = people.day(day).isoformat() if day else ""
            people_there.add((row["ho_ten"], row["chuc_vu"], iso))
    return frozenset(people_there)


def _source(template: str) -> Traversable:
    return _FORMS / template.replace("-", "_")


def _kind(template: str) -> dict[str, Any]:
    """The kind.toml of a template, over that of the template it is based on."""
    kind = tomllib.loads((_source(template) / KIND).read_text(encoding="utf-8"))
    if "base" not in kind:
        return kind
    base = _kind(kind["base"])
    return base | kind | {part: base[part] | kind.get(part, {}) for part in ("values", "comments")}


def _form(template: str) -> str:
    """The text of session.toml."""
    kind = _kind(template)
    text = (_FORMS / session_form.FILE).read_text(encoding="utf-8")
    comments = {key: "\n".join(lines) for key, lines in kind["comments"].items()}
    values = {key: json.dumps(v, ensure_ascii=False) for key, v in kind["values"].items()}
    return f"# {kind['first']}\n" + _fill(_explained(text, Form, comments), values)


def _filled(template: str, values: dict[str, str]) -> str:
    """The text of session.toml with these values; how to turn on what is on is left out."""
    text = _fill(_form(template), values)
    return _TURN_ON.sub("", text, count=1) if "trustees" in values else text


def papers(template: str) -> bytes:
    """The text of papers.toml; several kinds of bodies share one."""
    text = (_source(_kind(template)["papers"]) / papers_form.FILE).read_text(encoding="utf-8")
    return _explained(text, PapersForm, {}).encode()


def _explained(text: str, form: type[TomlTable], own: Mapping[str, str]) -> str:
    """A form with the description of each key above it, or the template's own words for it."""
    described = form.model_fields.items()
    comments = {key: field.description or "" for key, field in described} | dict(own)
    lines = []
    for line in text.split("\n"):
        key = _KEY.match(line)
        # Of several tables of one name the first has it.
        if key and (comment := comments.pop(key[1] or key[2], None)):
            lines += [f"# {part}" for part in comment.split("\n")]
        lines.append(line)
    return "\n".join(lines)


def _claim(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: a draft needs a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)


def _fill(text: str, values: dict[str, str]) -> str:
    """The form with these values; a key that is commented out there comes into force."""
    for key, value in values.items():
        line = f"{key} = {value}"
        escaped = line.replace("\\", r"\\")
        text, times = re.subn(rf"(?m)^(?:# )?{key} = .*$", escaped, text, count=1)
        if not times:
            raise LookupError(key)
    return text


def _spreadsheets(folder: Path, stem: str, rows: Sequence[Sequence[str]]) -> None:
    columns = _COLUMNS[stem]
    rows = [[*row, *[""] * (len(columns) - len(row))] for row in rows]
    headings = [ColumnHead(column.heading, _WIDTHS[column.key]) for column in columns]
    files.write(folder / f"{stem}.xlsx", workbook.write(_TITLES[stem], headings, rows))
    (folder / CSV_FOLDER).mkdir(exist_ok=True)
    files.write(
        folder / CSV_FOLDER / f"{stem}.csv",
        cells.csv_bytes([[column.heading for column in columns], *rows]),
    )


def _official_rows(earlier: Draft) -> list[list[str]]:
    """The rated officials, then the excluded ones with their reason, to be looked at again."""
    blank = [""] * len(earlier.officials)
    blocks = [block.heading for block in earlier.blocks for _ in range(block.officials)] or blank
    honorifics = earlier.honorifics or blank
    cadres = earlier.cadres or (UNKNOWN,) * len(blank)
    managed = earlier.managed or blank
    lists = zip(earlier.officials, blocks, managed, honorifics, cadres, strict=True)
    none = ("", "", "")  # the days of then say nothing of today
    rated = [
        (person.name, person.position, block, office, *none, "", honorific, cadre.born, cadre.code)
        for person, block, office, honorific, cadre in lists
    ]
    excluded = [
        (who.name, who.position, "", "", *none, who.reason, who.honorific)
        for who in earlier.excluded
    ]
    return [[str(i), *row] for i, row in enumerate([*rated, *excluded], start=1)]


def _roster_rows(rows: Sequence[RosterRow]) -> list[list[str]]:
    details = [column.key for column in _COLUMNS[draft.ROSTER][2:]]
    return [
        [str(i), row.name, *(row.detail(key) for key in details)]
        for i, row in enumerate(rows, start=1)
    ]
