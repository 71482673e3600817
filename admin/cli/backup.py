"""`phieukin backup`: the whole data directory in one file."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.session import datadir
from admin.office import backup
from admin.office.backup import Copied
from admin.words import words


@click.command("backup", help=words("cli.backup.help"))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=words("cli.backup.out"),
)
def command(out: Path) -> None:
    """Writes the copy whole or not at all."""
    told(backup.make(datadir(), out), "cli.backup.done", out)


def told(made: Copied, key: str, path: Path) -> None:
    """What was copied, and what to take care of."""
    if console.settings().json:
        size = {"files": made.files, "bytes": made.size}
        console.emit_json({"schema": "phieukin.backup/1", "path": str(path), **size})
    console.say(words(key, path=path, files=made.files, size=f"{made.size / (1 << 20):.1f}"))
