"""Who of the officials' list is rated.

A reason in the row takes an official off the ballot, and "vẫn lấy phiếu" keeps one on it: the
organiser has the last word. Where the row says neither, a rule of the regime whose text was read
decides; one that was not is only pointed out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from admin.prepare.people import Listed
from admin.record.session_file import Excluded
from admin.rules import eligibility
from admin.rules.cells import Fault
from admin.rules.eligibility import Facts
from admin.rules.regime import EligibilityRule, Regime
from admin.words import words

_OF_SINCE = {"in_post_this_year", "months_in_post"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at; ``row`` is None where it is about the whole list."""

    row: int | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Decided:
    """The list, divided; both parts in its order."""

    rated: tuple[Listed, ...]
    excluded: tuple[Excluded, ...]
    doubts: tuple[Doubt, ...]


def decide(listed: Sequence[Listed], regime: Regime, vote: date) -> Decided:
    """Divides the list by the rules of the regime as they are on the day of the vote."""
    rated, excluded, doubts = [], [], []
    for one in listed:
        found = eligibility.applying(regime.eligibility, one.facts, vote)
        reason = one.reason or _reason(one, found)
        if reason:
            excluded.append(Excluded(one.name, one.position, reason))
            continue
        rated.append(one)
        doubts += [Doubt(one.row, fault) for fault in _doubts(one, found, vote)]
    unknown = sum(one.facts.since is None for one in rated)
    if unknown and any(rule.kind in _OF_SINCE for rule in regime.eligibility):
        doubts.append(Doubt(None, Fault("since_unknown", number=unknown)))
    return Decided(tuple(rated), tuple(excluded), tuple(doubts))


def _reason(one: Listed, found: Sequence[EligibilityRule]) -> str:
    """Why the rules take an official off the ballot, as the minutes tell it; or nothing."""
    rule = next((rule for rule in found if rule.verified), None)
    if rule is None or one.insisted:
        return ""
    return words("eligibility.reason", "vi", text=_told(rule, one.facts), rule=rule.rule)


def _doubts(one: Listed, found: Sequence[EligibilityRule], vote: date) -> list[Fault]:
    code = "insisted" if one.insisted else "may_be_excluded"
    faults = [
        Fault(code, name=one.name, text=_told(rule, one.facts), rule=rule.rule) for rule in found
    ]
    announced, since = one.facts.announced, one.facts.since
    if announced is not None and announced > vote:
        faults.append(Fault("announced_later", name=one.name, day=announced))
    if since is not None and since > vote:
        faults.append(Fault("since_later", name=one.name, day=since))
    return faults


def _told(rule: EligibilityRule, facts: Facts) -> str:
    day = eligibility.fact_day(rule, facts)
    if day is None:
        return rule.text.vi
    return words("eligibility.text_and_day", "vi", text=rule.text.vi, day=day)
