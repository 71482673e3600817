"""`phieukin consolidate`: many sessions' records in one workbook, or where sessions stand."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from admin.cli import console, gathered
from admin.cli.audit import MAX_WORKERS, checking
from admin.documents import consolidation as documents
from admin.documents import document, docx, forwarding, spreadsheet
from admin.documents.consolidation import NUMBERED, Consolidation
from admin.documents.elements import Element
from admin.documents.facts import MeetingFacts
from admin.office import expected, meeting_facts, progress, report
from admin.office.expected import Expected, ReportStanding
from admin.office.report import OwedReport
from admin.prepare import outline
from admin.record import consolidate, files, venues
from admin.record.audit import AuditOptions
from admin.record.consolidate import Record
from admin.record.session_file import TIERS
from admin.rules import calendar, zones
from admin.rules.cells import BadTable, Problem
from admin.session.books import opened
from admin.session.datadir import DataDir
from admin.words import language, words
from crypto.errors import Incomplete

_BOOK = click.Path(path_type=Path, dir_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])
_LONGEST_STEM = 60  # letters of an authority's name in the name of a file


@click.command("consolidate", help=words("cli.consolidate.help"))
@click.argument("paths", metavar="[FILE...]", type=_FILE, nargs=-1)
@click.option("-o", "--out", type=_BOOK, help=words("cli.consolidate.out"))
@click.option("--report", "paper", metavar="NAME", type=_BOOK, help=words("cli.gathering.report"))
@click.option("--authorities", "folder", type=_FOLDER, help=words("cli.gathering.authorities"))
@click.option("--papers", "facts", type=_FILE, help=words("cli.gathering.papers"))
@click.option("--rehearsals", is_flag=True, help=words("cli.consolidate.rehearsals"))
@click.option("--managed-by", "authority", help=words("cli.gathered.managed_by"))
@click.option("--tier", type=click.Choice(TIERS), help=words("cli.gathered.tier"))
@click.option("--expected", "table", type=_FILE, help=words("cli.gathered.expected"))
@click.option("--status", is_flag=True, help=words("cli.gathered.status"))
@click.option("--today", type=_DAY, metavar="DATE", help=words("cli.gathered.today"))
@click.option(
    "--workers", "count", type=click.IntRange(1, MAX_WORKERS), help=words("cli.audit.workers")
)
def command(
    paths: tuple[Path, ...],
    out: Path | None,
    paper: Path | None,
    folder: Path | None,
    facts: Path | None,
    rehearsals: bool,
    authority: str | None,
    tier: str | None,
    table: Path | None,
    status: bool,
    today: datetime | None,
    count: int | None,
) -> None:
    """Checks each file, then puts them side by side."""
    now = zones.today(time.time(), zones.DEFAULT) if today is None else today.date()
    if status:
        if paths or table is not None:
            raise click.UsageError(words("cli.gathered.status_alone"))
        _status(now, out)
        return
    if not paths and table is None:
        raise click.UsageError(words("cli.gathered.no_file"))
    papers = _Papers(paper, folder, facts, authority)
    papers.check_usage(out)
    own_facts = MeetingFacts() if facts is None else meeting_facts.read(facts)
    with checking(count) as run:
        awaited = None if table is None else _expected(table)
        records = consolidate.gather(paths, AuditOptions(run=run), rehearsals=rehearsals)
    owed = None if awaited is None else _standings(awaited, records, now)
    if tier is not None:
        records = _of_tier(records, tier)
    _warn_same_name(records)
    papers.draw(records, owed, own_facts, now)
    _write(records, authority, owed, out)


@dataclass(frozen=True, slots=True)
class _Papers:
    """Which papers are asked for.

    Attributes:
        name: of the one report of all, or of the officials of `authority`.
        folder: where each authority's report and letter go.
        facts: who sends and signs them.
    """

    name: Path | None
    folder: Path | None
    facts: Path | None
    authority: str | None

    def check_usage(self, workbook: Path | None) -> None:
        """Raises click.UsageError: nothing is to be written, or things that exclude each other."""
        wanted = self.name is not None or self.folder is not None
        if not (wanted or workbook is not None or console.settings().json):
            raise click.UsageError(words("cli.consolidate.no_out"))
        if self.facts is not None and not wanted:
            raise click.UsageError(words("cli.gathering.no_report"))
        if self.authority is not None and self.folder is not None:
            raise click.UsageError(words("cli.gathering.one_authority"))

    def draw(
        self,
        records: Sequence[Record],
        owed: Iterable[ReportStanding] | None,
        facts: MeetingFacts,
        today: date,
    ) -> None:
        """Writes them. Raises Incomplete: no file says a managing authority."""
        late = None
        if owed is not None:
            late = [
                OwedReport(
                    _named(standing), gathered.told(standing, "vi"), standing.expected.managed
                )
                for standing in _late(owed)
            ]
        if self.name is not None:
            many = report.consolidation(records, self.authority, late, facts, today)
            number = many.number("report")
            _warn_missing(facts, [] if number else [words("papers.missing.number")])
            _draw(many, documents.report(many), self.name.with_suffix(""))
        if self.folder is not None:
            reports = report.by_authority(records, late, facts, today)
            if not reports:
                raise Incomplete(words("cli.gathering.no_authority"))
            _warn_unmanaged(records)
            _warn_missing(facts, _unnumbered(reports))
            _warn_unknown(reports, facts)
            _to_authorities(reports, self.folder)


def _of_tier(records: Sequence[Record], tier: str) -> list[Record]:
    """The records of bodies of a tier; one that does not say its tier is left out, and told."""
    for record in records:
        if not record.session_file.tier:
            console.warn(words("cli.gathered.no_tier", file=record.file))
    return [record for record in records if record.session_file.tier == tier]


def _warn_unmanaged(records: Sequence[Record]) -> None:
    """Names who is in no authority's report."""
    lines = consolidate.lines(records)
    managed = consolidate.authorities(lines)
    names = [line.official["name"] for line in lines if line.sighting not in managed]
    if names:
        console.warn(words("cli.gathering.unknown", names=", ".join(dict.fromkeys(names))))


def _warn_same_name(records: Sequence[Record]) -> None:
    """Names who may be one person at two venues: the papers count them apart."""
    doubles = consolidate.doubles(consolidate.lines(records))
    names = dict.fromkeys(double.line.official["name"] for double in doubles if not double.sure)
    if names:
        console.warn(words("cli.gathering.same_name", names=", ".join(names)))


def _to_authorities(reports: Mapping[str, Consolidation], folder: Path) -> None:
    """A report and a letter for each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (authority, many) in enumerate(reports.items(), start=1):
        stem = outline.slug(authority)[:_LONGEST_STEM].strip("-")
        _draw(many, documents.report(many), folder / f"{number:02}-bao-cao-{stem}")
        letter = forwarding.letter(many, authority)
        _draw(many, letter, folder / f"{number:02}-cong-van-{stem}")


def _draw(many: Consolidation, elements: list[Element], stem: Path) -> None:
    pdf, word = (stem.with_name(f"{stem.name}{end}") for end in (".pdf", ".docx"))
    files.write(pdf, document.pdf(elements, many.style))
    files.write(word, docx.write(elements, many.style))
    console.say(words("cli.gathering.done", pdf=pdf, docx=word))


def _warn_missing(facts: MeetingFacts, numbers: Sequence[str]) -> None:
    """Names what is a dotted line in the papers of the office.

    Args:
        numbers: the numbers among them, in words.
    """
    names = facts.missing("issuer", "town", "recipients", "signatory")
    if texts := [*(words(f"papers.missing.{name}") for name in names), *numbers]:
        console.warn(words("cli.gathering.missing", names="; ".join(texts)))


def _unnumbered(reports: Mapping[str, Consolidation]) -> list[str]:
    """The papers whose number the office has not given, in words."""
    return [
        words(f"cli.gathering.no_number_{kind}", authority=authority)
        for authority, many in reports.items()
        for kind in NUMBERED
        if many.number(kind) is None
    ]


def _warn_unknown(reports: Mapping[str, Consolidation], facts: MeetingFacts) -> None:
    """Names authorities that have numbers and get no paper: they may be spelled otherwise."""
    written = {venues.key(authority) for authority in reports}
    names = [own.name for own in facts.authorities if venues.key(own.name) not in written]
    if names:
        authorities = ", ".join(reports)
        console.warn(
            words("cli.gathering.unknown_authority", names=", ".join(names), known=authorities)
        )


def _late(owed: Iterable[ReportStanding] | None) -> list[ReportStanding]:
    return [standing for standing in owed or () if standing.state in {"missing", "late"}]


def _named(standing: ReportStanding) -> str:
    return standing.expected.body or standing.expected.uuid


def _write(
    records: Sequence[Record],
    authority: str | None,
    owed: list[ReportStanding] | None,
    out: Path | None,
) -> None:
    if out is not None:
        files.write(out, spreadsheet.workbook(gathered.sheets(records, authority, owed)))
        console.say(words("cli.consolidate.done", number=len(records), path=out))
    for standing in _late(owed):
        console.warn(f"{_named(standing)}: {gathered.told(standing)}")
    if console.settings().json:
        document = consolidate.to_json(records, authority)
        if owed is not None:
            document["expected"] = [gathered.standing_json(standing) for standing in owed]
        console.emit_json(document)


def _expected(path: Path) -> tuple[Expected, ...]:
    """Raises BadTable with every problem of the table."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    bodies = expected.read(path, problems, warnings)
    for warning in warnings:
        console.warn(warning.told(language()))
    if problems:
        raise BadTable(problems, language())
    return bodies


def _standings(
    awaited: Sequence[Expected], records: Iterable[Record], today: date
) -> list[ReportStanding]:
    sessions = [record.session_file for record in records]
    for report_of, session in expected.of_others(awaited, sessions):
        facts = {"body": report_of.body, "uuid": session.uuid, "other": session.body}
        console.warn(words("cli.gathered.other_body", **facts))
    return expected.standings(awaited, sessions, today, calendar.holidays())


def _status(today: date, out: Path | None) -> None:
    """The sessions of the data directory; nothing of their results is known to anybody here."""

    async def whole() -> list[progress.Progress]:
        async with opened(DataDir.open(console.settings().data or Path())) as books:
            return await progress.sessions(books, today)

    sessions = asyncio.run(whole())
    if out is not None:
        files.write(out, spreadsheet.workbook([gathered.status_sheet(sessions)]))
        console.say(words("cli.gathered.status_done", number=len(sessions), path=out))
    if console.settings().json:
        rows = [gathered.progress_json(session) for session in sessions]
        console.emit_json(
            {"schema": "phieukin.status/1", "today": today.isoformat(), "sessions": rows}
        )
    elif out is None:
        gathered.show(sessions)
