"""Who of the officials' list is rated.

A reason in the row takes an official off the ballot, and "vẫn lấy phiếu" keeps one on it: the
organiser has the last word. Where the row says neither, a rule of the regime whose text was read
decides; one that was not is only pointed out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from admin.prepare.people import OfficialRow
from admin.record.session_file import Excluded
from admin.rules import eligibility
from admin.rules.cells import Fault
from admin.rules.eligibility import Career
from admin.rules.regime import EligibilityRule, Regime
from admin.rules.sheet_table import fold
from admin.words import words

_OF_SINCE = {"in_post_this_year", "months_in_post"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at; ``row`` is None where it is about the whole list."""

    row: int | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Division:
    """The list, divided; both parts in its order."""

    rated: tuple[OfficialRow, ...]
    excluded: tuple[Excluded, ...]
    doubts: tuple[Doubt, ...]


def decide(rows: Sequence[OfficialRow], regime: Regime, vote: date) -> Division:
    """Divides the list by the rules of the regime as they are on the day of the vote."""
    rated, excluded, doubts = [], [], []
    for row in rows:
        rules = eligibility.applying(regime.eligibility, row.career, vote)
        reason = _own_reason(row, regime) or _reason(row, rules)
        if reason:
            excluded.append(Excluded(row.name, row.position, reason, row.honorific))
            doubts += [Doubt(row.row, fault) for fault in _own_words(row, regime)]
            continue
        rated.append(row)
        doubts += [Doubt(row.row, fault) for fault in _doubts(row, rules, vote)]
    unknown = sum(row.career.since is None for row in rated)
    if unknown and any(rule.kind in _OF_SINCE for rule in regime.eligibility):
        doubts.append(Doubt(None, Fault("since_unknown", number=unknown)))
    return Division(tuple(rated), tuple(excluded), tuple(doubts))


def _listed(row: OfficialRow, regime: Regime) -> EligibilityRule | None:
    """The rule of the regime that a reason names, in the words of the rule."""
    words_of_row = fold(row.reason)
    for rule in regime.eligibility:
        if words_of_row and words_of_row in {fold(rule.text.vi), fold(rule.text.en)}:
            return rule
    return None


def _own_reason(row: OfficialRow, regime: Regime) -> str:
    """The reason that the row says; with the rule, where it is one of the regime's."""
    rule = _listed(row, regime)
    if rule is None or not rule.verified:
        return row.reason
    return words("eligibility.reason", "vi", text=rule.text.vi, rule=rule.rule)


def _own_words(row: OfficialRow, regime: Regime) -> list[Fault]:
    """That a reason is none of the regime's: the organiser answers for it."""
    rules = regime.eligibility
    # An earlier record gives a reason with its rule, which says itself where it is from.
    cited = any(rule.rule in row.reason for rule in rules)
    if not row.reason or not rules or cited or _listed(row, regime) is not None:
        return []
    texts = "; ".join(rule.text.vi for rule in rules)
    return [Fault("own_reason", name=row.name, text=row.reason, known=texts)]


def _reason(row: OfficialRow, rules: Sequence[EligibilityRule]) -> str:
    """The reason, in Vietnamese for the minutes, of the first rule that was read; or nothing."""
    rule = next((rule for rule in rules if rule.verified), None)
    if rule is None or row.insisted:
        return ""
    return words("eligibility.reason", "vi", text=_with_day(rule, row.career), rule=rule.rule)


def _doubts(row: OfficialRow, rules: Sequence[EligibilityRule], vote: date) -> list[Fault]:
    code = "insisted" if row.insisted else "may_be_excluded"
    faults = [
        Fault(code, name=row.name, text=_with_day(rule, row.career), rule=rule.rule)
        for rule in rules
    ]
    announced, since = row.career.announced, row.career.since
    if announced is not None and announced > vote:
        faults.append(Fault("announced_later", name=row.name, day=announced))
    if since is not None and since > vote:
        faults.append(Fault("since_later", name=row.name, day=since))
    return faults


def _with_day(rule: EligibilityRule, career: Career) -> str:
    day = eligibility.fact_day(rule, career)
    if day is None:
        return rule.text.vi
    return words("eligibility.text_and_day", "vi", text=rule.text.vi, day=day)
