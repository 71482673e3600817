"""`session plan`: the deadlines around a vote, who still owes which paper; for a calendar, too."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from admin.cli import console, ics
from admin.office import dossiers
from admin.office import plan as deadlines
from admin.office.dossiers import Lack
from admin.office.plan import DEADLINES, Plan
from admin.prepare import draft, session_form
from admin.record import files
from admin.rules import calendar, regime, zones
from admin.rules import dossiers as papers
from admin.rules.calendar import Calendar, Due, Notes, Organ
from admin.rules.regime import Bilingual
from admin.session.books import opened
from admin.session.datadir import DataDir
from admin.words import Language, language, words
from crypto.encoding import BASE58
from crypto.errors import Refused, WrongState

if TYPE_CHECKING:
    from admin.rules.cells import Problem

_STYLES: Final = {
    "overdue": "bold",
    "past": "dim",
    "done": "dim",
}  # beside the words, never instead of them
_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


@dataclass(frozen=True, slots=True)
class _Seen:
    """A plan as it stands today.

    Attributes:
        lacks: papers that are missing; None where it is not known of whom there should be any.
    """

    plan: Plan
    today: date
    lacks: tuple[Lack, ...] | None
    dues: tuple[Due, ...]
    days: Calendar
    notes: Notes

    @classmethod
    def of(cls, plan: Plan, today: date, lacks: tuple[Lack, ...] | None) -> "_Seen":
        missing = [lack.piece.kind for lack in lacks or ()]
        present = papers.met(plan.regime, missing) if lacks is not None else ()
        dues, days = plan.dues(today, present), plan.days()
        return cls(plan, today, lacks, dues, days, calendar.notes(dues, days))

    @property
    def overdue(self) -> list[str]:
        return [due.deadline.key for due in self.dues if due.state == "overdue"]

    def due(self, lack: Lack) -> Due | None:
        """The deadline by which a missing paper is there, where the plan has one."""
        return next((due for due in self.dues if due.deadline.key in lack.piece.due), None)


@click.command("plan", help=words("cli.plan.help"))
@click.argument("which", metavar="DIR|UUID")
@click.option("--today", type=_DAY, metavar="DATE", help=words("cli.plan.today"))
@click.option("--opening", type=_DAY, metavar="DATE", help=words("cli.plan.opening"))
@click.option("--organ", type=click.Choice(["assembly", "council"]), help=words("cli.plan.organ"))
@click.option("--done", "keys", metavar="KEY", multiple=True, help=words("cli.plan.done"))
@click.option(
    "--ics",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=words("cli.plan.ics"),
)
def plan(
    which: str,
    today: datetime | None,
    opening: datetime | None,
    organ: str | None,
    keys: tuple[str, ...],
    target: Path | None,
) -> None:
    """Says who owes what by which day; writes the same for a calendar.

    Raises:
        BadDraft: something is wrong with the form or with what the organiser added.
        Refused: no plan of a sealed session is kept, or it has no such deadline.
    """
    day = None if today is None else today.date()
    sealed = _is_uuid(which)
    if sealed and (opening or organ):
        raise click.UsageError(words("cli.plan.fixed"))
    if keys and not sealed:
        raise click.UsageError(words("cli.plan.done_in_draft", file=Path(which) / DEADLINES))
    first = None if opening is None else opening.date()
    if sealed:
        view = asyncio.run(_of_session(which, keys, day))
    else:
        view = _of_draft(Path(which), cast("Organ | None", organ), first, day)
    _write(view, target)
    if view.overdue:
        console.say(_how_done(view.overdue, which, sealed=sealed))


def _write(view: _Seen, target: Path | None) -> None:
    """On the terminal, and into a calendar file."""
    if target is not None:
        stamp = datetime.fromtimestamp(int(time.time()), UTC)
        files.write(target, ics.encode(_events(view), stamp, language()))
    if console.settings().json:
        console.emit_json(_document(view))
    else:
        _show(view)
    if target is not None:
        console.say(words("cli.plan.written", file=target))


def _is_uuid(which: str) -> bool:
    return re.fullmatch(f"[{BASE58}]{{14,32}}", which) is not None and not Path(which).is_dir()


def _how_done(late: list[str], which: str, *, sealed: bool) -> str:
    if sealed:
        options = " ".join(f"--done {key}" for key in late)
        return words("cli.plan.done_sealed", uuid=which, options=options)
    keys = ", ".join(f'"{key}"' for key in late)
    return words("cli.plan.done_hint", file=Path(which) / DEADLINES, keys=keys)


def _of_draft(folder: Path, organ: Organ | None, opening: date | None, today: date | None) -> _Seen:
    problems: list[Problem] = []
    form = session_form.read(folder / session_form.FILE, problems)
    if form is None:
        raise draft.refusal(problems, language())
    vote = date.fromisoformat(form.date)
    if opening is not None and not deadlines.is_opening(opening, vote):
        raise click.UsageError(words("cli.plan.opening_wrong", opening=opening, vote=vote))
    schedule = deadlines.of_draft(folder, form, organ, opening)
    lacks = None
    if (prepared := draft.examine(folder).draft) is not None:
        names = [official.name for official in prepared.officials]
        lacks = dossiers.lacking(form.regime.id, names, dossiers.in_draft(folder))
    return _Seen.of(schedule, today or zones.today(time.time(), form.zone), lacks)


async def _of_session(uuid: str, keys: tuple[str, ...], today: date | None) -> _Seen:
    datadir = DataDir.open(console.settings().data or Path())
    schedule = deadlines.finish(datadir, uuid, keys) if keys else deadlines.kept(datadir, uuid)
    if schedule is None:
        raise Refused("no plan of this session is kept: it comes with the seal")
    async with opened(datadir) as books:
        session = await books.session(uuid)
        today = today or session.today(time.time())
        try:
            names = [official.name for official in session.officials]
        except WrongState:  # registered, and not sealed yet
            return _Seen.of(schedule, today, None)
    paths = dossiers.of(datadir, uuid)
    return _Seen.of(schedule, today, dossiers.lacking(schedule.regime, names, paths))


def _told(text: Bilingual) -> str:
    return text.vi if language() == "vi" else text.en


def _spoken(day: date) -> str:
    return f"{words(f'cli.plan.weekdays.{day.isoweekday()}')} {words('cli.plan.day', day=day)}"


def _standing(*, verified: bool, local: bool) -> str:
    """How certain a deadline or a paper is."""
    if not verified:
        return words("cli.plan.standing.default")
    return words(f"cli.plan.standing.{'local' if local else 'read'}")


def _free(day: date, days: Calendar) -> str:
    """Why nobody works on this day, or nothing."""
    if days.is_working(day):
        return ""
    holiday = days.holiday(day)
    return _told(holiday) if holiday else words("cli.plan.day_off")


def _remarks(view: _Seen, lang: Language) -> list[tuple[str, str]]:
    """What is to be known about the days: a code and a sentence each."""
    notes, schedule = view.notes, view.plan
    values_by_code = {
        "holidays_unknown": [str(year) for year in notes.unknown],
        "holidays_partial": [str(year) for year in notes.partial],
        "compensatory": [words("cli.plan.day", lang, day=day) for day in notes.compensated],
    }
    codes = {code: ", ".join(values) for code, values in values_by_code.items() if values}
    if schedule.opening is None and any(due.deadline.anchor == "opening" for due in view.dues):
        codes["opening_not_given"] = words("cli.plan.day", lang, day=schedule.vote)
    if any(due.deadline.organ for due in view.dues):
        codes["organ"] = words(f"cli.plan.organs.{schedule.organ}", lang)
    if not any(due.deadline.when == "before" for due in view.dues):
        codes["nothing_before"] = schedule.regime
    if view.lacks is None:
        codes["officials_unknown"] = ""
    return [(code, words(f"cli.plan.notes.{code}", lang, of=of)) for code, of in codes.items()]


def _show(view: _Seen) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which an error need not pay

    schedule = view.plan
    console.data(f"{schedule.body}: {schedule.title}")
    builtin = regime.is_builtin(schedule.regime)
    instrument = regime.load(schedule.regime).instrument if builtin else schedule.regime
    console.data(words("cli.plan.vote", day=_spoken(schedule.vote), instrument=instrument))
    if schedule.opening is not None:
        console.data(words("cli.plan.opens", day=_spoken(schedule.opening)))
    console.data("")
    rules = list(dict.fromkeys(due.deadline.rule for due in view.dues))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("date", "left", "who", "what", "rule"):
        table.add_column(words(f"cli.plan.columns.{name}"), overflow="fold")
    for due in view.dues:
        number = rules.index(due.deadline.rule) + 1
        table.add_row(*_row(due, view.days, number), style=_STYLES.get(due.state))
    if view.dues:
        console.show(table)
        console.data("")
    for number, rule in enumerate(rules, start=1):
        console.data(f"[{number}] {rule}")
    _show_lacks(view)
    for _, sentence in _remarks(view, language()):
        console.data(f"* {sentence}")


def _row(due: Due, days: Calendar, rule: int) -> list[str]:
    free, deadline = _free(due.day, days), due.deadline
    return [
        _spoken(due.day) + (f"\n({free})" if free else ""),
        words(f"cli.plan.states.{due.state}", days=abs(due.left)),
        _told(deadline.who),
        _told(deadline.what),
        f"[{rule}] {_standing(verified=deadline.verified, local=deadline.local)}",
    ]


def _show_lacks(view: _Seen) -> None:
    """The papers that are still missing, and of whom."""
    if view.lacks:
        console.data("")
        console.data(words("cli.plan.lacking"))
    for lack in view.lacks or ():
        due = view.due(lack)
        day = "" if due is None else f" ({_spoken(due.day)}, {_state(due)})"
        names = "; ".join(f"{number}. {name}" for number, name in lack.officials)
        console.data(f"- {words(f'dossiers.kinds.{lack.piece.kind}')}{day}: {names}")
        doubt = "" if lack.piece.verified else f" [{words('cli.plan.standing.default')}]"
        console.data(f"  {lack.piece.rule}{doubt}")
    if view.lacks:
        console.data("")


def _state(due: Due) -> str:
    return words(f"cli.plan.states.{due.state}", days=abs(due.left))


def _document(view: _Seen) -> dict[str, object]:
    schedule = view.plan
    return {
        "schema": "phieukin.plan/1",
        "uuid": schedule.uuid,
        "body": schedule.body,
        "title": schedule.title,
        "regime": schedule.regime,
        "organ": schedule.organ,
        "vote": schedule.vote.isoformat(),
        "opening": None if schedule.opening is None else schedule.opening.isoformat(),
        "today": view.today.isoformat(),
        "deadlines": [_as_json(due, view.days) for due in view.dues],
        "lacking": None if view.lacks is None else [_missing(view, lack) for lack in view.lacks],
        "notes": [{"code": code, "text": text} for code, text in _remarks(view, "en")],
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


def _missing(view: _Seen, lack: Lack) -> dict[str, object]:
    due = view.due(lack)
    return {
        "kind": lack.piece.kind,
        "rule": lack.piece.rule,
        "verified": lack.piece.verified,
        "date": None if due is None else due.day.isoformat(),
        "overdue": due is not None and due.left < 0,
        "officials": [{"number": number, "name": name} for number, name in lack.officials],
    }


def _events(view: _Seen) -> list[ics.WholeDay]:
    schedule = view.plan
    mark = f"{schedule.uuid}@phieukin"
    events = []
    for due in view.dues:
        rule = due.deadline
        # A calendar is handed on: only law that was read stands in it.
        basis = (rule.rule,) if rule.verified and not rule.local else ()
        events.append(
            ics.WholeDay(
                f"{rule.key}.{mark}",
                due.day,
                f"{_told(rule.what)} – {_told(rule.who)}",
                "\n".join((schedule.title, schedule.body, *basis)),
                reminds=due.state != "done",
            )
        )
    about = "\n".join((schedule.body, *(text for _, text in _remarks(view, language()))))
    return [
        *events,
        ics.WholeDay(f"-vote.{mark}", schedule.vote, schedule.title, about, reminds=True),
    ]
