"""The plan of one session: its deadlines with what the organiser added, and what is done.

It is read from the draft; at the seal it is kept in the data directory (``plans/``), where the
server finds what to remind of and until when questions are taken.
"""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from admin.prepare import session_form
from admin.prepare.draft import refusal
from admin.prepare.session_form import Form
from admin.record import files
from admin.rules import calendar, toml_form
from admin.rules.calendar import Calendar, Deadline, Due, Organ, OwnDays, Schedule
from admin.rules.cells import BadDraft, Fault, Problem
from admin.session.datadir import DataDir
from admin.words import language, words
from crypto.errors import Malformed, Refused

DEADLINES: Final = "deadlines.toml"
HOLIDAYS: Final = "holidays.toml"
FOLDER: Final = "plans"

_LONGEST = timedelta(days=366)  # a session that is not over by then is a slip of the pen
_T = TypeVar("_T")


class Plan(BaseModel):
    """Who owes what around one vote.

    Attributes:
        organ: whose deadlines they are.
        opening: the first day of the session, or None if it was not said.
        done: the keys of what somebody said is done.
        own: days off and the like that the organiser knows of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_: Literal["phieukin.kept-plan/1"] = Field(default="phieukin.kept-plan/1", alias="schema")
    uuid: str
    body: str
    title: str
    regime: str
    organ: Organ
    vote: date
    opening: date | None
    deadlines: tuple[Deadline, ...]
    done: tuple[str, ...]
    own: OwnDays

    def days(self) -> Calendar:
        """The working days, as far as they are known."""
        return calendar.holidays().with_own(self.own)

    def dues(self, today: date, also_done: Iterable[str] = ()) -> tuple[Due, ...]:
        """The deadlines in the order of their days.

        Args:
            today: the day of reading.
            also_done: the keys of those that the program sees are met.
        """
        anchors = {"vote": self.vote, "opening": self.opening or self.vote}
        return calendar.plan(self.deadlines, anchors, today, self.days(), {*self.done, *also_done})

    def questions_until(self) -> date | None:
        """The last day for voters' questions; None where only the opening of the vote ends them."""
        days = [due.day for due in self.dues(self.vote) if due.deadline.questions]
        return max(days, default=None)


def of_draft(
    folder: Path, form: Form, organ: Organ | None = None, opening: date | None = None
) -> Plan:
    """The plan of a draft.

    Args:
        organ, opening: take the place of what deadlines.toml says.

    Raises:
        BadDraft: something is wrong with what the organiser added, or with the days.
    """
    vote = date.fromisoformat(form.date)
    first, last = calendar.YEARS
    if not first <= vote.year <= last:
        raise refusal([Problem(session_form.FILE, None, None, Fault("date_form"))], language())
    added = _added(folder / DEADLINES, calendar.schedule, Schedule())
    opening = opening or added.opening
    if opening is not None and not is_opening(opening, vote):
        raise BadDraft(words("cli.plan.opening_wrong", opening=opening, vote=vote))
    chosen = organ or added.organ or organ_of(form.body)
    rules = calendar.combined(calendar.builtin(form.regime.id), added.deadlines, chosen)
    if strange := sorted(set(added.done) - {rule.key for rule in rules}):
        keys = ", ".join(rule.key for rule in rules)
        raise BadDraft(words("cli.plan.done_unknown", keys=", ".join(strange), known=keys))
    return Plan(
        uuid=form.uuid,
        body=form.body,
        title=form.title,
        regime=form.regime.id,
        organ=chosen,
        vote=vote,
        opening=opening,
        deadlines=rules,
        done=added.done,
        own=_added(folder / HOLIDAYS, calendar.own_days, OwnDays()),
    )


def is_opening(opening: date, vote: date) -> bool:
    """Whether a session that opens then may vote on that day."""
    return vote - _LONGEST <= opening <= vote


def organ_of(body: str) -> Organ:
    """By the name of the body; the organiser may say otherwise."""
    name = unicodedata.normalize("NFC", body).casefold()
    return "assembly" if name.startswith("quốc hội") else "council"


def keep(datadir: DataDir, plan: Plan) -> None:
    """Keeps the plan; what was done before stays done."""
    before = kept(datadir, plan.uuid)
    keys = {deadline.key for deadline in plan.deadlines}
    finished = {*plan.done, *(before.done if before else ())} & keys
    _write(datadir, plan.model_copy(update={"done": tuple(sorted(finished))}))


def kept(datadir: DataDir, uuid: str) -> Plan | None:
    """The plan of a session, if one was kept.

    Raises:
        Malformed: it is not as this program writes it.
    """
    try:
        return Plan.model_validate_json(_file(datadir, uuid).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise Malformed(f"{FOLDER}/{uuid}.json: not a plan of this program") from None


def finish(datadir: DataDir, uuid: str, keys: Iterable[str]) -> Plan:
    """Notes that these are done; idempotent.

    Raises:
        Refused: no plan is kept, or it has no such deadline.
    """
    plan = kept(datadir, uuid)
    if plan is None:
        raise Refused("no plan of this session is kept")
    finished = {*plan.done, *keys}
    if strange := sorted(finished - {deadline.key for deadline in plan.deadlines}):
        raise Refused(f"the plan has no deadline {', '.join(strange)}")
    plan = plan.model_copy(update={"done": tuple(sorted(finished))})
    _write(datadir, plan)
    return plan


def _write(datadir: DataDir, plan: Plan) -> None:
    path = _file(datadir, plan.uuid)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    files.write(path, plan.model_dump_json(indent=1, by_alias=True).encode(), mode=0o600)


def _file(datadir: DataDir, uuid: str) -> Path:
    return datadir.folder / FOLDER / f"{uuid}.json"


def _added(path: Path, reader: Callable[[bytes, str], _T], nothing: _T) -> _T:
    """What the organiser wrote into a file of the draft, if it is there."""
    try:
        with path.open("rb") as file:
            return reader(file.read(toml_form.MAX_FILE + 1), path.name)
    except FileNotFoundError:
        return nothing
    except Malformed as error:
        raise BadDraft(str(error)) from None
