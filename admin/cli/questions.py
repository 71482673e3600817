"""`phieukin questions`: what voters ask the officials, for those who pass it on."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from admin.cli import console
from admin.office import dossiers, questions
from admin.prepare import outline
from admin.record import files
from admin.session.books import opened
from admin.session.datadir import DataDir
from admin.words import words
from crypto.session import Official
from storage.registrar.questions import Question


@click.group("questions", help=words("cli.questions.help"))
def command() -> None:
    """Groups what is done with questions."""


@command.command("list", help=words("cli.questions.list"))
@click.argument("uuid")
def list_command(uuid: str) -> None:
    """Shows them by official, in an order that tells nothing."""
    officials, asked = _read(uuid)
    if console.settings().json:
        listed = [{"official": one.official, "text": one.text} for one in asked]
        console.emit_json({"schema": "phieukin.questions/1", "uuid": uuid, "questions": listed})
        return
    for number, some in groupby(asked, key=lambda one: one.official):
        official = officials[number - 1]
        console.data(f"{number}. {official.name} – {official.position}")
        for one in some:
            console.data("  - " + one.text.replace("\n", "\n    "))
    console.say(words("cli.questions.number", number=len(asked)))


@command.command("export", help=words("cli.questions.export"))
@click.argument("uuid")
@click.option(
    "-o",
    "--out",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=words("cli.questions.out"),
)
def export(uuid: str, folder: Path) -> None:
    """Writes a file for the office of each official of whom something was asked."""
    officials, asked = _read(uuid)
    folder.mkdir(parents=True, exist_ok=True)
    for number, some in groupby(asked, key=lambda one: one.official):
        texts = [one.text for one in some]
        name = f"{number:02d}-cau-hoi.docx"
        files.write(folder / name, outline.questions(officials[number - 1], texts), mode=0o600)
        console.data(str(folder / name))
    console.say(words("cli.questions.number", number=len(asked)))


def _read(uuid: str) -> tuple[Sequence[Official], list[Question]]:
    async def work() -> tuple[Sequence[Official], list[Question]]:
        async with opened(DataDir.open(console.settings().data or Path())) as books:
            asked = questions.in_order(await books.registrar.questions.all(uuid))
            return await dossiers.officials(books, uuid), asked

    return asyncio.run(work())
