"""`phieukin backup` and `phieukin restore`: the whole data directory in one file, and back."""

import asyncio
from pathlib import Path

import click

from admin.cli import console
from admin.cli.books import datadir
from admin.office import backup
from admin.office.backup import Copied
from admin.session.books import opened
from admin.session.datadir import DataDir
from admin.words import words
from crypto.lifecycle import BALLOTS_OUT, State


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
    _report(backup.make(datadir(), out), "cli.backup.done", out)


@click.command("restore", help=words("cli.restore.help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def restore_command(file: Path, folder: Path) -> None:
    """Restores, then warns of every session that was under way when the copy was made."""
    _report(backup.restore(file, folder), "cli.restore.done", folder)
    for uuid, state in asyncio.run(_under_way(folder)):
        console.warn(words("cli.restore.under_way", uuid=uuid, state=words(f"states.{state}")))


async def _under_way(folder: Path) -> list[tuple[str, State]]:
    async with opened(DataDir.open(folder)) as books:
        rows = await books.registrar.sessions()
    return [(row.uuid, row.state) for row in rows if row.state in BALLOTS_OUT]


def _report(copied: Copied, key: str, path: Path) -> None:
    """What was copied, and what to take care of."""
    if console.settings().json:
        size = {"files": copied.files, "bytes": copied.size}
        console.emit_json({"schema": "phieukin.backup/1", "path": str(path), **size})
    console.say(words(key, path=path, files=copied.files, size=f"{copied.size / (1 << 20):.1f}"))
