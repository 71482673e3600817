"""`session outlines` and `session papers`: the officials' papers, before and after the seal."""

import asyncio
from pathlib import Path

import click

from admin.cli import console
from admin.office import dossiers
from admin.prepare import draft as drafts
from admin.prepare import outline
from admin.prepare.draft import Draft
from admin.rules import dossiers as rules
from admin.session.books import opened
from admin.session.datadir import DataDir
from admin.words import words


@click.command("outlines", help=words("cli.dossiers.outlines"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
def outlines(folder: Path) -> None:
    """Writes a self-report to be filled in for each official; one that is there is left alone.

    Raises:
        Refused: no outline of the regulation is known.
    """
    target = folder / dossiers.FOLDER / dossiers.OUTLINES
    written, there = outline.write(drafts.read(folder), target)
    if console.settings().json:
        names = {"written": list(written), "there": list(there)}
        console.emit_json({"schema": "phieukin.outlines/1", "folder": str(target), **names})
        return
    for name in written:
        console.data(str(target / name))
    if there:
        console.say(words("cli.dossiers.left_alone", names=", ".join(there)))
    console.say(words("cli.dossiers.filled_in", folder=folder / dossiers.FOLDER))


@click.command("papers", help=words("cli.dossiers.papers"))
@click.argument("uuid")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
def papers(uuid: str, folder: Path) -> None:
    """Takes the papers over again between the seal and the opening; people are told of it."""

    async def work() -> dossiers.Change:
        async with opened(DataDir.open(console.settings().data or Path())) as books:
            made = await dossiers.add(books, folder, uuid)
            if not console.settings().json:
                names = [one.name for one in await dossiers.officials(books, uuid)]
                _list(names, dossiers.of(books.datadir, uuid))
            return made

    made = asyncio.run(work())
    if console.settings().json:
        changed = {"added": list(made.added), "removed": list(made.removed), "total": made.total}
        console.emit_json({"schema": "phieukin.papers/1", "uuid": uuid, **changed})
        return
    for key, names in (("added", made.added), ("removed", made.removed)):
        if names:
            console.say(words(f"cli.dossiers.{key}", names=", ".join(names)))
    unchanged = not made.added and not made.removed
    console.say(words(f"cli.dossiers.{'unchanged' if unchanged else 'told'}"))


def listed(folder: Path, made: Draft) -> None:
    """Shows what lies in a draft of whom.

    A number on the ballot is not always that of the spreadsheet, which also has people who are
    not rated: each paper stands beside the name with which it would be shown.
    """
    _list([one.name for one in made.officials], dossiers.in_draft(folder))


def doubts(folder: Path, made: Draft) -> None:
    """Says which papers belong to nobody, and which are missing."""
    names = [one.name for one in made.officials]
    found = dossiers.in_draft(folder)
    strays = [path.name for i in found if not 1 <= i <= len(names) for path in found[i]]
    if strays:
        console.warn(words("cli.dossiers.strays", names=", ".join(strays)))
    for lack in dossiers.lacking(made.regime.id, names, found):
        console.warn(_lacking(lack))


def _lacking(lack: dossiers.Lack) -> str:
    """A kind of paper and of whom there is none."""
    names = "; ".join(f"{number}. {name}" for number, name in lack.officials)
    kind = words(f"dossiers.kinds.{lack.paper.kind}")
    return words("cli.dossiers.lack", kind=kind, names=names, rule=lack.paper.rule)


def _list(names: list[str], found: dict[int, list[Path]]) -> None:
    """Each official with the papers, by what they are."""
    for number, name in enumerate(names, start=1):
        if number in found:
            listed = (
                f"{words(f'dossiers.kinds.{kind}')} ({path.name})"
                for kind in rules.KINDS
                for path in found[number]
                if dossiers.kind_of(path) == kind
            )
            console.data(f"{number}. {name}: {'; '.join(listed)}")
