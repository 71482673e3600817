"""What `consolidate` writes: the sheets of its workbook, and the same as tables and JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from admin.cli import console
from admin.documents.sheets import share
from admin.documents.spreadsheet import Cell
from admin.office.expected import ReportStanding
from admin.office.progress import Progress
from admin.record import consolidate, venues
from admin.record.consolidate import Double, Line, Record
from admin.record.venues import Sighting
from admin.words import Language, dated, language, words

Sheet = tuple[str, list[str], list[list[Cell]]]
Managed = Mapping[Sighting, str]  # whose each official is

_LEVELS = ("high", "medium", "low", "confidence", "no_confidence", "blank")
_FINDINGS = ("low_over_half", "low_two_thirds", "no_confidence_over_half")
_COUNTS = ("roster", "present", "issued", "paper", "registered", "cast", "entered")
_STATUS = ("date", "body", "title", "state", *_COUNTS)


def sheets(
    records: Sequence[Record], authority: str | None, owed: Sequence[ReportStanding] | None
) -> list[Sheet]:
    """All of the workbook; of one authority's officials, if one is given."""
    everybody = consolidate.lines(records)
    lines = everybody if authority is None else consolidate.of_authority(everybody, authority)
    entries = {(line.record.phi, line.place) for line in lines}
    twice = [
        double
        for double in consolidate.doubles(everybody)
        if (double.line.record.phi, double.line.place) in entries
    ]
    managed = consolidate.authorities(everybody)
    spoken_of = [line for line in lines if line.official["finding"] is not None]
    heads = _heads(records)
    tables: list[Sheet] = [
        (words("consolidated.sheets.all"), heads, [_row(line) for line in lines]),
        (
            words("consolidated.sheets.twice"),
            [*heads, words("gathered.heads.matched")],
            [_double(double) for double in twice],
        ),
        (words("consolidated.sheets.findings"), heads, [_row(line) for line in spoken_of]),
        _authorities(lines, managed, heads),
        _report(lines, managed, twice),
        (words("consolidated.sheets.sessions"), _session_heads(), [_session(r) for r in records]),
    ]
    return tables if owed is None else [*tables, _owed(owed)]


def _heads(records: Iterable[Record]) -> list[str]:
    names = ("body", "date", "number", "name", "position")
    heads = [words(f"consolidated.heads.{name}") for name in names]
    for level in _LEVELS:
        label = _label(level, records)
        heads += [label] if level == "blank" else [label, f"{label} (%)"]
    return [*heads, words("consolidated.heads.finding"), words("consolidated.heads.rule")]


def _label(level: str, records: Iterable[Record]) -> str:
    """The words over a column of all bodies: ours, and those that a body's own rules have."""
    own = (record.session_file.rules for record in records)
    with_level = (rules for rules in own if rules is not None and level in rules.level_keys)
    labels = [rules.label_of(level, language()) for rules in with_level]
    return " / ".join(dict.fromkeys([words(f"consolidated.levels.{level}"), *labels]))


def _row(line: Line) -> list[Cell]:
    official, human = line.official, line.record.session_file
    row: list[Cell] = [
        *(human.body, date.fromisoformat(human.date), line.place),
        *(official["name"], official["position"]),
    ]
    for level in _LEVELS:
        row.append(official["counts"].get(level))
        if level != "blank":
            row.append(share(official["percent"].get(level)))
    finding = official["finding"]
    return [*row, finding["text"] if finding else None, finding["rule"] if finding else None]


def _double(double: Double) -> list[Cell]:
    return [*_row(double.line), words(f"gathered.matched.{double.match or 'name'}")]


def _by_authority(lines: Sequence[Line], managed: Managed) -> dict[str, list[Line]]:
    """Known authorities first, each with its lines in the order of the list."""
    groups: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: _home(line, managed)):
        name = managed.get(line.sighting) or words("gathered.unknown")
        groups.setdefault(name, []).append(line)
    return groups


def _home(line: Line, managed: Managed) -> tuple[bool, str]:
    authority = managed.get(line.sighting, "")
    return authority == "", venues.key(authority)


def _authorities(lines: Sequence[Line], managed: Managed, heads: Sequence[str]) -> Sheet:
    groups = _by_authority(lines, managed)
    rows = [[authority, *_row(line)] for authority, of in groups.items() for line in of]
    return words("gathered.sheets.authorities"), [words("gathered.heads.managed"), *heads], rows


def _report(lines: Sequence[Line], managed: Managed, twice: Sequence[Double]) -> Sheet:
    """For each authority how many were rated and whom a rule speaks of: people, never votes."""
    groups = _by_authority(lines, managed)
    sure = {(double.line.record.phi, double.line.place) for double in twice if double.sure}
    rows: list[list[Cell]] = []
    for authority, group in groups.items():
        codes = Counter(
            line.official["finding"]["code"] for line in group if line.official["finding"]
        )
        doubled = [line.sighting for line in group if (line.record.phi, line.place) in sure]
        people = len(venues.people(line.sighting for line in group))
        at_two = len(venues.people(doubled))
        rows.append([authority, people, len(group), at_two, *(codes[code] for code in _FINDINGS)])
    names = ("managed", "people", "lines", "at_two")
    heads = [words(f"gathered.heads.{name}") for name in names]
    return (
        words("gathered.sheets.report"),
        [*heads, *(words(f"findings.{c}") for c in _FINDINGS)],
        rows,
    )


def _session_heads() -> list[str]:
    names = ("body", "title", "date", "roster", "present", "cast", "paper", "phi", "file")
    return [words(f"consolidated.heads.{name}") for name in names]


def _session(record: Record) -> list[Cell]:
    human = record.session_file
    return [
        *(human.body, human.title, date.fromisoformat(human.date)),
        *(record.roster, record.present, record.cast, record.on_paper),
        *(record.phi, record.file),
    ]


# --- Reports that are expected ------------------------------------------------------------


def told(standing: ReportStanding, lang: Language | None = None) -> str:
    """What has become of a report, in words."""
    return words(
        f"gathered.owed.{standing.state}", lang, due=_spoken(standing.due), late=standing.late
    )


def _owed(owed: Sequence[ReportStanding]) -> Sheet:
    names = ("body", "uuid", "due", "owed")
    rows: list[list[Cell]] = [
        [standing.expected.body, standing.expected.uuid, _spoken(standing.due), told(standing)]
        for standing in owed
        if standing.state != "received"
    ]
    heads = [words(f"gathered.heads.{name}") for name in names]
    return words("gathered.sheets.owed"), heads, rows


def standing_json(standing: ReportStanding) -> dict[str, object]:
    """A report that is expected, for programs."""
    return {
        "body": standing.expected.body,
        "uuid": standing.expected.uuid or None,
        "due": None if standing.due is None else standing.due.isoformat(),
        "state": standing.state,
        "working_days_late": standing.late,
    }


def _spoken(day: date | None) -> str:
    return "–" if day is None else words("gathered.day", day=day)


# --- Sessions in progress -----------------------------------------------------------------


def status_sheet(sessions: Sequence[Progress]) -> Sheet:
    """The sessions of a data directory."""
    heads = [words(f"gathered.status.{name}") for name in (*_STATUS, "report")]
    return words("gathered.sheets.status"), heads, [_status(session) for session in sessions]


def show(sessions: Sequence[Progress]) -> None:
    """The same on the screen: a table of ten columns would be too narrow to read there."""
    if not sessions:
        console.say(words("gathered.none"))
    for session in sessions:
        day, body, title, state, *counts, report = _status(session)
        console.data(f"{day}  {body}: {title} ({session.uuid})")
        parts = [str(state)]
        for name, count in zip(_STATUS[4:], counts, strict=True):
            parts.append(f"{words(f'gathered.status.{name}')} {'–' if count is None else count}")
        parts.append(f"{words('gathered.status.report')} {report}")
        console.data(f"  {' · '.join(parts)}")


def progress_json(session: Progress) -> dict[str, object]:
    """A session, for programs."""
    report = session.report
    names = ("uuid", "body", "title", "date", "rehearsal")
    return {
        **{name: getattr(session, name) for name in names},
        "state": str(session.state),
        "counts": {name: getattr(session, name) for name in _COUNTS},
        "report": None
        if report is None
        else {
            "due": report.day.isoformat(),
            "overdue": report.state == "overdue",
            "rule": report.deadline.rule,
            "verified": report.deadline.verified,
        },
    }


def _status(session: Progress) -> list[Cell]:
    state = words(f"states.{session.state}")
    if session.rehearsal:
        state = words("gathered.rehearsal", state=state)
    report = "–"
    if session.report is not None:
        late = session.report.state == "overdue"
        report = words(f"gathered.report.{'overdue' if late else 'due'}", day=session.report.day)
    counts: list[Cell] = [getattr(session, name) for name in _COUNTS]
    return [dated(session.date), session.body, session.title, state, *counts, report]
