"""`phieukin roster amend`: a change of the sealed roster."""

import click

from admin.cli import console
from admin.cli.session import with_books
from admin.lifecycle.amend import amend
from admin.words import words


@click.command("amend", help=words("cli.amend.help"))
@click.argument("uuid")
@click.option("--add", "added", multiple=True, metavar="NAME", help=words("cli.amend.add"))
@click.option(
    "--remove", "removed", multiple=True, type=click.IntRange(1), help=words("cli.amend.remove")
)
@click.option("--reason", required=True, help=words("cli.amend.reason"))
def amend_command(uuid: str, added: tuple[str, ...], removed: tuple[int, ...], reason: str) -> None:
    """Signs the change; it goes into the record."""
    made = with_books(lambda books: amend(books, uuid, added, removed, reason))
    console.data(words("cli.amend.done", number=made.number, added=made.added, gone=made.removed))
    if made.added:
        console.say(words("cli.amend.letters", uuid=uuid))
