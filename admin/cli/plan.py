"""`session plan`: the deadlines around the vote of a draft, as a table and for a calendar."""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar, cast

import click

from admin.cli import console, ics
from admin.record import files
from admin.rules import calendar
from admin.rules.calendar import Calendar, Due, Notes, OwnDays, Schedule
from admin.rules.cells import Fault
from admin.rules.regime import Bilingual
from admin.session import draft, form
from admin.session.form import Form
from admin.session.sheet import Problem
from admin.words import Language, language, words
from crypto.errors import BadDraft, Malformed

DEADLINES: Final = "deadlines.toml"
HOLIDAYS: Final = "holidays.toml"

_STYLES: Final = {"overdue": "bold", "done": "dim"}  # beside the words, never instead of them

_T = TypeVar("_T")
_DAY = click.DateTime(["%Y-%m-%d"])
_LONGEST = timedelta(days=366)  # a session that is not over by then is a slip of the pen


@dataclass(frozen=True, slots=True)
class _Plan:
    """A draft's deadlines, and what they rest on.

    Attributes:
        opening: the first day of the session, or None if it was not given.
    """

    form: Form
    organ: calendar.Organ
    vote: date
    opening: date | None
    today: date
    dues: tuple[Due, ...]
    days: Calendar
    notes: Notes


@click.command("plan", help=words("cli.plan.help"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--today", type=_DAY, metavar="DATE", help=words("cli.plan.today"))
@click.option("--opening", type=_DAY, metavar="DATE", help=words("cli.plan.opening"))
@click.option("--organ", type=click.Choice(["assembly", "council"]), help=words("cli.plan.organ"))
@click.option(
    "--ics",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=words("cli.plan.ics"),
)
def plan(
    folder: Path,
    today: datetime | None,
    opening: datetime | None,
    organ: str | None,
    target: Path | None,
) -> None:
    """Says who owes what by which day; writes the same for a calendar.

    Raises:
        BadDraft: something is wrong with the form or with what the organiser added.
    """
    said = _form(folder)
    now = date.fromisoformat(time.strftime("%Y-%m-%d")) if today is None else today.date()
    chosen = cast("calendar.Organ", organ or _organ(said.body))
    made = _made(folder, said, chosen, None if opening is None else opening.date(), now)
    if target is not None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        files.write(target, ics.encode(_events(made), stamp, language()))
    if console.settings().json:
        console.emit_json(_document(made))
    else:
        _show(made)
    if target is not None:
        console.say(words("cli.plan.written", file=target))
    if late := [due.deadline.key for due in made.dues if due.state == "overdue"]:
        keys = ", ".join(f'"{key}"' for key in late)
        console.say(words("cli.plan.done_hint", file=folder / DEADLINES, keys=keys))


def _form(folder: Path) -> Form:
    problems: list[Problem] = []
    said = form.read(folder / form.FILE, problems)
    if said is None:
        raise draft.refusal(problems, language())
    return said


def _organ(body: str) -> calendar.Organ:
    """By the name of the body; `--organ` says otherwise."""
    name = unicodedata.normalize("NFC", body).casefold()
    return "assembly" if name.startswith("quốc hội") else "council"


def _made(
    folder: Path, said: Form, organ: calendar.Organ, opening: date | None, today: date
) -> _Plan:
    vote = date.fromisoformat(said.date)
    first, last = calendar.YEARS
    if not first <= vote.year <= last:
        raise draft.refusal([Problem(form.FILE, None, None, Fault("date_form"))], language())
    if opening is not None and not vote - _LONGEST <= opening <= vote:
        raise click.UsageError(words("cli.plan.opening_wrong", opening=opening, vote=vote))
    own = _added(folder / DEADLINES, calendar.schedule, Schedule())
    days = calendar.holidays().with_own(_added(folder / HOLIDAYS, calendar.own_days, OwnDays()))
    rules = calendar.combined(calendar.builtin(said.regime.id), own.deadlines, organ)
    if strange := sorted(set(own.done) - {one.key for one in rules}):
        known = ", ".join(one.key for one in rules)
        raise BadDraft(words("cli.plan.done_unknown", keys=", ".join(strange), known=known))
    anchors = {"vote": vote, "opening": opening or vote}
    dues = calendar.plan(rules, anchors, today, days, own.done)
    return _Plan(said, organ, vote, opening, today, dues, days, calendar.notes(dues, days))


def _added(path: Path, reader: Callable[[bytes, str], _T], nothing: _T) -> _T:
    """What the organiser wrote into a file of the draft, if it is there."""
    try:
        with path.open("rb") as file:
            return reader(file.read(calendar.MAX_FILE + 1), path.name)
    except FileNotFoundError:
        return nothing
    except Malformed as error:
        raise BadDraft(str(error)) from None


def _told(said: Bilingual) -> str:
    return said.vi if language() == "vi" else said.en


def _spoken(day: date) -> str:
    return f"{words(f'cli.plan.weekdays.{day.isoweekday()}')} {words('cli.plan.day', day=day)}"


def _standing(due: Due) -> str:
    """How certain the deadline is."""
    if not due.deadline.verified:
        return words("cli.plan.standing.default")
    return words(f"cli.plan.standing.{'local' if due.deadline.local else 'read'}")


def _free(day: date, days: Calendar) -> str:
    """Why nobody works on this day, or nothing."""
    if days.is_working(day):
        return ""
    holiday = days.holiday(day)
    return _told(holiday) if holiday else words("cli.plan.day_off")


def _remarks(made: _Plan, lang: Language) -> list[tuple[str, str]]:
    """What is to be known about the days: a code and a sentence each."""
    found = made.notes
    listed = {
        "holidays_unknown": [str(year) for year in found.unknown],
        "holidays_partial": [str(year) for year in found.partial],
        "compensatory": [words("cli.plan.day", lang, day=day) for day in found.compensated],
    }
    codes = {code: ", ".join(values) for code, values in listed.items() if values}
    if made.opening is None and any(due.deadline.anchor == "opening" for due in made.dues):
        codes["opening_not_given"] = words("cli.plan.day", lang, day=made.vote)
    if any(due.deadline.organ for due in made.dues):
        codes["organ"] = words(f"cli.plan.organs.{made.organ}", lang)
    if not any(due.deadline.when == "before" for due in made.dues):
        codes["nothing_before"] = made.form.regime.id
    return [(code, words(f"cli.plan.notes.{code}", lang, of=of)) for code, of in codes.items()]


def _show(made: _Plan) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which an error need not pay

    console.data(f"{made.form.body}: {made.form.title}")
    days = words("cli.plan.vote", day=_spoken(made.vote), instrument=made.form.regime.instrument)
    console.data(days)
    if made.opening is not None:
        console.data(words("cli.plan.opens", day=_spoken(made.opening)))
    console.data("")
    rules = list(dict.fromkeys(due.deadline.rule for due in made.dues))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("date", "left", "who", "what", "rule"):
        table.add_column(words(f"cli.plan.columns.{name}"), overflow="fold")
    for due in made.dues:
        number = rules.index(due.deadline.rule) + 1
        table.add_row(*_row(due, made.days, number), style=_STYLES.get(due.state))
    if made.dues:
        console.show(table)
        console.data("")
    for number, rule in enumerate(rules, start=1):
        console.data(f"[{number}] {rule}")
    for _, sentence in _remarks(made, language()):
        console.data(f"* {sentence}")


def _row(due: Due, days: Calendar, rule: int) -> list[str]:
    free = _free(due.day, days)
    return [
        _spoken(due.day) + (f"\n({free})" if free else ""),
        words(f"cli.plan.states.{due.state}", days=abs(due.left)),
        _told(due.deadline.who),
        _told(due.deadline.what),
        f"[{rule}] {_standing(due)}",
    ]


def _document(made: _Plan) -> dict[str, object]:
    return {
        "schema": "phieukin.plan/1",
        "uuid": made.form.uuid,
        "body": made.form.body,
        "title": made.form.title,
        "regime": made.form.regime.id,
        "organ": made.organ,
        "vote": made.vote.isoformat(),
        "opening": None if made.opening is None else made.opening.isoformat(),
        "today": made.today.isoformat(),
        "deadlines": [_as_json(due, made.days) for due in made.dues],
        "notes": [{"code": code, "text": text} for code, text in _remarks(made, "en")],
    }


def _as_json(due: Due, days: Calendar) -> dict[str, object]:
    rule = due.deadline
    holiday = days.holiday(due.day)
    return {
        "key": rule.key,
        "date": due.day.isoformat(),
        "weekday": due.day.isoweekday(),
        "working_day": days.is_working(due.day),
        "holiday": holiday.model_dump() if holiday else None,
        "days_left": due.left,
        "state": due.state,
        "who": rule.who.model_dump(),
        "what": rule.what.model_dump(),
        **rule.model_dump(include={"days", "when", "anchor", "count", "rule", "verified", "local"}),
    }


def _events(made: _Plan) -> list[ics.Event]:
    mark = f"{made.form.uuid}@phieukin"
    events = [
        ics.Event(
            f"{due.deadline.key}.{mark}",
            due.day,
            f"{_told(due.deadline.what)} – {_told(due.deadline.who)}",
            f"{made.form.title}\n{made.form.body}\n{due.deadline.rule} [{_standing(due)}]",
        )
        for due in made.dues
    ]
    about = "\n".join((made.form.body, *(text for _, text in _remarks(made, language()))))
    return [*events, ics.Event(f"-vote.{mark}", made.vote, made.form.title, about)]
