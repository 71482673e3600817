"""`phieukin roster`: who may vote."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.cli import console
from admin.cli.amend import amend_command
from admin.cli.letters import letters
from admin.cli.session_draft import as_json
from admin.prepare import draft as drafts
from admin.prepare import people, session_form, sheet
from admin.prepare.roster import RosterRow
from admin.record import files
from admin.rules.cells import Fault
from admin.words import language, words
from crypto.errors import Refused

if TYPE_CHECKING:
    from admin.prepare.sheet import Problem

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_COLUMNS = ("position", "unit", "birth", "note")


@click.group("roster", help=words("cli.roster.help"))
def command() -> None:
    """Groups what is done with the roster."""


command.add_command(letters)
command.add_command(amend_command)


@command.command("list", help=words("cli.roster.list"))
@click.argument("folder", metavar="DIR", type=_FOLDER)
def list_command(folder: Path) -> None:
    """Shows the roster of a draft, in its order."""
    rows, warnings = _read(_spreadsheet(folder))
    if console.settings().json:
        voters = [{"name": row.name, "details": dict(row.details)} for row in rows]
        document = {"schema": "phieukin.roster_list/1", "ok": True, "voters": voters}
        console.emit_json({**document, "warnings": warnings})
        return
    _show(rows)


@command.command("import", help=words("cli.roster.import"))
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_command(folder: Path, file: Path) -> None:
    """Puts a spreadsheet in the place of the draft's roster, if nothing is wrong with it."""
    if not (folder / session_form.FILE).exists():
        raise Refused(
            f"{folder} has no {session_form.FILE}: make it with: phieukin session new {folder}"
        )
    rows, warnings = _read(file)
    suffix = file.suffix.lower()
    files.write(folder / f"{drafts.ROSTER}{suffix}", file.read_bytes())
    for other in set(sheet.SUFFIXES) - {suffix}:
        (folder / f"{drafts.ROSTER}{other}").unlink(missing_ok=True)
    if console.settings().json:
        document = {"schema": "phieukin.roster_import/1", "ok": True, "roster": len(rows)}
        console.emit_json({**document, "warnings": warnings})
        return
    console.data(words("cli.roster.imported", number=len(rows), folder=folder))


def _spreadsheet(folder: Path) -> Path:
    try:
        return drafts.spreadsheet(folder, drafts.ROSTER)
    except Fault as fault:
        raise Refused(f"{folder}: {fault}") from None


def _read(path: Path) -> tuple[tuple[RosterRow, ...], list[dict[str, object]]]:
    """The rows, and the warnings as JSON; in words they are on the screen already.

    Raises:
        BadDraft: something is wrong with the spreadsheet, and was told.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    rows = people.read_roster(path, problems, warnings)
    for warning in warnings:
        console.warn(warning.told(language()))
    if problems:
        if console.settings().json:
            told = [as_json(problem) for problem in problems]
            console.emit_json({"schema": "phieukin.roster_list/1", "ok": False, "problems": told})
        raise drafts.refusal(problems, language())
    return rows, [as_json(warning) for warning in warnings]


def _show(rows: tuple[RosterRow, ...]) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which a bad file need not pay

    used = [key for key in _COLUMNS if any(row.detail(key) for row in rows)]
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(words("cli.roster.columns.number"), justify="right")
    for key in ("name", *used):
        table.add_column(words(f"cli.roster.columns.{key}"))
    for number, row in enumerate(rows, start=1):
        table.add_row(str(number), row.name, *(row.detail(key) for key in used))
    console.show(table)
