"""The calendar around a vote: who owes what by which day, and which days are working days.

The deadlines of a regulation stand in its folder, in ``deadlines.toml``, the public holidays in
``holidays.toml``; an organiser adds to both. The day of today is passed in: nothing here looks at
a clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from admin.rules import toml_form
from admin.rules.regime import Bilingual, Phrase
from admin.rules.toml_form import TomlTable
from crypto.errors import Malformed

FILE: Final = "deadlines.toml"  # in the folder of a regime
YEARS: Final = (1945, 9000)  # of a vote; far enough from the ends of the calendar
SATURDAY: Final = 6  # of an ISO week, in which Monday is 1

Organ = Literal["assembly", "council"]
State = Literal["done", "overdue", "past", "today", "ahead"]

_DAY = timedelta(days=1)
_Year = Annotated[int, Field(ge=YEARS[0], le=YEARS[1])]


def _both(text: object) -> object:
    """An organiser may write one text for readers of either language."""
    return {"vi": text, "en": text} if isinstance(text, str) else text


def _from_text(day: object) -> object:
    """A day may stand between quotes."""
    return date.fromisoformat(day) if isinstance(day, str) else day


_Words = Annotated[Bilingual, BeforeValidator(_both)]
_Day = Annotated[date, BeforeValidator(_from_text)]


class Deadline(TomlTable):
    """One thing that somebody owes, so many days before or after the vote or the opening."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    organ: Organ | None = None
    """Whose sessions it is about; None for any."""
    who: _Words
    what: _Words
    optional: bool = False
    """Whether nobody may owe anything; then it is never overdue, only past."""
    days: Annotated[int, Field(ge=0, le=400)]
    when: Literal["before", "after"] = "before"
    anchor: Literal["vote", "opening"] = "vote"
    count: Literal["calendar", "working"] = "calendar"
    rule: Phrase
    verified: bool = False
    """Whether it was read in the text that ``rule`` names; if not, it is a default."""
    local: bool = False
    """Whether that text is a locality's own plan."""
    questions: bool = False
    """Whether voters' questions are taken until then."""


class Schedule(TomlTable):
    """The deadlines of a regulation, or those of an organiser."""

    opening: _Day | None = None
    """The first day of the session; the day of the vote if it is not given."""
    organ: Organ | None = None
    """Whose deadlines these are, where the body's name does not tell."""
    deadlines: tuple[Deadline, ...] = ()
    done: tuple[str, ...] = ()
    """The keys of what is done."""


class _Fixed(TomlTable):
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    name: Bilingual


class _Off(TomlTable):
    day: _Day
    name: Bilingual


class _YearOff(TomlTable):
    year: _Year
    complete: bool
    days: tuple[_Off, ...]


class _Holidays(TomlTable):
    fixed: tuple[_Fixed, ...]
    years: tuple[_YearOff, ...]


class OwnDays(TomlTable):
    """What an organiser adds to the calendar."""

    off: tuple[_Day, ...] = ()
    """Days off."""
    working: tuple[_Day, ...] = ()
    """Saturdays and other free days that are worked."""
    complete: tuple[_Year, ...] = ()
    """Years of which all days off are now known."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days, as far as the holidays are known.

    Attributes:
        fixed: the holidays of every year, by month and day.
        off: the days off of single years; no name for one that an organiser added.
        working: days of a weekend or of a holiday that are worked all the same.
        years: the years with data, and whether it is all of it.
    """

    fixed: Mapping[tuple[int, int], Bilingual]
    off: Mapping[date, Bilingual | None]
    working: frozenset[date]
    years: Mapping[int, bool]

    def holiday(self, day: date) -> Bilingual | None:
        """The name of the public holiday on this day."""
        return self.off.get(day) or self.fixed.get((day.month, day.day))

    def is_working(self, day: date) -> bool:
        if day in self.working:
            return True
        free = day in self.off or (day.month, day.day) in self.fixed
        return not free and day.isoweekday() < SATURDAY

    def after(self, day: date, working_days: int) -> date:
        """The n-th working day after a day, which itself does not count; before it if n < 0."""
        step = _DAY if working_days >= 0 else -_DAY
        left = abs(working_days)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def with_own(self, own: OwnDays) -> "Calendar":
        """This calendar with an organiser's days."""
        off = {**self.off, **{day: self.holiday(day) for day in own.off}}
        years = {**self.years, **dict.fromkeys(own.complete, True)}
        return Calendar(self.fixed, off, self.working | set(own.working), years)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline of one vote.

    Attributes:
        start: the day it is counted from.
        left: days from today; negative if past.
    """

    deadline: Deadline
    start: date
    day: date
    left: int
    state: State


@dataclass(frozen=True, slots=True)
class Notes:
    """Gaps in the holidays that a plan was reckoned with.

    Attributes:
        unknown: years whose holidays are not known.
        partial: years whose holidays are not all known.
        compensated: holidays on a weekend, for which a working day may have been given off.
    """

    unknown: tuple[int, ...]
    partial: tuple[int, ...]
    compensated: tuple[date, ...]


@cache
def holidays() -> Calendar:
    """The public holidays that come with the program."""
    data = (resources.files("admin.rules") / "holidays.toml").read_bytes()
    public = toml_form.strict(data, "holidays.toml", _Holidays)
    return Calendar(
        {(holiday.month, holiday.day): holiday.name for holiday in public.fixed},
        {off.day: off.name for year in public.years for off in year.days},
        frozenset(),
        {year.year: year.complete for year in public.years},
    )


def builtin(regime_id: str) -> tuple[Deadline, ...]:
    """The deadlines of a regime; none where none are known."""
    path = resources.files("admin.rules") / regime_id / FILE
    return schedule(path.read_bytes(), f"{regime_id}/{FILE}").deadlines if path.is_file() else ()


def schedule(data: bytes, file: str) -> Schedule:
    """The deadlines in a TOML text; ``file`` names it in errors.

    Raises:
        Malformed: with the file and every key that is wrong.
    """
    dates = toml_form.strict(data, file, Schedule)
    keys = [deadline.key for deadline in dates.deadlines]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise Malformed(f"{file}: deadlines: the same key twice: {', '.join(twice)}")
    return dates


def own_days(data: bytes, file: str) -> OwnDays:
    """An organiser's holidays in a TOML text; ``file`` names it in errors.

    Raises:
        Malformed: with the file and every key that is wrong.
    """
    return toml_form.strict(data, file, OwnDays)


def combined(
    rules: Iterable[Deadline], own: Iterable[Deadline], organ: Organ
) -> tuple[Deadline, ...]:
    """The deadlines of a regulation for one organ; an organiser's replace those with their key."""
    by_key = {deadline.key: deadline for deadline in (*rules, *own)}
    return tuple(deadline for deadline in by_key.values() if deadline.organ in {None, organ})


def plan(
    deadlines: Iterable[Deadline],
    anchors: Mapping[str, date],
    today: date,
    calendar: Calendar,
    done: Iterable[str] = (),
) -> tuple[Due, ...]:
    """The deadlines in the order of their days.

    Args:
        deadlines: who owes what.
        anchors: the days of the ``vote`` and of the ``opening``.
        today: the day of reading.
        calendar: the working days.
        done: the keys of what has been done.
    """
    finished = set(done)
    dues = []
    for deadline in deadlines:
        start = anchors[deadline.anchor]
        day = _day(deadline, start, calendar)
        left = (day - today).days
        state = _state(deadline, left, finished=deadline.key in finished)
        dues.append(Due(deadline, start, day, left, state))
    return tuple(sorted(dues, key=lambda due: due.day))


def _day(deadline: Deadline, start: date, calendar: Calendar) -> date:
    days = deadline.days if deadline.when == "after" else -deadline.days
    if deadline.count == "working":
        return calendar.after(start, days)
    return start + days * _DAY


def _state(deadline: Deadline, left: int, *, finished: bool) -> State:
    if finished:
        return "done"
    if left >= 0:
        return "ahead" if left else "today"
    return "past" if deadline.optional else "overdue"


def notes(dues: Iterable[Due], calendar: Calendar) -> Notes:
    """The gaps in the holidays of the years that these deadlines touch."""
    years, weekend = set[int](), set[date]()
    for due in dues:
        years.add(due.day.year)
        if due.deadline.count == "working":
            years.add(due.start.year)
            first, last = min(due.start, due.day), max(due.start, due.day)
            span = (first + number * _DAY for number in range((last - first).days + 1))
            weekend |= {day for day in span if _lost(day, calendar)}
    return Notes(
        tuple(sorted(year for year in years if year not in calendar.years)),
        tuple(sorted(year for year in years if calendar.years.get(year) is False)),
        tuple(sorted(weekend)),
    )


def _lost(day: date, calendar: Calendar) -> bool:
    """Whether a holiday falls on a day that is free anyway, and no other was given for it."""
    name = calendar.holiday(day)
    if name is None or day.isoweekday() < SATURDAY:
        return False
    week = (day + number * _DAY for number in range(1, 8))
    return all(calendar.off.get(later, name) is not None for later in week)
