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
        for number, official, asked in _by_official(officials, collected):
            console.data(f"{number}. {official.name} – {official.position}")
            for question in asked:
                text = question.text.replace("\n", "\n    ")
                console.data(f"  - [{questions.mark_of(question)}] {text}")
        console.say(words("cli.questions.number", number=len(collected)))

    rows = [
        {
            "official": question.official,
            "mark": questions.mark_of(question),
            "text": question.text,
        }
        for question in collected
    ]
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
@click.option(
    "--leave-out",
    "left_out",
    metavar="MARK",
    multiple=True,
    help=words("cli.questions.leave_out"),
)
async def export(books: Books, session: Session, folder: Path, left_out: tuple[str, ...]) -> None:
    """Writes a file for the office of each official of whom something was asked.

    Somebody has read the questions before; what must not be passed on is left out, and a file of
    an earlier export that had nothing else goes.
    """
    officials = session.officials
    asked_before = await books.registrar.questions.all(session.uuid)
    collected = questions.in_order(questions.screened(asked_before, left_out))
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  nobody else waits here
    silent = {question.official for question in asked_before}
    for number, official, asked in _by_official(officials, collected):
        silent.discard(number)
        path = _file(folder, number)
        texts = [question.text for question in asked]
        files.write(path, outline.questions(official, texts), mode=0o600)
        console.data(str(path))
    for number in silent:
        _file(folder, number).unlink(missing_ok=True)
    console.say(words("cli.questions.number", number=len(collected)))


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:02d}-cau-hoi.docx"


def _by_official(
    officials: Sequence[Official], collected: Sequence[Question]
) -> Iterator[tuple[int, Official, list[Question]]]:
    """Number, official and the questions, of those who were asked something."""
    for number, group in groupby(collected, key=lambda question: question.official):
        yield number, officials[number - 1], list(group)
