"""`phieukin roster` and `phieukin enrol`: who may vote, their codes, and those of the roles."""

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import click

from admin.cli import console
from admin.cli.books import on_session
from admin.cli.session_draft import as_json
from admin.documents.minutes import style_of
from admin.lifecycle import amend
from admin.office import meeting_facts
from admin.prepare import draft as drafts
from admin.prepare import people, session_form
from admin.prepare.roster import RosterRow
from admin.record import files
from admin.rules import sheet, zones
from admin.rules.cells import Fault, Problem
from admin.session import lookup
from admin.session.books import Books
from admin.session.session import Session
from admin.voting import invite
from admin.voting.invite import Letter
from admin.words import LANGUAGES, Language, dated, language, words
from crypto.errors import Refused
from storage.rows import RoleCode

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_COLUMNS = ("honorific", "position", "unit", "birth", "note")
_TABLE: Final = ".csv"
_PRINTED: Final = ".pdf"


@click.group("roster", help=words("cli.roster.help"))
def command() -> None:
    """Groups what is done with the roster."""


@command.command("list", help=words("cli.roster.list"))
@click.argument("folder", metavar="DIR", type=_FOLDER)
def list_command(folder: Path) -> None:
    """Shows the roster of a draft, in its order."""
    rows, warnings = _read(_spreadsheet(folder))
    voters = [{"name": row.name, "details": dict(row.details)} for row in rows]
    document = {"schema": "phieukin.roster_list/1", "ok": True, "voters": voters}
    console.result(document | {"warnings": warnings}, lambda: _show(rows))


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
    for suffix_before in set(sheet.SUFFIXES) - {suffix}:
        (folder / f"{drafts.ROSTER}{suffix_before}").unlink(missing_ok=True)
    document = {"schema": "phieukin.roster_import/1", "ok": True, "roster": len(rows)}
    text = words("cli.roster.imported", number=len(rows), folder=folder)
    console.result(document | {"warnings": warnings}, text)


def _table_or_print(_context: click.Context, _option: click.Parameter, path: Path) -> Path:
    if path.suffix.lower() not in {_TABLE, _PRINTED}:
        raise click.BadParameter(words("cli.letters.suffix", path=path), param_hint="--out")
    invite.check_new(path)
    return path


@command.command("letters", help=words("cli.letters.help"))
@on_session
@click.option("--only", type=click.IntRange(1), multiple=True, help=words("cli.letters.only"))
@click.option("--replace", "anew", is_flag=True, help=words("cli.letters.replace"))
@click.option("--days", type=click.IntRange(1), default=invite.DAYS, help=words("cli.letters.days"))
@click.option(
    "--language",
    "tongue",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help=words("cli.letters.language"),
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    callback=_table_or_print,
    help=words("cli.letters.out"),
)
async def letters(
    books: Books,
    session: Session,
    only: tuple[int, ...],
    anew: bool,
    days: int,
    tongue: Language,
    out: Path,
) -> None:
    """Makes codes and writes them once, for mail merge or printed."""
    suffix = out.suffix.lower()
    settings, now = books.datadir.settings, int(time.time())
    facts = meeting_facts.kept(books.datadir, session.uuid)
    head = replace(invite.letter_head(settings, session), kind=style_of(facts, session.regime))

    def keeping(drawn: list[Letter]) -> AbstractContextManager[None]:
        if suffix == _TABLE:
            return invite.in_file(out, invite.table(drawn))
        with console.progress(words("cli.letters.setting"), len(drawn)) as advance:
            document = invite.printed(drawn, head, tongue)
            advance(len(drawn))
        return invite.in_file(out, document)

    invited = await invite.letters(
        books.registrar, settings, session, only, now, days, replace_all=anew, keeping=keeping
    )
    key = "done" if suffix == _TABLE else "printed"
    console.say(words(f"cli.letters.{key}", number=len(invited), path=out))


@command.command("amend", help=words("cli.amend.help"))
@on_session
@click.option("--add", "added", multiple=True, metavar="NAME", help=words("cli.amend.add"))
@click.option(
    "--remove", "removed", multiple=True, metavar="NUMBER|A-B|NAME", help=words("cli.amend.remove")
)
@click.option("--reason", required=True, help=words("cli.amend.reason"))
async def amend_command(
    books: Books, session: Session, added: tuple[str, ...], removed: tuple[str, ...], reason: str
) -> None:
    """Signs a change of the sealed roster; it goes into the record."""
    warnings: list[Problem] = []
    try:
        typed = lookup.spread(removed)
    except ValueError as error:
        raise click.BadParameter(words("cli.paper.range", said=error.args[0])) from None
    gone = [
        person.place for person in lookup.people(await books.registrar.roster(session.uuid), typed)
    ]
    change = await amend.amend(
        books.registrar, books.datadir, session, added, gone, reason, warnings
    )
    for warning in warnings:
        console.warn(warning.told(language()))
    facts = {"number": change.number, "added": change.added, "gone": change.removed}
    console.data(words("cli.amend.done", **facts))
    if change.added:
        console.say(words("cli.amend.letters", uuid=session.uuid))


@click.command("enrol", help=words("cli.enrol.help"))
@on_session
@click.option("--role", type=click.Choice(invite.ROLES), help=words("cli.enrol.role"))
@click.option("--index", type=click.IntRange(1, 999), help=words("cli.enrol.index"))
@click.option("--days", type=click.IntRange(1), default=invite.DAYS, help=words("cli.enrol.days"))
@click.option("-o", "--out", type=click.Path(path_type=Path), help=words("cli.enrol.out"))
@click.option("--list", "listing", is_flag=True, help=words("cli.enrol.list"))
@click.option("--revoke", "ended", metavar="ID", help=words("cli.enrol.revoke"))
async def enrol_command(
    books: Books,
    session: Session,
    role: str | None,
    index: int | None,
    days: int,
    out: Path | None,
    ended: str | None,
    *,
    listing: bool,
) -> None:
    """Makes a code for a role in a file that only its owner can read; lists codes; ends one."""
    making = role is not None and out is not None
    if [making, listing, ended is not None].count(True) != 1 or (role is None) != (out is None):
        raise click.UsageError(words("cli.enrol.one_of"))
    before = await books.registrar.role_codes(session.uuid)
    if listing:
        document = {
            "schema": "phieukin.role_codes/1",
            "ok": True,
            "codes": [_code_json(code) for code in before],
        }
        console.result(document, lambda: _show_codes(before, session.session_file.zone))
    elif ended is not None:
        await invite.end_role(books.registrar, session, ended)
        console.say(words("cli.enrol.ended", id=ended))
    elif role is not None and out is not None:
        invite.check_new(out)
        settings, now = books.datadir.settings, int(time.time())
        keeping = partial(invite.in_file, out)
        await invite.role_letter(
            books.registrar, settings, session, role, index, now, days, keeping=keeping
        )
        identifier = f"{role}-{index or 1}"
        if identifier in map(invite.role_id, before):
            console.warn(words("cli.enrol.replaced", id=identifier))
        console.say(words("cli.enrol.done", path=out))


def _code_json(code: RoleCode) -> dict[str, object]:
    return {
        "id": invite.role_id(code),
        "role": code.role,
        "expires": code.expires,
        "account": code.account,
        "device": code.device,
    }


def _show_codes(codes: list[RoleCode], zone: str) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which a bad file need not pay

    table = Table(box=None, padding=(0, 2, 0, 0))
    for key in ("id", "expires", "used"):
        table.add_column(words(f"cli.enrol.columns.{key}"))
    for code in codes:
        used = "account" if code.account else "device" if code.device else "unused"
        expires = f"{zones.local(code.expires, zone):%d/%m/%Y %H:%M}"
        table.add_row(invite.role_id(code), expires, words(f"cli.enrol.{used}"))
    console.show(table)


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
    today = zones.today(time.time(), zones.DEFAULT)
    rows = people.read_roster(path, problems, warnings, today)
    for warning in warnings:
        console.warn(warning.told(language()))
    if problems:
        if console.settings().json:
            listed_problems = [as_json(problem) for problem in problems]
            document = {"schema": "phieukin.roster_list/1", "ok": False}
            console.emit_json(document | {"problems": listed_problems})
        raise drafts.refusal(problems, language())
    return rows, [as_json(warning) for warning in warnings]


def _cell(row: RosterRow, key: str) -> str:
    return dated(row.detail(key)) if key == "birth" else row.detail(key)


def _show(rows: tuple[RosterRow, ...]) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which a bad file need not pay

    used = [key for key in _COLUMNS if any(row.detail(key) for row in rows)]
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(words("cli.roster.columns.number"), justify="right")
    for key in ("name", *used):
        table.add_column(words(f"cli.roster.columns.{key}"))
    for number, row in enumerate(rows, start=1):
        table.add_row(str(number), row.name, *(_cell(row, key) for key in used))
    console.show(table)
