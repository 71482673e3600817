"""Who may be rated: the rules of a regime, applied to what is known about an official.

A rule whose text was read takes an official off the ballot, with the reason; one that was not
is only pointed out. All days are whole days; the last word is the organiser's.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.rules.regime import EligibilityRule

_YEAR: Final = 12  # months


@dataclass(frozen=True, slots=True)
class Career:
    """The days of an official that the rules look at; None is not known.

    Attributes:
        since: the day of election or appointment to the post.
        retiring: whether retirement has been announced, perhaps on the day ``announced``.
        ill_since: the first day of a certified serious illness without work.
    """

    since: date | None = None
    retiring: bool = False
    announced: date | None = None
    ill_since: date | None = None


NOTHING: Final = Career()


def applying(
    rules: Sequence[EligibilityRule], career: Career, vote: date
) -> tuple[EligibilityRule, ...]:
    """The rules by which an official is not rated on the day of the vote, in their order."""
    return tuple(rule for rule in rules if _applies(rule, career, vote))


def fact_day(rule: EligibilityRule, career: Career) -> date | None:
    """The day that a rule looks at."""
    return {"retirement_notice": career.announced, "illness_months": career.ill_since}.get(
        rule.kind, career.since
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, _YEAR)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _applies(rule: EligibilityRule, career: Career, vote: date) -> bool:
    day = fact_day(rule, career)
    if rule.kind == "retirement_notice":
        return career.retiring and (day is None or day <= vote)
    if day is None:
        return False
    if rule.kind == "in_post_this_year":
        return day.year == vote.year
    full = months_after(day, rule.least or 0) <= vote
    return full if rule.kind == "illness_months" else not full
