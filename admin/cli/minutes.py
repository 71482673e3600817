"""`phieukin minutes` and `phieukin report`: the papers of a count, from the books or a record."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from admin.cli import console
from admin.cli.audit import MAX_WORKERS, checking
from admin.cli.session import datadir, with_books
from admin.documents import chart, compose, document, docx, sheets
from admin.documents.blocks import Block
from admin.documents.chart import Heading
from admin.documents.facts import Facts
from admin.documents.layout import Style
from admin.documents.minutes import Minutes
from admin.office import minutes as papers
from admin.record import files
from admin.record.audit import Options, audit_file
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
    "announcement": "thong-bao-ket-qua",
    "press": "thong-tin-bao-chi",
    ATTENDANCE: "danh-sach-dai-bieu",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a command has made: the papers by the names of their files, and their facts."""

    facts: Facts
    papers: dict[str, bytes]
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

    def given(function: _F) -> _F:
        for part in reversed(parts):
            function = part(function)
        return function

    return given


@click.command("minutes", help=words("cli.minutes.help"))
@options(MINUTES, MINUTES[:1])
def command(
    source: str, kinds: tuple[str, ...], facts: Path | None, out: Path | None, workers: int | None
) -> None:
    """Writes the minutes of the count, the list of delegates, or both."""
    write(source, kinds, facts, out, workers)


def write(
    source: str,
    kinds: tuple[str, ...],
    facts: Path | None,
    out: Path | None,
    workers: int | None,
) -> None:
    """Makes the papers, warns of what is left open, writes the files.

    Raises:
        ProtocolError: the record fails its audit, or the session is not that far.
    """
    given = None if facts is None else papers.read_facts(facts)
    if Path(source).is_file():
        made, targets = _of_record(Path(source), kinds, given, workers), [out or Path()]
    else:
        made = _of_books(source, kinds, given)
        home = papers.folder(datadir(), source)
        targets = [home] if out is None else [home, out]
    _warn(kinds, made.facts)
    for folder in targets:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in made.papers.items():
            files.write(folder / name, data)
    _tell(source, made, targets[-1])


def drawn(said: Minutes, kinds: Sequence[str]) -> dict[str, bytes]:
    """The papers of these kinds as files; with a report the workbook and the chart."""
    made: dict[str, bytes] = {}
    for kind in kinds:
        if kind in compose.COMPOSERS:
            made |= _both(kind, compose.COMPOSERS[kind](said), said.style)
    if "report" in kinds:
        made["ket-qua.xlsx"] = sheets.xlsx(said)
        phi = said.seal.phi if said.seal else None
        heading = Heading(said.body, said.title, said.day, phi, said.rehearsal)
        for number, picture in enumerate(chart.charts(said.results, heading, "vi"), start=1):
            made[f"bieu-do-{number}.png"] = picture
        made["bieu-do.svg"] = chart.chart(said.results, heading, "vi")
    return made


def _both(kind: str, blocks: list[Block], style: Style) -> dict[str, bytes]:
    stem = STEMS[kind]
    return {
        f"{stem}.pdf": document.pdf(blocks, style),
        f"{stem}.docx": docx.write(blocks, style),
    }


def _of_books(uuid: str, kinds: Sequence[str], given: Facts | None) -> Made:
    facts = papers.kept(datadir(), uuid) if given is None else given
    made: dict[str, bytes] = {}
    if ATTENDANCE in kinds:
        listed = with_books(lambda books: papers.attendance(books, uuid, facts))
        made |= _both(ATTENDANCE, compose.attendance(listed), listed.style)
    if set(kinds) == {ATTENDANCE}:
        return Made(facts, made)
    said = with_books(lambda books: papers.minutes(books, uuid, facts))
    if "press" in kinds and with_books(lambda books: papers.for_members(books, uuid)):
        console.warn(words("cli.minutes.members_only"))
    return Made(said.facts, made | drawn(said, kinds), said.results)


def _of_record(path: Path, kinds: Sequence[str], given: Facts | None, workers: int | None) -> Made:
    if ATTENDANCE in kinds:
        raise Incomplete(words("cli.minutes.no_roster", "en"))
    with checking(workers) as run:
        outcome = audit_file(path, Options(run=run))
    said = papers.of_record(path, outcome, given or Facts())
    return Made(said.facts, drawn(said, kinds), said.results)


def _warn(kinds: Sequence[str], facts: Facts) -> None:
    for kind in kinds:
        names = [words(f"papers.missing.{name}") for name in missing(kind, facts)]
        if names:
            title = STEMS[kind]
            console.warn(words("cli.minutes.missing", kind=title, names="; ".join(names)))


def missing(kind: str, facts: Facts) -> list[str]:
    """For what a paper of this kind has a dotted line."""
    names = list(facts.missing(*compose.wanted(kind)))
    if kind in compose.NUMBERED and facts.number(kind) is None:
        names.append("number")
    return names


def _tell(source: str, made: Made, folder: Path) -> None:
    if console.settings().json:
        listed = [
            {"file": str(folder / name), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in made.papers.items()
        ]
        document = {"schema": SCHEMA, "ok": True, "source": source, "files": listed}
        console.emit_json({**document, "results": made.results})
        return
    for name in made.papers:
        console.data(words("cli.minutes.written", path=folder / name))
