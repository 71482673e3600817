"""`phieukin questions`: what voters ask the officials, for those who pass it on."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from admin.cli import console
from admin.cli.books import on_session
from admin.office import questions
from admin.prepare import outline
from admin.record import files
from admin.session.books import Books
from admin.session.session import Session
from admin.words import words
from crypto.session import Official
from storage.registrar.questions import Question


@click.group("questions", help=words("cli.questions.help"))
def command() -> None:
    """Groups what is done with questions."""


@command.command("list", help=words("cli.questions.list"))
@on_session
async def list_command(books: Books, session: Session) -> None:
    """Shows them by official, in an order that tells nothing."""
    officials = session.officials
    collected = questions.in_order(await books.registrar.questions.all(session.uuid))

    def show() -> None:
        for number, official, texts in _by_official(officials, collected):
            console.data(f"{number}. {official.name} – {official.position}")
            for text in texts:
                console.data("  - " + text.replace("\n", "\n    "))
        console.say(words("cli.questions.number", number=len(collected)))

    rows = [{"official": question.official, "text": question.text} for question in collected]
    console.result(
        {"schema": "phieukin.questions/1", "uuid": session.uuid, "questions": rows}, show
    )


@command.command("export", help=words("cli.questions.export"))
@on_session
@click.option(
    "-o",
    "--out",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=words("cli.questions.out"),
)
async def export(books: Books, session: Session, folder: Path) -> None:
    """Writes a file for the office of each official of whom something was asked."""
    officials = session.officials
    collected = questions.in_order(await books.registrar.questions.all(session.uuid))
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  nobody else waits here
    for number, official, texts in _by_official(officials, collected):
        path = folder / f"{number:02d}-cau-hoi.docx"
        files.write(path, outline.questions(official, texts), mode=0o600)
        console.data(str(path))
    console.say(words("cli.questions.number", number=len(collected)))


def _by_official(
    officials: Sequence[Official], collected: Sequence[Question]
) -> Iterator[tuple[int, Official, list[str]]]:
    """Number, official and the texts of the questions, of those who were asked something."""
    for number, group in groupby(collected, key=lambda question: question.official):
        yield number, officials[number - 1], [question.text for question in group]
