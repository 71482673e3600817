"""`phieukin record`: the record of a session, and what goes with it."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.record_papers import attach, check
from admin.cli.session import with_books
from admin.office import export
from admin.words import words


@click.group("record", help=words("cli.record.help"))
def command() -> None:
    """The group."""


command.add_command(attach)
command.add_command(check)


@command.command("export", help=words("cli.record.export"))
@click.argument("uuid")
@click.option("--auditor", is_flag=True, help=words("cli.record.auditor"))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=words("cli.record.out"),
)
def export_command(uuid: str, auditor: bool, out: Path) -> None:
    """Writes the file whole or not at all."""
    make = export.for_auditors if auditor else export.record
    with_books(lambda books: make(books, uuid, out))
    if console.settings().json:
        console.emit_json({"schema": "phieukin.export/1", "uuid": uuid, "file": str(out)})
    console.say(
        words("cli.record.exported_auditor" if auditor else "cli.record.exported", path=out)
    )
