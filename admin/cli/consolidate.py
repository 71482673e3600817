"""`phieukin consolidate`: many sessions' records in one workbook."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import MAX_WORKERS, checking
from admin.papers import consolidated
from admin.papers.consolidated import Cell
from admin.record import consolidate, files
from admin.record.audit import Options
from admin.record.consolidate import Line, Record
from admin.words import words

_LEVELS = ("high", "medium", "low", "confidence", "no_confidence", "blank")
_BOOK = click.Path(path_type=Path, dir_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("consolidate", help=words("cli.consolidate.help"))
@click.argument("paths", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("-o", "--out", type=_BOOK, help=words("cli.consolidate.out"))
@click.option("--rehearsals", is_flag=True, help=words("cli.consolidate.rehearsals"))
@click.option(
    "--workers", "count", type=click.IntRange(1, MAX_WORKERS), help=words("cli.audit.workers")
)
def command(paths: tuple[Path, ...], out: Path | None, rehearsals: bool, count: int | None) -> None:
    """Audits each record, then puts them side by side."""
    if out is None and not console.settings().json:
        raise click.UsageError(words("cli.consolidate.no_out"))
    with checking(count) as run:
        records = consolidate.gather(paths, Options(run=run), rehearsals=rehearsals)
    if out is not None:
        files.write(out, consolidated.workbook(_sheets(records)))
        console.say(words("cli.consolidate.done", number=len(records), path=out))
    if console.settings().json:
        console.emit_json(consolidate.to_json(records))


def _sheets(records: Sequence[Record]) -> list[tuple[str, list[str], list[list[Cell]]]]:
    found = consolidate.lines(records)
    twice = [line for one in consolidate.venues(found).values() if len(one) > 1 for line in one]
    spoken_of = [line for line in found if line.official["finding"] is not None]
    heads = _heads()
    return [
        (words("consolidated.sheets.all"), heads, _rows(found)),
        (words("consolidated.sheets.twice"), heads, _rows(twice)),
        (words("consolidated.sheets.findings"), heads, _rows(spoken_of)),
        (words("consolidated.sheets.sessions"), _session_heads(), [_session(r) for r in records]),
    ]


def _heads() -> list[str]:
    names = ("body", "date", "number", "name", "position")
    heads = [words(f"consolidated.heads.{name}") for name in names]
    for level in _LEVELS:
        label = words(f"consolidated.levels.{level}")
        heads += [label] if level == "blank" else [label, f"{label} (%)"]
    return [*heads, words("consolidated.heads.finding"), words("consolidated.heads.rule")]


def _rows(found: Iterable[Line]) -> list[list[Cell]]:
    return [_row(line) for line in found]


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
