"""Who of the list is rated, by the row, the regime and the day of the vote."""

from datetime import date

import pytest

from admin.prepare import eligible
from admin.prepare.eligible import Decided
from admin.prepare.people import Listed
from admin.record.session_file import Excluded
from admin.rules import regime
from admin.rules.eligibility import Facts

VOTE = date(2026, 12, 7)
LONG_AGO = Facts(since=date(2021, 7, 1))
THIS_YEAR = Facts(since=date(2026, 1, 1))
NQ96 = regime.load("nq96-2023")


def decided(*listed: Listed) -> Decided:
    return eligible.decide(listed, NQ96, VOTE)


def codes(found: Decided) -> list[tuple[int | None, str]]:
    return [(doubt.row, doubt.fault.code) for doubt in found.doubts]


def test_a_rule_that_was_read_takes_an_official_off_the_ballot():
    """The reason says what happened, when, and by which text."""
    found = decided(
        Listed("Lê An", "A", facts=LONG_AGO),
        Listed("Vũ Bình", "B", facts=THIS_YEAR),
        Listed("Ngô Chi", "C", facts=Facts(LONG_AGO.since, retiring=True)),
    )

    assert [one.name for one in found.rated] == ["Lê An"]
    assert found.excluded == (
        Excluded(
            "Vũ Bình",
            "B",
            "Được bầu, bổ nhiệm trong năm lấy phiếu tín nhiệm (ngày 01/01/2026); "
            "căn cứ Nghị quyết số 96/2023/QH15",
        ),
        Excluded(
            "Ngô Chi",
            "C",
            "Đã có thông báo nghỉ công tác chờ nghỉ hưu; căn cứ Nghị quyết số 96/2023/QH15",
        ),
    )
    assert codes(found) == []


def test_the_reason_of_the_row_comes_before_the_rules():
    found = decided(Listed("Lê An", "A", "Chuyển công tác", facts=THIS_YEAR))

    assert found.excluded == (Excluded("Lê An", "A", "Chuyển công tác"),)
    assert codes(found) == []


def test_the_organiser_may_rate_somebody_against_a_rule():
    found = decided(Listed("Lê An", "A", facts=THIS_YEAR, insisted=True, row=7))

    assert (len(found.rated), found.excluded) == (1, ())
    assert codes(found) == [(7, "insisted")]
    assert "Lê An: “Được bầu" in found.doubts[0].fault.told("en")


def test_a_rule_that_was_not_read_only_warns():
    ill = Facts(LONG_AGO.since, ill_since=date(2026, 6, 7))
    found = decided(Listed("Lê An", "A", facts=ill, row=4))

    assert (len(found.rated), found.excluded) == (1, ())
    assert codes(found) == [(4, "may_be_excluded")]
    assert "whose text was not read" in found.doubts[0].fault.told("en")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(LONG_AGO.since, retiring=True, announced=date(2027, 3, 1)), "announced_later"),
        (Facts(since=date(2027, 1, 1)), "since_later"),
    ],
)
def test_a_day_after_the_vote_is_doubtful(facts: Facts, code: str):
    """Most likely the day of the retirement stands where that of its announcement should."""
    found = decided(Listed("Lê An", "A", facts=facts, row=3))

    assert len(found.rated) == 1
    assert codes(found) == [(3, code)]


def test_days_that_are_not_known_are_counted_once():
    found = decided(
        Listed("Lê An", "A"), Listed("Vũ Bình", "B"), Listed("Ngô Chi", "C", facts=LONG_AGO)
    )
    free = eligible.decide([Listed("Lê An", "A")], regime.load("two-level-nq96"), VOTE)

    assert codes(found) == [(None, "since_unknown")]
    assert found.doubts[0].fault.facts == {"number": 2}
    assert codes(free) == []
