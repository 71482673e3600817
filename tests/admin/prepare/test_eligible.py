"""Who of the list is rated, by the row, the regime and the day of the vote."""

from datetime import date

import pytest

from admin.prepare import eligible
from admin.prepare.eligible import Division
from admin.prepare.people import OfficialRow
from admin.record.session_file import Excluded
from admin.rules import regime
from admin.rules.eligibility import Career

VOTE = date(2026, 12, 7)
LONG_AGO = Career(since=date(2021, 7, 1))
THIS_YEAR = Career(since=date(2026, 1, 1))
NQ96 = regime.load("nq96-2023")
LATER = ["announced_later"]
RULE = "theo quy định tại Nghị quyết số 96/2023/QH15"


def decided(*rows: OfficialRow) -> Division:
    return eligible.decide(rows, NQ96, VOTE)


def codes(division: Division) -> list[tuple[int | None, str]]:
    return [(doubt.row, doubt.fault.code) for doubt in division.doubts]


def test_a_rule_that_was_read_takes_an_official_off_the_ballot():
    """The reason says what happened, when, and by which text."""
    division = decided(
        OfficialRow("Lê An", "A", career=LONG_AGO),
        OfficialRow("Vũ Bình", "B", career=THIS_YEAR),
        OfficialRow("Ngô Chi", "C", career=Career(LONG_AGO.since, retiring=True)),
    )

    assert [row.name for row in division.rated] == ["Lê An"]
    assert division.excluded == (
        Excluded(
            "Vũ Bình",
            "B",
            f"Được bầu, bổ nhiệm trong năm lấy phiếu tín nhiệm (ngày 01/01/2026), {RULE}",
        ),
        Excluded(
            "Ngô Chi",
            "C",
            f"Đã có thông báo nghỉ công tác chờ nghỉ hưu, {RULE}",
        ),
    )
    assert codes(division) == []


def test_the_reason_of_the_row_comes_before_the_rules():
    division = decided(OfficialRow("Lê An", "A", "Chuyển công tác", career=THIS_YEAR))

    assert division.excluded == (Excluded("Lê An", "A", "Chuyển công tác"),)
    assert codes(division) == [(0, "own_reason")]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (
            "đã có thông báo nghỉ công tác, chờ nghỉ hưu",
            f"Đã có thông báo nghỉ công tác chờ nghỉ hưu, {RULE}",
        ),
        (
            f"Đã có thông báo nghỉ công tác chờ nghỉ hưu, {RULE}",
            f"Đã có thông báo nghỉ công tác chờ nghỉ hưu, {RULE}",
        ),
        (  # of this rule a draft was read only, so nothing is cited
            "Nghỉ chữa bệnh hiểm nghèo có xác nhận, không điều hành công việc từ 6 tháng trở lên",
            "Nghỉ chữa bệnh hiểm nghèo có xác nhận, không điều hành công việc từ 6 tháng trở lên",
        ),
    ],
)
def test_a_reason_of_the_regime_is_no_doubt(written: str, reason: str):
    division = decided(OfficialRow("Lê An", "A", written))

    assert division.excluded == (Excluded("Lê An", "A", reason),)
    assert codes(division) == []


def test_the_organiser_may_rate_somebody_against_a_rule():
    division = decided(OfficialRow("Lê An", "A", career=THIS_YEAR, insisted=True, row=7))

    assert (len(division.rated), division.excluded) == (1, ())
    assert codes(division) == [(7, "insisted")]
    assert "Lê An: “Được bầu" in division.doubts[0].fault.told("en")


def test_a_rule_that_was_not_read_only_warns():
    ill = Career(LONG_AGO.since, ill_since=date(2026, 6, 7))
    division = decided(OfficialRow("Lê An", "A", career=ill, row=4))

    assert (len(division.rated), division.excluded) == (1, ())
    assert codes(division) == [(4, "may_be_excluded")]
    assert "whose text was not read" in division.doubts[0].fault.told("en")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Career(LONG_AGO.since, retiring=True, announced=date(2027, 3, 1)), "announced_later"),
        (Career(since=date(2027, 1, 1)), "since_later"),
    ],
)
def test_a_day_after_the_vote_is_doubtful(facts: Career, code: str):
    """Most likely the day of the retirement stands where that of its announcement should."""
    division = decided(OfficialRow("Lê An", "A", career=facts, row=3))

    assert len(division.rated) == 1
    assert codes(division) == [(3, code)]


def test_days_that_are_not_known_are_counted_once():
    division = decided(
        OfficialRow("Lê An", "A"),
        OfficialRow("Vũ Bình", "B"),
        OfficialRow("Ngô Chi", "C", career=LONG_AGO),
    )
    free = eligible.decide([OfficialRow("Lê An", "A")], regime.load("two-level-nq96"), VOTE)

    assert codes(division) == [(None, "since_unknown")]
    assert division.doubts[0].fault.facts == {"number": 2}
    assert codes(free) == []


@pytest.mark.parametrize(("day", "doubts"), [(VOTE, []), (date(2026, 12, 8), LATER)])
def test_an_announcement_may_come_on_the_day_of_the_vote(day: date, doubts: list[str]):
    """Later than that it was mistyped."""
    career = Career(LONG_AGO.since, retiring=True, announced=day)

    division = decided(OfficialRow("Lê An", "A", career=career))

    assert [code for _, code in codes(division) if code in LATER] == doubts
