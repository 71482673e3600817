"""`phieukin roster letters`: the voters' codes, for mail merge."""

import time
from pathlib import Path

import click

from admin.cli import console
from admin.cli.session import in_house
from admin.session import invite
from admin.words import words


@click.command("letters", help=words("cli.letters.help"))
@click.argument("uuid")
@click.option("--only", type=click.IntRange(1), multiple=True, help=words("cli.letters.only"))
@click.option("--days", type=click.IntRange(1), default=invite.DAYS, help=words("cli.letters.days"))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help=words("cli.letters.out")
)
def letters(uuid: str, only: tuple[int, ...], days: int, out: Path) -> None:
    """Makes codes and writes them once."""
    now = int(time.time())
    made = in_house(lambda house: invite.letters(house, uuid, only, now, days))
    invite.keep(out, invite.table(made))
    console.say(words("cli.letters.done", number=len(made), path=out))
