"""`phieukin enrol`: a code for the chair, a trustee, an observer or an official's office."""

import time
from pathlib import Path

import click

from admin.cli import console
from admin.cli.session import with_books
from admin.voting import invite
from admin.words import words


@click.command("enrol", help=words("cli.enrol.help"))
@click.argument("uuid")
@click.option(
    "--role", type=click.Choice(invite.ROLES), required=True, help=words("cli.enrol.role")
)
@click.option("--index", type=click.IntRange(1), help=words("cli.enrol.index"))
@click.option("--days", type=click.IntRange(1), default=invite.DAYS, help=words("cli.enrol.days"))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help=words("cli.enrol.out")
)
def command(uuid: str, role: str, index: int | None, days: int, out: Path) -> None:
    """Makes the code and writes it to a file that only its owner can read."""
    now = int(time.time())
    letter = with_books(lambda books: invite.role_letter(books, uuid, role, index, now, days))
    invite.keep(out, letter)
    console.say(words("cli.enrol.done", path=out))
