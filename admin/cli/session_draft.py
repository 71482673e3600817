"""`session new` and `session check`: the folder from which a session is sealed."""

import asyncio
import time
from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console, dossiers
from admin.lifecycle import order
from admin.office import minutes, next_draft
from admin.prepare import draft as drafts
from admin.prepare import template
from admin.prepare.draft import Draft, Examined
from admin.prepare.sheet import Problem
from admin.session.books import opened
from admin.session.datadir import DataDir
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
    async with opened(DataDir.open(console.settings().data or Path())) as books:
        return await next_draft.draft(books.registrar, uuid)


@click.command("check", help=words("cli.session_draft.check"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def check(folder: Path) -> None:
    """Says everything that is wrong with a draft, or what would be sealed.

    Raises:
        BadDraft: something is wrong.
        Refused: somebody is rated at two venues of the data directory already.
    """
    found = minutes.examined(folder, drafts.examine(folder))
    if found.draft is not None and console.settings().data is not None:
        asyncio.run(_check_venues(found.draft))
    if console.settings().json:
        console.emit_json(_document(found))
    for warning in found.warnings:
        console.warn(warning.told(language()))
    if found.draft is None:
        raise drafts.refusal(found.problems, language())
    _doubts(found.draft)
    dossiers.doubts(folder, found.draft)
    if not console.settings().json:
        _summary(found.draft)
        _people(found.draft)
        dossiers.listed(folder, found.draft)
        console.say(words("cli.session_draft.fine", folder=folder))


async def _check_venues(made: Draft) -> None:
    async with opened(DataDir.open(console.settings().data or Path())) as books:
        await order.check_venues(books, made)


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
        "quorum_from": _quorum_from(made),
        "min_ballots": said.min_ballots,
        "trustees": said.trustees,
        "threshold": said.threshold,
        "channels": list(said.channels),
        "publication": said.publication,
        "recovery": said.recovery,
        "rehearsal": said.rehearsal,
        "blocks": [asdict(block) for block in made.blocks],
        "excluded": [asdict(one) for one in made.excluded],
        "after": said.after or None,
    }


def _quorum_from(made: Draft) -> dict[str, str | None]:
    """Where the quorum comes from: the form, the regime (read or not), or nowhere but here."""
    rule = made.regime.quorum
    if made.form.own_quorum:
        return {"source": "own", "rule": None}
    if rule is None:
        return {"source": "default", "rule": None}
    return {"source": "read" if rule.verified else "unread", "rule": rule.rule}


def _summary(made: Draft) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which a bad draft need not pay

    facts = _facts(made)
    shown = {
        **{key: facts[key] for key in ("body", "title", "date", "place")},
        "regime": f"{made.regime.instrument} ({made.regime.id})",
        "denominator": words(f"denominators.{facts['denominator']}"),
        **{key: facts[key] for key in ("delegates", "officials", "roster")},
        "quorum": _quorum(made, facts),
        "min_ballots": facts["min_ballots"],
        "committee": _committee(made, facts),
        "channels": ", ".join(words(f"channels.{one}") for one in made.form.channels),
        "publication": words(f"cli.session_draft.publications.{facts['publication']}"),
        "recovery": words(f"cli.session_draft.recoveries.{facts['recovery']}")
        if not made.on_paper
        else "",
    }
    if made.form.after:
        shown["after"] = made.form.after
    if made.form.rehearsal:
        shown["rehearsal"] = words("cli.session_draft.is_rehearsal")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for key, value in shown.items():
        if value != "":
            table.add_row(words(f"cli.session_draft.fields.{key}"), str(value))
    console.show(table)


def _quorum(made: Draft, facts: dict[str, object]) -> str:
    source = _quorum_from(made)
    of = words(f"cli.session_draft.quorum_from.{source['source']}", rule=source["rule"])
    return f"{words('cli.session_draft.quorum', **facts)}; {of}"


def _people(made: Draft) -> None:
    """The khối of the ballot, and who is not on it."""
    if made.blocks:
        console.data(words("cli.session_draft.blocks"))
        for block in made.blocks:
            console.data(words("cli.session_draft.block", **asdict(block)))
    if made.excluded:
        console.data(words("cli.session_draft.excluded", number=len(made.excluded)))
        for one in made.excluded:
            console.data(words("cli.session_draft.one_excluded", **asdict(one)))


def _committee(made: Draft, facts: dict[str, object]) -> str:
    if made.on_paper:
        return words("cli.paper.no_keys")
    return words("cli.session_draft.committee", **facts)


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
