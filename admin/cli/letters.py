"""`phieukin roster letters`: the voters' codes, for mail merge or printed."""

import time
from pathlib import Path
from typing import Final

import click

from admin.cli import console
from admin.cli.session import with_books
from admin.session.books import Books
from admin.voting import invite
from admin.words import LANGUAGES, Language, words

_TABLE: Final = ".csv"
_PRINTED: Final = ".pdf"


@click.command("letters", help=words("cli.letters.help"))
@click.argument("uuid")
@click.option("--only", type=click.IntRange(1), multiple=True, help=words("cli.letters.only"))
@click.option("--replace", "anew", is_flag=True, help=words("cli.letters.replace"))
@click.option("--days", type=click.IntRange(1), default=invite.DAYS, help=words("cli.letters.days"))
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help=words("cli.letters.language"),
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help=words("cli.letters.out")
)
def letters(
    uuid: str, only: tuple[int, ...], anew: bool, days: int, language: Language, out: Path
) -> None:
    """Makes codes and writes them once."""
    suffix = out.suffix.lower()
    if suffix not in {_TABLE, _PRINTED}:
        raise click.BadParameter(words("cli.letters.suffix", path=out), param_hint="--out")
    invite.check_new(out)

    async def work(books: Books) -> tuple[int, bytes]:
        said = await invite.occasion(books, uuid)
        made = await invite.letters(books, uuid, only, int(time.time()), days, replace_all=anew)
        if suffix == _TABLE:
            return len(made), invite.table(made)
        with console.progress(words("cli.letters.setting"), len(made)) as advance:
            document = invite.printed(made, said, language)
            advance(len(made))
        return len(made), document

    number, data = with_books(work)
    invite.keep(out, data)
    key = "done" if suffix == _TABLE else "printed"
    console.say(words(f"cli.letters.{key}", number=number, path=out))
