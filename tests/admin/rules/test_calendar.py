"""The deadlines of each regulation against days counted by hand on a wall calendar."""

from datetime import date, timedelta
from importlib import resources

import pytest

from admin.rules import calendar, regime, toml_form
from admin.rules.calendar import Deadline, OwnDays
from crypto.errors import Malformed

REGIMES = (
    *("nq35-2012", "nq85-2014", "nq96-2023", "qd262-2014", "qd96-2023"),
    *("two-level-nq85", "two-level-nq96"),
)
VOTE = date(2026, 12, 7)  # a Monday
OPENING = date(2026, 12, 3)
COUNCIL = {
    "council_report": "2026-11-03",
    "council_file": "2026-11-13",
    "council_verify": "2026-11-18",
    "council_question": "2026-11-23",
    "result_report": "2026-12-16",
}


def days(regime_id: str, organ: calendar.Organ = "council") -> dict[str, str]:
    rules = calendar.combined(calendar.builtin(regime_id), (), organ)
    anchors = {"vote": VOTE, "opening": OPENING}
    dues = calendar.plan(rules, anchors, VOTE, calendar.holidays())
    return {due.deadline.key: due.day.isoformat() for due in dues}


def report(vote: str, own: OwnDays | None = None) -> str:
    """The seventh working day after a vote."""
    working_days = calendar.holidays().with_own(own or OwnDays())
    return working_days.after(date.fromisoformat(vote), 7).isoformat()


# ---- the data


def test_every_regime_has_its_deadlines():
    assert set(regime.builtin_ids()) == set(REGIMES)
    assert all(calendar.builtin(name) for name in REGIMES)
    assert calendar.builtin("own-rules") == ()


@pytest.mark.parametrize(
    ("regime_id", "organ", "expected"),
    [
        ("nq35-2012", "council", COUNCIL),
        ("nq35-2012", "assembly", {}),
        ("nq85-2014", "council", COUNCIL),
        ("nq85-2014", "assembly", {}),
        ("nq96-2023", "council", COUNCIL),
        ("nq96-2023", "assembly", {"assembly_list": "2026-10-19", "assembly_file": "2026-11-13"}),
        (
            "qd96-2023",
            "council",
            {
                "self_report": "2026-11-17",
                "rater_file": "2026-11-22",
                "questions": "2026-11-27",
                "explanation": "2026-12-04",
                "result_report": "2026-12-16",
            },
        ),
        (
            "qd262-2014",
            "council",
            {
                "self_report": "2026-11-17",
                "explanation": "2026-12-04",
                "result_report": "2026-12-16",
            },
        ),
        ("two-level-nq85", "council", {"result_report": "2026-12-16"}),
        ("two-level-nq96", "council", {"result_report": "2026-12-16"}),
    ],
)
def test_each_deadline_falls_on_its_day(regime_id, organ, expected):
    planned = days(regime_id, organ)
    assert planned == expected
    assert list(planned.values()) == sorted(planned.values())


def test_the_party_counts_from_the_vote_and_the_state_from_the_opening():
    for name in REGIMES:
        before = [deadline for deadline in calendar.builtin(name) if deadline.when == "before"]
        anchor = "vote" if regime.load(name).kind == "party" else "opening"
        assert {deadline.anchor for deadline in before} <= {anchor}


def test_only_what_was_read_is_said_to_be_read():
    """As reference/domain.md, 1.4, marks it."""
    read = {
        (name, deadline.key, deadline.days)
        for name in REGIMES
        for deadline in calendar.builtin(name)
        if deadline.verified
    }
    assert read == {
        ("nq85-2014", "council_report", 30),
        ("nq85-2014", "council_file", 20),
        ("nq85-2014", "council_verify", 15),
        ("nq85-2014", "council_question", 10),
        ("nq96-2023", "assembly_list", 45),
        ("nq96-2023", "result_report", 7),
        ("qd96-2023", "self_report", 20),
        ("qd96-2023", "rater_file", 15),
        ("qd96-2023", "questions", 10),
        ("qd96-2023", "explanation", 3),
        ("qd96-2023", "result_report", 7),
    }
    party = {deadline.key: deadline for deadline in calendar.builtin("qd96-2023")}
    national = {key for key, deadline in party.items() if not deadline.local}
    assert national == {"rater_file", "questions"}
    assert {party[key].rule for key in national} == {"Điều 9 Quy định số 96-QĐ/TW"}


def test_only_the_report_is_counted_in_working_days():
    for name in REGIMES:
        working = [
            deadline.key for deadline in calendar.builtin(name) if deadline.count == "working"
        ]
        assert working == ["result_report"]


LUNAR = {
    2024: ("02-10", "04-18"),
    2025: ("01-29", "04-07"),
    2026: ("02-17", "04-26"),
    2027: ("02-06", "04-16"),
    2028: ("01-26", "04-04"),
    2029: ("02-13", "04-23"),
    2030: ("02-02", "04-12"),  # a day before the Chinese new year
}


@pytest.mark.parametrize("year", LUNAR)
def test_the_holidays_of_a_year(year):
    working_days = calendar.holidays()
    new_year, kings = (date.fromisoformat(f"{year}-{day}") for day in LUNAR[year])
    for offset in (-1, 0, 1, 2):
        name = working_days.holiday(new_year + timedelta(days=offset))
        assert name is not None
        assert name.en == "Lunar New Year"
    hung = working_days.holiday(kings)
    assert hung is not None
    assert hung.vi == "Giỗ Tổ Hùng Vương"
    off = [day for day in working_days.off if day.year == year]
    assert working_days.years[year] is (year <= 2026)
    assert len(off) == (7 if working_days.years[year] else 5)


# ---- working days


@pytest.mark.parametrize(
    ("vote", "expected"),
    [
        ("2026-11-02", "2026-11-11"),  # one weekend
        ("2026-11-06", "2026-11-17"),  # a Friday: two weekends
        ("2026-11-07", "2026-11-17"),  # a Saturday
        ("2026-02-12", "2026-03-02"),  # Tết from the 16th to the 20th
        ("2026-04-24", "2026-05-07"),  # 30 April, 1 May
        ("2025-08-28", "2025-09-10"),  # 1 and 2 September
        ("2025-12-29", "2026-01-08"),  # into another year, over 1 January
        ("2028-02-28", "2028-03-08"),  # over 29 February
        ("2027-02-26", "2027-03-09"),  # no 29 February
    ],
)
def test_the_seventh_working_day(vote, expected):
    assert report(vote) == expected


def test_a_compensatory_day_moves_the_deadline():
    assert report("2026-04-24", OwnDays(off=(date(2026, 4, 27),))) == "2026-05-08"


def test_a_day_exchanged_for_a_saturday():
    own = OwnDays(off=(date(2026, 8, 31),), working=(date(2026, 8, 22),))
    assert report("2026-08-19") == "2026-08-28"
    assert report("2026-08-19", own) == "2026-08-27"


def test_working_days_are_counted_backwards_too():
    assert calendar.holidays().after(date(2026, 5, 5), -2) == date(2026, 4, 29)
    assert calendar.holidays().after(VOTE, 0) == VOTE


@pytest.mark.parametrize(
    ("vote", "before", "expected"),
    [
        ("2028-03-10", 20, "2028-02-19"),  # a leap year
        ("2027-03-10", 20, "2027-02-18"),
        ("2027-01-05", 20, "2026-12-16"),
        ("2026-12-07", 15, "2026-11-22"),  # a Sunday stays: these are calendar days
    ],
)
def test_calendar_days_take_no_notice_of_holidays(vote, before, expected):
    rule = own_deadline(days=before)
    anchors = {"vote": date.fromisoformat(vote)}
    (due,) = calendar.plan([rule], anchors, VOTE, calendar.holidays())
    assert due.day.isoformat() == expected


# ---- overdue


def own_deadline(**changes: object) -> Deadline:
    fields = {"key": "own", "who": "Ai", "what": "Việc", "days": 10, "rule": "Kế hoạch"}
    return Deadline.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("today", "finished", "left", "state"),
    [
        ("2026-11-26", (), 1, "ahead"),
        ("2026-11-27", (), 0, "today"),
        ("2026-11-28", (), -1, "overdue"),
        ("2026-11-28", ("own",), -1, "done"),
        ("2026-11-20", ("own",), 7, "done"),
        ("2026-11-28", ("other",), -1, "overdue"),
    ],
)
def test_what_is_overdue(today, finished, left, state):
    (due,) = calendar.plan(
        [own_deadline()], {"vote": VOTE}, date.fromisoformat(today), calendar.holidays(), finished
    )
    assert (due.left, due.state) == (left, state)


# ---- what is not known


def notes(vote: str, own: OwnDays | None = None) -> calendar.Notes:
    working_days = calendar.holidays().with_own(own or OwnDays())
    rules = calendar.builtin("qd96-2023")
    day = date.fromisoformat(vote)
    return calendar.notes(calendar.plan(rules, {"vote": day}, day, working_days), working_days)


def test_a_year_without_data_is_said():
    assert notes("2031-06-02").unknown == (2031,)
    assert notes("2023-12-28").unknown == (2023,)
    assert notes("2030-12-27") == calendar.Notes((2031,), (2030,), ())


def test_a_year_with_some_of_its_days_is_said_until_it_is_completed():
    assert notes("2028-06-05").partial == (2028,)
    assert notes("2028-06-05", OwnDays(complete=(2028,))) == calendar.Notes((), (), ())


def test_a_holiday_on_a_weekend_is_said_until_its_day_is_given():
    assert notes("2026-04-24").compensated == (date(2026, 4, 26),)
    assert notes("2026-04-24", OwnDays(off=(date(2026, 4, 27),))).compensated == ()
    assert notes("2026-11-02") == calendar.Notes((), (), ())


# ---- an organiser's own


def test_an_organisers_deadline_replaces_the_one_with_its_key():
    own = own_deadline(key="self_report", days=25), own_deadline(key="extra", organ="assembly")
    planned = calendar.combined(calendar.builtin("qd96-2023"), own, "council")
    assert (planned[0].key, planned[0].days) == ("self_report", 25)
    assert "extra" not in {deadline.key for deadline in planned}


def test_own_files_are_short_to_write():
    text = (
        'done = ["x"]\n[[deadlines]]\nkey = "x"\nwho = "Văn phòng"\nwhat = "In phiếu"\n'
        'days = 2\ncount = "working"\nrule = "Kế hoạch số 1"\n'
    )
    planned = calendar.schedule(text.encode(), "deadlines.toml")
    (deadline,) = planned.deadlines
    assert (deadline.who.vi, deadline.who.en, deadline.verified) == (
        "Văn phòng",
        "Văn phòng",
        False,
    )
    assert (deadline.when, deadline.anchor, planned.done) == ("before", "vote", ("x",))
    own = calendar.own_days(b'off = [2026-04-27]\nworking = ["2026-08-22"]', "holidays.toml")
    assert own == OwnDays(off=(date(2026, 4, 27),), working=(date(2026, 8, 22),))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "not TOML"),
        (b"off = [", "not TOML"),
        (b"#" * (toml_form.MAX_FILE + 1), "longer than"),
        (b"off = [2026]", "off.0: "),
        (b'off = ["27/4/2026"]', "off.0: "),
        (b"spare = 1", "spare: "),
        (b"complete = [99999]", "complete.0: "),
    ],
)
def test_wrong_holidays_are_refused(data, message):
    with pytest.raises(Malformed) as caught:
        calendar.own_days(data, "holidays.toml")
    assert str(caught.value).startswith("holidays.toml: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("days = 20", "days = -1", "deadlines.0.days: "),
        ("days = 20", "days = 401", "deadlines.0.days: "),
        ('key = "self_report"', 'key = "explanation"', "the same key twice: explanation"),
        ('key = "self_report"', 'key = "\\u202e"', "deadlines.0.key: "),
        ('anchor = "vote"', 'anchor = "open"', "deadlines.0.anchor: "),
        ('rule = "', 'rule = "\\u202e', "deadlines.0.rule: "),
        ("verified = true", 'verified = "yes"', "deadlines.0.verified: "),
    ],
)
def test_wrong_deadlines_are_refused(old, new, message):
    path = resources.files("admin.rules") / "qd96-2023" / "deadlines.toml"
    text = path.read_text("utf-8")
    head, mark, tail = text.partition("[[deadlines]]")
    assert old in tail
    with pytest.raises(Malformed) as caught:
        calendar.schedule((head + mark + tail.replace(old, new, 1)).encode(), "deadlines.toml")
    assert message in str(caught.value)
