"""Days on which somebody is just rated, or just not."""

from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.rules import eligibility, regime
from admin.rules.eligibility import Career
from crypto.errors import Malformed


def kinds(name: str, career: Career, vote: date) -> list[str]:
    rules = regime.load(name).eligibility
    return [rule.kind for rule in eligibility.applying(rules, career, vote)]


@pytest.mark.parametrize(
    ("since", "vote", "excluded"),
    [
        (date(2018, 3, 7), date(2018, 12, 7), False),  # nine months to the day
        (date(2018, 3, 8), date(2018, 12, 7), True),
        (date(2018, 3, 8), date(2018, 12, 8), False),
        (date(2023, 5, 31), date(2024, 2, 28), True),  # no 31 February: the last day of it
        (date(2023, 5, 31), date(2024, 2, 29), False),
        (date(2022, 5, 31), date(2023, 2, 28), False),
        (date(2024, 2, 29), date(2024, 11, 28), True),
        (date(2024, 2, 29), date(2024, 11, 29), False),
        (date(2030, 1, 1), date(2018, 12, 7), True),
    ],
)
def test_nine_months_in_post(since: date, vote: date, excluded: bool):
    assert kinds("nq85-2014", Career(since=since), vote) == (["months_in_post"] if excluded else [])


@pytest.mark.parametrize("name", ["nq96-2023", "qd96-2023"])
@pytest.mark.parametrize(
    ("since", "excluded"),
    [(date(2022, 12, 31), False), (date(2023, 1, 1), True), (date(2023, 12, 7), True)],
)
def test_in_the_year_of_the_vote(name: str, since: date, excluded: bool):
    reasons = kinds(name, Career(since=since), date(2023, 12, 7))

    assert reasons == (["in_post_this_year"] if excluded else [])


@pytest.mark.parametrize("name", ["nq96-2023", "qd96-2023"])
@pytest.mark.parametrize(
    ("career", "excluded"),
    [
        (Career(retiring=True), True),
        (Career(retiring=True, announced=date(2023, 12, 7)), True),
        (Career(retiring=True, announced=date(2023, 12, 8)), False),
        (Career(), False),
    ],
)
def test_retirement_counts_once_it_is_announced(name: str, career: Career, excluded: bool):
    assert kinds(name, career, date(2023, 12, 7)) == (["retirement_notice"] if excluded else [])


@pytest.mark.parametrize(
    ("ill", "excluded"), [(date(2023, 6, 7), True), (date(2023, 6, 8), False), (None, False)]
)
def test_six_months_of_illness(ill: date | None, excluded: bool):
    reasons = kinds("nq96-2023", Career(ill_since=ill), date(2023, 12, 7))

    assert reasons == (["illness_months"] if excluded else [])


def test_a_rule_of_a_draft_law_is_not_taken_for_law():
    verified = {rule.kind: rule.verified for rule in regime.load("nq96-2023").eligibility}

    assert verified == {
        "retirement_notice": True,
        "in_post_this_year": True,
        "illness_months": False,
    }


def test_a_vote_of_confidence_asks_for_no_time_in_post():
    career = Career(date(2023, 12, 1), retiring=True, ill_since=date(2020, 1, 1))

    assert kinds("two-level-nq96", career, date(2023, 12, 7)) == []


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int):
    later = eligibility.months_after(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (
        later.day < day.day and eligibility.months_after(later, 1).month != later.month
    )
    assert eligibility.months_after(day.replace(day=1), months) <= later


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("least = 9\n", "", "least is the number of months"),
        ('kind = "months_in_post"', 'kind = "in_post_this_year"', "least is the number of months"),
        ('kind = "months_in_post"', 'kind = "age"', "eligibility.0.kind: "),
        ("least = 9", "least = 0", "eligibility.0.least: "),
        ("part = [2, 3]", "part = [4, 3]", "part is more than the whole"),
        ('base = "summoned"', 'base = "delegates"', "quorum.base: "),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused(old: str, new: str, message: str):
    path = resources.files("admin.rules") / "nq85-2014" / "regime.toml"
    text = path.read_text("utf-8")
    assert old in text

    with pytest.raises(Malformed) as caught:
        regime.decode(text.replace(old, new, 1).encode(), "own.toml")
    assert message in str(caught.value)


def test_the_same_rule_twice_is_refused():
    path = resources.files("admin.rules") / "nq85-2014" / "regime.toml"
    text = path.read_text("utf-8")
    rule = text[text.index("[[eligibility]]") : text.index("# The text of")]

    with pytest.raises(Malformed, match="eligibility repeats a kind"):
        regime.decode((text + "\n" + rule).encode(), "own.toml")
