"""`session new` and `session check`: the folder from which a session is sealed."""

import asyncio
import time
from pathlib import Path

import click

from admin.cli import console
from admin.session import draft as drafts
from admin.session import earlier, template
from admin.session.draft import Draft, Examined
from admin.session.house import opened
from admin.session.place import Place
from admin.session.sheet import Problem
from admin.words import language, words
from crypto.session import new_uuid


@click.command("new", help=words("cli.session_draft.new"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--template",
    "name",
    type=click.Choice(template.TEMPLATES),
    default=template.TEMPLATES[0],
    show_default=True,
    help=words("cli.session_draft.template"),
)
@click.option("--from", "source", metavar="UUID", help=words("cli.session_draft.from"))
def new(folder: Path, name: str, source: str | None) -> None:
    """Writes a draft to be filled in; the uuid is fixed from now on."""
    uuid = new_uuid()
    if source is None:
        template.new(folder, name, _today(), uuid)
    else:
        template.again(folder, asyncio.run(_earlier(source)), _today(), uuid)
    if console.settings().json:
        made = {"schema": "phieukin.draft/1", "uuid": uuid, "folder": str(folder)}
        console.emit_json(made)
        return
    console.data(words("cli.session_draft.made", uuid=uuid, folder=folder))
    console.say(words("cli.session_draft.next", folder=folder))


async def _earlier(uuid: str) -> Draft:
    async with opened(Place.open(console.settings().data or Path())) as house:
        return await earlier.draft(house.registrar, uuid)


@click.command("check", help=words("cli.session_draft.check"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def check(folder: Path) -> None:
    """Says everything that is wrong with a draft, or what would be sealed.

    Raises:
        BadDraft: something is wrong.
    """
    found = drafts.examine(folder)
    if console.settings().json:
        console.emit_json(_document(found))
    for warning in found.warnings:
        console.warn(warning.told(language()))
    if found.draft is None:
        raise drafts.refusal(found.problems, language())
    _doubts(found.draft)
    if not console.settings().json:
        _summary(found.draft)
        console.say(words("cli.session_draft.fine", folder=folder))


def _doubts(made: Draft) -> None:
    if template.is_example(made):
        console.warn(words("cli.session_draft.example"))
    if made.form.date < _today():
        console.warn(words("cli.session_draft.past", date=made.form.date))


def _today() -> str:
    return time.strftime("%Y-%m-%d")


def _facts(made: Draft) -> dict[str, object]:
    """What would be sealed, by the keys of the catalogue, in the order of the table."""
    said = made.form
    part, whole = said.quorum
    return {
        "body": said.body,
        "title": said.title,
        "date": said.date,
        "place": said.place,
        "regime": said.regime.id,
        "denominator": said.regime.denominator.kind,
        "delegates": made.delegates,
        "officials": len(made.officials),
        "roster": len(made.roster),
        "quorum": made.quorum_number,
        "quorum_rule": f"{part}/{whole}",
        "min_ballots": said.min_ballots,
        "trustees": said.trustees,
        "threshold": said.threshold,
        "channels": list(said.channels),
        "publication": said.publication,
        "recovery": said.recovery,
        "rehearsal": said.rehearsal,
    }


def _summary(made: Draft) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which a bad draft need not pay

    facts = _facts(made)
    shown = {
        **{key: facts[key] for key in ("body", "title", "date", "place")},
        "regime": f"{made.regime.instrument} ({made.regime.id})",
        "denominator": words(f"denominators.{facts['denominator']}"),
        **{key: facts[key] for key in ("delegates", "officials", "roster")},
        "quorum": words("cli.session_draft.quorum", **facts),
        "min_ballots": facts["min_ballots"],
        "committee": words("cli.session_draft.committee", **facts),
        "channels": ", ".join(words(f"channels.{one}") for one in made.form.channels),
        "publication": words(f"cli.session_draft.publications.{facts['publication']}"),
        "recovery": words(f"cli.session_draft.recoveries.{facts['recovery']}"),
    }
    if made.form.rehearsal:
        shown["rehearsal"] = words("cli.session_draft.is_rehearsal")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for key, value in shown.items():
        if value != "":
            table.add_row(words(f"cli.session_draft.fields.{key}"), str(value))
    console.show(table)


def _document(found: Examined) -> dict[str, object]:
    return {
        "schema": "phieukin.draft/1",
        "ok": found.draft is not None,
        "uuid": found.draft.uuid if found.draft else None,
        "draft": _facts(found.draft) if found.draft else None,
        "problems": [as_json(problem) for problem in found.problems],
        "warnings": [as_json(warning) for warning in found.warnings],
    }


def as_json(problem: Problem) -> dict[str, object]:
    """A problem for programs; its text is English."""
    return {
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "code": problem.fault.code,
        "text": problem.told("en"),
    }
