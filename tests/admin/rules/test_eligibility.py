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


IN_POST: dict[tuple[date, date], bool] = {
    (date(2018, 3, 7), date(2018, 12, 7)): False,  # nine months to the day
    (date(2018, 3, 8), date(2018, 12, 7)): True,
    (date(2018, 3, 8), date(2018, 12, 8)): False,
    (date(2023, 5, 31), date(2024, 2, 28)): True,  # no 31 February: the last day of it
    (date(2023, 5, 31), date(2024, 2, 29)): False,
    (date(2022, 5, 31), date(2023, 2, 28)): False,
    (date(2024, 2, 29), date(2024, 11, 28)): True,
    (date(2024, 2, 29), date(2024, 11, 29)): False,
    (date(2030, 1, 1), date(2018, 12, 7)): True,
}
VOTE = date(2023, 12, 7)
ABOUT_BOTH: list[tuple[Career, list[str]]] = [
    (Career(since=date(2022, 12, 31)), []),
    (Career(since=date(2023, 1, 1)), ["in_post_this_year"]),
    (Career(since=VOTE), ["in_post_this_year"]),
    (Career(retiring=True), ["retirement_notice"]),
    (Career(retiring=True, announced=VOTE), ["retirement_notice"]),
    (Career(retiring=True, announced=date(2023, 12, 8)), []),
    (Career(), []),
]


@pytest.mark.parametrize(
    ("name", "career", "vote", "reasons"),
    [
        *(
            ("nq85-2014", Career(since=since), vote, ["months_in_post"] if excluded else [])
            for (since, vote), excluded in IN_POST.items()
        ),
        *(
            (name, career, VOTE, why)
            for name in ("nq96-2023", "qd96-2023")
            for career, why in ABOUT_BOTH
        ),
        ("nq96-2023", Career(ill_since=date(2023, 6, 7)), VOTE, ["illness_months"]),
        ("nq96-2023", Career(ill_since=date(2023, 6, 8)), VOTE, []),
        # A vote of confidence asks for no time in post.
        ("two-level-nq96", Career(date(2023, 12, 1), True, ill_since=date(2020, 1, 1)), VOTE, []),
    ],
)
def test_who_is_not_rated(name: str, career: Career, vote: date, reasons: list[str]):
    """Nine months in post, the year of the vote, an announced retirement, six months of illness."""
    assert kinds(name, career, vote) == reasons


def test_a_rule_of_a_draft_law_is_not_taken_for_law():
    verified = {rule.kind: rule.verified for rule in regime.load("nq96-2023").eligibility}

    assert verified == {
        "retirement_notice": True,
        "in_post_this_year": True,
        "illness_months": False,
    }


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
        ('base = "delegates"', 'base = "present"', "quorum.base: "),
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
