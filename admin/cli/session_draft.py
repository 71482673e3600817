"""`session new` and `session check`: the folder from which a session is sealed."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console, dossiers
from admin.cli.books import with_books, with_session
from admin.cli.results import unread_law
from admin.lifecycle import venues
from admin.office import meeting_facts, next_draft
from admin.prepare import cycle, template
from admin.prepare import draft as drafts
from admin.prepare.draft import Draft, Examined
from admin.rules import zones
from admin.rules.cells import Problem
from admin.session import cadres
from admin.words import dated, language, words
from crypto.committee import quorum
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
@click.option("--electronic", is_flag=True, help=words("cli.session_draft.electronic"))
@click.option("--from", "source", metavar="UUID", help=words("cli.session_draft.from"))
def new(folder: Path, name: str, source: str | None, *, electronic: bool) -> None:
    """Writes a draft to be filled in; the uuid is fixed from now on."""
    uuid = new_uuid()
    if source is None:
        template.new(folder, name, _today(), uuid, electronic=electronic)
    else:
        earlier = with_session(
            source,
            lambda books, session: next_draft.draft(
                books.registrar, session, cadres.kept(books.datadir, session.uuid)
            ),
        )
        template.again(folder, earlier, _today(), uuid)

    def show() -> None:
        console.data(words("cli.session_draft.made", uuid=uuid, folder=folder))
        console.say(words("cli.session_draft.next", folder=folder))

    console.result({"schema": "phieukin.draft/1", "uuid": uuid, "folder": str(folder)}, show)


@click.command("check", help=words("cli.session_draft.check"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def check(folder: Path) -> None:
    """Says everything that is wrong with a draft, or what would be sealed.

    Raises:
        BadDraft: something is wrong.
        Refused: somebody is rated at two venues of the data directory already.
    """
    examined = meeting_facts.examined(folder, drafts.examine(folder))
    if examined.draft is not None and console.settings().data is not None:
        draft = examined.draft
        with_books(lambda books: venues.check(books.registrar, books.datadir, draft))
    if console.settings().json:
        console.emit_json(_document(examined))
    for warning in examined.warnings:
        console.warn(warning.told(language()))
    if examined.draft is None:
        raise drafts.refusal(examined.problems, language())
    _doubts(examined.draft)
    dossiers.doubts(folder, examined.draft)
    if not console.settings().json:
        _summary(examined.draft)
        _people(examined.draft)
        dossiers.show_draft(folder, examined.draft)
        if examined.draft.form.rehearsal or not template.samples(examined.draft):
            console.say(words("cli.session_draft.fine", folder=folder))


def _doubts(draft: Draft) -> None:
    if draft.regime.defaults:
        console.warn(unread_law(draft.regime))
    for doubt in (*template.samples(draft), *cycle.doubts(draft)):
        console.warn(doubt.told(language()))
    if draft.form.date < str(zones.today(time.time(), draft.form.zone)):
        console.warn(words("cli.session_draft.past", date=dated(draft.form.date)))


def _today() -> str:
    return str(zones.today(time.time(), zones.DEFAULT))


def _facts(draft: Draft) -> dict[str, object]:
    """What would be sealed, by the keys of the catalogue, in the order of the table."""
    form = draft.form
    part, whole = form.quorum
    return {
        "body": form.body,
        "title": form.title,
        "date": form.date,
        "place": form.place,
        "regime": form.regime.id,
        "denominator": form.regime.denominator.kind,
        "delegates": draft.delegates,
        "officials": len(draft.officials),
        "roster": len(draft.roster),
        "quorum": draft.quorum_number,
        "quorum_rule": f"{part}/{whole}",
        "quorum_of": draft.quorum_of,
        "quorum_from": _quorum_from(draft),
        "min_ballots": form.min_ballots,
        "trustees": form.trustees,
        "threshold": form.threshold,
        "channels": list(form.channels),
        "publication": form.publication,
        "recovery": form.recovery,
        "rehearsal": form.rehearsal,
        "blocks": [asdict(block) for block in draft.blocks],
        "excluded": [official.to_json() for official in draft.excluded],
        "after": form.after or None,
    }


def _quorum_from(draft: Draft) -> dict[str, str | None]:
    """Where the quorum comes from: the form, the regime (read or not), or nowhere but here."""
    rule = draft.regime.quorum
    if draft.form.own_quorum:
        return {"source": "own", "rule": None}
    if rule is None:
        return {"source": "default", "rule": None}
    return {"source": "read" if rule.verified else "unread", "rule": rule.rule}


def _summary(draft: Draft) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which a bad draft need not pay

    facts = _facts(draft)
    fields = {
        **{key: facts[key] for key in ("body", "title")},
        "date": dated(draft.form.date),
        "place": facts["place"],
        "regime": f"{draft.regime.instrument} ({draft.regime.id})",
        "denominator": words(f"denominators.{facts['denominator']}"),
        f"members_{draft.regime.kind}": facts["delegates"],
        **{key: facts[key] for key in ("officials", "roster")},
        "quorum": _quorum(draft, facts),
        "min_ballots": facts["min_ballots"],
        "committee": _committee(draft, facts),
        "channels": ", ".join(words(f"channels.{channel}") for channel in draft.form.channels),
        "publication": words(f"cli.session_draft.publications.{facts['publication']}"),
        "recovery": words(f"cli.session_draft.recoveries.{facts['recovery']}")
        if not draft.on_paper
        else "",
    }
    if draft.form.after:
        fields["after"] = draft.form.after
    if draft.form.rehearsal:
        fields["rehearsal"] = words("cli.session_draft.is_rehearsal")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for key, value in fields.items():
        if value != "":
            table.add_row(words(f"cli.session_draft.fields.{key}"), str(value))
    console.show(table)


def _quorum(draft: Draft, facts: dict[str, object]) -> str:
    source = _quorum_from(draft)
    of = words(f"cli.session_draft.quorum_from.{source['source']}", rule=source["rule"])
    return f"{words('cli.session_draft.quorum', **facts)}; {of}"


def _people(draft: Draft) -> None:
    """The khối of the ballot, and who is not on it."""
    if draft.blocks:
        console.data(words("cli.session_draft.blocks"))
        for block in draft.blocks:
            console.data(words("cli.session_draft.block", **asdict(block)))
    if draft.excluded:
        console.data(words("cli.session_draft.excluded", number=len(draft.excluded)))
        for official in draft.excluded:
            console.data(words("cli.session_draft.one_excluded", **asdict(official)))


def _committee(draft: Draft, facts: dict[str, object]) -> str:
    if draft.on_paper:
        return words("cli.paper.no_keys")
    needed = quorum(draft.trustees, draft.threshold)
    return words("cli.session_draft.committee", **facts | {"quorum": needed})


def _document(examined: Examined) -> dict[str, object]:
    return {
        "schema": "phieukin.draft/1",
        "ok": examined.draft is not None,
        "uuid": examined.draft.uuid if examined.draft else None,
        "draft": _facts(examined.draft) if examined.draft else None,
        "problems": [as_json(problem) for problem in examined.problems],
        "warnings": [as_json(warning) for warning in examined.warnings],
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
