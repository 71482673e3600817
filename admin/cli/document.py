"""`phieukin document`: the papers around the vote, each a command of its own.

Those before the vote are made of a draft or of a sealed session; those of the result of a counted
session, or of its record. What a paper cannot do without is refused by name; what may be written
by hand is a dotted line, and a warning names it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from admin.cli import console
from admin.cli import minutes as counted
from admin.cli.books import datadir, with_session
from admin.documents.around import (
    box_papers,
    follow_up,
    forms,
    notices,
    resolution,
    script,
    submissions,
)
from admin.documents.around import round_plan as planned
from admin.documents.around.meeting import Meeting
from admin.documents.around.round_plan import RoundPlan
from admin.documents.elements import Element
from admin.documents.facts import MeetingFacts
from admin.documents.layout import Style
from admin.documents.minutes import Minutes
from admin.office import meeting as meetings
from admin.office import meeting_facts, round_plan
from admin.office import minutes as counts
from admin.prepare import draft as drafts
from admin.prepare import outline
from admin.record import files
from admin.rules import calendar, zones
from admin.rules.cells import BadTable, Problem
from admin.session.books import Books
from admin.session.session import Session
from admin.words import language, words
from crypto.errors import Refused, WrongState
from crypto.lifecycle import COUNTED, State

_FACTS: Final = ("town", "chair")
_MINUTES: Final = ("venue", "committee", "witnesses", "chair")


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper.

    Attributes:
        stem: of its files.
        wanted: the facts that it has a place for.
        number: the key of its number in papers.toml; empty where it has none, or many.
    """

    stem: str
    wanted: tuple[str, ...] = _FACTS
    number: str = ""


BEFORE: Final[dict[str, tuple[Kind, Callable[[Meeting], Sequence[Element]]]]] = {
    "officials": (
        Kind("to-trinh-danh-sach-nguoi-duoc-lay-phieu", number="officials"),
        submissions.officials,
    ),
    "committee": (Kind("to-trinh-ban-kiem-phieu", number="committee"), submissions.committee),
    "guidance": (Kind("huong-dan-ghi-phieu", ("town",)), notices.guidance),
    "information": (
        Kind("thong-tin-truoc-khi-lay-phieu", ("town",)),
        notices.information,
    ),
    "receipts": (
        Kind("danh-sach-ky-nhan-phieu", ("town", "committee")),
        box_papers.receipts,
    ),
    "box": (
        Kind("bien-ban-niem-phong-hom-phieu", (*_MINUTES, "printed"), "box"),
        box_papers.box,
    ),
    "labels": (Kind("nhan-niem-phong", ()), box_papers.labels),
    "tally-sheet": (Kind("bang-kiem-phieu", ("town",)), box_papers.tally_sheet),
}
AFTER: Final[dict[str, tuple[Kind, Callable[[Minutes], Sequence[Element]]]]] = {
    "handover": (
        Kind("bien-ban-ban-giao-phieu", _MINUTES, "handover"),
        box_papers.handover,
    ),
    "resolution": (Kind("du-thao-nghi-quyet", number="resolution"), resolution.resolution),
}
CASE: Final = Kind("to-trinh-truong-hop-can-xem-xet")
INCIDENTS: Final = Kind("bao-cao-vuong-mac", ("town", "chair", "addressees"), "incidents")
SCRIPT: Final = Kind("kich-ban-dieu-hanh", ("town", "committee"))
PLAN: Final = Kind("ke-hoach", ("town", "issuer", "basis", "recipients", "signatory"), "plan")
OPINIONS: Final = Kind("y-kien-cu-tri", ())
NOTICE: Final = Kind("thong-bao-ket-qua")


@click.group("document", help=words("cli.commands.document"))
def command() -> None:
    """Groups the papers around the vote."""


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_OUT = words("cli.document.out")


def _options(metavar: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The arguments that all papers have."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        function = click.option(
            "-o", "--out", type=_FOLDER, metavar="DIR", default=Path(), help=_OUT
        )(function)
        function = click.option("--papers", "facts", type=_FILE, help=words("cli.minutes.papers"))(
            function
        )
        return click.argument("source", metavar=metavar)(function)

    return decorate


def _before(name: str, kind: Kind, compose: Callable[[Meeting], Sequence[Element]]) -> None:
    """Adds the command of a paper that is made before the vote."""

    @command.command(name, help=words(f"cli.document.kinds.{name}"))
    @_options("DIR|UUID")
    def write(source: str, facts: Path | None, out: Path) -> None:
        meeting = _meeting(source, facts)
        _write(source, kind, meeting.facts, {kind.stem: compose(meeting)}, meeting.style, out)


def _after(name: str, kind: Kind, compose: Callable[[Minutes], Sequence[Element]]) -> None:
    """Adds the command of a paper about a counted vote."""

    @command.command(name, help=words(f"cli.document.kinds.{name}"))
    @_options("UUID|FILE")
    def write(source: str, facts: Path | None, out: Path) -> None:
        count = _count(name, source, facts)
        _write(source, kind, count.facts, {kind.stem: compose(count)}, count.style, out)


for _name, (_kind, _compose) in BEFORE.items():
    _before(_name, _kind, _compose)
for _name, (_kind, _counted) in AFTER.items():
    _after(_name, _kind, _counted)


@command.command("script", help=words("cli.document.kinds.script"))
@_options("DIR|UUID")
def script_command(source: str, facts: Path | None, out: Path) -> None:
    """Writes what is said at the meeting; of a counted session with its numbers."""
    meeting = _meeting(source, facts)
    count = None
    if not Path(source).is_dir():
        state = with_session(source, _state)
        count = _count("script", source, facts) if state in COUNTED else None
    elements = script.script(meeting, count)
    _write(source, SCRIPT, meeting.facts, {SCRIPT.stem: elements}, meeting.style, out)


@command.command("opinions", help=words("cli.document.kinds.opinions"))
@_options("DIR|UUID")
def opinions(source: str, facts: Path | None, out: Path) -> None:
    """Writes the form of the Front's report for each official."""
    meeting = _meeting(source, facts)
    reports = {
        f"{i + 1:02}-{OPINIONS.stem}-{outline.slug(official.name)}": forms.opinions(meeting, i)
        for i, official in enumerate(meeting.officials)
    }
    _write(source, OPINIONS, meeting.facts, reports, meeting.style, out)


@command.command("cases", help=words("cli.document.kinds.cases"))
@_options("UUID|FILE")
def cases(source: str, facts: Path | None, out: Path) -> None:
    """Writes a submission for each official of whose result a rule speaks."""
    count = _count("cases", source, facts)
    submitted = {
        f"{i + 1:02}-{CASE.stem}-{outline.slug(count.officials[i].name)}": follow_up.case(count, i)
        for i in follow_up.cases(count)
    }
    _write(source, CASE, count.facts, submitted, count.style, out)


@command.command("incidents", help=words("cli.document.kinds.incidents"))
@_options("UUID")
def incidents(source: str, facts: Path | None, out: Path) -> None:
    """Writes upwards what was noted during the session."""
    meeting = _meeting(source, facts)
    journal = with_session(source, _journal)
    papers = {INCIDENTS.stem: follow_up.incidents(meeting, journal)}
    _write(source, INCIDENTS, meeting.facts, papers, meeting.style, out)


@command.command("notices", help=words("cli.document.kinds.notices"))
@_options("UUID|FILE")
def own_results(source: str, facts: Path | None, out: Path) -> None:
    """Writes to each official the own result."""
    count = _count("notices", source, facts)
    letters = {
        f"{i + 1:02}-{NOTICE.stem}-{outline.slug(official.name)}": resolution.notice(count, i)
        for i, official in enumerate(count.officials)
    }
    _write(source, NOTICE, count.facts, letters, count.style, out)


@command.command("plan", help=words("cli.document.kinds.plan"))
@click.argument("table", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--new", is_flag=True, help=words("cli.document.new"))
@click.option("--title", metavar="TEXT", help=words("cli.document.title"))
@click.option("--papers", "facts", type=_FILE, help=words("cli.gathering.papers"))
@click.option("-o", "--out", type=_FOLDER, metavar="DIR", default=Path(), help=_OUT)
def plan(table: Path, new: bool, title: str | None, facts: Path | None, out: Path) -> None:
    """Writes the plan of a round, or the table to be filled in for it.

    Raises:
        BadTable: with every problem of the table, one on a line.
        Refused: a file is where the table to be filled in would go.
    """
    if new:
        if table.exists():
            raise Refused(f"{table.name} is there already")
        files.write(table, round_plan.empty())
        console.result({"schema": "phieukin.round/1", "file": str(table)}, str(table))
        console.say(words("cli.document.fill_in", table=table))
        return
    problems: list[Problem] = []
    warnings: list[Problem] = []
    votes = round_plan.read(table, calendar.holidays(), problems, warnings)
    for warning in warnings:
        console.warn(warning.told(language()))
    if problems:
        raise BadTable(problems, language())
    own_facts = MeetingFacts() if facts is None else meeting_facts.read(facts)
    years = " - ".join(sorted({str(vote.day.year) for vote in votes}))
    about = title or words("papers.round.title", "vi", year=years)
    drawn = RoundPlan(own_facts, about, votes, zones.today(time.time(), zones.DEFAULT))
    _write(str(table), PLAN, own_facts, {PLAN.stem: planned.plan(drawn)}, drawn.style, out)


async def _journal(books: Books, session: Session) -> tuple[str, ...]:
    return tuple(await books.registrar.entries(session.uuid))


async def _state(_books: Books, session: Session) -> State:
    return session.state


def _meeting(source: str, facts: Path | None) -> Meeting:
    """Of a draft's folder, or a session of this data directory."""
    own_facts = None if facts is None else meeting_facts.read(facts)
    if Path(source).is_dir():
        folder = Path(source)
        return meetings.of_draft(
            drafts.read(folder),
            meeting_facts.in_draft(folder) if own_facts is None else own_facts,
        )
    facts_kept = meeting_facts.kept(datadir(), source) if own_facts is None else own_facts
    return with_session(
        source, lambda books, session: meetings.of_session(books.registrar, session, facts_kept)
    )


def _count(paper: str, source: str, facts: Path | None) -> Minutes:
    """Of a session of this data directory, or an audited record.

    Raises:
        WrongState: the session has not been counted; names the paper.
    """
    own_facts = None if facts is None else meeting_facts.read(facts)
    if Path(source).is_file():
        return counted.of_record(Path(source), own_facts)
    facts_kept = meeting_facts.kept(datadir(), source) if own_facts is None else own_facts
    if (state := with_session(source, _state)) not in COUNTED:
        raise WrongState(f"{paper}: made after the tally; the session is {state}")
    return with_session(source, lambda books, session: counts.of_books(books, session, facts_kept))


def _write(
    source: str,
    kind: Kind,
    facts: MeetingFacts,
    papers: Mapping[str, Sequence[Element]],
    style: Style,
    out: Path,
) -> None:
    lacking = list(facts.missing(*kind.wanted))
    if kind.number and facts.number(kind.number) is None:
        lacking.append("number")
    names = [words(f"papers.missing.{name}") for name in lacking]
    if names:
        console.warn(words("cli.minutes.missing", kind=kind.stem, names="; ".join(names)))
    documents: dict[str, bytes] = {}
    for stem, elements in papers.items():
        documents |= counted.pdf_and_docx(stem, elements, style)
    out.mkdir(parents=True, exist_ok=True)
    for name, raw in documents.items():
        files.write(out / name, raw)
    counted.tell(source, documents, out)
