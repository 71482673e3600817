"""`session outlines` and `session papers`: the officials' dossiers, before and after the seal."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.books import on_session
from admin.office import dossiers, meeting_facts
from admin.office import meeting as meetings
from admin.prepare import draft as drafts
from admin.prepare import outline
from admin.prepare.draft import Draft
from admin.rules import dossiers as rules
from admin.session.books import Books
from admin.session.session import Session
from admin.words import words


@click.command("outlines", help=words("cli.dossiers.outlines"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
def outlines(folder: Path) -> None:
    """Writes a self-report to be filled in for each official; one that is there is left alone.

    Raises:
        Refused: no outline of the regulation is known.
    """
    target = folder / dossiers.FOLDER / dossiers.OUTLINES
    draft = drafts.read(folder)
    written, left_alone = outline.write(
        meetings.of_draft(draft, meeting_facts.in_draft(folder)), target
    )
    sections = rules.of_regime(draft.regime.id).outline
    unread = list(dict.fromkeys(section.rule for section in sections if not section.verified))
    if unread:
        console.warn(words("cli.dossiers.unread", rules="; ".join(unread)))

    def show() -> None:
        for name in written:
            console.data(str(target / name))
        if left_alone:
            console.say(words("cli.dossiers.left_alone", names=", ".join(left_alone)))
        console.say(words("cli.dossiers.filled_in", folder=folder / dossiers.FOLDER))

    names = {"written": list(written), "there": list(left_alone)}
    console.result({"schema": "phieukin.outlines/1", "folder": str(target), **names}, show)


@click.command("papers", help=words("cli.dossiers.papers"))
@on_session
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
async def papers(books: Books, session: Session, folder: Path) -> None:
    """Takes the dossiers over again between the seal and the opening; people are told of it."""
    change = await dossiers.add(books.registrar, books.datadir, session, folder)

    def show() -> None:
        names = [official.name for official in session.officials]
        _show(names, dossiers.of(books.datadir, session.uuid))
        for key, changed in (("added", change.added), ("removed", change.removed)):
            if changed:
                console.say(words(f"cli.dossiers.{key}", names=", ".join(changed)))
        unchanged = not change.added and not change.removed
        console.say(words(f"cli.dossiers.{'unchanged' if unchanged else 'told'}"))

    numbers = {"added": list(change.added), "removed": list(change.removed), "total": change.total}
    console.result({"schema": "phieukin.papers/1", "uuid": session.uuid, **numbers}, show)


def show_draft(folder: Path, draft: Draft) -> None:
    """Shows what lies in a draft of whom.

    A number on the ballot is not always that of the spreadsheet, which also has people who are
    not rated: each paper stands beside the name with which it would be shown.
    """
    _show([official.name for official in draft.officials], dossiers.in_draft(folder))


def doubts(folder: Path, draft: Draft) -> None:
    """Says which dossiers belong to nobody, and which are missing."""
    names = [official.name for official in draft.officials]
    paths = dossiers.in_draft(folder)
    strays = [path.name for i in paths if not 1 <= i <= len(names) for path in paths[i]]
    if strays:
        console.warn(words("cli.dossiers.strays", names=", ".join(strays)))
    for lack in dossiers.lacking(draft.regime.id, names, paths):
        console.warn(_lacking(lack))


def _lacking(lack: dossiers.Lack) -> str:
    """A kind of document and of whom there is none."""
    names = "; ".join(f"{number}. {name}" for number, name in lack.officials)
    kind = words(f"dossiers.kinds.{lack.piece.kind}")
    return words("cli.dossiers.lack", kind=kind, names=names, rule=lack.piece.rule)


def _show(names: list[str], paths: dict[int, list[Path]]) -> None:
    """Each official with the dossier's files, by what they are."""
    for number, name in enumerate(names, start=1):
        if number in paths:
            parts = (
                f"{words(f'dossiers.kinds.{kind}')} ({path.name})"
                for kind in rules.KINDS
                for path in paths[number]
                if dossiers.kind_of(path) == kind
            )
            console.data(f"{number}. {name}: {'; '.join(parts)}")
