"""`phieukin minutes` and `phieukin report`: documents of a count, from the books or a record."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from admin.cli import console
from admin.cli.audit import MAX_WORKERS, checking
from admin.cli.books import datadir, with_session
from admin.cli.results import unread_law
from admin.documents import chart, compose, document, docx, sheets
from admin.documents.chart import ChartHeading
from admin.documents.elements import Element
from admin.documents.facts import MeetingFacts
from admin.documents.layout import Style
from admin.documents.minutes import Minutes
from admin.office import meeting_facts, minutes
from admin.record import files, result_file
from admin.record.audit import AuditOptions, audit_file
from admin.words import words
from crypto.errors import Incomplete

_F = TypeVar("_F", bound=Callable[..., None])

SCHEMA: Final = "phieukin.papers/1"
ATTENDANCE: Final = "attendance"
MINUTES: Final = ("minutes", ATTENDANCE)
REPORTS: Final = ("report", "announcement", "press")
STEMS: Final = {
    "minutes": "bien-ban-kiem-phieu",
    "report": "bao-cao-ket-qua",
    "announcement": "loi-cong-bo-ket-qua",
    "press": "thong-tin-bao-chi",
    ATTENDANCE: "danh-sach-dai-bieu",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Documents by the names of their files, and the facts they were drawn from."""

    facts: MeetingFacts
    documents: dict[str, bytes]
    results: Any = None


def options(kinds: Sequence[str], chosen: Sequence[str]) -> Callable[[_F], _F]:
    """The arguments that both commands have."""
    path = click.Path(path_type=Path, exists=True, dir_okay=False)
    folder = click.Path(path_type=Path, file_okay=False)
    parts = (
        click.argument("source", metavar="UUID|FILE"),
        click.option(
            "--kind",
            "kinds",
            type=click.Choice(kinds),
            multiple=True,
            default=chosen,
            show_default=True,
            help=words("cli.minutes.kind"),
        ),
        click.option("--papers", "facts", type=path, help=words("cli.minutes.papers")),
        click.option("-o", "--out", type=folder, metavar="DIR", help=words("cli.minutes.out")),
        click.option(
            "--workers", type=click.IntRange(1, MAX_WORKERS), help=words("cli.audit.workers")
        ),
    )

    def decorate(function: _F) -> _F:
        for part in reversed(parts):
            function = part(function)
        return function

    return decorate


@click.command("minutes", help=words("cli.minutes.help"))
@options(MINUTES, MINUTES[:1])
def command(
    source: str, kinds: tuple[str, ...], facts: Path | None, out: Path | None, workers: int | None
) -> None:
    """Writes the minutes of the count, the list of delegates, or both."""
    write(source, kinds, facts, out, workers)


@click.command("report", help=words("cli.report.help"))
@options(REPORTS, REPORTS[:1])
def report_command(
    source: str, kinds: tuple[str, ...], facts: Path | None, out: Path | None, workers: int | None
) -> None:
    """Writes the report, the announcement, the press version, with a workbook and a chart."""
    write(source, kinds, facts, out, workers)


def write(
    source: str,
    kinds: tuple[str, ...],
    facts: Path | None,
    out: Path | None,
    workers: int | None,
) -> None:
    """Makes the documents, warns of what is left open, writes the files.

    Raises:
        ProtocolError: the record fails its audit, or the session is not that far.
    """
    own_facts = None if facts is None else meeting_facts.read(facts)
    if Path(source).is_file():
        drawing, targets = _of_record(Path(source), kinds, own_facts, workers), [out or Path()]
    else:
        drawing = _of_books(source, kinds, own_facts)
        home = meeting_facts.folder(datadir(), source)
        targets = [home] if out is None else [home, out]
    _warn(kinds, drawing.facts)
    for folder in targets:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in drawing.documents.items():
            files.write(folder / name, data)
    tell(source, drawing.documents, targets[-1], drawing.results)


def drawn(count: Minutes, kinds: Sequence[str]) -> dict[str, bytes]:
    """The documents of these kinds as files; with a report the workbook and the chart."""
    documents: dict[str, bytes] = {}
    for kind in kinds:
        if kind in compose.COMPOSERS:
            documents |= pdf_and_docx(STEMS[kind], compose.COMPOSERS[kind](count), count.style)
    if "report" in kinds:
        documents["ket-qua.xlsx"] = sheets.xlsx(count)
        code = count.seal.code if count.seal else None
        described = count.session_file
        heading = ChartHeading(
            described.body, described.title, count.day, count.regime, code, count.rehearsal
        )
        for number, picture in enumerate(chart.charts(count.results, heading, "vi"), start=1):
            documents[f"bieu-do-{number}.png"] = picture
        documents["bieu-do.svg"] = chart.chart(count.results, heading, "vi")
    return documents


def pdf_and_docx(stem: str, elements: Sequence[Element], style: Style) -> dict[str, bytes]:
    """The document in both forms, by the names of the files."""
    return {
        f"{stem}.pdf": document.pdf(elements, style),
        f"{stem}.docx": docx.write(elements, style),
    }


def _of_books(uuid: str, kinds: Sequence[str], own_facts: MeetingFacts | None) -> Drawn:
    facts = meeting_facts.kept(datadir(), uuid) if own_facts is None else own_facts
    documents: dict[str, bytes] = {}
    if ATTENDANCE in kinds:
        summoned = with_session(
            uuid, lambda books, session: minutes.attendance(books.registrar, session, facts)
        )
        documents |= pdf_and_docx(STEMS[ATTENDANCE], compose.attendance(summoned), summoned.style)
    if set(kinds) == {ATTENDANCE}:
        return Drawn(facts, documents)
    count = with_session(uuid, lambda books, session: minutes.of_books(books, session, facts))
    if "press" in kinds and count.policy.publication == "members":
        console.warn(words("cli.minutes.members_only"))
    _unsaid(count, kinds)
    return Drawn(count.facts, documents | drawn(count, kinds), count.results)


def _of_record(
    path: Path, kinds: Sequence[str], own_facts: MeetingFacts | None, workers: int | None
) -> Drawn:
    if ATTENDANCE in kinds:
        raise Incomplete(words("cli.minutes.no_roster"))
    count = of_record(path, own_facts, workers)
    _unsaid(count, kinds)
    return Drawn(count.facts, drawn(count, kinds), count.results)


def of_record(path: Path, own_facts: MeetingFacts | None, workers: int | None = None) -> Minutes:
    """The count of a record or a result file, once checked. Raises ProtocolError if that fails."""
    with checking(workers) as run:
        if result_file.is_one(path):
            return minutes.of_result(path, AuditOptions(run=run), own_facts or MeetingFacts())
        outcome = audit_file(path, AuditOptions(run=run))
    return minutes.of_record(path, outcome, own_facts or MeetingFacts())


def _unsaid(count: Minutes, kinds: Sequence[str]) -> None:
    """What papers do not say and the secretary must know: unread law, how many were printed."""
    if count.paper is not None and count.facts.printed is None:
        for kind in [kind for kind in kinds if kind in compose.NUMBERED]:
            names = words("papers.missing.printed")
            console.warn(words("cli.minutes.missing", kind=STEMS[kind], names=names))
    rules = count.regime
    if rules.defaults:
        console.warn(unread_law(rules))
    for line in count.results["officials"]:
        finding = line["finding"]
        if finding is not None and not rules.states(finding["code"]):
            facts = {"text": finding["text"].rstrip("."), "rule": finding["rule"]}
            console.warn(words("cli.minutes.not_stated", name=line["name"], **facts))


def _warn(kinds: Sequence[str], facts: MeetingFacts) -> None:
    for kind in kinds:
        names = [words(f"papers.missing.{name}") for name in missing(kind, facts)]
        if names:
            title = STEMS[kind]
            console.warn(words("cli.minutes.missing", kind=title, names="; ".join(names)))


def missing(kind: str, facts: MeetingFacts) -> list[str]:
    """For what a document of this kind has a dotted line."""
    names = list(facts.missing(*compose.wanted(kind)))
    if kind in compose.NUMBERED and facts.number(kind) is None:
        names.append("number")
    return names


def tell(source: str, documents: dict[str, bytes], folder: Path, results: Any = None) -> None:
    """Which files were written, with their SHA-256."""
    digests = [
        {"file": str(folder / name), "sha256": hashlib.sha256(raw).hexdigest()}
        for name, raw in documents.items()
    ]
    summary = {"schema": SCHEMA, "ok": True, "source": source, "files": digests}
    lines = [words("cli.minutes.written", path=folder / name) for name in documents]
    console.result(summary | {"results": results}, "\n".join(lines))
