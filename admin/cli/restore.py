"""`phieukin restore`: a data directory out of its copy."""

import asyncio
from pathlib import Path

import click

from admin.cli import console
from admin.cli.backup import told
from admin.office import backup
from admin.session.books import opened
from admin.session.datadir import DataDir
from admin.words import words
from crypto.lifecycle import State

_UNDER_WAY = (State.CHECKIN, State.OPEN)


@click.command("restore", help=words("cli.restore.help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def command(file: Path, folder: Path) -> None:
    """Restores, then warns of every session that was under way when the copy was made."""
    told(backup.restore(file, folder), "cli.restore.done", folder)
    for uuid, state in asyncio.run(_under_way(folder)):
        console.warn(words("cli.restore.under_way", uuid=uuid, state=words(f"states.{state}")))


async def _under_way(folder: Path) -> list[tuple[str, State]]:
    async with opened(DataDir.open(folder)) as books:
        rows = await books.registrar.sessions()
    return [(row.uuid, row.state) for row in rows if row.state in _UNDER_WAY]
