"""What `consolidate` writes: the sheets of its workbook, and the same as tables and JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from admin.cli import console
from admin.documents.consolidated import Cell
from admin.office.expected import Standing
from admin.office.progress import Progress
from admin.record import consolidate, venues
from admin.record.consolidate import Double, Line, Record
from admin.words import Language, words

Sheet = tuple[str, list[str], list[list[Cell]]]

_LEVELS = ("high", "medium", "low", "confidence", "no_confidence", "blank")
_FINDINGS = ("low_over_half", "low_two_thirds", "no_confidence_over_half")
_STATUS = ("date", "body", "title", "state", "roster", "present", "issued", "registered", "cast")


def sheets(
    records: Sequence[Record], authority: str | None, owed: Sequence[Standing] | None
) -> list[Sheet]:
    """All of the workbook; of one authority's officials, if one is given."""
    everybody = consolidate.lines(records)
    found = everybody if authority is None else consolidate.of_authority(everybody, authority)
    mine = {(line.record.phi, line.place) for line in found}
    twice = [
        double
        for double in consolidate.doubles(everybody)
        if (double.line.record.phi, double.line.place) in mine
    ]
    spoken_of = [line for line in found if line.official["finding"] is not None]
    heads = _heads()
    made: list[Sheet] = [
        (words("consolidated.sheets.all"), heads, [_row(line) for line in found]),
        (
            words("consolidated.sheets.twice"),
            [*heads, words("gathered.heads.matched")],
            [_double(one) for one in twice],
        ),
        (words("consolidated.sheets.findings"), heads, [_row(line) for line in spoken_of]),
        _authorities(found),
        _report(found, twice),
        (words("consolidated.sheets.sessions"), _session_heads(), [_session(r) for r in records]),
    ]
    return made if owed is None else [*made, _owed(owed)]


def _heads() -> list[str]:
    names = ("body", "date", "number", "name", "position")
    heads = [words(f"consolidated.heads.{name}") for name in names]
    for level in _LEVELS:
        label = words(f"consolidated.levels.{level}")
        heads += [label] if level == "blank" else [label, f"{label} (%)"]
    return [*heads, words("consolidated.heads.finding"), words("consolidated.heads.rule")]


def _row(line: Line) -> list[Cell]:
    official, human = line.official, line.record.human
    row: list[Cell] = [
        *(human.body, human.date, line.place),
        *(official["name"], official["position"]),
    ]
    for level in _LEVELS:
        row.append(official["counts"].get(level))
        if level != "blank":
            row.append(official["percent"].get(level))
    finding = official["finding"]
    return [*row, finding["text"] if finding else None, finding["rule"] if finding else None]


def _double(one: Double) -> list[Cell]:
    return [*_row(one.line), words(f"gathered.matched.{'sure' if one.sure else 'name'}")]


def _by_authority(found: Iterable[Line]) -> list[Line]:
    """Known authorities first, each in the order of the list."""
    return sorted(found, key=lambda line: (line.managed == "", venues.key(line.managed)))


def _authorities(found: Sequence[Line]) -> Sheet:
    rows = [[_authority(line), *_row(line)] for line in _by_authority(found)]
    return words("gathered.sheets.authorities"), [words("gathered.heads.managed"), *_heads()], rows


def _authority(line: Line) -> str:
    return line.managed or words("gathered.unknown")


def _report(found: Sequence[Line], twice: Sequence[Double]) -> Sheet:
    """For each authority how many were rated and whom a rule speaks of: people, never votes."""
    groups: dict[str, list[Line]] = {}
    for line in _by_authority(found):
        groups.setdefault(_authority(line), []).append(line)
    sure = {(one.line.record.phi, one.line.place) for one in twice if one.sure}
    rows: list[list[Cell]] = []
    for authority, listed in groups.items():
        codes = Counter(
            line.official["finding"]["code"] for line in listed if line.official["finding"]
        )
        doubled = [line.sighting for line in listed if (line.record.phi, line.place) in sure]
        people = len(venues.people(line.sighting for line in listed))
        at_two = len(venues.people(doubled))
        rows.append([authority, people, len(listed), at_two, *(codes[code] for code in _FINDINGS)])
    names = ("managed", "people", "lines", "at_two")
    heads = [words(f"gathered.heads.{name}") for name in names]
    return (
        words("gathered.sheets.report"),
        [*heads, *(words(f"findings.{c}") for c in _FINDINGS)],
        rows,
    )


def _session_heads() -> list[str]:
    names = ("body", "title", "date", "roster", "present", "cast", "phi", "file")
    return [words(f"consolidated.heads.{name}") for name in names]


def _session(record: Record) -> list[Cell]:
    human, counts = record.human, record.counts
    return [
        *(human.body, human.title, human.date),
        *(counts.roster, counts.present, counts.cast),
        *(record.phi, record.file),
    ]


# --- Reports that are expected ------------------------------------------------------------


def told(one: Standing, lang: Language | None = None) -> str:
    """What has become of a report, in words."""
    return words(f"gathered.owed.{one.state}", lang, due=_spoken(one.due), late=one.late)


def _owed(owed: Sequence[Standing]) -> Sheet:
    names = ("body", "uuid", "due", "owed")
    rows: list[list[Cell]] = [
        [one.expected.body, one.expected.uuid, _spoken(one.due), told(one)]
        for one in owed
        if one.state != "received"
    ]
    heads = [words(f"gathered.heads.{name}") for name in names]
    return words("gathered.sheets.owed"), heads, rows


def standing_json(one: Standing) -> dict[str, object]:
    """A report that is expected, for programs."""
    return {
        "body": one.expected.body,
        "uuid": one.expected.uuid or None,
        "due": None if one.due is None else one.due.isoformat(),
        "state": one.state,
        "working_days_late": one.late,
    }


def _spoken(day: date | None) -> str:
    return "–" if day is None else words("gathered.day", day=day)


# --- Sessions in progress -----------------------------------------------------------------


def status_sheet(found: Sequence[Progress]) -> Sheet:
    """The sessions of a data directory."""
    heads = [words(f"gathered.status.{name}") for name in (*_STATUS, "report")]
    return words("gathered.sheets.status"), heads, [_status(one) for one in found]


def show(found: Sequence[Progress]) -> None:
    """The same on the screen: a table of ten columns would be too narrow to read there."""
    if not found:
        console.say(words("gathered.none"))
    for one in found:
        day, body, title, state, *counts, report = _status(one)
        console.data(f"{day}  {body}: {title} ({one.uuid})")
        told = [str(state)]
        for name, count in zip(_STATUS[4:], counts, strict=True):
            told.append(f"{words(f'gathered.status.{name}')} {'–' if count is None else count}")
        told.append(f"{words('gathered.status.report')} {report}")
        console.data(f"  {' · '.join(told)}")


def progress_json(one: Progress) -> dict[str, object]:
    """A session, for programs."""
    report = one.report
    names = ("uuid", "body", "title", "date", "rehearsal")
    counts = ("roster", "present", "issued", "registered", "cast")
    return {
        **{name: getattr(one, name) for name in names},
        "state": str(one.state),
        "counts": {name: getattr(one, name) for name in counts},
        "report": None
        if report is None
        else {
            "due": report.day.isoformat(),
            "overdue": report.state == "overdue",
            "rule": report.deadline.rule,
            "verified": report.deadline.verified,
        },
    }


def _status(one: Progress) -> list[Cell]:
    state = words(f"states.{one.state}")
    if one.rehearsal:
        state = words("gathered.rehearsal", state=state)
    report = "–"
    if one.report is not None:
        late = one.report.state == "overdue"
        report = words(f"gathered.report.{'overdue' if late else 'due'}", day=one.report.day)
    counts = (one.roster, one.present, one.issued, one.registered, one.cast)
    return [one.date, one.body, one.title, state, *counts, report]
