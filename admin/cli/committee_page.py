"""`phieukin committee-page`: the page of committee and auditors as a file, to be carried about."""

from pathlib import Path
from typing import Final

import click

from admin.cli import console
from admin.record import files
from admin.session import page
from admin.words import words
from crypto.encoding import sha256
from crypto.errors import Refused

SCHEMA: Final = "phieukin.committee-page/1"


@click.command("committee-page", help=words("cli.committee_page.help"))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(page.COMMITTEE),
    help=words("cli.committee_page.out"),
)
def command(out: Path) -> None:
    """Writes the page and prints its SHA-256, which is also in every record.

    Raises:
        Refused: there is such a file, or the page is not built.
    """
    if out.exists():
        raise Refused(f"{out.name} is there already")
    built = page.read()
    if built is None:
        raise Refused(words("cli.committee_page.not_built"))
    body = built.files[page.COMMITTEE]
    files.write(out, body)
    digest = sha256(body)
    console.result({"schema": SCHEMA, "file": str(out), "sha256": digest}, f"{digest}  {out}")
    console.say(words("cli.committee_page.done"))
